/** Pods of Kubernetes and Knative: what each of their fields becomes. */
import { duration } from './units';
import { isSecret } from './variables';
import { inBytes, quantity, SIZES } from '../../../../src/internal';
import type { AppDraft, Steps } from '../draft';
import { appName, volumeName } from '../draft';
import type { Reader } from '../reader';
import { valueOf } from '../source/node';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

/** A pod that is converted. */
export interface PodTarget {
  readonly app: AppDraft;

  /** Where the process is in the app: empty for the web process. */
  readonly process: Steps;
  readonly spec: Reader;

  /** The object that has the pod here, and the way to it in that object, for patches. */
  readonly patch: { readonly kind: string; readonly name: string; readonly way: Steps };

  /** The container that runs the app; others become sidecars. */
  readonly main: string;

  /** Whether keys of Secrets are versions of Cloud Run's secrets. */
  readonly cloudRun?: boolean;

  /** The port that gets the requests, by number or by name. */
  readonly port?: string;

  /** The keys of ConfigMaps and Secrets that are in the source, by name. */
  readonly keys: { readonly configMaps: ReadonlyMap<string, readonly string[]>; readonly secrets: ReadonlyMap<string, readonly string[]> };

  /** Access modes of claims that are in the source, by name. */
  readonly accessModes: ReadonlyMap<string, string | undefined>;
}

export interface ContainerTarget {
  readonly pod: PodTarget;
  readonly app: AppDraft;

  /** Where the container is: that of the process, or a sidecar. */
  readonly steps: Steps;

  /** Whether it runs the app, or a process of it. */
  readonly isMain: boolean;
}

/** Fields of the container that have no prop. */
function patchContainer(field: string): Rule<ContainerTarget> {
  return (at, { app, pod, steps, isMain }) => {
    if (!isMain) return at.none('other containers have no such field', `write it with patches: ${field} of the container ${steps.at(-1)}`);
    const name = pod.process.at(-1) ?? 'web';
    return app.patch(at, pod.patch.kind, pod.patch.name, [...pod.patch.way, 'containers'], [{ name, [field]: valueOf(at.node) }]);
  };
}

/** Fields of the pod that have no prop. */
function patchPod(at: Reader, { app, patch }: PodTarget, field: string): void {
  app.patch(at, patch.kind, patch.name, [...patch.way, field], valueOf(at.node));
}

const whole = (field: string): Rule<PodTarget> => (at, target) => patchPod(at, target, field);

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container */
export const CONTAINER: Table<ContainerTarget> = {
  name: holds('a container of the pod'),
  image: (at, { app, steps, isMain, pod }) => {
    if (isMain && pod.process.length > 0 && app.get(['image']) === at.text) return at.taken(app.shown(['image']));
    // An app without a web process has the image of its only process.
    const own = isMain && app.props.web === false && app.props.image === undefined ? ['image'] : [...steps, 'image'];
    return app.take(at, own, at.text);
  },
  imagePullPolicy: holds('images are pinned by their digest, and pulled when a node lacks them'),
  command: (at, { app, steps }) => app.take(at, [...steps, 'command'], at.texts),
  args: (at, { app, steps }) => app.take(at, [...steps, 'args'], at.texts),
  workingDir: patchContainer('workingDir'),
  ports: setPorts,
  env: setEnv,
  envFrom: setEnvFrom,
  resources: setResources,
  startupProbe: setStartup,
  readinessProbe: setProbe,
  livenessProbe: (at, target) => {
    const { app, isMain, pod, steps } = target;
    if (isMain && pod.process[0] === 'workers') return setWorkerHealth(at, app, steps);
    const delay = at.field('initialDelaySeconds')?.number ?? 0;
    if (isMain && delay > STARTUP_TIMEOUT && !app.has(['health', 'startupTimeout'])) {
      return app.take(at, ['health', 'startupTimeout'], duration(delay));
    }
    return at.changed(app.shown(['health']), 'liveness is a TCP check, so that an app that is slow is not restarted');
  },
  lifecycle: (at, target) => {
    const { app, isMain, pod } = target;
    const seconds = at.at('preStop', 'sleep', 'seconds') ?? sleepOf(at.at('preStop', 'exec', 'command'));
    const number = seconds && (seconds.number ?? Number(/sleep\s+(\d+)/.exec(seconds.texts.join(' '))?.[1]));
    if (seconds && number !== undefined && !Number.isNaN(number) && isMain && pod.process.length === 0) {
      if (number === 5) at.taken('a pod that stops gets requests for 5 seconds');
      else app.take(at, ['health', 'preStopDelay'], duration(number));
    } else {
      patchContainer('lifecycle')(at, target);
    }
  },
  securityContext: (at, { app, steps, isMain }) => convert(at, { app, steps: isMain ? ['security'] : [...steps, 'security'] }, SECURITY),
  volumeMounts: setMounts,
  terminationMessagePath: holds('messages are in the logs'),
  terminationMessagePolicy: holds('messages are in the logs'),
  restartPolicy: holds('a sidecar runs as long as the app'),
  stdin: none('a server reads no input', 'remove it'),
  stdinOnce: none('a server reads no input', 'remove it'),
  tty: none('a server needs no terminal', 'remove it'),
  volumeDevices: patchContainer('volumeDevices'),
  resizePolicy: patchContainer('resizePolicy'),
};

