import type { Operation } from './operation';
import { interceptorOf } from './probe';
import type { Release } from './release-store';
import { diagnoseWorkload } from './rollout';
import { DiagnosedFailure } from '../diagnose/pods';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, Pod } from '../kube/types';
import { POD, SERVICE } from '../kube/types';
import type { Workload } from '../kube/workload';
import { workloadIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** A rate of errors among fewer responses says little. */
const MIN_RESPONSES = 20;

/** How often the interceptor's metrics are read, in milliseconds: they are those of all apps. */
const INTERVAL = 5_000;

export interface WatchOptions {
  /** How long, in seconds. */
  readonly seconds: number;

  /** The percentage of its responses that may be errors, once there are 20. */
  readonly maxErrors: number;
}

/** The workload of an app's canary. */
export function canaryWorkload({ name }: AppName, { objects }: Pick<Release, 'objects'>): Workload {
  return workloadIn(objects, `${name}-canary`)!;
}

/**
 * Watches a canary for a while: its pods, and how many of its responses are errors.
 *
 * @throws DiagnosedFailure as soon as it is unhealthy
 */
export async function watchCanary(operation: Operation, release: Release, { seconds, maxErrors }: WatchOptions): Promise<void> {
  const { cluster, app, progress, signal } = operation;
  const { clock, objects } = cluster;
  const { weight } = release.canary!;
  const workload = canaryWorkload(app, release);
  const { name } = workload.metadata;
  const read = async () => readResponseCounts(cluster, release.objects, { name, namespace: app.namespace });
  const start = await read();
  const end = clock.now() + seconds * 1000;
  let seen: ResponseCounts = { responses: 0, errors: 0 };
  let lastRead = clock.now();
  const left = () => Math.max(0, Math.ceil((end - clock.now()) / 1000));
  await waitUntil(async () => {
    const live = await objects.get(referenceTo<Workload>(workload));
    const diagnosis = live ? await diagnoseWorkload(cluster, live) : { message: 'it was deleted', permanent: true };
    if (diagnosis?.permanent) throw new DiagnosedFailure(diagnosis, `${name} is unhealthy`);
    const isOver = clock.now() >= end;
    if (start && (isOver || clock.now() - lastRead >= INTERVAL)) {
      seen = since(start, await read() ?? start);
      lastRead = clock.now();
    }
    const percent = 100 * seen.errors / Math.max(1, seen.responses);
    if (seen.responses >= MIN_RESPONSES && percent > maxErrors) {
      const message = `${seen.errors} of ${seen.responses} responses were errors, more than ${maxErrors}%`;
      throw new DiagnosedFailure({ message, permanent: true }, `${name} is unhealthy`);
    }
    const counts = start ? `: ${seen.responses} responses, ${seen.errors} errors` : '';
    progress.waiting(`${weight}% of the traffic for ${left()} s more${counts}`);
    return isOver;
  }, { clock, seconds: seconds + 60, signal, late: `cannot watch ${name} any longer` });
  const counts = start ? `${seen.responses} responses, ${seen.errors} errors` : 'pods healthy; its responses cannot be counted from here';
  progress.done(`${weight}% of the traffic for ${seconds} s: ${counts}`);
}

/** How many responses there were, and how many of them with a status of 500 or more. */
export interface ResponseCounts {
  readonly responses: number;
  readonly errors: number;
}

/** The port of the interceptor's metrics. */
const METRICS_PORT = 2223;

/**
 * The responses of a route since the interceptor started, by its metrics.
 *
 * @param objects those of the app, whose proxy Service names the interceptor
 * @see https://keda.sh/http-add-on/latest/reference/metrics/
 * @returns undefined where the user cannot see them
 */
async function readResponseCounts(cluster: Cluster, objects: readonly Manifest[], route: AppName): Promise<ResponseCounts | undefined> {
  const interceptor = interceptorOf(objects);
  if (!interceptor) return undefined;
  const { namespace, name } = interceptor;
  const service = await unlessForbidden(async () => cluster.objects.get({ ...SERVICE, namespace, name }));
  if (!service || service === FORBIDDEN) return undefined;
  const pods = await unlessForbidden(async () => cluster.objects.list(POD, { namespace, labels: service.spec.selector }));
  if (pods === FORBIDDEN) return undefined;
  const running = pods.filter(({ metadata, status }) => status?.phase === 'Running' && !metadata.deletionTimestamp);
  const path = (pod: Pod) => `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}:${METRICS_PORT}/proxy/metrics`;
  const metrics = await Promise.all(running.map(async pod => cluster.api.send('GET', path(pod))));
  if (metrics.length === 0 || metrics.some(({ status }) => status !== 200)) return undefined;
  return metrics.map(({ text }) => responseCounts(text, route)).reduce((sum, one) => (
    { responses: sum.responses + one.responses, errors: sum.errors + one.errors }));
}

/** The responses of a route in the metrics of one interceptor pod. */
export function responseCounts(metrics: string, { name, namespace }: AppName): ResponseCounts {
  let [responses, errors] = [0, 0];
  for (const [, labels, value] of metrics.matchAll(/^interceptor_request_count_total\{([^}]*)\} (\S+)/gm)) {
    const of = new Map([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]));
    if (of.get('route_name') !== name || of.get('route_namespace') !== namespace) continue;
    responses += Number(value);
    if (of.get('code')! >= '500') errors += Number(value);
  }
  return { responses, errors };
}

/** An interceptor that restarted counts from zero again. */
function since(start: ResponseCounts, now: ResponseCounts): ResponseCounts {
  return { responses: Math.max(0, now.responses - start.responses), errors: Math.max(0, now.errors - start.errors) };
}
