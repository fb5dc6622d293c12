/**
 * What each key of a service becomes.
 *
 * @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md
 */
import { setEnvironment } from './environment';
import { setFiles, setSecrets, setTmpfs, setVolumes } from './files';
import { isUnresolved } from './load';
import type { Target } from './service';
import { nameList, portsOf } from './service';
import type { AppDraft } from '../../draft';
import type { Reader } from '../../reader';
import { httpCheckOf } from '../../shared/checks';
import { literalWords, splitWords } from '../../shared/commands';
import { setContext, setDockerfile, setWorkingFolder } from '../../shared/folders';
import { setReplicas } from '../../shared/replicas';
import { connect } from '../../shared/services';
import { setSize } from '../../shared/sizes';
import { bytesIn, duration, secondsIn } from '../../shared/units';
import { setBuildVariable } from '../../shared/variables';
import { setDependency } from '../../shared/wiring';
import type { Table } from '../../table';
import { holds, none } from '../../table';

const HOST = 'it is about the computer that runs Docker';
const PLATFORM = 'ask your platform team, if the app needs it';

/** A field of the pod that can be patched. */
const patched = (reason: string, field: string) => none(reason, `if the app needs it, write it with patches: ${field}`);

export const SERVICE: Table<Target> = {
  'image': setImage,
  'build': setBuild,
  'entrypoint': setEntrypoint,
  'command': setCommand,
  'ports': setPorts,
  'expose': (at, target) => target.service.at.field('ports')
    ? at.taken('ports are reachable inside the cluster too')
    : setPorts(at, target),
  'depends_on': setDependencies,
  'links': setDependencies,
  'env_file': at => at.isMap || at.isList || at.taken('env'),
  'environment': setEnvironment,
  'volumes': setVolumes,
  'tmpfs': setTmpfs,
  'secrets': setSecrets,
  'configs': setFiles,
  'healthcheck': setHealth,
  'deploy': {
    mode: (at, into) => at.text === 'global'
      ? none('an app has no replica on each node', 'write scaling: { replicas: … }')(at, into)
      : at.taken('replicas are the only mode'),
    replicas: (at, { app, service }) => setReplicas(at, app, service.process),
    resources: setResources,
    restart_policy: holds('pods are restarted'),
    update_config: (at, { app }) => {
      at.changed(app.shown(['rollout']), 'a new version is ready before an old replica stops, a quarter of them at a time');
    },
    rollback_config: none('a deploy that fails leaves the old version in place', 'go back with webapp rollback'),
    placement: none(HOST, 'choose nodes with scheduling: { nodeSelector: … }'),
    endpoint_mode: holds('apps are called by the name of a Service'),
    labels: none('they are for tools that read Docker labels', 'write what they mean'),
  },
  'scale': (at, { app, service }) => setReplicas(at, app, service.process),
  'mem_limit': (at, target) => setMemory(at, target),
  'mem_reservation': (at, target) => target.service.at.field('mem_limit')
    ? at.taken('the memory limit is reserved')
    : setMemory(at, target),
  'cpus': (at, { app, service }) => setSize(app, service.process, sizeOf(service.at), `cpus: ${at.text}`, at),
  'stop_grace_period': setGracePeriod,
  'user': setUser,
  'read_only': (at, { app, service }) => at.boolean === false && service.process.length === 0
    ? app.take(at, ['security', 'readOnlyRoot'], false)
    : at.taken('the file system is read-only, except /tmp and volumes'),
  'cap_add': (at, { app }) => app.take(at, ['security', 'capabilities'], at.texts.map(name => name.toUpperCase().replace(/^CAP_/, ''))),
  'cap_drop': holds('all capabilities are dropped'),
  'security_opt': holds('no program gains privileges, and the default seccomp profile applies'),
  'labels': setLabels,
  'shm_size': (at, { app, service }) => {
    const bytes = bytesIn(at.text ?? '');
    if (bytes === undefined) return;
    app.take(at, [...service.process, 'volumes', 'shm'], { path: '/dev/shm', memory: `${Math.max(1, Math.round(bytes / 1024 ** 2))}Mi` });
  },
  'working_dir': (at, { app, service }) => setWorkingFolder(at, app, service.process),
  'platform': (at, { app }) => app.has(['image'])
    ? none('the image says it', 'choose nodes with scheduling: { nodeSelector: { kubernetes.io/arch: … } }')(at, undefined)
    : app.take(at, ['build', 'platforms'], [at.text]),
  'extends': holds('what it extends is merged into it'),
  'profiles': holds('the service is imported'),

  'restart': holds('pods are restarted'),
  'container_name': holds('objects have the name of the app'),
  'hostname': holds('other apps use the name of the app'),
  'networks': holds('apps reach each other by their connections'),
  'logging': holds('webapp logs reads standard output'),
  'init': holds('programs that start others should end them; tini in the image does it'),
  'attach': holds('webapp logs -f follows the logs'),
  'pull_policy': holds('images are pulled when a node lacks them'),
  'pull_refresh_after': holds('images are pulled when a node lacks them'),
  'stdin_open': holds('a server reads no input'),
  'tty': holds('a server needs no terminal'),
  'develop': none('it is for development on your computer', 'keep using docker compose watch there'),
  'stop_signal': patched('pods get SIGTERM', 'STOPSIGNAL of the Dockerfile is used'),
  'extra_hosts': patched('names come from DNS', '{ kind: Deployment, merge: { spec: { template: { spec: { hostAliases: … } } } } }'),
  'dns*': patched('the DNS of the cluster is used', '{ kind: Deployment, merge: { spec: { template: { spec: { dnsConfig: … } } } } }'),
  'sysctls': patched('they need the consent of the cluster', 'securityContext.sysctls of the pod'),
  'group_add': patched('the group is that of the app', 'securityContext.supplementalGroups of the pod'),
  'privileged': none('a privileged container can do anything on its node', 'security: { privileged: true }, where the platform allows it'),
  'ulimits': none('they are those of the container runtime', PLATFORM),
  'annotations': none('they are for tools that read annotations of containers', 'write annotations of your own'),
  'external_links': none('they name containers outside of the project', 'write connections'),
  'network_mode': none('pods have a network of their own', 'write connections; a sidecar shares the network of its app'),
  'post_start': patched('nothing runs beside the program', 'lifecycle.postStart of the container; or use initContainers'),
  'pre_stop': patched('health.preStopDelay uses it', 'handle SIGTERM in the program'),
  'gpus': patched('GPUs are resources of nodes', '{ kind: Deployment, merge: { … resources: { limits: { nvidia.com/gpu: 1 } } } }'),
  'devices': none(HOST, PLATFORM),
  'device_cgroup_rules': none(HOST, PLATFORM),
  'blkio_config': none(HOST, PLATFORM),
  'cgroup': none(HOST, PLATFORM),
  'cgroup_parent': none(HOST, PLATFORM),
  'cpu_count': none(HOST, 'write size'),
  'cpu_percent': none(HOST, 'write size'),
  'cpu_period': none(HOST, 'write resources: { cpuLimit: … }'),
  'cpu_quota': none(HOST, 'write resources: { cpuLimit: … }'),
  'cpu_rt_period': none(HOST, PLATFORM),
  'cpu_rt_runtime': none(HOST, PLATFORM),
  'cpu_shares': none(HOST, 'write size'),
  'cpuset': none(HOST, PLATFORM),
  'credential_spec': none('Windows containers are not supported', PLATFORM),
  'domainname': none('names come from DNS', 'write hosts'),
  'ipc': none('pods have a namespace of their own', PLATFORM),
  'isolation': none(HOST, PLATFORM),
  'label_file': none('labels are for tools that read Docker labels', 'write what they mean'),
  'mac_address': none('pods have addresses of their own', 'remove what depends on it'),
  'mem_swappiness': none('nodes have no swap', 'write size'),
  'memswap_limit': none('nodes have no swap', 'write size'),
  'models': none('there are no services of models', 'write a connection to one'),
  'oom_kill_disable': none('a replica that exceeds its memory is restarted', 'write a larger size'),
  'oom_score_adj': none(HOST, 'write a larger size'),
  'pid': none('pods have a namespace of their own', PLATFORM),
  'pids_limit': none('it is a setting of the nodes', PLATFORM),
  'provider': none('it is created outside of the project', 'write a connection to it'),
  'runtime': patched('it is a class of the cluster', 'runtimeClassName of the pod'),
  'storage_opt': none(HOST, 'write resources: { ephemeralStorage: … }'),
  'use_api_socket': none('there is no Docker', PLATFORM),
  'userns_mode': none(HOST, PLATFORM),
  'uts': none(HOST, PLATFORM),
  'volumes_from': none('volumes of other apps cannot be mounted as a whole', 'write each of them in volumes'),
  'x-*': holds('what its anchors name is merged where they are used'),
};

