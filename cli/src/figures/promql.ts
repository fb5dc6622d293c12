/**
 * What to ask Prometheus about a process of an app.
 *
 * @see https://keda.sh/http-add-on/latest/reference/metrics/ for the interceptor
 * @see https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload
 * @see https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md for containers
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/controller-metrics/
 */
import type { Workload } from '../kube/workload';
import { isRollout } from '../kube/workload';

/** A process whose figures are asked for. */
export interface Process {
  readonly namespace: string;

  /** The names of its Deployments or Rollouts: a canary has one of its own. */
  readonly workloads: readonly Workload[];

  /** The names of the interceptor's routes to it; none if it gets no requests. */
  readonly routes: readonly string[];
}

/** What Kubernetes makes random parts of names from: https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';

/** What the name of a pod has after that of its Deployment, as a regular expression. */
export const POD_SUFFIX = `-${RANDOM}{1,10}-${RANDOM}{5}`;

/** A string of PromQL. */
export function literal(text: string): string {
  return JSON.stringify(text);
}

/** A matcher of values of a label. */
function oneOf(label: string, values: readonly string[], after = ''): string {
  return `${label}=~${literal(`(${values.map(value => value.replace(/[^\w-]/g, '\\$&')).join('|')})${after}`)}`;
}

/** The requests of a process. */
export function requestsOf({ namespace, routes }: Process, metric: string, ...more: string[]): string {
  return `${metric}{${[`route_namespace=${literal(namespace)}`, oneOf('route_name', routes), ...more].join(',')}}`;
}

/** The pods of a process, by their names: those that Kubernetes makes of the name of a Deployment, and not those of a longer name. */
export function podsOf({ namespace, workloads }: Process, metric: string, ...more: string[]): string {
  const names = workloads.map(({ metadata: { name } }) => name);
  return `${metric}{${[`namespace=${literal(namespace)}`, oneOf('pod', names, POD_SUFFIX), ...more].join(',')}}`;
}

/**
 * A figure of each pod: that of its containers or, where a kubelet knows only pods as a whole, that of the pod.
 *
 * @param figure the figure of series with matchers of containers
 */
export function ofEachPod(figure: (...containers: string[]) => string): string {
  const byPod = (...containers: string[]) => `sum by (pod) (${figure(...containers)})`;
  return `(${byPod('container!=""', 'container!="POD"')} or ${byPod('container=""')})`;
}

/**
 * How much a counter grew over a time. Prometheus does not know that a series which begins in that time began with zero, so the first
 * request after a sleep would not count: such a series counts as a whole, if what it is read from was read before.
 */
export function increase(counter: string, seconds: number): string {
  const isNew = `(${counter} unless ${counter} offset ${seconds}s) and on (job, instance) (up offset ${seconds}s)`;
  return `((${isNew}) or increase(${counter}[${seconds}s]))`;
}

/** Requests, or those that failed, in a time. */
export function requestCount(process: Process, seconds: number, isFailed = false): string {
  return `sum(${increase(requestsOf(process, 'interceptor_request_count_total', ...isFailed ? ['code=~"5.."'] : []), seconds)})`;
}

/** How long a part of the requests took at most. */
export function latency(process: Process, quantile: number, seconds: number): string {
  const buckets = requestsOf(process, 'interceptor_request_duration_seconds_bucket');
  return `histogram_quantile(${quantile}, sum by (le) (${increase(buckets, seconds)}))`;
}

/** How many pods are ready, or wanted. */
export function replicas(process: Process, what: 'ready' | 'wanted'): string {
  const { namespace, workloads } = process;
  const of = (label: string, metric: string, isOf: (workload: Workload) => boolean) => {
    const names = workloads.filter(isOf).map(({ metadata: { name } }) => name);
    return names.length === 0 ? [] : [`${metric}{namespace=${literal(namespace)},${oneOf(label, names)}}`];
  };
  const [deployments, rollouts] = what === 'ready'
    ? ['kube_deployment_status_replicas_ready', 'rollout_info_replicas_available']
    : ['kube_deployment_spec_replicas', 'rollout_info_replicas_desired'];
  return `sum(${[
    ...of('deployment', deployments, workload => !isRollout(workload)), ...of('name', rollouts, isRollout),
  ].join(' or ')})`;
}

/** CPU in cores, over a time. */
export function cpu(process: Process, seconds: number): string {
  const used = ofEachPod((...containers) => `rate(${podsOf(process, 'container_cpu_usage_seconds_total', ...containers)}[${seconds}s])`);
  return `sum(${used})`;
}

/** Memory in bytes that cannot be given back. */
export function memory(process: Process): string {
  return `sum(${ofEachPod((...containers) => podsOf(process, 'container_memory_working_set_bytes', ...containers))})`;
}

/** When pods were created and became ready, in seconds since 1970. */
export function podTimes(process: Process, seconds: number): { readonly created: string; readonly ready: string } {
  return {
    created: `max by (pod) (max_over_time(${podsOf(process, 'kube_pod_created')}[${seconds}s]))`,
    // A pod that is ready again has a later time.
    ready: `min by (pod) (min_over_time(${podsOf(process, 'kube_pod_status_ready_time')}[${seconds}s]))`,
  };
}

/** Whether Prometheus has the metrics of something at all; the interceptor has none of a route before its first request. */
export const SOURCES = {
  interceptor: 'count(target_info{service_name="keda-http-interceptor"})',
  stateMetrics: 'count(kube_deployment_spec_replicas)',
  containers: 'count(container_memory_working_set_bytes)',
} as const;
