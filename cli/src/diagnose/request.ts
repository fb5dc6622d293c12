import { Finding, lacking, unknown, well } from './finding';
import { pendingRequests } from './status';
import { ask, questionTo } from '../engine/answer';
import { AppName, lastGood, releasesOf } from '../engine/release-store';
import { rolloutOf, troubleOf } from '../engine/rollout';
import type { Cluster } from '../kube/connect';
import { allowed, FORBIDDEN } from '../kube/permissions';
import { frontOf, workloadNamed } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/**
 * Follows one request to an app along its whole way, station by station: its name, the entry, the interceptor's rules, the interceptor itself,
 * the scaler, the pods. It sends one, which wakes the app.
 *
 * @param lookUp finds the addresses of a host, as whoever asks would
 */
export async function followRequest(
  cluster: Cluster, app: AppName, lookUp: (host: string) => Promise<readonly string[]>, signal: AbortSignal,
): Promise<Finding[]> {
  const release = lastGood(await releasesOf(cluster, app)) ?? (await releasesOf(cluster, app))[0]?.release;
  if (!release) throw new Failure(`${app.name} is not deployed in namespace ${app.namespace}; webapp deploy brings it there`);
  const { objects } = release;
  const question = questionTo(objects, frontOf(objects, app.name));
  return [
    ...await name(release.url, lookUp),
    ...await entry(cluster, objects),
    ...await certificates(cluster, objects),
    ...await rules(cluster, objects),
    ...question ? [await interceptor(cluster, question, signal)] : [],
    ...question?.host !== undefined ? [await queue(cluster, app)] : [],
    ...await scaler(cluster, app),
    await pods(cluster, { ...app, name: frontOf(objects, app.name) }),
  ];
}

async function name(url: string | undefined, lookUp: (host: string) => Promise<readonly string[]>): Promise<Finding[]> {
  if (url === undefined) return [];
  const { hostname } = new URL(url);
  try {
    return [well('DNS', `${hostname} is ${(await lookUp(hostname)).join(', ')}`)];
  } catch {
    return [lacking('DNS', `${hostname} is not known`, 'point it to the cluster\'s entry, at whoever keeps the domain')];
  }
}

/** Kinds of what leads from outside to the app. */
const ENTRIES = ['Ingress', 'HTTPRoute'];

async function entry({ objects }: Cluster, made: readonly Manifest[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { apiVersion, kind, metadata } of made.filter(object => ENTRIES.includes(object.kind))) {
    const live = await objects.get({ apiVersion, kind, ...metadata });
    const what = `entry: ${kind} ${metadata.name}`;
    if (!live) {
      findings.push(lacking(what, 'somebody has removed it', 'webapp deploy makes it again'));
      continue;
    }
    const unaccepted = live.status?.parents?.flatMap((parent: any) => parent.conditions).find(({ status }: any) => status === 'False');
    const addresses = live.status?.loadBalancer?.ingress?.map(({ ip, hostname }: any) => ip ?? hostname) ?? [];
    if (kind === 'HTTPRoute' && !live.status?.parents?.length) findings.push(lacking(what, 'no gateway has looked at it', 'webapp doctor looks at the Gateway'));
    else if (unaccepted?.reason === 'RefNotPermitted') findings.push(lacking(what, 'a ReferenceGrant that lets it lead to the interceptor is not there', 'webapp deploy makes it again'));
    else if (unaccepted) findings.push(lacking(what, `the gateway does not take it: ${unaccepted.message || unaccepted.reason}`));
    else if (kind === 'Ingress' && addresses.length === 0) findings.push(unknown(what, 'no controller has given it an address; not all do. webapp doctor looks at the IngressClass'));
    else findings.push(well(what, addresses.join(', ') || 'the gateway takes it'));

    const backends = kind === 'Ingress'
      ? live.spec.rules.flatMap(({ http }: any) => http.paths.map(({ backend }: any) => backend.service.name))
      : live.spec.rules.flatMap(({ backendRefs }: any) => (backendRefs ?? []).map((backend: any) => backend.name));
    const woken = made.some(object => ['InterceptorRoute', 'HTTPScaledObject'].includes(object.kind));
    const past = woken && backends.find((backend: string) => backend === metadata.name);
    if (past) findings.push(lacking(what, `it leads straight to Service ${past}, past the interceptor: nothing wakes the app`, 'webapp deploy --force puts it right'));
  }
  return findings;
}

/** The certificates that cert-manager is to make for an Ingress: it gives them the name of their Secret. */
async function certificates({ objects }: Cluster, made: readonly Manifest[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { metadata, spec } of made.filter(({ kind }) => kind === 'Ingress') as any[]) {
    if (!metadata.annotations?.['cert-manager.io/cluster-issuer'] || !await objects.knows('cert-manager.io/v1', 'Certificate')) continue;
    for (const { secretName } of spec.tls ?? []) {
      const what = `certificate ${secretName}`;
      const live = await allowed(async () => objects.get({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace: metadata.namespace, name: secretName }));
      const ready = live === FORBIDDEN ? undefined : live?.status?.conditions?.find(({ type }: any) => type === 'Ready');
      if (live === FORBIDDEN) findings.push(unknown(what, 'you may not see it'));
      else if (!live) findings.push(lacking(what, 'cert-manager has not begun to make it', 'webapp doctor looks at cert-manager and its issuer'));
      else if (ready?.status === 'True') findings.push(well(what, `cert-manager has made it${live.status.notAfter ? `, until ${live.status.notAfter}` : ''}`));
      else findings.push(lacking(what, `it is not there yet: ${ready?.message ?? 'cert-manager has not said why'}`, `kubectl describe certificate ${secretName} --namespace ${metadata.namespace}`));
    }
  }
  return findings;
}