function setImage(at: Reader, { app, service }: Target): void {
  const image = at.text ?? '';
  const isBuilt = service.at.field('build') !== undefined;
  if (isBuilt) return at.none('the folder is built, and the platform names the image', 'to deploy it, write image instead of build');
  // Processes of one app have the same image, except that of an app without a web process, which is not set yet.
  if (service.process.length > 0 && app.props.web !== false && service.role !== 'release') return at.taken(app.shown(['image']));
  if (service.process.length > 0 && app.get(['image']) === image) return at.taken(app.shown(['image']));
  const steps = [...service.process, 'image'];
  if (!isUnresolved(image)) return app.take(at, steps, image);
  // A tag that the shell has is that of the pipeline here.
  const known = image.replace(/:?\$\{\w+\}.*$/, '');
  const reason = 'its tag comes from your shell; pass it with --image';
  return app.change(at, steps, `${known}:latest`, reason, 'The tag of the pipeline: --image overrides it.');
}

function setBuild(at: Reader, { app, service }: Target): void {
  if (service.process.length > 0) return at.taken(app.shown(['build']));
  const put = (from: Reader, name: string, value: unknown) => app.take(from, ['build', name], value);
  const context = at.isMap ? at.field('context') : at;
  if (context?.text !== undefined) setContext(context, app);
  const dockerfile = at.field('dockerfile');
  if (dockerfile?.text) setDockerfile(dockerfile, app);
  const target = at.field('target');
  if (target?.text) put(target, 'target', target.text);
  const platforms = at.field('platforms');
  if (platforms) put(platforms, 'platforms', platforms.texts);
  for (const [name, arg] of at.field('args')?.fields ?? []) {
    if (arg.text === undefined || isUnresolved(arg.text)) {
      arg.none('its value comes from your shell', `write its value: build: { env: { ${name}: … } }`);
    } else {
      setBuildVariable(app, name, arg);
    }
  }
  for (const secret of at.field('secrets')?.items ?? []) {
    const id = secret.text ?? secret.field('source')?.text;
    if (id === undefined) continue;
    app.change(secret, ['build', 'secrets', id], { secret: `${app.name}-build`, key: id }, 'its value comes from a Secret that you create');
    app.needsSecret(`${app.name}-build`, id);
  }
  for (const name of ['cache_from', 'cache_to', 'no_cache', 'pull', 'tags']) {
    at.field(name)?.taken('builds.cache of the platform decides it');
  }
}

