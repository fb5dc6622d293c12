/**
 * The figures of a process as the cluster itself has them, without Prometheus: of requests since the interceptor was started, and of
 * everything else right now.
 */
import type { Metrics, Unknown } from './metrics';
import type { Process } from './promql';
import { usageOf } from './usage';
import { readInterceptor, responseCounts, samplesOf } from '../engine/canary-health';
import { timestamp } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** What is asked for. */
export interface MetricsNow {
  readonly app: AppName;
  readonly process: Process;

  /** The Services of the app, which name the interceptor. */
  readonly services: readonly Manifest[];
}

/** What an app's owner can do to know more. */
export const WITHOUT_PROMETHEUS = 'that needs Prometheus: set monitoring.prometheus in platform.yaml, or pass --prometheus URL';

export async function metricsNow(cluster: Cluster, request: MetricsNow): Promise<Metrics> {
  const until = timestamp(cluster.clock.now());
  const [requests, usage] = await Promise.all([requestsSoFar(cluster, request), usageNow(cluster, request)]);
  const { app: { namespace }, process: { routes } } = request;
  return {
    source: 'cluster',
    since: requests?.since ?? until,
    until,
    requests: requests?.requests,
    errors: requests?.errors,
    latency: requests?.latency,
    points: [{ time: until, ...usage.point }],
    unknown: [
      { figures: 'cold starts, and all figures over a time', why: WITHOUT_PROMETHEUS },
      ...routes.length === 0 || requests ? [] : [{
        figures: 'requests, errors and latency',
        why: `the metrics of the interceptor cannot be read, which needs get of pods/proxy in the namespace of the add-on, beside that of ${
          namespace}`,
      }],
      ...usage.unknown,
    ],
  };
}

async function requestsSoFar(cluster: Cluster, { process: { namespace, routes }, services }: MetricsNow) {
  const metrics = routes.length === 0 ? undefined : await readInterceptor(cluster, services);
  if (!metrics) return undefined;
  const counts = metrics.flatMap(({ text }) => routes.map(name => responseCounts(text, { name, namespace })));
  const buckets = new Map<number, number>();
  for (const { text } of metrics) {
    for (const name of routes) {
      for (const { labels, value } of samplesOf(text, 'interceptor_request_duration_seconds_bucket', { name, namespace })) {
        const bound = labels.get('le') === '+Inf' ? Infinity : Number(labels.get('le'));
        buckets.set(bound, (buckets.get(bound) ?? 0) + value);
      }
    }
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(quantile => quantileOf(buckets, quantile));
  return {
    since: metrics.map(({ pod }) => pod.status?.startTime ?? pod.metadata.creationTimestamp).sort()[0],
    requests: counts.reduce((sum, { responses }) => sum + responses, 0),
    errors: counts.reduce((sum, { errors }) => sum + errors, 0),
    latency: p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 },
  };
}

/**
 * A quantile of a histogram, as Prometheus estimates it; undefined where it counted nothing.
 *
 * @param buckets by their upper bound, how many values are not above it
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function quantileOf(buckets: ReadonlyMap<number, number>, quantile: number): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = quantile * total;
  const i = sorted.findIndex(([, count]) => count >= rank);
  const [bound, count] = sorted[i];
  const [lower, below] = i === 0 ? [0, 0] : sorted[i - 1];
  if (bound === Infinity) return lower;
  return count === below ? bound : lower + (bound - lower) * (rank - below) / (count - below);
}

/** A cluster without metrics-server has no usage, and the rest all the same. */
async function usageNow(cluster: Cluster, { app, process: { workloads } }: MetricsNow) {
  const names = workloads.map(({ metadata: { name } }) => name);
  const add = (values: readonly (number | undefined)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const replicas = add(workloads.map(({ status }) => (status as { readonly availableReplicas?: number } | undefined)?.availableReplicas));
  try {
    const own = (await usageOf(cluster, { app })).filter(({ process }) => names.includes(process));
    const point = { replicas, cpu: add(own.map(({ usage }) => usage?.cpu)), memory: add(own.map(({ usage }) => usage?.memory)) };
    return { point, unknown: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const unknown: Unknown[] = [{ figures: 'CPU and memory', why: error.message.split('\n')[0] }];
    return { point: { replicas }, unknown };
  }
}
