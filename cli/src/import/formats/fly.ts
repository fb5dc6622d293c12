import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { AppDraft, Steps } from '../draft';
import { appName, folderName, pathOf, volumeName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { literalWords } from '../shared/commands';
import type { Builder } from '../shared/processes';
import { argsFor, setWorker } from '../shared/processes';
import { setSize } from '../shared/sizes';
import { bytesIn, duration, secondsIn } from '../shared/units';
import { setBuildVariable, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import { readToml } from '../source/toml';
import type { Table } from '../table';
import { convert, holds, none } from '../table';

export const fly: Format = {
  name: 'fly',
  title: 'fly.toml',
  documentation: 'https://fly.io/docs/reference/configuration/',
  get tables() {
    return [TABLE, SERVICE];
  },
  recognizes: ({ name, text }) => /^fly\b.*\.toml$/.test(basename(name))
    || (name.endsWith('.toml') && /^\[\[?(http_service|services|mounts|vm)\]/m.test(text)),
  convert: (files, conversion) => files.forEach(file => convertFly(file, conversion)),
};

interface Target {
  readonly app: AppDraft;
  readonly root: Reader;
  readonly file: SourceFile;
  readonly builder: Builder;

  /** The process group that gets the requests. */
  readonly web: string;
}

const MACHINE = 'it is about Machines of Fly';

/** https://fly.io/docs/reference/configuration/ */
const TABLE: Table<Target> = {
  app: at => at.taken('name'),
  primary_region: none('a cluster is in one region', 'deploy to a cluster there'),
  build: {
    'image': (at, { app }) => app.take(at, ['image'], at.text),
    'dockerfile': (at, { app }) => {
      const path = at.text?.replace(/^\.\//, '');
      if (path === 'Dockerfile') at.taken('the Dockerfile is built');
      else app.take(at, ['build', 'dockerfile'], path);
    },
    'build-target': (at, { app }) => app.take(at, ['build', 'target'], at.text),
    'args': (at, { app }) => at.fields.forEach(([name, one]) => setBuildVariable(app, name, one)),
    'builder': (at, { app }) => app.change(at, ['build', 'strategy'], 'buildpacks', 'the platform chooses the builder'),
    'buildpacks': none('buildpacks are detected', 'write a Dockerfile, if they find something else'),
    'builtin': none('there are no built-in Dockerfiles', 'write a Dockerfile, or let buildpacks detect the language'),
    'settings': none('there are no built-in Dockerfiles', 'write a Dockerfile'),
    'ignorefile': none('.dockerignore and .gitignore say what is not built', 'rename it to .dockerignore'),
  },
  env: (at, { app }) => setVariables(app, [], at.fields.map(([name, one]) => ({ name, at: one, value: one.text }))),
  experimental: {
    'entrypoint': (at, { app }) => app.take(at, ['command'], literalWords(at.texts)),
    'exec': (at, { app }) => app.take(at, ['command'], literalWords(at.texts)),
    'cmd': (at, { app }) => app.take(at, ['args'], literalWords(at.texts)),
    'auto_rollback': holds('a failed deploy leaves the old version in place'),
    '*': none(MACHINE, 'remove it'),
  },
  processes: setProcesses,
  http_service: (at, target) => setService(at, target),
  services: (at, target) => at.items.forEach(one => setService(one, target)),
  checks: (at, target) => at.fields.forEach(([, one]) => setCheck(one, target)),
  vm: (at, target) => at.items.forEach(one => setMachine(one, target)),
  mounts: (at, target) => at.items.forEach(one => setMount(one, target)),
  files: (at, target) => at.items.forEach(one => setFile(one, target)),
  deploy: {
    release_command: (at, { app, builder }) => {
      const { field, words } = argsFor(at.text ?? '', builder);
      app.take(at, ['releaseCommand', field], words);
    },
    release_command_timeout: (at, { app }) => setDuration(at, app, ['releaseCommand', 'timeout']),
    release_command_vm: none('the release command has the size of the app', 'write size in releaseCommand'),
    strategy: (at, { app }) => /^(rolling|canary)$/.test(at.text ?? '')
      ? at.taken('replicas are replaced as the new ones are ready')
      : at.changed(app.shown(['rollout']), 'replicas are replaced as the new ones are ready; see rollout: { blueGreen: … }'),
    max_unavailable: holds('a new replica is ready before an old one stops'),
    wait_timeout: holds('webapp deploy has --timeout'),
    seed_command: none('nothing runs after the first deploy', 'run it: webapp run -- and the command'),
  },
  kill_signal: (at, _) => at.text === 'SIGTERM'
    ? at.taken('programs get SIGTERM')
    : at.none('programs get SIGTERM, or what STOPSIGNAL of the Dockerfile says', `write STOPSIGNAL ${at.text ?? ''} in the Dockerfile`),
  kill_timeout: (at, { app }) => {
    const seconds = secondsIn(at.text ?? '');
    if (seconds !== undefined && seconds > 30) app.take(at, ['health', 'terminationGracePeriod'], duration(seconds + 5));
    else at.taken('programs have 30 seconds to stop');
  },
  metrics: (at, { app }) => at.items.forEach(one => {
    const [port, path] = [one.field('port'), one.field('path')];
    if (!app.has(['metrics'])) app.set(['metrics'], {});
    if (port?.number !== undefined && port.number !== app.props.port) app.take(port, ['metrics', 'port'], port.number);
    else port?.taken(app.shown(['metrics']));
    if (path?.text && path.text !== '/metrics') app.take(path, ['metrics', 'path'], path.text);
    else path?.taken(app.shown(['metrics']));
    one.field('processes')?.taken(app.shown(['metrics']));
  }),
  restart: holds('pods are restarted'),
  statics: none('the app serves its files itself', 'serve them in the app, or from an app with static: FOLDER'),
  console_command: none('there is no command for a console', 'run it: kubectl exec -it deploy/NAME -- and the command'),
  swap_size_mb: none('nodes have no swap', 'write a larger size'),
  host_dedication_id: none(MACHINE, 'choose nodes with scheduling: { nodeSelector: … }'),
  machine_config: none(MACHINE, 'write sidecars for further containers'),
  machine_checks: none(MACHINE, 'check the image in CI'),
  container: none(MACHINE, 'write sidecars for further containers'),
};

function convertFly(file: SourceFile, conversion: Conversion): void {
  const root = conversion.read(file, readToml(file), fly);
  const app = conversion.draft.app(root.field('app')?.text ?? folderName(file));
  const build = root.field('build');
  const isBuiltByDocker = ['image', 'dockerfile', 'build-target'].some(name => build?.field(name))
    || (!build?.field('builder') && (file.name === '-' || existsSync(join(file.folder, 'Dockerfile'))));
  const services = [root.field('http_service'), ...root.field('services')?.items ?? []].flatMap(one => one ?? []);
  const groups = root.field('processes')?.fields.map(([name]) => name) ?? ['app'];
  const served = services.flatMap(one => one.field('processes')?.texts ?? []);
  const web = groups.find(name => served.includes(name)) ?? (groups.includes('app') ? 'app' : groups.includes('web') ? 'web' : groups[0]);
  const isWeb = services.length > 0;
  const target: Target = { app, root, file, builder: isBuiltByDocker ? 'dockerfile' : 'buildpacks', web: isWeb ? web : '' };
  if (!isWeb && root.field('processes')) app.set(['web'], false);
  convert(root, target, TABLE);
  // Each Machine has a volume of its own, and replicas would share one.
  const isMounted = app.has(['volumes']) && Number(app.get(['scaling', 'min']) ?? 0) > 1;
  if (isMounted) {
    app.set(['scaling', 'min'], 1);
    const origins = app.origins.filter(({ steps }) => pathOf(steps) === 'scaling.min');
    const reason = 'each Machine has a volume, and replicas would share one: there is one';
    for (const { at } of origins) at.changed(app.shown(['scaling', 'min']), reason);
  }
  if (!isWeb && !root.field('processes')) app.set(['internal'], true, 'It gets no requests from outside.');
}

/** Fly splits them into words, which replace the CMD: https://fly.io/docs/launch/processes/ */
function setProcesses(at: Reader, { app, builder, web }: Target): void {
  for (const [name, one] of at.fields) {
    const { field, words } = argsFor(one.text ?? '', builder);
    if (words.length === 0) one.taken('the command is that of the image');
    else if (name === web) app.take(one, [field], words);
    else setWorker(app, name, one, words, field);
  }
}

/** Where the processes of a section are; the web process where it names none. */
function processesOf(at: Reader, { app, web }: Target): Steps[] {
  const named = at.field('processes');
  if (!named) return [[]];
  named.taken('the processes are named');
  return named.texts.map(name => (name === web ? [] : ['workers', appName(name)])).filter(steps => steps.length === 0 || app.has(steps));
}

function setService(at: Reader, target: Target): void {
  const { app } = target;
  const port = at.field('internal_port');
  const handlers = at.field('ports')?.items.flatMap(one => one.field('handlers')?.texts ?? []) ?? [];
  // With tls alone, Fly ends TLS, and any protocol is inside.
  const isHttp = at.path === 'http_service' || handlers.includes('http');
  at.field('processes')?.taken('the processes are named');
  if (at.field('protocol')?.text === 'udp') {
    return at.none('ports of UDP are not supported', 'write a Service of type LoadBalancer next to the app');
  }
  at.field('protocol')?.taken('the port is one of TCP');
  if (!isHttp) {
    const number = port?.number;
    if (!port || number === undefined) return undefined;
    const published = at.field('ports')?.items.find(one => one.field('port'))?.field('port')?.number;
    const loadBalancer = published === undefined || published === number ? {} : { port: published };
    const plain = handlers.includes('tls') ? '; TLS is not ended before the app' : '';
    app.change(port, ['ports', `p${number}`], { port: number, loadBalancer },
      `its connections do not wake the app, so a replica always runs${plain}`);
    app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
    at.field('ports')?.taken(app.shown(['ports', `p${number}`]));
    return undefined;
  }
  const isSecond = app.origins.some(origin => pathOf(origin.steps) === 'port' && /internal_port$/.test(origin.at.path));
  if (isSecond && port?.number !== app.props.port) {
    return at.none('an app has one port that gets the requests of its hosts', 'make an app of its own of the other one');
  }
  if (port?.number !== undefined) {
    if (app.props.port !== undefined && app.props.port !== port.number) {
      app.change(port, ['port'], port.number, 'PORT is the port that gets the requests');
    } else {
      app.take(port, ['port'], port.number);
    }
  }
  convert(at, target, SERVICE);
  return undefined;
}

/** https://fly.io/docs/reference/configuration/#the-http_service-section */
const SERVICE: Table<Target> = {
  force_https: holds('the platform redirects to HTTPS, or tls: { redirect: true }'),
  auto_start_machines: holds('a request wakes the app'),
  auto_stop_machines: (at, { app }) => {
    if (at.text === 'off' || at.boolean === false) app.change(at, ['scaling', 'min'], 1, 'a replica always runs');
    else at.taken('the app scales to zero');
  },
  min_machines_running: (at, { app }) => {
    const number = at.number ?? 0;
    const least = Math.max(number, Number(app.get(['scaling', 'min']) ?? 0));
    if (least > 0) app.take(at, ['scaling', 'min'], least);
    else at.taken('the app scales to zero');
  },
  concurrency: {
    type: holds('requests are counted'),
    soft_limit: (at, { app }) => app.take(at, ['scaling', 'concurrency'], at.number),
    hard_limit: none('concurrency is what an app scales on, and never a limit', 'limit it in the program'),
  },
  checks: (at, target) => at.items.forEach(one => setCheck(one, target)),
  http_checks: (at, target) => at.items.forEach(one => setCheck(one, target)),
  tcp_checks: holds('an app is ready when it accepts connections'),
  ports: (at, { app }) => at.items.forEach(one => {
    for (const name of ['port', 'start_port', 'end_port', 'handlers', 'force_https']) {
      one.field(name)?.taken('clients use the ports 80 and 443 of the ingress');
    }
    setOptions(one, app);
  }),
  http_options: (at, { app }) => setOptions({ field: name => (name === 'http_options' ? at : undefined) }, app),
  tls_options: none('the platform configures TLS', 'ask your platform team'),
};

function setOptions(at: Pick<Reader, 'field'>, app: AppDraft): void {
  const options = at.field('http_options');
  for (const [name, one] of options?.at('response', 'headers')?.fields ?? []) {
    if (one.text !== undefined) app.take(one, ['http', 'responseHeaders', name], one.text);
  }
  options?.field('idle_timeout')?.none('it is a timeout of the ingress', 'see docs/cold-start.md#timeouts-of-the-ingress');
  options?.field('compress')?.none('responses pass unchanged', 'compress them in the app');
}

/** https://fly.io/docs/reference/configuration/#http_service-checks */
function setCheck(at: Reader, { app }: Target): void {
  const path = at.field('path');
  const isHttp = at.field('type') ? at.field('type')?.text === 'http' : path !== undefined;
  if (!isHttp) return at.taken('an app is ready when it accepts connections');
  at.field('type')?.taken(app.shown(['health']));
  if (app.has(['health', 'path']) && app.get(['health', 'path']) !== path?.text) {
    return at.none('an app has one health check', 'check both in that one');
  }
  if (path?.text) app.take(path, ['health', 'path'], path.text);
  const port = at.field('port');
  if (port?.number !== undefined && port.number !== app.props.port) app.take(port, ['health', 'port'], port.number);
  else port?.taken(app.shown(['port']));
  setDuration(at.field('interval'), app, ['health', 'interval']);
  const grace = at.field('grace_period');
  const seconds = secondsIn(grace?.text ?? '', 's');
  if (grace && seconds !== undefined && seconds <= 120) grace.taken('an app may take 2 minutes to start');
  else setDuration(grace, app, ['health', 'startupTimeout']);
  for (const [name, one] of at.field('headers')?.fields ?? []) {
    if (one.text !== undefined) app.take(one, name.toLowerCase() === 'host' ? ['health', 'host'] : ['health', 'headers', name], one.text);
  }
  const method = at.field('method');
  if (/^get$/i.test(method?.text ?? 'get')) method?.taken('checks use GET');
  else method?.none('checks use GET', 'answer GET requests at that path');
  const protocol = at.field('protocol');
  if (protocol?.text === 'http') protocol.taken('checks use HTTP');
  for (const name of ['timeout', 'restart_limit', 'tls_skip_verify']) at.field(name)?.taken('checks have a timeout of their own');
  return undefined;
}

function setDuration(at: Reader | undefined, app: AppDraft, steps: Steps): void {
  // A number is milliseconds in older files, and seconds in newer ones.
  const seconds = at?.text === undefined ? undefined : secondsIn(at.text, (at.number ?? 0) >= 1000 ? 'ms' : 's');
  if (at && seconds !== undefined) app.take(at, steps, duration(seconds));
}

/** Memory in MB by default: https://fly.io/docs/about/pricing/#started-fly-machines */
const SIZES: { readonly [size: string]: number | undefined } = {
  'shared-cpu-1x': 256,
  'shared-cpu-2x': 512,
  'shared-cpu-4x': 1024,
  'shared-cpu-8x': 2048,
  'performance-1x': 2048,
  'performance-2x': 4096,
  'performance-4x': 8192,
  'performance-8x': 16384,
  'performance-16x': 32768,
};

function setMachine(at: Reader, target: Target): void {
  const { app } = target;
  const parts = ['size', 'memory', 'memory_mb', 'cpus', 'cpu_kind'].flatMap(name => at.field(name) ?? []);
  const memory = bytesIn(at.field('memory')?.text ?? '', 'm')
    ?? (at.field('memory_mb')?.number ?? SIZES[at.field('size')?.text ?? ''] ?? NaN) * 1024 ** 2;
  const named = (one: Reader) => [one.path.replace(/^.*\./, ''), one.text];
  const what = parts.map(named).map(([name, text]) => (name === 'size' ? text : `${name} ${text}`)).join(', ');
  for (const steps of processesOf(at, target)) {
    if (parts.length > 0 && !Number.isNaN(memory)) setSize(app, steps, { memory }, what, ...parts);
    else for (const one of parts) one.none('its memory is not known', 'write size');
  }
  for (const name of ['gpus', 'gpu_kind']) at.field(name)?.none('GPUs are resources of nodes', 'write patches with resources.limits');
}

function setMount(at: Reader, target: Target): void {
  const [source, destination, size] = ['source', 'destination', 'initial_size'].map(name => at.field(name));
  if (!destination?.text) return;
  for (const process of processesOf(at, target)) {
    const name = volumeName(source?.text ?? 'data');
    const bytes = bytesIn(size?.text ?? '', 'g');
    const written = bytes === undefined ? '1Gi' : `${Math.max(1, Math.round(bytes / 1024 ** 3))}Gi`;
    const reason = 'one node at a time can mount it, so the app has at most one replica; data is not copied';
    target.app.change(destination, [...process, 'volumes', name], { path: destination.text, size: written }, reason,
      'One replica at most can mount it, unless its accessMode is read-write-many.');
    source?.taken(target.app.shown([...process, 'volumes', name]));
    size?.taken(target.app.shown([...process, 'volumes', name, 'size']));
  }
  for (const name of ['auto_extend_size_threshold', 'auto_extend_size_increment', 'auto_extend_size_limit']) {
    at.field(name)?.none('claims do not grow by themselves', 'write a larger size when it is needed');
  }
  at.field('snapshot_retention')?.none('snapshots are made by the cluster', 'ask your platform team for backups');
}

function setFile(at: Reader, { app, file }: Target): void {
  const [guest, local, secret, raw] = ['guest_path', 'local_path', 'secret_name', 'raw_value'].map(name => at.field(name));
  if (!guest?.text) return;
  guest.taken(app.shown(['files', guest.text]));
  at.field('processes')?.none('all processes of an app have its files', 'remove it');
  if (local?.text) {
    app.take(local, ['files', guest.text], { fromFile: relative(app.draft.folder, resolve(file.folder, local.text)) });
  } else if (raw?.text !== undefined) {
    app.take(raw, ['files', guest.text], raw.text);
  } else if (secret?.text) {
    app.change(secret, ['secretFiles', guest.text], { secret: app.name, key: secret.text }, 'it comes from a Secret that you create');
    app.needsSecret(app.name, secret.text);
  }
}
