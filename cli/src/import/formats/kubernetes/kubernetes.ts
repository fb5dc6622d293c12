/**
 * Kubernetes objects, from files, from `helm template`, or as `kubectl get -o yaml` prints them. A Deployment behind a Service is an app;
 * others are workers. What has no prop becomes a patch; what an app does not have stays as it is.
 */
import type { KubeObject } from './objects';
import { mainContainer, podLabels, readObjects, selects } from './objects';
import { convertHttpRoute, convertIngress, convertService, targetPort } from './routes';
import { convertHpa, convertHttpScaledObject, convertInterceptorRoute, convertScaledObject, scaleTarget } from './scaling';
import { tellSwitch } from './switch';
import type { AppDraft, Steps } from '../../draft';
import { appName } from '../../draft';
import type { Conversion, Format } from '../../format';
import type { Reader } from '../../reader';
import { readMetadata } from '../../shared/metadata';
import type { PodTarget } from '../../shared/pod';
import { CONTAINER, convertPod, POD } from '../../shared/pod';
import { isScheduler } from '../../shared/processes';
import { fiveFields } from '../../shared/schedules';
import { duration } from '../../shared/units';
import type { SourceFile } from '../../source/node';
import { valueOf } from '../../source/node';

export const kubernetes: Format = {
  name: 'kubernetes',
  title: 'Kubernetes',
  documentation: 'https://kubernetes.io/docs/reference/kubernetes-api/',
  tables: [POD, CONTAINER],
  recognizes: ({ text }) => /^[\s{]*"?kind"?:\s*['"]?[A-Z]\w+/m.test(text) && /^[\s{]*"?apiVersion"?:/m.test(text),
  convert: convertKubernetes,
};

/** A workload, and what it becomes. */
interface Workload {
  readonly object: KubeObject;
  readonly app: AppDraft;
  readonly process: Steps;
  readonly services: readonly KubeObject[];
}

const KEEP = 'keep it next to the app, and apply it as you do now';

function convertKubernetes(files: readonly SourceFile[], conversion: Conversion): void {
  const objects = readObjects(files, conversion, kubernetes);
  const of = (...kinds: string[]) => objects.filter(({ kind }) => kinds.includes(kind));
  conversion.draft.namespace ??= objects.find(({ namespace, kind }) => kind === 'Deployment' && namespace)?.namespace
    ?? objects.find(({ namespace }) => namespace)?.namespace;
  const workloads = placeWorkloads(of('Deployment'), of('Service'), conversion);
  const keysOf = (kind: string) => new Map(of(kind).map(({ name, at }) => (
    [name, [...at.field('data')?.fields ?? [], ...at.field('stringData')?.fields ?? []].map(([key]) => key)] as const)));
  const shared = {
    keys: { configMaps: keysOf('ConfigMap'), secrets: keysOf('Secret') },
    accessModes: new Map(of('PersistentVolumeClaim').map(({ name, at }) => [name, at.at('spec', 'accessModes')?.texts[0]] as const)),
  };

  // Whether replicas are fixed is known before volumes that many replicas cannot mount.
  for (const workload of workloads) setReplicas(workload, objects);
  for (const workload of workloads) convertDeployment(workload, shared);
  // What the autoscaler says comes with all that it says.
  for (const { app, process } of workloads) app.set([...process, 'scaling', 'max'], undefined);
  const jobs = of('CronJob').map(job => [job, convertCronJob(job, workloads, conversion, shared)] as const);
  for (const job of of('Job')) convertJob(job, workloads, shared);
  const owned = convertRest(objects, workloads, conversion);
  for (const [job, app] of jobs) owned.set(app, [...owned.get(app) ?? [], job]);
  for (const { app, object, services, process } of workloads) {
    if (process.length > 0) continue;
    const workers = workloads.filter(one => one.app === app && one.process.length > 0).map(one => one.object);
    tellSwitch({ app, object, services, workers, others: owned.get(app) ?? [] });
  }
}

/** The name of a worker without that of its app: `shop-mailer` is `mailer`. */
function processName(name: string, app: string): string {
  return appName(name.startsWith(`${app}-`) ? name.slice(app.length + 1) : name);
}

function placeWorkloads(deployments: readonly KubeObject[], services: readonly KubeObject[], { draft }: Conversion): Workload[] {
  const behind = (object: KubeObject) => services.filter(service => selects(service.at.at('spec', 'selector'), podLabels(object)));
  const imageOf = ({ at }: KubeObject) => at.at('spec', 'template', 'spec', 'containers')?.items[0]?.field('image')?.text;
  const webs = deployments.filter(object => behind(object).length > 0);
  const webOf = (object: KubeObject) => {
    const same = webs.filter(web => imageOf(web) !== undefined && imageOf(web) === imageOf(object));
    return same.length === 1 ? same[0] : undefined;
  };
  const others = deployments.filter(object => !webs.includes(object));
  draft.hasSeveral = webs.length + others.filter(object => !webOf(object)).length > 1;
  const apps = new Map(webs.map(object => [object, draft.app(object.name)]));
  return [
    ...webs.map(object => ({ object, app: apps.get(object)!, process: [], services: behind(object) })),
    ...others.map(object => {
      const home = webOf(object);
      if (home) return { object, app: apps.get(home)!, process: ['workers', processName(object.name, home.name)], services: [] };
      const app = draft.app(object.name);
      app.set(['web'], false);
      return { object, app, process: ['workers', 'main'], services: [] };
    }),
  ];
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentSpec */
function setReplicas({ object, app, process }: Workload, objects: readonly KubeObject[]): void {
  const scaler = objects.find(one => /Autoscaler$|ScaledObject$/.test(one.kind) && scaleTarget(one) === object.name);
  const replicas = object.at.at('spec', 'replicas');
  const steps = [...process, 'scaling', 'replicas'];
  if (scaler) {
    replicas?.taken('the autoscaler decides it');
    const most = scaler.at.at('spec', 'maxReplicas') ?? scaler.at.at('spec', 'maxReplicaCount') ?? scaler.at.at('spec', 'replicas', 'max');
    app.set([...process, 'scaling', 'max'], most?.number);
  } else if (process.length === 0) {
    const count = replicas?.number ?? 1;
    if (replicas) app.take(replicas, steps, count);
    else app.set(steps, count);
    app.set(['scaling'], app.get(['scaling']), 'Without replicas, it scales with its requests, from 0 to 10.');
  } else if (replicas?.number !== undefined && replicas.number !== 1) {
    app.take(replicas, steps, replicas.number);
  } else {
    replicas?.taken('a worker has one replica');
  }
}

function convertDeployment(workload: Workload, shared: Pick<PodTarget, 'keys' | 'accessModes'>): void {
  const { object: { at, name }, app, process, services } = workload;
  const spec = at.field('spec');
  const template = spec?.field('template');
  for (const [label] of spec?.at('selector', 'matchLabels')?.fields ?? []) template?.at('metadata', 'labels', label)?.taken('selectors');
  readMetadata(at, app, process.length === 0);
  if (template) readMetadata(template, app, process.length === 0);
  spec?.field('selector')?.changed('selectors', 'they have labels of this command, and selectors cannot be changed');
  const object = process.length === 0 || process[1] === undefined ? app.name : `${app.name}-${process[1]}`;
  setStrategy(spec?.field('strategy'), app, object);
  for (const field of ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds', 'paused']) {
    const one = spec?.field(field);
    const usual: { readonly [field: string]: number | undefined } = {
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    };
    if (one && one.number === usual[field] && usual[field] !== undefined) one.taken('it is the default');
    else if (one) app.patch(one, 'Deployment', object, ['spec', field], valueOf(one.node));
  }
  const pod = template?.field('spec');
  if (!pod) return;
  const port = services.map(targetPort).find(one => one !== undefined);
  const main = mainContainer(pod, name, port);
  convertPod({
    app,
    process,
    spec: pod,
    port,
    main: main?.field('name')?.text ?? 'main',
    ...shared,
    patch: { kind: 'Deployment', name: object, way: ['spec', 'template', 'spec'] },
  });
  if (process.length === 0) keepDefaults(main, pod, app);
  else completeWorker(workload, main);
}

/** What Kubernetes allows by default, and this library does not. */
function keepDefaults(main: Reader | undefined, pod: Reader, app: AppDraft): void {
  if (!main?.at('securityContext', 'readOnlyRootFilesystem')) {
    app.set(['security', 'readOnlyRoot'], false, 'Remove it if the app writes only to /tmp and its volumes.');
  }
  const user = main?.at('securityContext', 'runAsUser') ?? pod.at('securityContext', 'runAsUser');
  const nonRoot = main?.at('securityContext', 'runAsNonRoot') ?? pod.at('securityContext', 'runAsNonRoot');
  if (user) return;
  if (nonRoot?.boolean) app.set(['security', 'runAsImageUser'], true);
  else app.draft.tell(`${app.name} runs as user 1000, and not as root: see security in docs/security.md, if its image needs another user`);
}

function setStrategy(at: Reader | undefined, app: AppDraft, object: string): void {
  if (!at) return;
  if (at.field('type')?.text === 'Recreate') {
    app.patch(at, 'Deployment', object, ['spec', 'strategy'], { type: 'Recreate', rollingUpdate: null });
    return;
  }
  at.field('type')?.taken('replicas are replaced as the new ones are ready');
  // What the API server writes where nobody has said anything.
  const isUsual = ['maxSurge', 'maxUnavailable'].every(name => at.at('rollingUpdate', name)?.text === '25%');
  if (isUsual) {
    const reason = 'a new replica is ready before an old one stops, a quarter of them at a time';
    at.field('rollingUpdate')!.changed(app.shown(['rollout']), reason);
    return;
  }
  const usual: { readonly [name: string]: string } = { maxSurge: '25%', maxUnavailable: '0' };
  for (const name of ['maxSurge', 'maxUnavailable']) {
    const one = at.at('rollingUpdate', name);
    if (one?.text === usual[name]) one.taken('it is the default');
    else if (one?.text) app.take(one, ['rollout', 'rollingUpdate', name], one.text);
  }
}

function completeWorker({ app, process, object }: Omit<Workload, 'services'>, main: Reader | undefined): void {
  const hasProgram = ['command', 'args', 'image'].some(field => app.has([...process, field]));
  // A process needs something of its own to run.
  if (!hasProgram) app.set([...process, 'image'], app.get(['image']) ?? main?.field('image')?.text);
  if (app.props.web === false && app.get([...process, 'image']) !== undefined) app.set(['image'], undefined);
  const words = [...main?.field('command')?.texts ?? [], ...main?.field('args')?.texts ?? []].join(' ');
  if (isScheduler(object.name, words)) app.set([...process, 'singleton'], true, 'A scheduler must never run twice.');
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/#CronJobSpec */
function convertCronJob(
  job: KubeObject, workloads: readonly Workload[], { draft }: Conversion, shared: Pick<PodTarget, 'keys' | 'accessModes'>,
): AppDraft {
  const spec = job.at.field('spec');
  const jobSpec = spec?.at('jobTemplate', 'spec');
  const pod = jobSpec?.at('template', 'spec');
  const home = homeOf(pod, workloads);
  const app = home ?? draft.app(job.name);
  if (!home) app.set(['web'], false);
  const process = ['cronJobs', home ? processName(job.name, app.name) : 'main'];
  readMetadata(job.at, app, false);
  for (const one of [spec?.field('jobTemplate'), jobSpec?.field('template')]) if (one) readMetadata(one, app, false);
  const take = (name: string, prop: string, value: (at: Reader) => unknown, usual?: unknown) => {
    const at = spec?.field(name) ?? jobSpec?.field(name);
    if (!at) return;
    if (value(at) === usual) at.taken(`${app.shown([...process, prop])}, by default`);
    else app.take(at, [...process, ...prop.split('.')], value(at));
  };
  take('schedule', 'schedule', at => fiveFields(at.text ?? ''));
  take('timeZone', 'timezone', at => at.text);
  take('suspend', 'suspend', at => at.boolean, false);
  take('startingDeadlineSeconds', 'startingDeadline', at => duration(at.number ?? 0));
  take('successfulJobsHistoryLimit', 'history.succeeded', at => at.number, 3);
  take('failedJobsHistoryLimit', 'history.failed', at => at.number, 1);
  take('backoffLimit', 'retries', at => at.number, 2);
  take('activeDeadlineSeconds', 'deadline', at => duration(at.number ?? 0));
  take('concurrencyPolicy', 'concurrency', at => at.text?.toLowerCase(), 'forbid');
  // Kubernetes allows it by default.
  if (!spec?.field('concurrencyPolicy')) app.set([...process, 'concurrency'], 'allow');
  for (const name of ['completions', 'parallelism', 'completionMode', 'ttlSecondsAfterFinished', 'podFailurePolicy']) {
    const one = jobSpec?.field(name);
    if (one && one.number === 1) one.taken('it is the default');
    else if (one) app.patch(one, 'CronJob', `${app.name}-${process[1]}`, ['spec', 'jobTemplate', 'spec', name], valueOf(one.node));
  }
  if (!pod) return app;
  const way = ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
  convertJobPod({ app, process, object: job }, pod, { ...shared, patch: { kind: 'CronJob', name: `${app.name}-${process[1]}`, way } });
  return app;
}

/** The pod of a process that ends. */
function convertJobPod(
  { app, process, object }: Omit<Workload, 'services'>, spec: Reader, more: Pick<PodTarget, 'keys' | 'accessModes' | 'patch'>,
): void {
  const main = mainContainer(spec, object.name, undefined);
  convertPod({ app, process, spec, main: main?.field('name')?.text ?? 'main', ...more });
  completeWorker({ app, process, object }, main);
}

/** The only app with the image of a pod. */
function homeOf(pod: Reader | undefined, workloads: readonly Workload[]): AppDraft | undefined {
  const image = pod?.field('containers')?.items[0]?.field('image')?.text;
  const same = new Set(workloads.map(({ app }) => app).filter(app => image !== undefined && app.props.image === image));
  return same.size === 1 ? [...same][0] : undefined;
}

/** A hook of Helm or Argo CD before an upgrade is the release command. */
function convertJob(job: KubeObject, workloads: readonly Workload[], shared: Pick<PodTarget, 'keys' | 'accessModes'>): void {
  const annotations = job.at.at('metadata', 'annotations');
  const hook = annotations?.field('helm.sh/hook')?.text ?? annotations?.field('argocd.argoproj.io/hook')?.text ?? '';
  const pod = job.at.at('spec', 'template', 'spec');
  const app = homeOf(pod, workloads);
  if (!/pre-(install|upgrade)|PreSync/.test(hook) || !app || app.has(['releaseCommand']) || !pod) {
    const why = app ? 'it is not a hook before an upgrade, or the app has a release command already' : 'no app of the source has its image';
    return job.at.none(why, 'write it as releaseCommand, or run it: webapp run -- and its command');
  }
  const process = ['releaseCommand'];
  app.set(process, {});
  readMetadata(job.at, app, false);
  const template = job.at.at('spec', 'template');
  if (template) readMetadata(template, app, false);
  const [limit, deadline, ttl] = ['backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished'].map(name => job.at.at('spec', name));
  if (limit?.number !== undefined && limit.number !== 2) app.take(limit, [...process, 'retries'], limit.number);
  else limit?.taken(app.shown([...process, 'retries']));
  if (deadline?.number !== undefined) app.take(deadline, [...process, 'timeout'], duration(deadline.number));
  ttl?.taken('old Jobs are removed');
  const patch = { kind: 'Job', name: `${app.name}-release`, way: ['spec', 'template', 'spec'] };
  convertJobPod({ app, process, object: job }, pod, { ...shared, patch });
  return undefined;
}

/** The objects of the source that are about an app. */
type Owned = Map<AppDraft, KubeObject[]>;

/** Objects beside the workloads. */
function convertRest(objects: readonly KubeObject[], workloads: readonly Workload[], conversion: Conversion): Owned {
  const owned: Owned = new Map();
  const byService = (name: string) => workloads.find(({ services }) => services.some(service => service.name === name))?.app;
  const byTarget = (object: KubeObject) => workloads.find(workload => workload.object.name === scaleTarget(object));
  const kept = new Set<string>();
  for (const object of objects) {
    const { at, kind, name } = object;
    const app = byService(name);
    const target = byTarget(object);
    let owner: AppDraft | undefined = app ?? target?.app;
    switch (kind) {
      case 'Deployment': case 'CronJob': case 'Job': continue;
      case 'Service':
        if (app) convertService(object, app);
        else at.none('no app of the source is behind it', KEEP);
        break;
      case 'Ingress': owner = convertIngress(object, byService); break;
      case 'HTTPRoute': owner = convertHttpRoute(object, byService); break;
      case 'HorizontalPodAutoscaler': if (target) convertHpa(object, target.app, target.process); break;
      case 'ScaledObject': if (target) convertScaledObject(object, target.app, target.process); break;
      case 'HTTPScaledObject':
        owner = target?.app ?? byService(at.at('spec', 'scaleTargetRef', 'service')?.text ?? '');
        if (owner) convertHttpScaledObject(object, owner);
        break;
      case 'InterceptorRoute':
        owner = byService(at.at('spec', 'target', 'service')?.text ?? '');
        if (owner) convertInterceptorRoute(object, owner);
        break;
      case 'PodDisruptionBudget':
        owner = ownerOf(at.at('spec', 'selector', 'matchLabels'), workloads);
        at.changed('PodDisruptionBudget', 'an app has one');
        break;
      case 'NetworkPolicy':
        owner = ownerOf(at.at('spec', 'podSelector', 'matchLabels'), workloads);
        at.changed('NetworkPolicy', 'an app has one, which admits only the traffic that it needs');
        break;
      case 'Namespace': at.taken('namespace'); break;
      case 'ServiceAccount': convertAccount(object, workloads); break;
      case 'ServiceMonitor': case 'PodMonitor': convertMonitor(object, workloads); break;
      default:
        kept.add(kind);
        at.none(REFERRED.has(kind) ? 'webapp.yaml refers to it, and does not create it' : `an app has no ${kind || 'such object'}`, KEEP);
        continue;
    }
    if (owner) owned.set(owner, [...owned.get(owner) ?? [], object]);
    if (!at.outcome) readMetadata(object.at, owner, false);
  }
  const kinds = [...kept].map(kind => kind || 'other documents').join(', ');
  if (kept.size > 0) conversion.draft.tell(`keep applying what has no counterpart: ${kinds}`);
  for (const { app, process, services } of workloads) {
    const isPublic = services.some(({ at }) => /^(LoadBalancer|NodePort)$/.test(at.at('spec', 'type')?.text ?? ''));
    const isServed = isPublic || app.has(['hosts']) || app.has(['paths']) || app.has(['exactPaths']);
    if (process.length === 0 && !isServed) app.set(['internal'], true);
  }
  return owned;
}

function ownerOf(selector: Reader | undefined, workloads: readonly Workload[]): AppDraft | undefined {
  return workloads.find(({ object }) => selects(selector, podLabels(object)))?.app;
}

/** Kinds that props of an app name. */
const REFERRED = new Set(['ConfigMap', 'Secret', 'PersistentVolumeClaim', 'SealedSecret', 'ExternalSecret', 'TriggerAuthentication']);

function convertAccount({ at, name }: KubeObject, workloads: readonly Workload[]): void {
  const users = workloads.filter(({ app, object }) => (
    app.get(['serviceAccount', 'name']) === name || object.at.at('spec', 'template', 'spec', 'serviceAccountName')?.text === name));
  const isOfTool = (key: string) => /^(meta\.helm\.sh|kubectl\.kubernetes\.io)\//.test(key);
  const annotations = at.at('metadata', 'annotations')?.fields.filter(([key]) => !isOfTool(key)) ?? [];
  if (users.length === 0) return at.none('no app of the source uses it', KEEP);
  for (const { app } of users) {
    // It is named in the app, and stays as it is.
    if (app.has(['serviceAccount', 'name'])) at.none('webapp.yaml refers to it, and does not create it', KEEP);
    else for (const [key, one] of annotations) app.take(one, ['serviceAccount', 'annotations', key], one.text);
  }
  at.field('automountServiceAccountToken')?.taken('the app gets no token, unless it asks for it');
  at.field('imagePullSecrets')?.none('the pods name them', 'write imagePullSecrets');
  return undefined;
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor */
function convertMonitor({ at }: KubeObject, workloads: readonly Workload[]): void {
  const labels = at.at('spec', 'selector', 'matchLabels');
  const found = workloads.find(({ services, object }) => (
    services.some(service => selects(labels, new Map(service.at.at('metadata', 'labels')?.fields.map(([name, one]) => [name, one.text]))))
    || selects(labels, podLabels(object))));
  const endpoint = (at.at('spec', 'endpoints') ?? at.at('spec', 'podMetricsEndpoints'))?.items[0];
  if (!found || !endpoint) return at.none('no app of the source is behind it', KEEP);
  const { app } = found;
  if (!app.has(['metrics'])) app.set(['metrics'], {});
  const path = endpoint.field('path');
  if (path?.text && path.text !== '/metrics') app.take(path, ['metrics', 'path'], path.text);
  const spec = at.field('spec')!;
  spec.taken(app.shown(['metrics']));
  app.cameFrom(spec, ['metrics']);
  return undefined;
}
