/** HorizontalPodAutoscalers, and the objects of KEDA and its HTTP add-on. */
import type { KubeObject } from './objects';
import type { AppDraft, Steps } from '../../draft';
import type { Reader } from '../../reader';
import { duration } from '../../shared/units';
import { valueOf } from '../../source/node';

/** The workload that an autoscaler is for. */
export function scaleTarget({ at }: KubeObject): string | undefined {
  return at.at('spec', 'scaleTargetRef', 'name')?.text ?? at.at('spec', 'scaleTargetRef', 'deployment')?.text;
}

function bounds(spec: Reader | undefined, min: string, max: string, app: AppDraft, steps: Steps): void {
  const [least, most] = [spec?.field(min), spec?.field(max)];
  if (least?.number !== undefined) app.take(least, [...steps, 'scaling', 'min'], least.number);
  if (most?.number !== undefined) app.take(most, [...steps, 'scaling', 'max'], most.number);
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ */
export function convertHpa({ at }: KubeObject, app: AppDraft, steps: Steps): void {
  const spec = at.field('spec');
  spec?.field('scaleTargetRef')?.taken('the app');
  bounds(spec, 'minReplicas', 'maxReplicas', app, steps);
  // Without one, an HPA keeps a replica.
  if (!spec?.field('minReplicas')) app.set([...steps, 'scaling', 'min'], 1);
  const older = spec?.field('targetCPUUtilizationPercentage');
  if (older?.number !== undefined) app.take(older, [...steps, 'scaling', 'cpu'], older.number);
  for (const metric of spec?.field('metrics')?.items ?? []) {
    const resource = metric.field('resource') ?? metric.field('containerResource');
    const name = resource?.field('name')?.text;
    const utilization = resource?.at('target', 'averageUtilization') ?? resource?.field('targetAverageUtilization');
    if (utilization?.number !== undefined && (name === 'cpu' || name === 'memory')) {
      for (const [, field] of metric.fields) field.taken(app.shown([...steps, 'scaling', name]));
      app.take(utilization, [...steps, 'scaling', name], utilization.number);
    } else {
      metric.none('it is a metric that KEDA reads', 'write scaling: { triggers: [{ type: prometheus, metadata: … }] }');
    }
  }
  const behavior = spec?.field('behavior');
  if (behavior) {
    app.patch(behavior, 'ScaledObject', steps.length === 0 ? app.name : `${app.name}-${steps.at(-1)}`,
      ['spec', 'advanced', 'horizontalPodAutoscalerConfig', 'behavior'], valueOf(behavior.node));
  }
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export function convertScaledObject({ at }: KubeObject, app: AppDraft, steps: Steps): void {
  const spec = at.field('spec');
  const scaling = [...steps, 'scaling'];
  spec?.field('scaleTargetRef')?.taken('the app');
  bounds(spec, 'minReplicaCount', 'maxReplicaCount', app, steps);
  const idle = spec?.field('idleReplicaCount');
  if (idle?.number !== undefined) app.change(idle, [...scaling, 'min'], idle.number, 'an idle app has so many replicas');
  const cooldown = spec?.field('cooldownPeriod');
  if (cooldown?.number === 300) cooldown.taken('an idle app sleeps after 5 minutes');
  else if (cooldown?.number !== undefined) app.take(cooldown, [...scaling, 'cooldownPeriod'], duration(cooldown.number));
  const fallback = spec?.at('fallback', 'replicas');
  if (fallback?.number !== undefined) app.take(fallback, [...scaling, 'fallback'], fallback.number);
  spec?.at('fallback', 'failureThreshold')?.taken(app.shown([...scaling, 'fallback']));
  const triggers: object[] = [];
  const schedule: object[] = [];
  for (const one of spec?.field('triggers')?.items ?? []) {
    const type = one.field('type')?.text;
    const metadata = Object.fromEntries(one.field('metadata')?.fields.map(([name, field]) => [name, field.text ?? '']) ?? []);
    if (type === 'cpu' || type === 'memory') {
      const value = Number(metadata.value);
      if (/^Utilization$/.test(one.field('metricType')?.text ?? metadata.type ?? 'Utilization')) app.take(one, [...scaling, type], value);
      else one.none(`it is an amount of ${type}, and not a percentage`, `write scaling: { ${type}: 70 }`);
    } else if (type === 'cron') {
      schedule.push({ start: metadata.start, end: metadata.end, timezone: metadata.timezone, replicas: Number(metadata.desiredReplicas) });
      app.take(one, [...scaling, 'schedule'], [...schedule]);
    } else if (type === 'external-push' && /interceptor|http/.test(metadata.scalerAddress ?? '')) {
      one.taken('the app scales with its requests');
    } else if (type !== undefined) {
      const reference = one.field('authenticationRef');
      const field = reference?.field('kind')?.text === 'ClusterTriggerAuthentication' ? 'existingInCluster' : 'existing';
      const name = one.field('name')?.text;
      const authentication = reference ? { authentication: { [field]: reference.field('name')?.text } } : {};
      triggers.push({ type, ...name === undefined ? {} : { name }, metadata, ...authentication });
      app.take(one, [...scaling, 'triggers'], [...triggers]);
    }
  }
  for (const name of ['pollingInterval', 'advanced', 'initialCooldownPeriod']) {
    const one = spec?.field(name);
    const object = steps.length === 0 ? app.name : `${app.name}-${steps.at(-1)}`;
    if (one) app.patch(one, 'ScaledObject', object, ['spec', name], valueOf(one.node));
  }
}

/** https://keda.sh/http-add-on/latest/reference/ */
export function convertHttpScaledObject({ at }: KubeObject, app: AppDraft): void {
  const spec = at.field('spec');
  spec?.field('scaleTargetRef')?.taken('the app');
  const hosts = spec?.field('hosts');
  const isPublic = (host: string) => host.includes('.') && !/\.(svc|local)(\.|$)/.test(host);
  if (hosts && hosts.texts.some(isPublic) && !app.has(['hosts'])) app.take(hosts, ['hosts'], hosts.texts.filter(isPublic));
  else hosts?.taken(app.shown(['hosts']));
  const paths = spec?.field('pathPrefixes');
  if (paths && !app.has(['paths'])) app.take(paths, ['paths'], paths.texts);
  else paths?.taken(app.shown(['paths']));
  bounds(spec?.field('replicas'), 'min', 'max', app, []);
  const [concurrency, rate, window] = [
    spec?.at('scalingMetric', 'concurrency', 'targetValue'), spec?.at('scalingMetric', 'requestRate', 'targetValue'),
    spec?.at('scalingMetric', 'requestRate', 'window'),
  ];
  const pending = spec?.field('targetPendingRequests') ?? concurrency;
  if (pending?.number !== undefined) app.take(pending, ['scaling', 'concurrency'], pending.number);
  if (rate?.number !== undefined) app.take(rate, ['scaling', 'requestRate'], rate.number);
  if (window?.text) app.take(window, ['scaling', 'window'], window.text);
  spec?.at('scalingMetric', 'requestRate', 'granularity')?.taken('the add-on chooses it');
  const period = spec?.field('scaledownPeriod');
  if (period?.number !== undefined) app.take(period, ['scaling', 'cooldownPeriod'], duration(period.number));
}

/** https://keda.sh/http-add-on/latest/reference/interceptorroute/ */
export function convertInterceptorRoute({ at }: KubeObject, app: AppDraft): void {
  const spec = at.field('spec');
  spec?.field('target')?.taken('the Service of the app');
  spec?.field('rules')?.taken('hosts and paths of the app');
  const [concurrency, rate] = ['concurrency', 'requestRate'].map(name => spec?.at('scalingMetric', name, 'targetValue'));
  if (concurrency?.number !== undefined) app.take(concurrency, ['scaling', 'concurrency'], concurrency.number);
  if (rate?.number !== undefined) app.take(rate, ['scaling', 'requestRate'], rate.number);
}
