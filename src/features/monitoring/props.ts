/**
 * Where an app tells of itself, in the text format that Prometheus reads.
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
   * Port that they are served at. With one of their own, the app's port stays closed to the monitoring.
   *
   * @default - the app's port
   * @range 1..65535
   */
  readonly port?: number;
}

/**
 * How the cluster's monitoring finds the apps that have metrics.
 */
export interface Monitoring {
  /**
   * Whether each app has a PodMonitor, for the Prometheus Operator. Otherwise its pods carry the annotations `prometheus.io/scrape`,
   * `prometheus.io/port` and `prometheus.io/path`, which many set-ups of Prometheus and its likes look for.
   *
   * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
   * @default true
   */
  readonly podMonitor?: boolean;

  /**
   * Labels of the PodMonitors, by which the Prometheus selects them: `{ release: 'kube-prometheus-stack' }`.
   *
   * @default - only the app's
   * @format labelValue
   * @keyFormat qualifiedName
   */
  readonly labels?: { [key: string]: string };

  /**
   * Namespace that Prometheus runs in: only it may reach the port of the metrics.
   *
   * @default - every namespace may
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Address of Prometheus' API, such as `http://prometheus.monitoring:9090`: for those who ask it, as the analysis of a rollout does.
   *
   * @default - nobody can ask it
   * @format httpAddress
   */
  readonly prometheus?: string;
}