function setEntrypoint(at: Reader, { app, service }: Target): void {
  const words = at.isList ? at.texts : splitWords(at.text ?? '');
  if (words.length === 0 || (words.length === 1 && words[0] === '')) return at.none('it removes that of the image', 'write command');
  return app.take(at, [...service.process, 'command'], literalWords(words));
}

/** It replaces the CMD of the image, whose ENTRYPOINT gets it. */
function setCommand(at: Reader, { app, service }: Target): void {
  const words = at.isList ? at.texts : splitWords(at.text ?? '');
  if (words.length === 0) return at.taken('the command is that of the image');
  // The app has its port in any case, so Kubernetes replaces it where no shell does.
  const own = literalWords(words).map(word => word.replace(/\$\{PORT\}/g, '$(PORT)'));
  return app.take(at, [...service.process, 'args'], own);
}

function setPorts(at: Reader, { app, service }: Target): void {
  if (service.process.length > 0) return;
  const ports = portsOf(service.at);
  const [main] = ports.filter(({ udp, port }) => !udp && !WELL_KNOWN.has(port));
  const first = main ?? ports.find(({ udp }) => !udp);
  for (const one of ports) {
    if (one.udp) {
      one.at.none('ports of UDP are not supported', 'write a Service of type LoadBalancer next to the app');
    } else if (one === first || one.port === first?.port) {
      if (!app.has(['port'])) app.set(['port'], one.port);
      app.cameFrom(one.at, ['port']);
      one.at.taken(app.shown(['port']));
    } else if (one.at.path.startsWith(at.path)) {
      const name = WELL_KNOWN.get(one.port) ?? `p${one.port}`;
      if (name === 'debug') {
        one.at.none('it is a port for debuggers', 'use kubectl port-forward');
        continue;
      }
      app.change(one.at, ['ports', name], { port: one.port },
        'it is reachable inside the cluster; its connections do not wake the app, so a replica always runs',
        'From outside: add hosts or paths for HTTP, or loadBalancer: {} for other protocols.');
      app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
    }
  }
}

