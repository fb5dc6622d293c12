import type { Define } from './command';

interface Entry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Another name, which those who come from elsewhere expect. */
  readonly alias?: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

/** Every command, in the order of the help. Each has its own file, which is loaded when the command is called. */
export const COMMANDS: { readonly [name: string]: Entry } = {
  init: { summary: 'create a webapp.yaml for the program in a folder', load: () => import('./init') },
  import: { summary: 'create webapp.yaml from docker-compose.yml and files of other platforms', load: () => import('./import') },
  setup: { summary: 'set up a cluster for apps, or one on this computer', load: () => import('./setup') },
  synth: { summary: 'print the Kubernetes objects', load: () => import('./synth') },
  check: { summary: 'check the file', load: () => import('./check') },
  deploy: { summary: 'deploy the apps, and wait until they are ready', load: () => import('./deploy') },
  build: { summary: 'build the images of the apps from their folders', load: () => import('./build') },
  builds: { summary: 'list the builds of an app', load: () => import('./builds') },
  diff: { summary: 'show what a deploy would change', load: () => import('./diff') },
  ls: { summary: 'list the apps of a namespace, or of all', load: () => import('./ls') },
  status: { summary: 'show the status of an app', load: () => import('./status') },
  top: { summary: 'show what apps use of CPU and memory', load: () => import('./top') },
  metrics: { summary: 'show requests, errors, latency, cold starts and usage of an app over a time', load: () => import('./metrics') },
  cost: { summary: 'show what apps request, in hours or money, and what sleeping saves', load: () => import('./cost') },
  logs: { summary: 'print the logs of an app', load: () => import('./logs') },
  open: { summary: 'open an app in the browser', load: () => import('./open') },
  domains: { summary: 'list the hosts of an app, and the DNS records that they need', load: () => import('./domains') },
  config: { summary: 'list or set the environment variables of an app', load: () => import('./config') },
  secrets: { summary: 'list or set the secret environment variables of an app', load: () => import('./secrets') },
  run: { summary: "run a one-off command in the app's environment", load: () => import('./run') },
  shell: { summary: "open a shell in the app's environment", load: () => import('./shell') },
  exec: { summary: 'run a command in a running pod of an app', load: () => import('./exec') },
  cp: { summary: 'copy files to a running pod of an app, or from there', load: () => import('./cp') },
  connect: { summary: 'open psql or another client of a database that an app connects to', load: () => import('./connect') },
  db: { summary: "back up, restore and copy an app's databases", load: () => import('./db') },
  cron: { summary: 'list the cron jobs of an app, or run one now', load: () => import('./cron') },
  scale: { summary: 'set the minimum and maximum number of pods', load: () => import('./scale') },
  maintenance: { summary: 'answer all requests to an app with a page', load: () => import('./maintenance') },
  restart: { summary: 'replace the pods of an app by new ones', load: () => import('./restart') },
  wake: { summary: 'wake a sleeping app', load: () => import('./wake') },
  sleep: { summary: 'scale an app to zero until the next request', load: () => import('./sleep') },
  doctor: { summary: 'check the cluster, or find out why an app does not respond', load: () => import('./doctor') },
  promote: { summary: 'deploy to an environment what another one runs', load: () => import('./promote') },
  releases: { summary: 'list the releases of an app', alias: 'history', load: () => import('./releases') },
  rollback: { summary: 'deploy an earlier release again', load: () => import('./rollback') },
  destroy: { summary: 'remove an app from the cluster', load: () => import('./destroy') },
  registry: { summary: 'give the cluster access to a container registry', load: () => import('./registry') },
  ci: { summary: 'write a pipeline for GitHub Actions or GitLab', load: () => import('./ci') },
  preview: { summary: 'deploy previews: copies of the apps that are removed after a while', load: () => import('./preview') },
  operator: { summary: 'install the operator, with which apps are resources of the cluster', load: () => import('./operator') },
  schema: { summary: 'print the JSON Schema of webapp.yaml', load: () => import('./schema') },
  eject: { summary: 'turn the file into a cdk8s project in TypeScript', load: () => import('./eject') },
  completion: { summary: 'print a shell completion script', load: () => import('./completion') },
};
