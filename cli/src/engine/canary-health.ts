/**
 * Whether a canary is healthy, by its pods and its responses: the same rules for the command, which waits, and for the operator.
 */
import { interceptorOf } from './probe';
import type { Release } from './release-store';
import { isDeployed } from './release-store';
import { diagnoseWorkload } from './rollout';
import { DiagnosedFailure } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, Pod } from '../kube/types';
import { POD, SERVICE } from '../kube/types';
import type { Workload } from '../kube/workload';
import { workloadIn } from '../kube/workload';
import { isSameVersion } from '../registry/reference';
import type { Manifest } from '../render/synthesis';

/** A step of a canary that moves by itself. */
export interface GradualStep {
  /** The percentage of the traffic that the new version gets. */
  readonly weight: number;

  /** How long it is watched then. */
  readonly seconds: number;
}

/** The percentage of a canary's responses that may be errors, by default. */
export const MAX_ERRORS = 5;

/** A rate of errors among fewer responses says little. */
const MIN_RESPONSES = 20;

/** How many responses there were, and how many of them with a status of 500 or more. */
export interface ResponseCounts {
  readonly responses: number;
  readonly errors: number;
}

/** The workload of an app's canary. */
export function canaryWorkload({ name }: Pick<AppName, 'name'>, { objects }: Pick<Release, 'objects'>): Workload {
  return workloadIn(objects, `${name}-canary`)!;
}

/**
 * Whether an image is new to an app, so that it gets the traffic step by step. The one that runs is not, and neither is one that was
 * deployed before that: going back happens at once.
 *
 * @param releases those of the app, the latest first
 */
export function isNewVersion(image: string, releases: readonly Release[]): boolean {
  const images = releases.filter(isDeployed).map(release => release.image ?? '');
  const [current = ''] = images;
  const oldestFirst = images.reverse();
  const isOlder = oldestFirst.includes(image) && oldestFirst.indexOf(image) < oldestFirst.indexOf(current);
  return current !== '' && !isSameVersion(current, image) && !isOlder;
}

/** @throws DiagnosedFailure if the pods of a canary are unhealthy */
export async function checkPods(cluster: Cluster, name: string, live: Workload | undefined): Promise<void> {
  const diagnosis = live ? await diagnoseWorkload(cluster, live) : { message: 'it was deleted', permanent: true };
  if (diagnosis?.permanent) throw new DiagnosedFailure(diagnosis, `${name} is unhealthy`);
}

/** @throws DiagnosedFailure if too many responses of a canary are errors */
export function checkResponses(name: string, { responses, errors }: ResponseCounts, maxErrors: number): void {
  if (responses < MIN_RESPONSES || 100 * errors / responses <= maxErrors) return;
  const message = `${errors} of ${responses} responses were errors, more than ${maxErrors}%`;
  throw new DiagnosedFailure({ message, permanent: true }, `${name} is unhealthy`);
}

/** What was seen of a canary in a step, for people. */
export function shownStep({ weight, seconds }: GradualStep, counts: ResponseCounts | undefined): string {
  const seen = counts && `${counts.responses} responses, ${counts.errors} errors`;
  return `${weight}% of the traffic for ${seconds} s: ${seen ?? 'pods healthy; its responses cannot be counted from here'}`;
}

/** The port of the interceptor's metrics. */
export const METRICS_PORT = 2223;

/** Reads the metrics of a pod of the interceptor; undefined where they cannot be seen. */
export type ReadMetrics = (pod: Pod) => Promise<string | undefined>;

/** Reads metrics through the API server, which needs `get` of `pods/proxy`. */
export function throughApiServer({ api }: Cluster): ReadMetrics {
  return async ({ metadata: { namespace, name } }) => {
    const { status, text } = await api.send('GET', `/api/v1/namespaces/${namespace}/pods/${name}:${METRICS_PORT}/proxy/metrics`);
    return status === 200 ? text : undefined;
  };
}

/** A pod of the interceptor, and its metrics. */
export interface InterceptorMetrics {
  readonly pod: Pod;
  readonly text: string;
}

/**
 * The metrics of all running pods of the interceptor.
 *
 * @param objects those of an app, whose proxy Service names the interceptor
 * @see https://keda.sh/http-add-on/latest/reference/metrics/
 * @returns undefined where one of them cannot be seen
 */
export async function readInterceptor(
  cluster: Cluster, objects: readonly Manifest[], readMetrics = throughApiServer(cluster),
): Promise<InterceptorMetrics[] | undefined> {
  const interceptor = interceptorOf(objects);
  if (!interceptor) return undefined;
  const { namespace, name } = interceptor;
  const service = await unlessForbidden(async () => cluster.objects.get({ ...SERVICE, namespace, name }));
  if (!service || service === FORBIDDEN) return undefined;
  const pods = await unlessForbidden(async () => cluster.objects.list(POD, { namespace, labels: service.spec.selector }));
  if (pods === FORBIDDEN) return undefined;
  const running = pods.filter(({ metadata, status }) => status?.phase === 'Running' && !metadata.deletionTimestamp);
  const metrics = await Promise.all(running.map(async pod => ({ pod, text: await readMetrics(pod) })));
  const seen = metrics.flatMap(({ pod, text }) => (text === undefined ? [] : [{ pod, text }]));
  return seen.length === 0 || seen.length < metrics.length ? undefined : seen;
}

/**
 * The responses of a route since the interceptor started, by its metrics.
 *
 * @param objects those of the app, whose proxy Service names the interceptor
 * @returns undefined where they cannot be seen
 */
export async function readResponseCounts(
  cluster: Cluster, objects: readonly Manifest[], route: AppName, readMetrics = throughApiServer(cluster),
): Promise<ResponseCounts | undefined> {
  const metrics = await readInterceptor(cluster, objects, readMetrics);
  if (!metrics) return undefined;
  let [responses, errors] = [0, 0];
  for (const { text } of metrics) {
    const counts = responseCounts(text, route);
    responses += counts.responses;
    errors += counts.errors;
  }
  return { responses, errors };
}

/** The responses of a route in the metrics of one interceptor pod. */
export function responseCounts(metrics: string, route: AppName): ResponseCounts {
  let [responses, errors] = [0, 0];
  for (const { labels, value } of samplesOf(metrics, 'interceptor_request_count_total', route)) {
    responses += value;
    if (labels.get('code')! >= '500') errors += value;
  }
  return { responses, errors };
}

/** The samples of a metric that are about a route. */
export function samplesOf(
  metrics: string, metric: string, { name, namespace }: AppName,
): { readonly labels: ReadonlyMap<string, string>; readonly value: number }[] {
  const lines = [...metrics.matchAll(/^(\w+)\{([^}]*)\} (\S+)/gm)].filter(line => line[1] === metric);
  return lines.map(([, , labels, value]) => (
    { labels: new Map([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text])), value: Number(value) }))
    .filter(({ labels }) => labels.get('route_name') === name && labels.get('route_namespace') === namespace);
}

/** An interceptor that restarted counts from zero again. */
export function responsesSince(start: ResponseCounts, now: ResponseCounts): ResponseCounts {
  return { responses: Math.max(0, now.responses - start.responses), errors: Math.max(0, now.errors - start.errors) };
}