/** Ports that are not for HTTP. */
const WELL_KNOWN = new Map([[22, 'ssh'], [2222, 'ssh'], [9229, 'debug'], [5005, 'debug'], [5678, 'debug'], [25, 'smtp'], [1883, 'mqtt']]);

function setDependencies(at: Reader, { app, project }: Target): void {
  for (const [name, one] of nameList(at)) {
    const other = project.services.get(name);
    if (!other) {
      one.none(`there is no service ${name}`, 'remove it');
    } else if (other.type) {
      const connection = connect(app, { ...other, type: other.type }, other.at);
      one.taken(app.shown(['connections', connection]));
    } else {
      setDependency(one, app, other);
    }
  }
}

function setHealth(at: Reader, { app, service }: Target): void {
  const test = at.field('test');
  const [kind, ...rest] = test?.isList ? test.texts : ['CMD-SHELL', test?.text ?? ''];
  const disabled = at.field('disable');
  if (disabled?.boolean || kind === 'NONE') return at.taken('health checks of the image are not used');
  disabled?.taken('the check is used');
  const words = kind === 'CMD' || kind === 'CMD-SHELL' ? rest : [kind, ...rest];
  const interval = at.field('interval');
  if (service.process.length > 0) {
    if (service.role !== 'worker' || !test) return undefined;
    const command = kind === 'CMD-SHELL' ? ['sh', '-c', words[0]] : words;
    app.take(test, [...service.process, 'health', 'command'], literalWords(command));
    setDuration(interval, app, [...service.process, 'health', 'interval'], '30s');
    setDuration(at.field('timeout'), app, [...service.process, 'health', 'timeout'], '10s');
    setDuration(at.field('start_period'), app, [...service.process, 'health', 'startupTimeout'], '2m');
    for (const name of ['retries', 'start_interval']) at.field(name)?.taken('three checks in a row have to fail');
    return undefined;
  }
  const check = httpCheckOf(words);
  if (!check) return at.none('an app is checked by a request, and this check runs a program', 'write health: { path: … }');
  if (test) app.take(test, ['health', 'path'], check.path);
  if (check.port !== undefined && check.port !== app.get(['port']) && test) app.set(['health', 'port'], check.port);
  setDuration(interval, app, ['health', 'interval'], '5s');
  const start = at.field('start_period');
  const seconds = secondsIn(start?.text ?? '');
  if (start && seconds !== undefined && seconds <= 120) start.taken('an app may take 2 minutes to start');
  else setDuration(start, app, ['health', 'startupTimeout'], '2m');
  for (const name of ['timeout', 'retries', 'start_interval']) at.field(name)?.taken('while it starts, an app is checked every second');
  return undefined;
}

function setDuration(at: Reader | undefined, app: AppDraft, steps: readonly string[], usual: string): void {
  const seconds = at?.text === undefined ? undefined : secondsIn(at.text);
  if (!at || seconds === undefined) return;
  const value = duration(seconds);
  if (value === usual) at.taken(`${app.shown(steps)}, by default`);
  else app.take(at, steps, value);
}

