/** The figures of a process over a time, from Prometheus. */
import type { Prometheus, Range } from './prometheus';
import type { Process } from './promql';
import { cpu, latency, memory, podTimes, replicas, requestCount, SOURCES } from './promql';
import { timestamp } from '../kube/clock';

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** A process that had no pods got one. */
export interface ColdStart {
  readonly time: string;

  /** From the creation of its first pod until that was ready; undefined where it is not known. */
  readonly seconds?: number;
}

/** Figures at a time; those that are not known are undefined. Latency in seconds, CPU in cores, memory in bytes. */
export interface Point extends Partial<Latency> {
  readonly time: string;

  /** Per second. */
  readonly requests?: number;
  readonly errors?: number;
  readonly replicas?: number;
  readonly cpu?: number;
  readonly memory?: number;
}

/** What cannot be known, and why. */
export interface Unknown {
  readonly figures: string;
  readonly why: string;
}

/** The figures of a process. */
export interface Metrics {
  readonly source: 'prometheus' | 'cluster';

  /** From when to when; of the cluster's own figures, those of requests begin when the interceptor was started. */
  readonly since: string;
  readonly until: string;

  /** Seconds between two points. */
  readonly step?: number;
  readonly requests?: number;

  /** Responses with a status of 500 or more. */
  readonly errors?: number;

  /** Of all requests, cold starts included; undefined where there was none. */
  readonly latency?: Latency;
  readonly coldStarts?: readonly ColdStart[];
  readonly points: readonly Point[];
  readonly unknown: readonly Unknown[];
}

/** The shortest time over which growth is measured, in seconds: Prometheus reads metrics every half minute or minute. */
const SHORTEST = 120;

/** How far a time in Prometheus may be behind, in seconds: what it reads once a minute. */
const LAG = 60;

/** Reads the figures of a process. */
export async function metricsOf(prometheus: Prometheus, process: Process, range: Range): Promise<Metrics> {
  const { start, end, step } = range;
  const seconds = end - start;
  const window = Math.max(step, SHORTEST);
  const hasRequests = process.routes.length > 0;
  const [interceptor, stateMetrics, containers] = await Promise.all(
    [SOURCES.interceptor, SOURCES.stateMetrics, SOURCES.containers].map(async query => await prometheus.one(query, end) !== undefined));
  const knowsRequests = hasRequests && (interceptor || await prometheus.one(requestCount(process, seconds), end) !== undefined);
  const total = async (query: string) => (knowsRequests ? await prometheus.one(query, end) ?? 0 : undefined);
  const over = async (isKnown: boolean, query: string) => (
    isKnown ? (await prometheus.over(query, range))[0]?.values ?? new Map<number, number>() : undefined);
  const [requests, errors, latencies, coldStarts] = await Promise.all([
    total(requestCount(process, seconds)),
    total(requestCount(process, seconds, true)),
    Promise.all(QUANTILES.map(async quantile => (knowsRequests ? prometheus.one(latency(process, quantile, seconds), end) : undefined))),
    stateMetrics ? coldStartsOf(prometheus, process, range) : undefined,
  ]);
  const [p50, p95, p99] = latencies;
  const series = await Promise.all([
    over(knowsRequests, requestCount(process, window)),
    over(knowsRequests, requestCount(process, window, true)),
    ...QUANTILES.map(async quantile => over(knowsRequests, latency(process, quantile, window))),
    over(stateMetrics, replicas(process, 'ready')),
    over(containers, cpu(process, window)),
    over(containers, memory(process)),
  ]);
  const times = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => start + i * step);
  const points = times.map((time): Point => {
    const [count, failed, ...others] = series.map(values => values?.get(time));
    const [half, most, nearlyAll, ready, cores, bytes] = others;
    const perSecond = (value: number | undefined) => (knowsRequests ? (value ?? 0) / window : undefined);
    return {
      time: timestamp(time * 1000),
      requests: perSecond(count),
      errors: perSecond(failed),
      p50: half,
      p95: most,
      p99: nearlyAll,
      replicas: ready,
      cpu: containers ? cores ?? 0 : undefined,
      memory: containers ? bytes ?? 0 : undefined,
    };
  });
  return {
    source: 'prometheus',
    since: timestamp(start * 1000),
    until: timestamp(end * 1000),
    step,
    requests: requests === undefined ? undefined : Math.round(requests),
    errors: errors === undefined ? undefined : Math.round(errors),
    latency: p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 },
    coldStarts,
    points,
    unknown: [
      ...hasRequests && !knowsRequests ? [{
        figures: 'requests, errors and latency',
        why: "Prometheus does not have the metrics of the add-on's interceptor; webapp setup --with monitoring sets that up",
      }] : [],
      ...stateMetrics ? [] : [{ figures: 'replicas and cold starts', why: 'Prometheus does not have the metrics of kube-state-metrics' }],
      ...containers ? [] : [{ figures: 'CPU and memory', why: 'Prometheus does not have the metrics of containers, which kubelets have' }],
    ],
  };
}

const QUANTILES = [0.5, 0.95, 0.99];

/** When the number of wanted pods was no longer zero, and how long the first pod took then. */
async function coldStartsOf(prometheus: Prometheus, process: Process, { start, end }: Range): Promise<ColdStart[]> {
  const step = Math.max(15, Math.ceil((end - start) / 10_000)); // Prometheus refuses more than 11,000 points
  const { created, ready } = podTimes(process, end - start + LAG);
  const [[wanted], createdPods, readyPods] = await Promise.all([
    prometheus.over(replicas(process, 'wanted'), { start, end, step }),
    prometheus.at(created, end),
    prometheus.at(ready, end),
  ]);
  const readyTimes = new Map(readyPods.map(({ labels, value }) => [labels.pod, value]));
  const pods = createdPods.map(({ labels, value }) => ({ created: value, ready: readyTimes.get(labels.pod) }))
    .sort((a, b) => a.created - b.created);
  const times = [...wanted?.values ?? []].sort(([a], [b]) => a - b);
  return times.flatMap(([time, value], i): ColdStart[] => {
    if (i === 0 || value === 0 || times[i - 1][1] > 0) return [];
    const first = pods.find(pod => pod.created > times[i - 1][0] - LAG && pod.created < time + LAG);
    const took = first?.ready === undefined ? undefined : first.ready - first.created;
    return [{ time: timestamp((first?.created ?? time) * 1000), seconds: took !== undefined && took >= 0 ? took : undefined }];
  });
}
