import type { ColdStart, Step } from './cold-start';
import { longest, startOf, stepsOf, whileWaking } from './cold-start';
import type { Finding } from './finding';
import { failed, ok, unknown } from './finding';
import { pendingRequests } from './status';
import { isInMaintenance } from '../engine/maintenance';
import { notDeployed } from '../engine/operation';
import type { Probe } from '../engine/probe';
import { probeOf, sendProbe } from '../engine/probe';
import type { Release } from '../engine/release-store';
import { currentRelease, listReleases } from '../engine/release-store';
import { diagnoseWorkload, rolloutStatus } from '../engine/rollout';
import { DEFAULT_MAX } from '../engine/scale';
import { missingRoutes } from '../engine/waking-routes';
import type { Cluster } from '../kube/connect';
import { referenceTo, shown } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, HttpRoute, HttpScaledObject, Ingress, InterceptorRoute } from '../kube/types';
import {
  addressesOf, CERTIFICATE, conditionOf, holds, HORIZONTAL_POD_AUTOSCALER, HTTP_ROUTE, HTTP_SCALED_OBJECT, INGRESS,
  INTERCEPTOR_ROUTE, isKind, ofKind, POD, SCALED_OBJECT,
} from '../kube/types';
import { activeWorkload, getWorkload, hasWebProcess, workloadsIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** How long the probe may take, in milliseconds. */
const PROBE_TIMEOUT = 60_000;

export interface Trace {
  readonly cluster: Cluster;
  readonly app: AppName;

  /** The addresses of a host, as this machine resolves them. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;

  readonly signal: AbortSignal;
}

/**
 * Checks each step of a request to an app: DNS, Ingress or HTTPRoute, the interceptor's route, the interceptor, the scaler, the pods. It
 * sends a request, which wakes the app, and measures the cold start.
 */
export async function traceRequest({ cluster, app, lookUp, signal }: Trace): Promise<Finding[]> {
  const releases = await listReleases(cluster, app);
  const release = currentRelease(releases) ?? releases[0]?.release;
  if (!release) throw notDeployed(app);
  const { objects } = release;
  if (!hasWebProcess(objects, app.name)) return checkWorkers(cluster, app, objects);
  const active = activeWorkload(objects, app.name);
  const isClosed = isInMaintenance(objects);
  // Of an app that sleeps during maintenance, nothing answers.
  const probe = isClosed ? undefined : probeOf(objects, active);
  return [
    ...await checkDns(release.url, lookUp),
    ...await checkIngresses(cluster, objects),
    ...await checkHttpRoutes(cluster, objects),
    ...await checkCertificates(cluster, objects),
    ...await checkRoute(cluster, objects),
    ...isClosed ? [failed('maintenance', 'all requests get a page, and none reaches the app', `webapp maintenance off ${app.name}`)] : [],
    ...probe && canSleep(objects, active) ? await checkWaking(cluster, { ...app, name: active }, probe, signal) : [],
    ...probe && !canSleep(objects, active) ? [await checkResponse(cluster, probe, signal)] : [],
    ...probe?.host !== undefined ? [await checkQueue(cluster, app, currentRelease(releases))] : [],
    ...await checkScaler(cluster, app),
    await checkPods(cluster, { ...app, name: active }),
  ];
}

/** An app without a web process gets no requests: there is only the state of its workers. */
async function checkWorkers(cluster: Cluster, { namespace }: AppName, objects: readonly Manifest[]): Promise<Finding[]> {
  const findings = await Promise.all(workloadsIn(objects).map(async ({ metadata: { name } }) => [
    ...ofKind(objects, SCALED_OBJECT).some(({ metadata }) => metadata.name === name) ? await checkScaler(cluster, { name, namespace }) : [],
    await checkPods(cluster, { name, namespace }),
  ].map(finding => ({ ...finding, name: `${finding.name} of ${name}` }))));
  return [ok('requests', 'the app has no web process, so it gets none'), ...findings.flat()];
}

async function checkDns(url: string | undefined, lookUp: Trace['lookUp']): Promise<Finding[]> {
  if (url === undefined) return [];
  const { hostname } = new URL(url);
  try {
    return [ok('DNS', `${hostname} resolves to ${(await lookUp(hostname)).join(', ')}`)];
  } catch {
    return [failed('DNS', `${hostname} does not resolve`, 'create a DNS record that points to the address of the ingress or gateway')];
  }
}

/** That traffic to an app does not go through the interceptor, which wakes it. */
function checkBypass(name: string, app: string, backends: readonly string[], objects: readonly Manifest[]): Finding[] {
  const isWoken = objects.some(object => isKind(object, INTERCEPTOR_ROUTE) || isKind(object, HTTP_SCALED_OBJECT));
  if (!isWoken || !backends.includes(app)) return [];
  return [failed(name, `it routes to Service ${app} and bypasses the interceptor, so nothing wakes the app`, 'run webapp deploy --force')];
}

async function checkIngresses({ objects }: Cluster, applied: readonly Manifest[]): Promise<Finding[]> {
  const findings = await Promise.all(ofKind(applied, INGRESS).map(async (ingress): Promise<Finding[]> => {
    const { name, namespace } = ingress.metadata;
    const what = `Ingress ${name}`;
    const live: Ingress | undefined = await objects.get({ ...INGRESS, namespace, name });
    if (!live) return [failed(what, 'it was deleted', 'run webapp deploy')];
    const addresses = addressesOf(live);
    const backends = live.spec.rules?.flatMap(({ http }) => http?.paths.map(({ backend }) => backend.service?.name ?? '') ?? []) ?? [];
    return [
      addresses.length > 0
        ? ok(what, addresses.join(', '))
        : unknown(what, 'it has no address; not all controllers set one. Run webapp doctor to check the IngressClass'),
      ...checkBypass(what, name, backends, applied),
    ];
  }));
  return findings.flat();
}

async function checkHttpRoutes({ objects }: Cluster, applied: readonly Manifest[]): Promise<Finding[]> {
  const findings = await Promise.all(ofKind(applied, HTTP_ROUTE).map(async (route): Promise<Finding[]> => {
    const { name, namespace } = route.metadata;
    const what = `HTTPRoute ${name}`;
    const live = await objects.get({ ...HTTP_ROUTE, namespace, name });
    if (!live) return [failed(what, 'it was deleted', 'run webapp deploy')];
    const backends = live.spec.rules.flatMap(({ backendRefs = [] }) => backendRefs.map(backend => backend.name));
    return [checkParents(what, live), ...checkBypass(what, name, backends, applied)];
  }));
  return findings.flat();
}

function checkParents(what: string, { status }: HttpRoute): Finding {
  const parents = status?.parents ?? [];
  if (parents.length === 0) return failed(what, 'no gateway has accepted it', 'run webapp doctor to check the Gateway');
  const refused = parents.flatMap(({ conditions }) => conditions).find(condition => condition.status === 'False');
  if (!refused) return ok(what, 'accepted by the gateway');
  const { reason, message } = refused;
  return reason === 'RefNotPermitted'
    ? failed(what, 'the ReferenceGrant for the interceptor does not exist', 'run webapp deploy')
    : failed(what, `the gateway does not accept it: ${message || reason}`);
}

/** The certificates that cert-manager issues for an Ingress. It gives them the names of their Secrets. */
async function checkCertificates({ objects }: Cluster, applied: readonly Manifest[]): Promise<Finding[]> {
  const issued = ofKind(applied, INGRESS).filter(({ metadata }) => metadata.annotations?.['cert-manager.io/cluster-issuer']);
  if (issued.length === 0 || !await objects.knows(CERTIFICATE)) return [];
  return Promise.all(issued.flatMap(({ metadata: { namespace }, spec: { tls = [] } }) => tls.map(async ({ secretName: name = '' }) => {
    const what = `certificate ${name}`;
    const live = await unlessForbidden(async () => objects.get({ ...CERTIFICATE, namespace, name }));
    if (live === FORBIDDEN) return unknown(what, 'you are not allowed to see it');
    if (!live) return failed(what, 'cert-manager has not created it', 'run webapp doctor to check cert-manager and its issuer');
    if (holds(live, 'Ready')) return ok(what, live.status?.notAfter ? `issued, valid until ${live.status.notAfter}` : 'issued');
    const reason = conditionOf(live, 'Ready')?.message ?? 'cert-manager has not reported anything';
    return failed(what, `it is not issued yet: ${reason}`, `kubectl describe certificate ${name} --namespace ${namespace}`);
  })));
}

/** By which the interceptor finds an app. */
type AppRoute = InterceptorRoute | HttpScaledObject;

function hostsOf({ spec }: AppRoute): readonly string[] {
  return 'rules' in spec ? spec.rules.flatMap(({ hosts = [] }) => hosts) : spec.hosts;
}

async function checkRoute({ objects }: Cluster, applied: readonly Manifest[]): Promise<Finding[]> {
  const [route]: AppRoute[] = [...ofKind(applied, INTERCEPTOR_ROUTE), ...ofKind(applied, HTTP_SCALED_OBJECT)];
  if (!route) return [];
  const reference = referenceTo<AppRoute>(route as unknown as Manifest);
  const what = shown(reference);
  const live = await objects.get(reference);
  if (!live) return [failed(what, 'it was deleted, so the interceptor answers 404', 'run webapp deploy')];
  const hosts = hostsOf(live);
  const missing = hostsOf(route).filter(host => !hosts.includes(host));
  if (missing.length > 0) {
    return [failed(what, `it lacks ${missing.join(', ')}, for which the interceptor answers 404`, 'run webapp deploy --force')];
  }
  const all = await unlessForbidden(async () => objects.list(reference, {}));
  const rival = all === FORBIDDEN ? undefined : all.find(other => (
    other.metadata.uid !== live.metadata.uid && hostsOf(other).some(host => hosts.includes(host))));
  if (!rival) return [ok(what, `hosts ${hosts.join(', ')}`)];
  const { name, namespace } = rival.metadata;
  const common = hostsOf(rival).filter(host => hosts.includes(host)).join(', ');
  const other = `${reference.kind} ${name} in namespace ${namespace}`;
  return [unknown(what, `${other} has ${common} too, and may get requests that are meant for this app`)];
}

async function checkResponse(cluster: Cluster, probe: Probe, signal: AbortSignal): Promise<Finding> {
  const { host, path } = probe;
  const { clock } = cluster;
  const what = host === undefined ? 'Service' : 'interceptor';
  const request = `GET ${path}${host === undefined ? '' : ` for ${host}`}`;
  const began = clock.now();
  const result = await sendProbe(cluster, probe, AbortSignal.any([signal, clock.timeout(PROBE_TIMEOUT)])).catch(error => {
    signal.throwIfAborted();
    return { kind: 'unreachable' as const, reason: `no response within ${PROBE_TIMEOUT / 1000} s: ${(error as Error).message}` };
  });
  if (result.kind === 'response') return ok(what, `${request} returned ${result.status} in ${((clock.now() - began) / 1000).toFixed(1)} s`);
  if (result.kind === 'forbidden') return unknown(what, `you are not allowed to send requests to it: ${result.reason}`);
  return host === undefined
    ? unknown(what, `it is not reachable from here: ${result.reason}`)
    : failed(what, `${request} failed: ${result.reason}`);
}

/** Whether requests wake a workload, so that it may be scaled to zero. */
function canSleep(objects: readonly Manifest[], name: string): boolean {
  return ofKind(objects, SCALED_OBJECT).some(({ spec }) => spec.scaleTargetRef.name === name && (spec.minReplicaCount ?? 0) === 0);
}

/** Checks that an app responds that can scale to zero, and how long the steps of a cold start take. */
async function checkWaking(cluster: Cluster, app: AppName, probe: Probe, signal: AbortSignal): Promise<Finding[]> {
  const respond = async () => checkResponse(cluster, probe, signal);
  const workload = await getWorkload(cluster, app);
  if (!workload) return [await respond()];
  if (rolloutStatus(workload).state === 'scaled-to-zero') {
    const [response, times] = await whileWaking(cluster, workload, respond);
    return response.status === 'ok' ? [response, coldStart(times, 'from the request to the response')] : [response];
  }
  const response = await respond();
  const live = await cluster.objects.list(POD, { namespace: app.namespace, labels: workload.spec.selector.matchLabels });
  const [oldest] = live.sort((a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp));
  const times = oldest && startOf(oldest);
  return [response, ...times ? [coldStart(times, OF_OLDEST)] : []];
}

const OF_OLDEST = 'from the creation of the oldest pod to its readiness; run this while the app is asleep for tenths of a second';

function coldStart(times: ColdStart, what: string): Finding {
  const steps = stepsOf(times);
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const { name, hint } = longest(steps)!;
  return { ...ok('cold start', `${total.toFixed(1)} s ${what}`), fix: `longest: ${name}; ${hint}`, steps: steps.map(nameAndSeconds) };
}

function nameAndSeconds({ name, seconds }: Step): Pick<Step, 'name' | 'seconds'> {
  return { name, seconds };
}

async function checkQueue(cluster: Cluster, app: AppName, current: Release | undefined): Promise<Finding> {
  const count = await pendingRequests(cluster, app, current);
  return count === undefined
    ? unknown('queue', 'the interceptor does not report the number of pending requests; it does so only after the first request')
    : ok('queue', `${count} pending requests`);
}

async function checkScaler(cluster: Cluster, { name: app, namespace }: AppName): Promise<Finding[]> {
  const { objects } = cluster;
  if (!await objects.knows(SCALED_OBJECT)) return [];
  const live = await objects.get({ ...SCALED_OBJECT, namespace, name: app });
  const what = 'ScaledObject';
  if (!live) return [unknown(what, 'it does not exist: the number of pods is fixed')];
  if (holds(live, 'Paused')) {
    const fix = `kubectl annotate scaledobject ${app} --namespace ${namespace} autoscaling.keda.sh/paused-`;
    return [failed(what, 'it is paused, so nothing wakes the app', fix)];
  }
  const missing = await missingRoutes(cluster, live);
  if (missing.length > 0) {
    const routes = missing.map(shown).join(', ');
    return [failed(what, `it names ${routes}, which does not exist, so KEDA cannot scale the app`, 'run webapp deploy')];
  }
  if (!holds(live, 'Ready')) {
    const reason = conditionOf(live, 'Ready')?.message ?? 'KEDA has not reported anything; check that it is running';
    return [failed(what, `it is not ready: ${reason}`)];
  }
  const { minReplicaCount = 0, maxReplicaCount = DEFAULT_MAX } = live.spec;
  const name = live.status?.hpaName ?? `keda-hpa-${app}`;
  const range = ok(what, `${minReplicaCount} to ${maxReplicaCount} pods`);
  const hpa = await unlessForbidden(async () => objects.get({ ...HORIZONTAL_POD_AUTOSCALER, namespace, name }));
  if (hpa === FORBIDDEN) return [range, unknown('HPA', `you are not allowed to get horizontalpodautoscalers in namespace ${namespace}`)];
  const inactive = hpa?.status?.conditions?.find(({ type, status, reason }) => (
    type === 'ScalingActive' && status === 'False' && reason !== 'ScalingDisabled'));
  return [
    range,
    !hpa ? failed('HPA', `${name} does not exist; KEDA should create it`)
      : inactive ? failed('HPA', `${name} has no metrics: ${inactive.message}`) : ok('HPA', `${name} has its metrics`),
  ];
}

async function checkPods(cluster: Cluster, workload: AppName): Promise<Finding> {
  const live = await getWorkload(cluster, workload);
  if (!live) return failed('pods', `the workload ${workload.name} was deleted`, 'run webapp deploy');
  const { state, ready, wanted } = rolloutStatus(live);
  const diagnosis = await diagnoseWorkload(cluster, live);
  if (diagnosis) return failed('pods', [diagnosis.message, ...diagnosis.logs?.slice(-3) ?? []].join('; '), diagnosis.hint);
  return ok('pods', state === 'scaled-to-zero' ? 'scaled to zero' : `${ready}/${wanted} ready`);
}