async function rules({ objects }: Cluster, made: readonly Manifest[]): Promise<Finding[]> {
  const route = made.find(({ kind }) => ['InterceptorRoute', 'HTTPScaledObject'].includes(kind));
  if (!route) return [];
  const { apiVersion, kind, metadata } = route;
  const what = `rules: ${kind} ${metadata.name}`;
  const live = await objects.get({ apiVersion, kind, ...metadata });
  if (!live) return [lacking(what, 'somebody has removed it: the interceptor answers 404', 'webapp deploy makes it again')];
  const hosts = (object: any): string[] => object.spec.hosts ?? object.spec.rules.flatMap((rule: any) => rule.hosts ?? []);
  const missing = hosts(route).filter(host => !hosts(live).includes(host));
  if (missing.length > 0) return [lacking(what, `no rule names ${missing.join(', ')}: the interceptor answers 404 there`, 'webapp deploy --force puts it right')];
  const others = (await allowed(async () => objects.list(apiVersion, kind, undefined)));
  if (others === FORBIDDEN) return [well(what, `it names ${hosts(live).join(', ')}`)];
  const rival = others.find(other => other.metadata.uid !== live.metadata.uid && hosts(other).some(host => hosts(live).includes(host)));
  return [rival
    ? unknown(what, `${rival.kind} ${rival.metadata.name} of namespace ${rival.metadata.namespace} names ${hosts(rival).filter(host => hosts(live).includes(host)).join(', ')} too: by its paths and headers, or its age, requests may go there`)
    : well(what, `it names ${hosts(live).join(', ')}`)];
}

async function interceptor(cluster: Cluster, question: NonNullable<ReturnType<typeof questionTo>>, signal: AbortSignal): Promise<Finding> {
  const what = question.host === undefined ? 'Service' : 'interceptor';
  const began = Date.now();
  const answer = await ask(cluster, question, AbortSignal.any([signal, AbortSignal.timeout(60_000)])).catch(error => {
    signal.throwIfAborted();
    return { silence: `no answer within 60 s: ${(error as Error).message}` };
  });
  const { host, path } = question;
  const asked = `GET ${path}${host === undefined ? '' : ` for ${host}`}`;
  if ('barred' in answer) return unknown(what, `you may not send it requests: ${answer.barred}`);
  if ('silence' in answer) return host === undefined ? unknown(what, `it cannot be asked from here: ${answer.silence}`) : lacking(what, `${asked}: ${answer.silence}`);
  return well(what, `${asked} was answered with status ${answer.status} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

async function queue(cluster: Cluster, app: AppName): Promise<Finding> {
  const count = await pendingRequests(cluster, app, lastGood(await releasesOf(cluster, app)));
  return count === undefined
    ? unknown('queue', 'the interceptor does not say how many requests are under way; were there none since it started, it does not know the app yet')
    : well('queue', `${count} requests are under way`);
}

async function scaler({ objects }: Cluster, { name: app, namespace }: AppName): Promise<Finding[]> {
  if (!await objects.knows('keda.sh/v1alpha1', 'ScaledObject')) return [];
  const live = await objects.get({ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', namespace, name: app });
  if (!live) return [unknown('ScaledObject', 'there is none: the number of pods is fixed')];
  const condition = (type: string) => live.status?.conditions?.find((one: any) => one.type === type);
  const ready = condition('Ready');
  const paused = condition('Paused')?.status === 'True';
  if (paused) return [lacking('ScaledObject', 'it is paused: nothing wakes the app', `kubectl annotate scaledobject ${app} --namespace ${namespace} autoscaling.keda.sh/paused-`)];
  if (ready?.status !== 'True') return [lacking('ScaledObject', `KEDA cannot use it: ${ready?.message ?? 'it has not looked at it; does KEDA run?'}`)];
  const hpaName = live.status.hpaName ?? `keda-hpa-${app}`;
  const hpa = await objects.get({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', namespace, name: hpaName });
  const unable = hpa?.status?.conditions?.find(({ type, status, reason }: any) => type === 'ScalingActive' && status === 'False' && reason !== 'ScalingDisabled');
  return [
    well('ScaledObject', `KEDA scales it from ${live.spec.minReplicaCount ?? 0} to ${live.spec.maxReplicaCount ?? 100}`),
    !hpa ? lacking('HPA', `there is no ${hpaName}; KEDA makes it`) : unable ? lacking('HPA', `it has no metrics: ${unable.message}`) : well('HPA', `${hpaName} has its metrics`),
  ];
}

async function pods(cluster: Cluster, { name: app, namespace }: AppName): Promise<Finding> {
  const live = await workloadNamed(cluster, { name: app, namespace });
  if (!live) return lacking('pods', `somebody has removed what runs ${app}`, 'webapp deploy makes it again');
  const { state, ready, wanted } = rolloutOf(live);
  const trouble = await troubleOf(cluster, live);
  if (trouble) return lacking('pods', [trouble.message, ...trouble.lines?.slice(-3) ?? []].join('; '), trouble.hint);
  return well('pods', state === 'asleep' ? 'it sleeps' : `${ready} of ${wanted} are ready`);
}