function sizeOf(service: Reader): { memory?: number; cpu?: number } {
  const [limits, reservations] = ['limits', 'reservations'].map(name => service.at('deploy', 'resources', name));
  const memory = limits?.field('memory') ?? service.field('mem_limit') ?? reservations?.field('memory') ?? service.field('mem_reservation');
  const cpu = reservations?.field('cpus') ?? limits?.field('cpus') ?? service.field('cpus');
  return { memory: bytesIn(memory?.text ?? ''), cpu: cpu?.number };
}

function setResources(at: Reader, { app, service }: Target): void {
  const sources = ['limits', 'reservations'].flatMap(name => ['cpus', 'memory'].flatMap(part => at.at(name, part) ?? []));
  if (sources.length === 0) return;
  const what = sources.map(one => `${one.path.split('.').at(-1)} ${one.text}`).filter((one, i, all) => all.indexOf(one) === i).join(', ');
  setSize(app, service.process, sizeOf(service.at), what, ...sources);
  for (const name of ['limits', 'reservations']) at.at(name, 'pids')?.none('it is a setting of the nodes', PLATFORM);
}

function setMemory(at: Reader, { app, service }: Target): void {
  setSize(app, service.process, sizeOf(service.at), `${at.path.split('.').at(-1)}: ${at.text}`, at);
}

function setGracePeriod(at: Reader, { app, service }: Target): void {
  const seconds = secondsIn(at.text ?? '');
  if (seconds === undefined) return;
  if (service.process.length > 0) return app.take(at, [...service.process, 'terminationGracePeriod'], duration(seconds));
  return app.take(at, ['health', 'terminationGracePeriod'], duration(seconds + 5));
}

function setUser(at: Reader, { app }: Target): void {
  const [, user, group] = /^(\d+)(?::(\d+))?$/.exec(at.text ?? '') ?? [];
  if (user === undefined || user === '0') {
    const isRoot = user === '0' || at.text === 'root';
    const reason = isRoot ? 'the app runs as user 1000, not as root' : 'the app runs as user 1000, and a name is not known';
    return at.none(reason, 'write the number of the user: security: { runAsUser: 1000 }');
  }
  app.set(['security', 'runAsGroup'], group === undefined || group === user ? undefined : Number(group));
  if (user === '1000') return at.taken('the app runs as user 1000');
  return app.take(at, ['security', 'runAsUser'], Number(user));
}

/** The arguments of a matcher: `Host(`a.example.com`)`. */
function matched(rule: string, matcher: string): string[] {
  const calls = [...rule.matchAll(new RegExp(`\\b${matcher}\\(([^)]*)\\)`, 'g'))].map(([, list]) => list);
  return calls.flatMap(list => [...list.matchAll(/[`'"]([^`'"]+)[`'"]/g)].map(([, value]) => value));
}

/** Host names for Traefik: https://doc.traefik.io/traefik/routing/providers/docker/ */
function setLabels(at: Reader, { app, service }: Target): void {
  for (const [name, label] of at.fields) {
    const rule = label.text ?? '';
    const hosts = /\.rule$/.test(name) ? matched(rule, 'Host') : [];
    const port = /^traefik\.http\.services\..*\.loadbalancer\.server\.port$/i.test(name) ? label.number : undefined;
    if (hosts.length > 0 && service.process.length === 0 && !isUnresolved(rule)) {
      app.take(label, ['hosts'], [...new Set([...(app.props.hosts as string[] | undefined) ?? [], ...hosts])]);
      const paths = matched(rule, 'PathPrefix');
      if (paths.length > 0) app.set(['paths'], paths);
    } else if (port !== undefined && service.process.length === 0) {
      app.take(label, ['port'], port);
    } else if (name.startsWith('traefik.')) {
      label.none('the platform configures its ingress', 'write hosts, paths, tls, http or access, if it says more than those');
    } else {
      label.none('it is for tools that read Docker labels', 'write what it means; labels of Kubernetes are in labels');
    }
  }
}
