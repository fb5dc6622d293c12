import type { AnalysisModel } from '../../model/argo';
import type { WebComponent } from '../../model/component';

/** Where an app's requests are counted. */
export interface RequestMetrics {
  /** Counter of requests. */
  readonly requests: string;
  /** Histogram of how long they took. */
  readonly durations: string;
  /** Label of the status that they were answered with. */
  readonly status: string;
  /** The app's own of a metric, by the second. */
  readonly select: (metric: string, more?: string) => string;
}

/** Prometheus needs two samples to tell a rate, and some are taken a minute apart. */
const SHORTEST_WINDOW = 120;

export function requestMetrics(component: WebComponent, { source, interval }: AnalysisModel): RequestMetrics {
  const window = `${Math.max(interval, SHORTEST_WINDOW)}s`;
  return source === 'interceptor' ? interceptor(component, window) : nginx(component, window);
}

/** @see https://keda.sh/http-add-on/latest/reference/metrics/ */
function interceptor({ namespace, scaling }: WebComponent, window: string): RequestMetrics {
  const own = `route_name="${scaling.http?.routes[0]}",route_namespace="${namespace}"`;
  return {
    requests: 'interceptor_request_count_total',
    durations: 'interceptor_request_duration_seconds_bucket',
    status: 'code',
    select: (metric, more) => `rate(${metric}{${labels(own, more)}}[${window}])`,
  };
}

/**
 * The namespace of an Ingress becomes the label `exported_namespace` where the scrape has a `namespace` of its own, as it has with the
 * Prometheus Operator unless told otherwise.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/#request-metrics
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config honor_labels
 */
function nginx({ name, namespace, scaling, platform: { entry, httpAddon } }: WebComponent, window: string): RequestMetrics {
  const beside = scaling.http !== undefined && entry.kind === 'ingress' && entry.besideInterceptor;
  const [ingress, home] = beside ? [`${name}.${namespace}`, httpAddon.namespace] : [name, namespace];
  const found = (metric: string, label: string, more?: string) => (
    `rate(${metric}{${labels(`ingress="${ingress}",${label}="${home}"`, more)}}[${window}])`);
  return {
    requests: 'nginx_ingress_controller_requests',
    durations: 'nginx_ingress_controller_request_duration_seconds_bucket',
    status: 'status',
    select: (metric, more) => `${found(metric, 'exported_namespace', more)} or ${found(metric, 'namespace', more)}`,
  };
}

function labels(own: string, more?: string): string {
  return more === undefined ? own : `${own},${more}`;
}
