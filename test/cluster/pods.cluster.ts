import { App, Chart } from 'cdk8s';
import { apply, eventually, get, IMAGE, kubectl, server, SHORT_LIVED, temporaryNamespace } from './cluster';
import { Platform, WebApp } from 'cdk8s-webapp';

/** Writes to the shared volume, and exits. */
const PREPARE = 'require("node:fs").writeFileSync("/cache/prepared", "by the init container")';

/** Responds with its own file and what the init container wrote. It listens one second after its start, so the app must wait for it. */
const SIDECAR = `const fs = require("node:fs");
  const answer = () => fs.readFileSync("/etc/sidecar") + " " + fs.readFileSync("/shared/prepared");
  const server = require("node:http").createServer((q, s) => s.end(answer()));
  setTimeout(() => server.listen(9000), 1000);
  process.on("SIGTERM", () => process.exit());`;

/** Logs the configuration that the app finds at its start, in one line. */
const APP = `const fs = require("node:fs");
  const read = path => fs.readFileSync(path, "utf8");
  fetch("http://localhost:9000").then(answer => answer.text()).then(sidecar => {
    console.log(JSON.stringify({
      sidecar, user: process.getuid(), region: process.env.REGION, color: process.env.COLOR,
      files: [read("/etc/app/app.yaml"), read("/etc/app/tls.key"), read("/etc/app/tls.crt"), read("/etc/app/ca.crt").slice(0, 27)],
      mode: (fs.statSync("/etc/app/tls.key").mode & 0o777).toString(8),
    }));
    if (process.argv[1] !== "once") require("node:http").createServer((q, s) => s.end()).listen(process.env.PORT);
  });
  process.on("SIGTERM", () => process.exit());`;

const FOUND = {
  sidecar: 'its own file by the init container',
  user: 1000,
  region: 'eu',
  color: 'blue',
  files: ['a: 1', 'secret key', 'certificate', '-----BEGIN CERTIFICATE-----'],
  mode: '440',
};

const SMALL = { cpu: '10m', memory: '64Mi' };

function withContainers(namespace: string): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com`, kubernetesVersion: '1.30' });
  new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
    image: IMAGE,
    command: ['node', '-e', APP],
    port: 80, // a process that is not root listens on it
    resources: SMALL,
    internal: true,
    scaling: { replicas: 1 },
    health: SHORT_LIVED,
    configMapEnv: { REGION: { configMap: 'cluster', key: 'region' } },
    envFromConfigMaps: ['colors'],
    files: { '/etc/app/app.yaml': 'a: 1' },
    secretFiles: { '/etc/app/tls.key': { secret: 'app-tls', key: 'tls.key' }, '/etc/app/tls.crt': { secret: 'app-tls', key: 'tls.crt' } },
    configMapFiles: { '/etc/app/ca.crt': { configMap: 'kube-root-ca.crt', key: 'ca.crt' } },
    volumes: { cache: { path: '/cache', empty: '10Mi' } },
    initContainers: {
      prepare: { command: ['node', '-e', PREPARE], volumes: { cache: {} }, resources: SMALL, processes: ['web', 'release'] },
    },
    sidecars: {
      helper: {
        image: IMAGE,
        command: ['node', '-e', SIDECAR],
        port: 9000,
        files: { '/etc/sidecar': 'its own file' },
        volumes: { cache: { path: '/shared', readOnly: true } },
        resources: SMALL,
        security: { runAsUser: 2000 },
        processes: ['web', 'release'],
      },
    },
    releaseCommand: { command: ['node', '-e', APP, 'once'], volumes: { cache: {} } },
  });
  return app;
}

/** Runs as the user of the image, behind a sidecar that has the port of the app. */
function behindSidecar(namespace: string): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com` });
  new WebApp(new Chart(app, 'shop', { namespace }), 'wiki', {
    image: IMAGE,
    command: ['node', '-e', `console.log(process.getuid() > 1000, require("node:fs").readFileSync("/key", "utf8"));
      setInterval(() => {}, 1000);`],
    resources: SMALL,
    internal: true,
    scaling: { replicas: 1 },
    health: { ...SHORT_LIVED, path: '/ready' },
    security: { runAsImageUser: true },
    secretFiles: { '/key': { secret: 'app-tls', key: 'tls.key' } },
    sidecars: { front: { image: IMAGE, command: server('request.url'), env: { PORT: '8080' }, port: 8080, resources: SMALL } },
  });
  return app;
}

describe('the pods of an app', () => {
  const namespace = temporaryNamespace('pods');
  const logs = (component: string) => {
    const selector = `app.kubernetes.io/name=web,app.kubernetes.io/component=${component}`;
    return JSON.parse(kubectl(['logs', '--namespace', namespace, '--container', component, '--selector', selector]));
  };

  test('read files of Secrets and ConfigMaps, start after their sidecars, and complete in a Job despite a running sidecar', async () => {
    const create = (...args: string[]) => kubectl(['create', ...args, '--namespace', namespace]);
    create('secret', 'generic', 'app-tls', '--from-literal=tls.key=secret key', '--from-literal=tls.crt=certificate');
    create('configmap', 'cluster', '--from-literal=region=eu');
    create('configmap', 'colors', '--from-literal=COLOR=blue');
    apply(withContainers(namespace));

    await eventually(() => get(namespace, 'deployment', 'web').status.availableReplicas, replicas => replicas === 1);
    expect(logs('web')).toEqual(FOUND);

    const [job] = JSON.parse(kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'json'])).items;
    await eventually(() => get(namespace, 'job', job.metadata.name).status.succeeded, count => count === 1);
    expect(logs('release')).toEqual(FOUND);
  });

  test('run as the user of their image, who can read files of Secrets, and respond through a sidecar with the app port', async () => {
    apply(behindSidecar(namespace));
    await eventually(() => get(namespace, 'deployment', 'wiki').status.availableReplicas, replicas => replicas === 1);
    expect(kubectl(['logs', '--namespace', namespace, 'deployment/wiki', '--container', 'web'])).toBe('true secret key\n');
  });
});