interface SecurityTarget {
  readonly app: AppDraft;
  readonly steps: Steps;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context */
const SECURITY: Table<SecurityTarget> = {
  runAsUser: (at, { app, steps }) => at.number === 1000
    ? at.taken('the app runs as user 1000')
    : app.take(at, [...steps, 'runAsUser'], at.number),
  runAsGroup: (at, { app, steps }) => {
    const user = (app.get([...steps, 'runAsUser']) as number | undefined) ?? 1000;
    if (at.number === user) at.taken('the group is that of the user');
    else app.take(at, [...steps, 'runAsGroup'], at.number);
  },
  runAsNonRoot: at => at.boolean ? at.taken('the app is not root') : at.changed('security', 'the app is not root'),
  readOnlyRootFilesystem: (at, { app, steps }) => at.boolean
    ? at.taken('the file system is read-only, except /tmp and volumes')
    : app.take(at, [...steps, 'readOnlyRoot'], false),
  allowPrivilegeEscalation: at => at.boolean
    ? at.none('no program gains privileges', 'remove it')
    : at.taken('no program gains privileges'),
  capabilities: {
    drop: holds('all capabilities are dropped'),
    add: (at, { app, steps }) => app.take(at, [...steps, 'capabilities'], at.texts),
  },
  privileged: (at, { app, steps }) => at.boolean ? app.take(at, [...steps, 'privileged'], true) : at.taken('it is not privileged'),
  seccompProfile: at => at.field('type')?.text === 'RuntimeDefault'
    ? at.taken('the profile is RuntimeDefault')
    : at.none('the profile is RuntimeDefault', 'write it with patches: securityContext.seccompProfile of the pod'),
};

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
export const POD: Table<PodTarget> = {
  containers: (at, target) => {
    const { main } = target;
    // The app comes first: its volumes are those that other containers mount.
    const all = [...at.items].sort((a, b) => Number(b.field('name')?.text === main) - Number(a.field('name')?.text === main));
    for (const one of all) setContainer(one, target, 'sidecars');
  },
  initContainers: (at, target) => at.items.forEach(one => {
    setContainer(one, target, one.field('restartPolicy')?.text === 'Always' ? 'sidecars' : 'initContainers');
  }),
  volumes: at => at.items.filter(one => !one.outcome).forEach(one => one.none('no container mounts it', 'remove it')),
  serviceAccountName: (at, { app }) => at.text === app.name || at.text === 'default'
    ? at.taken(app.shown(['serviceAccount']))
    : app.take(at, ['serviceAccount', 'name'], at.text),
  serviceAccount: holds('it is another name of serviceAccountName'),
  automountServiceAccountToken: (at, { app }) => at.boolean
    ? app.take(at, ['serviceAccount', 'automountToken'], true)
    : at.taken('the app gets no token'),
  imagePullSecrets: (at, { app }) => app.take(at, ['imagePullSecrets'], at.items.flatMap(one => one.field('name')?.text ?? [])),
  nodeSelector: (at, { app }) => app.take(at, ['scheduling', 'nodeSelector'], valueOf(at.node)),
  tolerations: (at, { app }) => {
    const seconds = at.items.flatMap(one => one.field('tolerationSeconds') ?? []);
    app.take(at, ['scheduling', 'tolerations'], at.items.map(one => {
      const { tolerationSeconds, ...toleration } = valueOf(one.node) as { tolerationSeconds?: unknown };
      return toleration;
    }));
    for (const one of seconds) one.none('tolerations are without a time', 'remove it');
  },
  priorityClassName: (at, { app }) => app.take(at, ['scheduling', 'priorityClass'], at.text),
  topologySpreadConstraints: (at, { app }) => {
    const isHard = at.items.some(one => one.field('whenUnsatisfiable')?.text === 'DoNotSchedule');
    if (isHard) app.change(at, ['scheduling', 'spread'], 'hard', 'replicas are spread over nodes and zones');
    else at.changed(app.shown(['scheduling', 'spread']), 'replicas are spread over nodes and zones, if possible');
  },
  affinity: (at, target) => /podAntiAffinity/.test(JSON.stringify(valueOf(at.node))) && !at.field('nodeAffinity')
    && !at.field('podAffinity')
    ? at.changed(target.app.shown(['scheduling', 'spread']), 'replicas are spread over nodes and zones, if possible')
    : patchPod(at, target, 'affinity'),
  terminationGracePeriodSeconds: (at, { app, process }) => {
    if (at.number === undefined) return;
    if (process[0] === 'workers' || process[0] === 'cronJobs') {
      if (at.number === 30) at.taken('programs have 30 seconds to stop');
      else app.take(at, [...process, 'terminationGracePeriod'], duration(at.number));
    } else if (process.length > 0) {
      at.taken('programs have 30 seconds to stop');
    } else if (at.number === 35) {
      at.taken('a pod that stops has 35 seconds');
    } else {
      app.take(at, ['health', 'terminationGracePeriod'], duration(Math.max(1, at.number)));
    }
  },
  securityContext: setPodSecurity,
  restartPolicy: holds('pods are restarted, and jobs try again'),
  dnsPolicy: (at, target) => at.text === 'ClusterFirst' ? at.taken('the DNS of the cluster is used') : patchPod(at, target, 'dnsPolicy'),
  schedulerName: (at, target) => at.text === 'default-scheduler' ? at.taken('it is the default') : patchPod(at, target, 'schedulerName'),
  enableServiceLinks: holds('variables of Services are off'),
  dnsConfig: whole('dnsConfig'),
  hostAliases: whole('hostAliases'),
  hostNetwork: whole('hostNetwork'),
  hostPID: whole('hostPID'),
  hostIPC: whole('hostIPC'),
  hostname: whole('hostname'),
  subdomain: whole('subdomain'),
  runtimeClassName: whole('runtimeClassName'),
  shareProcessNamespace: whole('shareProcessNamespace'),
  readinessGates: whole('readinessGates'),
  activeDeadlineSeconds: (at, { app, process }) => {
    if (process[0] === 'cronJobs' && at.number !== undefined) app.take(at, [...process, 'deadline'], duration(at.number));
    else at.none('a server runs until it is replaced', 'remove it');
  },
  preemptionPolicy: whole('preemptionPolicy'),
  setHostnameAsFQDN: whole('setHostnameAsFQDN'),
  hostUsers: whole('hostUsers'),
  os: whole('os'),
  resourceClaims: whole('resourceClaims'),
  schedulingGates: whole('schedulingGates'),
  nodeName: none('the scheduler chooses the node', 'write scheduling: { nodeSelector: … }'),
  ephemeralContainers: none('they are for debugging a pod that runs', 'use kubectl debug'),
  priority: holds('it follows from the PriorityClass'),
  overhead: holds('it follows from the RuntimeClass'),
};

/** Converts the pod of a process. */
export function convertPod(target: PodTarget): void {
  convert(target.spec, target, POD);
}

function setContainer(at: Reader, pod: PodTarget, kind: 'sidecars' | 'initContainers'): void {
  const name = at.field('name')?.text ?? 'main';
  const isMain = kind === 'sidecars' && name === pod.main;
  const { app, process } = pod;
  const steps = isMain ? process : [kind, appName(name)];
  if (!isMain && process.length > 0) {
    const processes = [...(app.get([...steps, 'processes']) as string[] | undefined) ?? [], process.at(-1)!];
    app.set([...steps, 'processes'], processes);
  }
  convert(at, { pod, app, steps, isMain }, CONTAINER);
}

function setPorts(at: Reader, { app, steps, isMain, pod }: ContainerTarget): void {
  const ports = at.items.filter(one => one.field('containerPort')?.number !== undefined);
  const wanted = pod.port;
  const isWanted = (one: Reader) => wanted !== undefined && [one.field('name')?.text, one.field('containerPort')?.text].includes(wanted);
  const main = ports.find(isWanted) ?? ports.find(one => /^(http|web|h2c)/.test(one.field('name')?.text ?? '')) ?? ports[0];
  for (const one of ports) {
    const port = one.field('containerPort')!;
    const name = one.field('name');
    one.field('protocol')?.taken('TCP');
    if (!isMain) {
      app.take(port, [...steps, 'port'], port.number);
      name?.taken(app.shown([...steps, 'port']));
    } else if (pod.process.length > 0) {
      one.none('a process beside the web process gets no requests', 'make it an app of its own, or remove the port');
    } else if (one === main) {
      app.take(port, ['port'], port.number);
      if (/^h2c$|^grpc/.test(name?.text ?? '')) app.set(['protocol'], 'http2');
      name?.taken(app.shown(['port']));
    } else if (/metrics|prometheus|prom/.test(name?.text ?? '')) {
      app.take(port, ['metrics', 'port'], port.number);
      name?.taken(app.shown(['metrics']));
    } else if (one.field('protocol')?.text === 'UDP') {
      one.none('ports of UDP are not supported', 'write a Service next to the app');
    } else {
      const own = appName(name?.text ?? `p${port.number}`).slice(0, 15).replace(/-+$/, '');
      app.change(port, ['ports', own], { port: port.number }, 'its connections do not wake the app, so a replica always runs');
      name?.taken(app.shown(['ports', own]));
      if (!app.has(['scaling', 'replicas'])) app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
    }
    one.field('hostPort')?.none('ports of nodes are not used', 'remove it, or write loadBalancer');
  }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables */
function setEnv(at: Reader, target: ContainerTarget): void {
  const { app, steps, isMain, pod } = target;
  // Secrets of a process are those of the app.
  const around = isMain ? [] : steps;
  for (const one of at.items) {
    const name = one.field('name')?.text;
    if (name === undefined) continue;
    const [secret, configMap] = [one.at('valueFrom', 'secretKeyRef'), one.at('valueFrom', 'configMapKeyRef')];
    const value = one.field('value')?.text ?? '';
    if (secret && pod.cloudRun) {
      const source = secret.field('name')?.text ?? name;
      app.change(one, [...around, 'secretEnv', name], { secret: app.name, key: name },
        'Secret Manager has the value; a Secret of the cluster is a copy');
      app.needsSecret(app.name, name, `"$(gcloud secrets versions access ${secret.field('key')?.text ?? 'latest'} --secret=${source})"`);
    } else if (secret) {
      app.take(one, [...around, 'secretEnv', name], { secret: secret.field('name')?.text, key: secret.field('key')?.text });
      if (secret.field('optional')?.boolean) secret.field('optional')!.none('the Secret has to exist', 'create it, or remove the variable');
    } else if (configMap) {
      const reference = { configMap: configMap.field('name')?.text, key: configMap.field('key')?.text };
      app.take(one, [...around, 'configMapEnv', name], reference);
      if (configMap.field('optional')?.boolean) {
        configMap.field('optional')!.none('the ConfigMap has to exist',
          'create it, or remove the variable');
      }
    } else if (one.field('valueFrom')) {
      if (isMain) {
        app.patch(one, pod.patch.kind, pod.patch.name, [...pod.patch.way, 'containers'],
          [{ name: pod.process.at(-1) ?? 'web', env: [valueOf(one.node)] }]);
      } else {
        one.none('fields of the pod are not variables here', 'write it with patches');
      }
    } else if (name === 'PORT' && isMain) {
      if (app.props.port === undefined || String(app.props.port) === value) app.take(one, ['port'], Number(value));
      else one.changed(app.shown(['port']), `PORT is the port that gets the requests, ${String(app.props.port)}`);
    } else if (isSecret({ name, value }) && !/\$\(\w+\)/.test(value)) {
      const reason = 'it is secret: its value is not copied, but comes from a Secret that you create';
      app.change(one, [...around, 'secretEnv', name], { secret: app.name, key: name }, reason);
      app.needsSecret(app.name, name);
    } else {
      const own = isMain && pod.process.length > 0 ? pod.process : around;
      // References to other variables mean the same here.
      const isSame = own.length > 0 && isMain && app.get(['env', name]) === value;
      if (isSame) one.taken(app.shown(['env', name]));
      else app.take(one, [...own, 'env', name], value);
    }
  }
}

function setEnvFrom(at: Reader, { app, steps, isMain }: ContainerTarget): void {
  const around = isMain ? [] : steps;
  for (const one of at.items) {
    const [secret, configMap] = [one.at('secretRef', 'name'), one.at('configMapRef', 'name')];
    if (one.field('prefix')?.text) {
      one.none('variables have the names of the keys', 'write each of them: secretEnv or configMapEnv');
      continue;
    }
    const prop = secret ? 'envFromSecrets' : 'envFromConfigMaps';
    const name = (secret ?? configMap)?.text;
    if (name === undefined) continue;
    const before = (app.get([...around, prop]) as string[] | undefined) ?? [];
    app.take(one, [...around, prop], [...new Set([...before, name])]);
  }
}

/** https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ */
function setResources(at: Reader, { app, steps }: ContainerTarget): void {
  const value = (group: string, name: string) => at.at(group, name);
  const [cpu, memory, limit] = [value('requests', 'cpu'), value('requests', 'memory'), value('limits', 'memory')];
  const reserved = memory ?? limit;
  const size = Object.entries(SIZES).find(([, amounts]) => (
    same(cpu?.text, amounts.cpu) && same(reserved?.text, amounts.memory) && (!limit || same(limit.text, amounts.memory))))?.[0];
  if (size !== undefined) {
    for (const one of [cpu, memory, limit]) if (one) app.take(one, [...steps, 'size'], size);
  } else {
    if (cpu) app.take(cpu, [...steps, 'resources', 'cpu'], cpu.text);
    if (reserved) app.take(reserved, [...steps, 'resources', 'memory'], bytes(reserved.text));
    if (limit && limit !== reserved) {
      if (same(limit.text, reserved?.text)) limit.taken(app.shown([...steps, 'resources', 'memory']));
      else app.take(limit, [...steps, 'resources', 'memoryLimit'], bytes(limit.text));
    }
  }
  const cpuLimit = value('limits', 'cpu');
  if (cpuLimit) app.take(cpuLimit, [...steps, 'resources', 'cpuLimit'], cpuLimit.text);
  const disk = value('limits', 'ephemeral-storage') ?? value('requests', 'ephemeral-storage');
  if (disk) app.take(disk, [...steps, 'resources', 'ephemeralStorage'], bytes(disk.text));
  value('requests', 'ephemeral-storage')?.taken(app.shown([...steps, 'resources', 'ephemeralStorage']));
}

function same(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && quantity(one) === quantity(other);
}

/** A plain number of bytes, and amounts such as `1.5Gi`, in the largest unit. */
function bytes(text: string | undefined): string | undefined {
  const number = text === undefined ? undefined : quantity(text);
  return number !== undefined && /^\d+$/.test(text!) ? inBytes(number) : text;
}

function setStartup(at: Reader, { app, isMain, pod }: ContainerTarget): void {
  if (!isMain || pod.process.length > 0) {
    return at.none('processes beside the web process have no such check', 'write health of the worker');
  }
  const number = (name: string, otherwise: number) => at.field(name)?.number ?? otherwise;
  const seconds = number('initialDelaySeconds', 0) + number('periodSeconds', 10) * number('failureThreshold', 3);
  const path = at.at('httpGet', 'path');
  if (path && !app.has(['health', 'path'])) app.set(['health', 'path'], path.text);
  if (seconds === STARTUP_TIMEOUT) return at.taken('an app may take 2 minutes to start');
  return app.take(at, ['health', 'startupTimeout'], duration(seconds));
}

/** The default of `health.startupTimeout`, in seconds. */
const STARTUP_TIMEOUT = 120;

/** The defaults of `health.interval`, in seconds: of an app that can sleep, and of others. */
const DEFAULT_INTERVALS = [1, 5];

function setProbe(at: Reader, { app, isMain, pod }: ContainerTarget): void {
  if (!isMain || pod.process.length > 0) return at.none('it gets no requests', 'remove it, or write health of the worker');
  const path = at.at('httpGet', 'path');
  const grpc = at.field('grpc');
  if (at.field('exec')) return at.none('an app is checked by a request, and this check runs a program', 'write health: { path: … }');
  if (path) app.take(path, ['health', 'path'], path.text);
  if (at.field('tcpSocket')) at.field('tcpSocket')!.taken('an app is ready when it accepts connections');
  if (grpc) app.take(grpc, ['health', 'grpc'], true);
  const port = at.at('httpGet', 'port') ?? grpc?.field('port');
  const isOwn = port?.text === String(app.props.port ?? 8080) || port?.text === pod.port || (port && port.number === undefined);
  if (isOwn) port?.taken(app.shown(['port']));
  else if (port?.number !== undefined) app.take(port, ['health', 'port'], port.number);
  for (const header of at.at('httpGet', 'httpHeaders')?.items ?? []) {
    const [name, value] = [header.field('name')?.text, header.field('value')?.text];
    if (name === undefined || value === undefined) continue;
    app.take(header, name.toLowerCase() === 'host' ? ['health', 'host'] : ['health', 'headers', name], value);
  }
  const scheme = at.at('httpGet', 'scheme');
  if (scheme?.text === 'HTTPS') app.take(scheme, ['protocol'], 'https');
  else scheme?.taken('checks use HTTP');
  const period = at.field('periodSeconds');
  const every = period?.number;
  if (every !== undefined && !DEFAULT_INTERVALS.includes(every)) app.take(period!, ['health', 'interval'], duration(every));
  else period?.taken(app.shown(['health', 'interval']));
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold']) {
    at.field(name)?.taken('while it starts, an app is checked every second');
  }
}

function setWorkerHealth(at: Reader, app: AppDraft, steps: Steps): void {
  const command = at.at('exec', 'command');
  if (!command) return at.none('a worker is checked by a program', 'write health: { command: … } of the worker');
  app.take(command, [...steps, 'health', 'command'], command.texts);
  const [period, timeout] = [at.field('periodSeconds'), at.field('timeoutSeconds')];
  if (period?.number !== undefined) app.take(period, [...steps, 'health', 'interval'], duration(period.number));
  if (timeout?.number !== undefined) app.take(timeout, [...steps, 'health', 'timeout'], duration(timeout.number));
  for (const name of ['initialDelaySeconds', 'successThreshold', 'failureThreshold']) {
    at.field(name)?.taken('three checks in a row have to fail');
  }
  return undefined;
}

/** `sh -c 'sleep 5'` before SIGTERM. */
function sleepOf(command: Reader | undefined): Reader | undefined {
  return command && /^((\/bin\/)?(ba)?sh -c )?(\/bin\/)?sleep \d+$/.test(command.texts.join(' ')) ? command : undefined;
}

function setPodSecurity(at: Reader, target: PodTarget): void {
  const { app } = target;
  const inPod = Object.fromEntries(Object.entries(SECURITY).filter(([name]) => (
    ['runAsUser', 'runAsGroup', 'runAsNonRoot', 'seccompProfile'].includes(name))));
  const container = target.spec.field('containers')?.items.find(one => one.field('name')?.text === target.main)?.field('securityContext');
  const own = new Set(container?.fields.map(([name]) => name));
  for (const [name, one] of at.fields) if (own.has(name)) one.taken('that of the container takes precedence');
  convert(at, { app, steps: ['security'] }, Object.fromEntries(Object.entries(inPod).filter(([name]) => !own.has(name))));
  const [fsGroup, groups, sysctls, policy] = ['fsGroup', 'supplementalGroups', 'sysctls',
    'fsGroupChangePolicy'].map(name => at.field(name));
  const group = (app.get(['security', 'runAsGroup']) ?? app.get(['security', 'runAsUser']) ?? 1000) as number;
  if (fsGroup?.number === group) fsGroup.taken('the group of the app owns its claims');
  else if (fsGroup) app.take(fsGroup, ['security', 'runAsGroup'], fsGroup.number);
  policy?.taken('the group of the app owns its claims');
  for (const one of [groups, sysctls]) {
    if (one) {
      app.patch(one, target.patch.kind, target.patch.name, [...target.patch.way, 'securityContext', one.path.split('.').at(-1)!],
        valueOf(one.node));
    }
  }
}

/** https://kubernetes.io/docs/concepts/storage/volumes/ */
function setMounts(at: Reader, target: ContainerTarget): void {
  for (const mount of at.items) {
    const name = mount.field('name')?.text;
    const path = mount.field('mountPath')?.text;
    const volume = target.pod.spec.field('volumes')?.items.find(one => one.field('name')?.text === name);
    if (path === undefined || !volume) continue;
    setMount(mount, volume, path.replace(/(?<=.)\/$/, ''), target);
  }
}

function setMount(mount: Reader, volume: Reader, path: string, target: ContainerTarget): void {
  const { app, steps, isMain, pod } = target;
  const readOnly = mount.field('readOnly')?.boolean ? { readOnly: true } : {};
  const subPath = mount.field('subPath')?.text;
  const name = volumeName(volume.field('name')?.text ?? 'data');
  const [claim, empty, configMap, secret] = ['persistentVolumeClaim', 'emptyDir', 'configMap', 'secret'].map(field => volume.field(field));
  const around = isMain ? [] : steps;
  if (configMap || secret) {
    const files = filesOf(secret ?? configMap!, path, subPath, pod, secret !== undefined);
    if (files) {
      const prop = secret ? 'secretFiles' : 'configMapFiles';
      for (const [file, reference] of files) app.take(mount, [...around, prop, file], reference);
      volume.taken(app.shown([...around, prop]));
      return;
    }
  } else if ((claim || empty) && subPath === undefined && !mount.field('subPathExpr')) {
    if (empty && path === '/tmp') {
      mount.taken('/tmp is an empty folder in each pod');
      volume.taken('/tmp is an empty folder in each pod');
      return;
    }
    const limit = empty?.field('sizeLimit')?.text;
    const claimName = claim?.field('claimName')?.text;
    const mode = claimName === undefined ? undefined : accessModeOf(claimName, target);
    const source = claimName !== undefined ? { claim: claimName, ...mode ? { accessMode: mode } : {} }
      : empty?.field('medium')?.text === 'Memory' ? { memory: limit ?? '64Mi' } : { empty: limit ?? '1Gi' };
    const where = [...steps, 'volumes', name];
    if (isMain && pod.process.length > 0 && app.has(['volumes', name])) {
      app.take(mount, where, { ...app.get(['volumes', name, 'path']) === path ? {} : { path }, ...readOnly });
    } else if (isMain) {
      app.take(mount, where, { path, ...source, ...readOnly });
    } else {
      // What two containers share is a volume of the app.
      if (!app.has(['volumes', name])) app.set(['volumes', name], { path, ...source });
      app.take(mount, where, { ...app.get(['volumes', name, 'path']) === path ? {} : { path }, ...readOnly });
    }
    volume.taken(app.shown(where));
    return;
  }
  if (!isMain) return mount.none('the volume has no prop', 'write it with patches');
  const container = pod.process.at(-1) ?? 'web';
  app.patch(mount, pod.patch.kind, pod.patch.name, [...pod.patch.way, 'containers'],
    [{ name: container, volumeMounts: [valueOf(mount.node)] }]);
  app.patch(volume, pod.patch.kind, pod.patch.name, [...pod.patch.way, 'volumes'], [valueOf(volume.node)]);
}

function accessModeOf(claim: string, { app, pod }: ContainerTarget): string | undefined {
  const known: { readonly [mode: string]: string | undefined } = { ReadWriteMany: 'read-write-many', ReadOnlyMany: 'read-only-many' };
  const mode = known[pod.accessModes.get(claim) ?? ''];
  const several = Number(app.get(['scaling', 'replicas']) ?? app.get(['scaling', 'max']) ?? 1) > 1;
  return mode ?? (several && !pod.accessModes.has(claim) ? 'read-write-many' : undefined);
}

/** The files of a ConfigMap or Secret that a mount has; undefined where they are not known. */
function filesOf(
  source: Reader, path: string, subPath: string | undefined, { keys }: PodTarget, isSecretSource: boolean,
): [path: string, reference: object][] | undefined {
  const name = (source.field('secretName') ?? source.field('name'))?.text;
  if (name === undefined) return undefined;
  const items = source.field('items')?.items.map(one => [one.field('key')?.text, one.field('path')?.text] as const);
  const known = (isSecretSource ? keys.secrets : keys.configMaps).get(name)?.map(key => [key, key] as const);
  const pairs = items ?? known;
  const reference = (key: string) => (isSecretSource ? { secret: name, key } : { configMap: name, key });
  if (subPath !== undefined) {
    const key = pairs?.find(([, file]) => file === subPath)?.[0] ?? subPath;
    return [[path, reference(key)]];
  }
  return pairs?.flatMap(([key, file]): [string, object][] => (
    key === undefined || file === undefined ? [] : [[`${path === '/' ? '' : path}/${file}`, reference(key)]]));
}

