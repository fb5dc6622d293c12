/** Applications of KubeVela: components, each with traits. */
import type { AppDraft } from '../draft';
import { appName, folderName, volumeName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import type { Component, Placed } from '../shared/components';
import { placeComponents } from '../shared/components';
import { readDocuments } from '../shared/documents';
import { readMetadata } from '../shared/metadata';
import type { ContainerTarget, PodTarget } from '../shared/pod';
import { CONTAINER, POD } from '../shared/pod';
import { isScheduler } from '../shared/processes';
import { setReplicas } from '../shared/replicas';
import { fiveFields } from '../shared/schedules';
import { duration } from '../shared/units';
import { setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import { valueOf } from '../source/node';
import type { Rule, Table } from '../table';
import { convert, holds, none } from '../table';

export const kubevela: Format = {
  name: 'kubevela',
  title: 'KubeVela',
  documentation: 'https://kubevela.io/docs/end-user/components/references/',
  get tables() {
    return [SPEC, COMPONENT, PROPERTIES, TRAITS, GATEWAY];
  },
  recognizes: ({ text }) => /^[\s{]*"?apiVersion"?:\s*['"]?core\.oam\.dev\//m.test(text)
    && /^\s*"?kind"?:\s*['"]?Application\b/m.test(text),
  convert: (files, conversion) => files.forEach(file => convertFile(file, conversion)),
};

interface Target extends ContainerTarget {
  readonly placed: Placed;

  /** All components. */
  readonly siblings: Reader;
}

const PIPELINE = 'your pipeline decides where and when it deploys';
const CONTROLLER = 'it is about the controller of KubeVela';
const NO_WAKING = 'its connections do not wake the app, so a replica always runs';
const TO_JOB = 'its runs are as many as its schedule says';

const of = (rule: typeof CONTAINER[string]): Rule<ContainerTarget> => rule as Rule<ContainerTarget>;

/** https://kubevela.io/docs/platform-engineers/oam/oam-model/ */
const SPEC: Table<Conversion> = {
  components: (at, conversion) => convertComponents(at, conversion),
  policies: at => at.items.forEach(one => {
    if (one.field('type')?.text === 'topology') one.at('properties', 'namespace')?.taken('namespace');
    if (one.field('type')?.text === 'override') one.none('a file says what an app is in one place', 'write environments: { … }');
    else one.none(PIPELINE, 'write it in your pipeline, or in Argo CD');
  }),
  workflow: none(PIPELINE, 'run webapp deploy in your pipeline'),
};

/** https://kubevela.io/docs/platform-engineers/oam/oam-model/#component */
const COMPONENT: Table<Target> = {
  name: (at, { app, placed }) => at.taken(placed.process.length === 0 ? app.shown(['name']) : app.shown(placed.process)),
  type: holds('the kind of the process'),
  properties: (at, target) => convert(at, target, PROPERTIES),
  traits: (at, target) => at.items.forEach(one => setTrait(one, target)),
  dependsOn: (at, { siblings }) => at.items.forEach(one => {
    const isTask = siblings.items.some(other => other.field('name')?.text === one.text && other.field('type')?.text === 'task');
    if (isTask) one.taken('the release command runs first');
    else one.none('apps start at the same time', 'try again in the program, until the other app answers');
  }),
  inputs: none('values are known before a deploy', 'write them in env or secretEnv'),
  outputs: none('values are known before a deploy', 'write them in env or secretEnv'),
  scopes: none(CONTROLLER, 'remove it'),
  externalRevision: none(CONTROLLER, 'remove it'),
  replicaKey: none(CONTROLLER, 'write an app for each replica'),
};

const jobNumber = (prop: string, usual?: number): Rule<Target> => (at, { app, placed }) => {
  if (at.number === usual) at.taken(`${app.shown([...placed.process, prop])}, by default`);
  else if (placed.process[0] === 'releaseCommand' && prop.startsWith('history')) at.taken('old Jobs are removed');
  else app.take(at, [...placed.process, ...prop.split('.')], at.number);
};

const jobTime = (prop: string): Rule<Target> => (at, { app, placed }) => {
  if (placed.process[0] === 'releaseCommand') app.take(at, ['releaseCommand', 'timeout'], duration(at.number ?? 0));
  else app.take(at, [...placed.process, prop], duration(at.number ?? 0));
};

/**
 * The parameters of the components webservice, worker, cron-task and task.
 *
 * @see https://github.com/kubevela/kubevela/tree/master/vela-templates/definitions/internal/component
 */
const PROPERTIES: Table<Target> = {
  image: (at, target) => setImage(at, target),
  imagePullPolicy: of(CONTAINER.imagePullPolicy),
  imagePullSecrets: (at, { app }) => app.take(at, ['imagePullSecrets'], at.texts),
  ports: setPorts,
  port: (at, { app }) => app.take(at, ['port'], at.number),
  exposeType: (at, { app }) => at.text === 'ClusterIP'
    ? at.taken('the Service has an address in the cluster')
    : at.changed(app.shown(['hosts']), 'requests come through the ingress or the gateway of the cluster'),
  addRevisionLabel: holds('releases have numbers'),
  cmd: of(CONTAINER.command),
  args: of(CONTAINER.args),
  env: of(CONTAINER.env),
  cpu: (at, { app, placed }) => app.take(at, [...placed.process, 'resources', 'cpu'], at.text),
  memory: (at, { app, placed }) => app.take(at, [...placed.process, 'resources', 'memory'], at.text),
  limit: {
    cpu: (at, { app, placed }) => app.take(at, [...placed.process, 'resources', 'cpuLimit'], at.text),
    memory: (at, { app, placed }) => app.take(at, [...placed.process, 'resources', 'memoryLimit'], at.text),
  },
  volumeMounts: setMounts,
  volumes: (at, target) => at.items.forEach(one => {
    one.field('type')?.taken(target.app.shown(['volumes']));
    setMount(one.field('type')?.text ?? 'emptyDir', one, target);
  }),
  readinessProbe: of(CONTAINER.readinessProbe),
  livenessProbe: of(CONTAINER.livenessProbe),
  hostAliases: (at, target) => patchPod(at, target, 'hostAliases'),
  labels: setLabels('labels'),
  annotations: setLabels('annotations'),
  schedule: (at, { app, placed }) => app.take(at, [...placed.process, 'schedule'], fiveFields(at.text ?? '')),
  startingDeadlineSeconds: jobTime('startingDeadline'),
  suspend: (at, { app, placed }) => at.boolean
    ? app.take(at, [...placed.process, 'suspend'], true)
    : at.taken('its runs are not suspended'),
  concurrencyPolicy: (at, { app, placed }) => app.take(at, [...placed.process, 'concurrency'], at.text?.toLowerCase()),
  successfulJobsHistoryLimit: jobNumber('history.succeeded', 3),
  failedJobsHistoryLimit: jobNumber('history.failed', 1),
  count: at => at.number === 1 ? at.taken(TO_JOB) : at.none('a run has one pod', 'write patches with parallelism'),
  restart: holds('jobs try again'),
  backoffLimit: jobNumber('retries', 2),
  activeDeadlineSeconds: jobTime('deadline'),
  ttlSecondsAfterFinished: holds('old Jobs are removed'),
};

/**
 * What each trait becomes, by its type; its rule gets the properties.
 *
 * @see https://kubevela.io/docs/end-user/traits/references/
 */
const TRAITS: Table<Target> = {
  'scaler': { replicas: (at, { app, placed }) => setReplicas(at, app, placed.process) },
  'manualscaler': { replicas: (at, { app, placed }) => setReplicas(at, app, placed.process) },
  'cpuscaler': {
    min: bound('min'),
    max: bound('max'),
    cpuUtil: bound('cpu'),
    targetAPIVersion: holds('the app'),
    targetKind: holds('the app'),
  },
  'hpa': {
    min: bound('min'),
    max: bound('max'),
    cpu: (at, target) => setMetric('cpu', at, target),
    mem: (at, target) => setMetric('memory', at, target),
    podCustomMetrics: none('it is a metric that KEDA reads', 'write scaling: { triggers: [{ type: prometheus, metadata: … }] }'),
    targetAPIVersion: holds('the app'),
    targetKind: holds('the app'),
  },
  'gateway': setGateway,
  'ingress': setGateway,
  'pure-ingress': setGateway,
  'expose': setExpose,
  'env': (at, target) => partsOf(at).forEach(one => setEnv(one, target)),
  'labels': setLabels('labels'),
  'annotations': setLabels('annotations'),
  'sidecar': setSidecar,
  'init-container': setInitContainer,
  'storage': (at, target) => at.fields.forEach(([kind, list]) => list.items.forEach(one => setMount(kind, one, target))),
  'resource': (at, { app, placed }) => {
    const part = (...steps: string[]) => at.at(...steps);
    const take = (one: Reader | undefined, prop: string) => one?.text && app.take(one, [...placed.process, 'resources', prop], one.text);
    take(part('requests', 'cpu') ?? part('cpu'), 'cpu');
    take(part('requests', 'memory') ?? part('memory'), 'memory');
    take(part('limits', 'cpu'), 'cpuLimit');
    take(part('limits', 'memory'), 'memoryLimit');
  },
  'service-binding': {
    envMappings: (at, { app }) => at.fields.forEach(([name, one]) => {
      const [secret, key] = [one.field('secret')?.text, one.field('key')?.text ?? name];
      if (secret) app.take(one, ['secretEnv', name], { secret, key });
    }),
  },
  'service-account': {
    name: (at, { app }) => app.take(at, ['serviceAccount', 'name'], at.text),
    create: at => at.boolean ? at.none('an existing account is named', 'keep the ServiceAccount next to the app') : at.taken('it exists'),
    privileges: none('an app has no Roles', 'keep the Roles next to the app'),
  },
  'command': (at, target) => partsOf(at).forEach(one => setCommand(one, target)),
  'container-image': (at, target) => partsOf(at).forEach(one => {
    const image = one.field('image');
    if (isOfMain(one, target) && image) setImage(image, target);
  }),
  'container-ports': (at, target) => partsOf(at).forEach(one => {
    const ports = one.field('ports');
    if (isOfMain(one, target) && ports) setPorts(ports, target);
  }),
  'startup-probe': (at, target) => (at.field('probes')?.items ?? [at]).forEach(one => {
    if (isOfMain(one, target)) of(CONTAINER.startupProbe)(one, target);
  }),
  'securitycontext': (at, target) => partsOf(at).forEach(one => {
    if (isOfMain(one, target)) of(CONTAINER.securityContext)(one, target);
  }),
  'podsecuritycontext': (at, { pod }) => (POD.securityContext as Rule<PodTarget>)(at, pod),
  'lifecycle': (at, target) => of(CONTAINER.lifecycle)(at, target),
  'hostalias': { hostAliases: (at, target) => patchPod(at, target, 'hostAliases') },
  'affinity': {
    podAntiAffinity: (at, { app }) => {
      at.changed(app.shown(['scheduling', 'spread']), 'replicas are spread over nodes and zones, if possible');
    },
    tolerations: (at, { pod }) => (POD.tolerations as Rule<PodTarget>)(at, pod),
    podAffinity: none('it has another form than that of Kubernetes', 'write patches with affinity of the pod'),
    nodeAffinity: none('it has another form than that of Kubernetes', 'write scheduling: { nodeSelector: … }'),
  },
  'topologyspreadconstraints': {
    constraints: (at, { pod }) => (POD.topologySpreadConstraints as Rule<PodTarget>)(at, pod),
  },
  'k8s-update-strategy': {
    strategy: {
      type: at => at.text === 'RollingUpdate'
        ? at.taken('replicas are replaced as the new ones are ready')
        : at.none('replicas are replaced as the new ones are ready', 'write patches with strategy of the Deployment'),
      rollingStrategy: {
        maxSurge: (at, { app }) => app.take(at, ['rollout', 'rollingUpdate', 'maxSurge'], at.text),
        maxUnavailable: (at, { app }) => app.take(at, ['rollout', 'rollingUpdate', 'maxUnavailable'], at.text),
        partition: none('it is for StatefulSets', 'remove it'),
      },
    },
    targetAPIVersion: holds('the app'),
    targetKind: holds('the app'),
  },
  'rollout': none('a new version gets all requests when it is ready', 'write rollout: { canary: … }, or webapp deploy --canary 10'),
  'json-patch': none('patches merge maps', 'write patches with merge'),
  'json-merge-patch': (at, { app }) => app.patch(at, 'Deployment', app.name, [], valueOf(at.node)),
  'nocalhost': none('it is for development in a cluster', 'remove it'),
};

function setGateway(at: Reader, target: Target): void {
  const { app } = target;
  const prop = at.field('pathType')?.text === 'Exact' ? 'exactPaths' : 'paths';
  const routes = at.field('http')?.fields ?? [];
  const isWhole = prop === 'paths' && routes.some(([path]) => path === '/');
  for (const [path, port] of routes) {
    if (app.props.port !== undefined && port.number !== app.props.port && port.number !== 80) {
      port.changed(app.shown(['port']), `requests reach the port ${String(app.props.port)}`);
    } else if (isWhole) {
      port.taken('all paths reach the app');
    } else {
      const all = (app.props[prop] as string[] | undefined) ?? [];
      app.take(port, [prop], [...new Set([...all, path.replace(/(?<=.)\/\*?$/, '') || '/'])]);
    }
  }
  convert(at, target, GATEWAY);
}

/** https://kubevela.io/docs/end-user/traits/references/#gateway */
const GATEWAY: Table<Target> = {
  domain: (at, { app }) => app.take(at, ['hosts'], [...new Set([...(app.props.hosts as string[] | undefined) ?? [], at.text])]),
  secretName: (at, { app }) => app.take(at, ['tls', 'secretName'], at.text),
  class: holds('ingress.className of the platform'),
  classInSpec: holds('ingress.className of the platform'),
  gatewayHost: holds('gateway of the platform'),
  name: holds('objects have the name of the app'),
  pathType: holds('paths are prefixes, exactPaths are exact'),
  annotations: (at, { app }) => at.fields.forEach(([name, one]) => app.take(one, ['annotations', name], one.text)),
  labels: (at, { app }) => at.fields.forEach(([name, one]) => app.take(one, ['labels', name], one.text)),
  existingServiceName: holds('the Service of the app'),
};

/** Component types that an app can be; others have no counterpart. */
const KINDS: { readonly [type: string]: Component['kind'] | undefined } = {
  'webservice': 'web',
  'worker': 'worker',
  'cron-task': 'cron',
  'task': 'release',
};

const OTHERS: { readonly [type: string]: string | undefined } = {
  'k8s-objects': 'import its objects as files of their own, or keep applying them',
  'ref-objects': 'keep applying the objects that it refers to',
  'raw': 'import its object as a file of its own, or keep applying it',
  'helmchart': 'import what it renders: helm template … | webapp import -',
  'helm': 'import what it renders: helm template … | webapp import -',
};

function convertFile(file: SourceFile, conversion: Conversion): void {
  for (const root of readDocuments(file, conversion, kubevela)) {
    if (root.field('kind')?.text !== 'Application') {
      root.none('it is not an Application', 'import it as a file of its own');
      continue;
    }
    const spec = root.field('spec');
    const topology = spec?.field('policies')?.items.find(one => one.field('type')?.text === 'topology');
    conversion.draft.namespace ??= (topology?.at('properties', 'namespace') ?? root.at('metadata', 'namespace'))?.text;
    if (spec) convert(spec, conversion, SPEC);
    const name = root.at('metadata', 'name')?.text ?? folderName(file);
    if (conversion.draft.apps.length > 1) conversion.draft.namespace ??= appName(name);
    readMetadata(root, undefined, false);
  }
}

function convertComponents(at: Reader, conversion: Conversion): void {
  const all = at.items.map((one): [Reader, Component['kind'] | undefined] => [one, KINDS[one.field('type')?.text ?? '']]);
  for (const [one, kind] of all) {
    const type = one.field('type')?.text ?? '';
    if (kind === undefined) one.none(`a ${type || 'component without a type'} is not an app`, OTHERS[type] ?? 'keep it next to the app');
    // A task runs once, when the Application is created.
    else if (kind === 'release' && !isBefore(one, at)) one.none('nothing runs after a deploy', 'run it: webapp run -- and its command');
  }
  const placed = placeComponents(all.filter(([one]) => !one.outcome).map(([one, kind]): Component => {
    const image = one.at('properties', 'image')?.text;
    return { name: one.field('name')?.text ?? 'web', at: one, kind: kind!, key: image ?? one.path };
  }), conversion.draft);
  const released = new Set<AppDraft>();
  for (const one of placed) {
    if (one.kind === 'release' && released.has(one.app)) {
      one.at.none('an app has one release command', 'run both in it: [sh, -c, "first && second"]');
      continue;
    }
    if (one.kind === 'release') released.add(one.app);
    const object = one.process.length === 0 || one.process[1] === undefined ? one.app.name : `${one.app.name}-${one.process[1]}`;
    const isJob = one.process[0] === 'cronJobs';
    const pod: PodTarget = {
      app: one.app,
      process: one.process,
      spec: one.at,
      main: one.name,
      patch: {
        kind: isJob ? 'CronJob' : 'Deployment',
        name: object,
        way: isJob ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'],
      },
      keys: { configMaps: new Map(), secrets: new Map() },
      accessModes: new Map(),
    };
    convert(one.at, { pod, app: one.app, placed: one, siblings: at, steps: one.process, isMain: true }, COMPONENT);
    complete(one);
  }
}

/** Whether another component waits for it. */
function isBefore(task: Reader, components: Reader): boolean {
  const name = task.field('name')?.text;
  return name !== undefined && components.items.some(one => one.field('dependsOn')?.texts.includes(name));
}

function complete({ app, process, kind, name }: Placed): void {
  const words = [...(app.get([...process, 'command']) ?? []) as string[], ...(app.get([...process, 'args']) ?? []) as string[]];
  if (process.length === 0) {
    const isServed = app.has(['hosts']) || app.has(['paths']) || app.has(['exactPaths']);
    if (!isServed) app.set(['internal'], true, 'It has no gateway, so only other apps reach it.');
    return;
  }
  // A process needs something of its own to run.
  if (words.length === 0 && !app.has([...process, 'image'])) app.set([...process, 'image'], app.get(['image']));
  if (app.props.web === false && app.has([...process, 'image'])) app.set(['image'], undefined);
  const singleton = kind === 'worker' && isScheduler(name, words.join(' '));
  if (singleton) app.set([...process, 'singleton'], true, 'A scheduler must never run twice.');
  // KubeVela allows it by default.
  const isOpen = process[0] === 'cronJobs' && !app.has([...process, 'concurrency']);
  if (kind === 'cron' && isOpen) app.set([...process, 'concurrency'], 'allow');
}

function setImage(at: Reader, { app, placed }: Target): void {
  if (placed.process.length === 0 || app.props.web === false) app.take(at, ['image'], at.text);
  else if (app.get(['image']) === at.text) at.taken(app.shown(['image']));
  else app.take(at, [...placed.process, 'image'], at.text);
}

function setPorts(at: Reader, { app, placed }: Target): void {
  const numberOf = (one: Reader) => one.field('containerPort') ?? one.field('port');
  const main = at.items.find(one => one.field('expose')?.boolean) ?? at.items.find(one => /^(http|web)/.test(one.field('name')?.text ?? ''))
    ?? at.items[0];
  for (const one of at.items) {
    const number = numberOf(one);
    if (number?.number === undefined) continue;
    one.field('protocol')?.taken('TCP');
    one.field('nodePort')?.none('ports of nodes are not used', 'write hosts, or ports: { … loadBalancer: {} }');
    one.field('hostPort')?.none('ports of nodes are not used', 'remove it, or write loadBalancer');
    one.field('expose')?.taken('the Service of the app');
    if (placed.process.length > 0) {
      one.none('a process beside the web process gets no requests', 'make it a webservice, or remove the port');
    } else if (one.field('protocol')?.text === 'UDP') {
      one.none('ports of UDP are not supported', 'write a Service next to the app');
    } else if (one.path !== main?.path && /metrics|prom/.test(one.field('name')?.text ?? '')) {
      app.take(number, ['metrics', 'port'], number.number);
      for (const name of ['name', 'port']) if (one.field(name)?.path !== number.path) one.field(name)?.taken(app.shown(['metrics']));
    } else if (one.path === main?.path) {
      app.take(number, ['port'], number.number);
      for (const name of ['name', 'port']) if (one.field(name)?.path !== number.path) one.field(name)?.taken(app.shown(['port']));
    } else {
      const own = ['ports', appName(one.field('name')?.text ?? `p${number.number}`).slice(0, 15).replace(/-+$/, '')];
      app.change(number, own, { port: number.number }, NO_WAKING);
      app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
      for (const name of ['name', 'port']) if (one.field(name)?.path !== number.path) one.field(name)?.taken(app.shown(own));
    }
  }
}

function bound(prop: 'min' | 'max' | 'cpu'): Rule<Target> {
  return (at, { app, placed }) => app.take(at, [...placed.process, 'scaling', prop], at.number);
}

function setMetric(prop: 'cpu' | 'memory', at: Reader, { app, placed }: Target): void {
  const [type, value] = [at.field('type'), at.field('value')];
  const isPercentage = (type?.text ?? 'Utilization') === 'Utilization';
  if (!isPercentage) return at.none(`it is an amount of ${prop}, and not a percentage`, `write scaling: { ${prop}: 70 }`);
  type?.taken(app.shown([...placed.process, 'scaling', prop]));
  if (value?.number !== undefined) app.take(value, [...placed.process, 'scaling', prop], value.number);
  return undefined;
}

/** The containers that a trait names; without a list, it is about the one of the component. */
function partsOf(at: Reader): Reader[] {
  return at.field('containers')?.items ?? [at];
}

function isOfMain(at: Reader, { placed }: Target): boolean {
  const name = at.field('containerName');
  if (name?.text && name.text !== placed.name) {
    at.none('it is about another container', `write it in sidecars: { ${appName(name.text)}: … }`);
    return false;
  }
  name?.taken('the container of the app');
  return true;
}

function setEnv(at: Reader, target: Target): void {
  const { app, placed } = target;
  if (!isOfMain(at, target)) return;
  const process = placed.process[0] === 'releaseCommand' ? [] : placed.process;
  setVariables(app, process, (at.field('env')?.fields ?? []).map(([name, one]) => ({ name, at: one, value: one.text ?? '' })));
  at.field('replace')?.none('variables are added to those of the component', 'remove the others from env');
  for (const one of at.field('unset')?.items ?? []) {
    app.set([...process, 'env', one.text ?? ''], undefined);
    one.taken('it has no such variable');
  }
}

function setCommand(at: Reader, target: Target): void {
  const { app, placed: { process } } = target;
  if (!isOfMain(at, target)) return;
  const [command, args, added, removed] = ['command', 'args', 'addArgs', 'delArgs'].map(name => at.field(name));
  const before = (app.get([...process, 'args']) ?? []) as string[];
  if (command) app.take(command, [...process, 'command'], command.texts);
  if (args) app.take(args, [...process, 'args'], args.texts);
  if (removed) app.take(removed, [...process, 'args'], before.filter(word => !removed.texts.includes(word)));
  if (added) app.take(added, [...process, 'args'], [...(app.get([...process, 'args']) ?? []) as string[], ...added.texts]);
}

function setLabels(prop: 'labels' | 'annotations'): Rule<Target> {
  return (at, { app, placed }) => at.fields.forEach(([name, one]) => {
    if (one.text === undefined) one.taken(`an app has no such ${prop.slice(0, -1)}`);
    else if (placed.process.length > 0 && app.get([prop, name]) !== undefined) one.taken(app.shown([prop, name]));
    else app.take(one, [prop, name], one.text);
  });
}

function patchPod(at: Reader, { app, pod }: Target, field: string): void {
  app.patch(at, pod.patch.kind, pod.patch.name, [...pod.patch.way, field], valueOf(at.node));
}

/** https://kubevela.io/docs/end-user/traits/references/#expose */
function setExpose(at: Reader, target: Target): void {
  const { app, placed } = target;
  const ports = at.field('ports') ?? at.field('port');
  for (const one of ports?.items ?? []) {
    const port = one.isMap ? one.field('port') : one;
    if (port?.number === undefined) continue;
    for (const [, field] of one.fields) field.taken(app.shown(['port']));
    if (placed.process.length > 0) port.none('a process beside the web process gets no requests', 'make it a webservice');
    else if (app.props.port === undefined) app.take(port, ['port'], port.number);
    else if (app.props.port === port.number) port.taken(app.shown(['port']));
    else app.change(port, ['ports', `p${port.number}`], { port: port.number }, NO_WAKING);
    if (app.has(['ports'])) app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
  }
  const type = at.field('type');
  if (type?.text === 'LoadBalancer' || type?.text === 'NodePort') {
    type.changed(app.shown(['hosts']), 'requests come through the ingress or the gateway of the cluster');
  } else {
    type?.taken('the Service has an address in the cluster');
  }
  at.field('annotations')?.none('the Service has none', 'write patches with annotations of the Service');
  at.field('matchLabels')?.taken('the Service of the app selects its pods');
}

/** https://kubevela.io/docs/end-user/traits/references/#sidecar */
function setSidecar(at: Reader, target: Target): void {
  const { app, pod, placed } = target;
  const name = appName(at.field('name')?.text ?? 'sidecar');
  const inner: Target = { ...target, steps: ['sidecars', name], isMain: false };
  if (placed.process.length > 0) app.set(['sidecars', name, 'processes'], [placed.process.at(-1)]);
  at.field('name')?.taken(app.shown(['sidecars', name]));
  convert(at, inner, { ...SIDE, image: (one, { app: own, steps }) => own.take(one, [...steps, 'image'], one.text) });
  for (const volume of at.field('volumes')?.items ?? []) {
    const [shared, path] = [volume.field('name'), volume.field('path')];
    if (shared?.text && path?.text) share(path, volumeName(shared.text), path.text, inner);
    shared?.taken(app.shown(['sidecars', name, 'volumes']));
  }
  for (const probe of ['livenessProbe', 'readinessProbe']) {
    const next = `write patches with ${probe} of the container ${name} of ${pod.patch.kind} ${pod.patch.name}`;
    at.field(probe)?.none('other containers have no check', next);
  }
}

/** What sidecars and init containers have alike. */
const SIDE: Table<Target> = {
  cmd: of(CONTAINER.command),
  args: of(CONTAINER.args),
  env: of(CONTAINER.env),
  imagePullPolicy: of(CONTAINER.imagePullPolicy),
};

/** https://kubevela.io/docs/end-user/traits/references/#init-container */
function setInitContainer(at: Reader, target: Target): void {
  const { app, placed } = target;
  const name = appName(at.field('name')?.text ?? 'init');
  const inner: Target = { ...target, steps: ['initContainers', name], isMain: false };
  if (placed.process.length > 0) app.set(['initContainers', name, 'processes'], [placed.process.at(-1)]);
  at.field('name')?.taken(app.shown(['initContainers', name]));
  convert(at, inner, { ...SIDE, image: (one, { app: own, steps }) => own.take(one, [...steps, 'image'], one.text) });
  const volume = volumeName(at.field('mountName')?.text ?? 'workdir');
  const [own, its] = [at.field('appMountPath'), at.field('initMountPath')];
  at.field('mountName')?.taken(app.shown(['volumes', volume]));
  if (own?.text) app.change(own, ['volumes', volume], { path: own.text, empty: '1Gi' }, 'an empty volume has a size');
  if (its?.text && own?.text) {
    app.take(its, ['initContainers', name, 'volumes', volume], its.text === own.text ? {} : { path: its.text });
  }
  for (const extra of at.field('extraVolumeMounts')?.items ?? []) {
    const [shared, path] = [extra.field('name'), extra.field('mountPath')];
    if (shared?.text && path?.text) share(path, volumeName(shared.text), path.text, inner);
    shared?.taken(app.shown(['initContainers', name, 'volumes']));
  }
}

/** Gives a container a volume of the app. */
function share(at: Reader, volume: string, path: string, { app, steps }: Target): void {
  if (!app.has(['volumes', volume])) app.set(['volumes', volume], { path, empty: '1Gi' });
  app.take(at, [...steps, 'volumes', volume], app.get(['volumes', volume, 'path']) === path ? {} : { path });
}

function setMounts(at: Reader, target: Target): void {
  for (const [kind, list] of at.fields) for (const one of list.items) setMount(kind, one, target);
}

/** A volume of a component or of the trait storage, which write them alike. */
function setMount(kind: string, at: Reader, target: Target): void {
  const { app, placed, pod } = target;
  const [name, path] = [at.field('name'), at.field('mountPath')];
  const steps = [...placed.process, 'volumes', volumeName(name?.text ?? 'data')];
  setEnvOf(kind, at, target);
  at.field('defaultMode')?.taken('the app can read its files');
  if (at.field('subPath')?.text && kind !== 'configMap' && kind !== 'secret') {
    at.none('a volume is mounted as a whole', 'write patches with subPath');
    return;
  }
  if (!path?.text) return;
  name?.taken(app.shown(steps));
  if (kind === 'pvc') {
    const claim = at.field('claimName');
    const modes: { readonly [mode: string]: string | undefined } = { ReadWriteMany: 'read-write-many', ReadOnlyMany: 'read-only-many' };
    const mode = modes[at.field('accessModes')?.texts[0] ?? ''];
    const access = mode === undefined ? {} : { accessMode: mode };
    const size = at.at('resources', 'requests', 'storage');
    const isNew = claim === undefined && !at.field('mountOnly')?.boolean;
    const source = isNew ? { size: size?.text ?? '8Gi' } : { claim: claim?.text ?? name?.text };
    const reason = isNew ? 'the claim is a new one; data is not copied' : 'the claim has to exist';
    app.change(path, steps, { path: path.text, ...source, ...access }, reason, isNew ? undefined : 'An existing PersistentVolumeClaim.');
    const parts = [claim, size, ...['accessModes', 'mountOnly', 'volumeMode'].map(field => at.field(field))];
    for (const one of parts) one?.taken(app.shown(steps));
    const storageClass = at.field('storageClassName');
    if (storageClass?.text) app.take(storageClass, [...steps, 'storageClass'], storageClass.text);
    for (const other of ['volumeName', 'dataSource', 'dataSourceRef', 'selector']) {
      at.field(other)?.none('the claim is an empty one', 'write claim: … with a claim that you create');
    }
  } else if (kind === 'emptyDir') {
    const medium = at.field('medium');
    if (path.text === '/tmp') path.taken('/tmp is an empty folder in each pod');
    else app.take(path, steps, { path: path.text, ...medium?.text === 'Memory' ? { memory: '64Mi' } : { empty: '1Gi' } });
    medium?.taken(app.shown(steps));
  } else if (kind === 'configMap' || kind === 'secret') {
    setFiles(kind, at, path, target);
  } else {
    const next = `write patches with ${kind} volumes of ${pod.patch.kind} ${pod.patch.name}, if the platform allows it`;
    at.none('a folder of a node is not mounted', next);
  }
}

/** Files of an existing ConfigMap or Secret; a patch mounts one whose keys are not known, or that is of a process alone. */
function setFiles(kind: 'configMap' | 'secret', at: Reader, path: Reader, { app, placed, pod }: Target): void {
  const isSecretSource = kind === 'secret';
  const source = at.field(isSecretSource ? 'secretName' : 'cmName') ?? at.field('name');
  const prop = isSecretSource ? 'secretFiles' : 'configMapFiles';
  const items = at.field('items')?.items.map(one => [one.field('key')?.text, one.field('path')?.text]);
  const data = [...at.field('data')?.fields ?? [], ...at.field('stringData')?.fields ?? []].map(([key]) => [key, key]);
  const sub = at.field('subPath')?.text;
  const pairs = sub === undefined ? items ?? data : [[(items ?? []).find(([, file]) => file === sub)?.[0] ?? sub, '']];
  const parts = [path, source, ...['name', 'items', 'subPath', 'readOnly', 'mountOnly'].map(field => at.field(field))];
  if (pairs.length === 0 || placed.process.length > 0) {
    const name = appName(at.field('name')?.text ?? 'files');
    const listed = items ? { items: valueOf(at.field('items')!.node) } : {};
    const reference = { [isSecretSource ? 'secretName' : 'name']: source?.text, ...listed };
    const mount = { name, mountPath: path.text, ...sub === undefined ? {} : { subPath: sub } };
    const container = pod.process.at(-1) ?? 'web';
    app.patch(path, pod.patch.kind, pod.patch.name, [...pod.patch.way, 'containers'], [{ name: container, volumeMounts: [mount] }]);
    app.patch(path, pod.patch.kind, pod.patch.name, [...pod.patch.way, 'volumes'], [{ name, [kind]: reference }]);
    for (const one of parts) if (one && one !== path && !one.outcome) one.taken(app.shown(['patches']));
  } else {
    for (const [key, file] of pairs) {
      const where = file ? `${path.text!.replace(/\/$/, '')}/${file}` : path.text!;
      app.set([prop, where], { [kind]: source?.text, key });
      app.cameFrom(path, [prop, where]);
    }
    for (const one of parts) one?.taken(app.shown([prop]));
  }
  const object = isSecretSource ? 'Secret' : 'ConfigMap';
  for (const one of [at.field('data'), at.field('stringData')]) {
    one?.none(`webapp.yaml refers to the ${object}, and does not create it`, 'create it, with these keys');
  }
}

/** Variables that come from a ConfigMap or Secret of the trait storage. */
function setEnvOf(kind: string, at: Reader, { app }: Target): void {
  const source = at.field('name')?.text;
  const [prop, object, field] = kind === 'secret' ? ['secretEnv', 'secret', 'secretKey'] : ['configMapEnv', 'configMap', 'configMapKey'];
  for (const one of [...at.field('mountToEnv')?.items ?? [], ...at.field('mountToEnvs')?.items ?? []]) {
    const [name, key] = [one.field('envName')?.text, one.field(field)?.text];
    if (name && key) app.take(one, [prop, name], { [object]: source, key });
  }
  if (at.field('mountToEnv') || at.field('mountToEnvs')) at.field('name')?.taken(app.shown([prop]));
}

/** A trait by its type; one that no rule is about is of the platform's own. */
function setTrait(at: Reader, target: Target): void {
  const type = at.field('type');
  const properties = at.field('properties');
  const rule = Object.hasOwn(TRAITS, type?.text ?? '') ? TRAITS[type!.text!] : undefined;
  if (!type || !rule) {
    const what = type?.text === undefined ? 'it has no type' : `${type.text} is a trait of your platform's own`;
    return at.none(what, 'see what it does, and write it in webapp.yaml');
  }
  type.taken('what the trait is about');
  if (!properties) return undefined;
  if (typeof rule === 'function') rule(properties, target);
  else convert(properties, target, rule);
  return undefined;
}
