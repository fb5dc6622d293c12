/**
 * Prometheus metrics of an app.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export interface Metrics {
  /**
   * Path of the metrics.
   *
   * @default /metrics
   * @format requestPath
   */
  readonly path?: string;

  /**
   * Port of the metrics. With a separate port, the app's port stays closed to Prometheus.
   *
   * @default - the app's port
   * @range 1..65535
   */
  readonly port?: number;
}

/**
 * How the cluster's Prometheus finds the apps that have metrics.
 */
export interface Monitoring {
  /**
   * Whether each app has a PodMonitor, for the Prometheus Operator. Otherwise its pods carry the annotations `prometheus.io/scrape`,
   * `prometheus.io/port` and `prometheus.io/path`, which many Prometheus installations look for.
   *
   * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
   * @default true
   */
  readonly podMonitor?: boolean;

  /**
   * Labels of the PodMonitors, by which Prometheus selects them: `{ release: 'kube-prometheus-stack' }`.
   *
   * @default - the labels of the app
   * @format labelValue
   * @keyFormat qualifiedName
   */
  readonly labels?: { [key: string]: string };

  /**
   * Namespace of Prometheus. Only this namespace can reach the metrics port.
   *
   * @default - all namespaces can reach it
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * URL of the Prometheus API, such as `http://prometheus.monitoring:9090`, which the analysis of a rollout queries.
   *
   * @default - none: `rollout.argo.analysis` is an error
   * @format httpAddress
   */
  readonly prometheus?: string;
}
