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
   * URL of the Prometheus API, such as `http://prometheus.monitoring:9090`, which the analysis of a rollout, `webapp metrics` and
   * `webapp cost` query.
   *
   * @default - none: `rollout.argo.analysis` is an error
   * @format httpAddress
   */
  readonly prometheus?: string;

  /**
   * URL of Grafana, such as `https://grafana.example.com`, in which `webapp open --dashboard` opens the dashboard of an app.
   *
   * @see docs/metrics.md
   * @default - none
   * @format httpAddress
   */
  readonly grafana?: string;

  /**
   * Where the logs of pods are kept, for `webapp logs`: also those of pods that are gone.
   *
   * @default - the logs that the cluster has, of pods that exist
   */
  readonly logs?: LogStore;
}

/**
 * What keeps the logs of pods: one of `loki` and `victoriaLogs`.
 */
export interface LogStore {
  /**
   * URL of Loki, such as `http://loki-gateway.monitoring`.
   *
   * @see https://grafana.com/docs/loki/latest/reference/loki-http-api/
   * @default - none
   * @format httpAddress
   */
  readonly loki?: string;

  /**
   * URL of VictoriaLogs, such as `http://victoria-logs.monitoring:9428`.
   *
   * @see https://docs.victoriametrics.com/victorialogs/querying/
   * @default - none
   * @format httpAddress
   */
  readonly victoriaLogs?: string;

  /**
   * Tenant whose logs are read: of Loki its ID, of VictoriaLogs the account, or the account and the project as `1:2`.
   *
   * @default - the store's default tenant
   * @format logTenant
   */
  readonly tenant?: string;

  /**
   * Names of the labels of Loki, or the fields of VictoriaLogs, that say which pod a line is from, where the agent that collects the logs
   * has its own.
   *
   * @default - `namespace`, `pod` and `container` in Loki; `kubernetes.pod_namespace`, `kubernetes.pod_name` and
   * `kubernetes.container_name` in VictoriaLogs
   */
  readonly labels?: LogLabels;
}

/**
 * Names of labels of logs.
 */
export interface LogLabels {
  /**
   * The one with the namespace of the pod.
   *
   * @default - see `LogStore.labels`
   * @format logLabel
   */
  readonly namespace?: string;

  /**
   * The one with the name of the pod.
   *
   * @default - see `LogStore.labels`
   * @format logLabel
   */
  readonly pod?: string;

  /**
   * The one with the name of the container.
   *
   * @default - see `LogStore.labels`
   * @format logLabel
   */
  readonly container?: string;
}

/**
 * What requested resources cost, for `webapp cost`.
 */
export interface Prices {
  /**
   * Price of one CPU core for an hour: `0.0315`.
   *
   * @format price
   */
  readonly cpu: number;

  /**
   * Price of one GiB of memory for an hour: `0.0042`.
   *
   * @format price
   */
  readonly memory: number;

  /**
   * Currency, by its code of three letters.
   *
   * @default USD
   * @format currency
   */
  readonly currency?: string;
}
