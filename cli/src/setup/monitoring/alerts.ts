/**
 * Alerting rules for all apps of a cluster. No rule fires because an app sleeps: each compares series that are there, none asks whether one
 * is absent, and what divides by the number of requests gives no number where there are none.
 *
 * Whose objects are apps' they know by labels, which kube-state-metrics has where it is told to: see `LABELS`.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 */
import { MANAGED_BY } from '../../kube/workload';

/**
 * The labels that kube-state-metrics has to add.
 *
 * @see https://github.com/kubernetes/kube-state-metrics/blob/main/docs/developer/cli-arguments.md
 */
const APP_LABELS = ['name', 'component', 'managed-by'].map(name => `app.kubernetes.io/${name}`).join(',');

export const LABELS = [
  ...['deployments', 'horizontalpodautoscalers', 'jobs'].map(resource => `${resource}=[${APP_LABELS}]`),
  'pods=[buildrun.shipwright.io/name]',
];

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** Fewer requests say little about errors and latency. */
const MIN_REQUESTS = 20;

const APP = '{{ $labels.label_app_kubernetes_io_name }}';
const NAMESPACE = '{{ $labels.namespace }}';
const ROUTE = '{{ $labels.route_name }}';
const ROUTE_NAMESPACE = '{{ $labels.route_namespace }}';

function commandFor(command: string, app = APP, namespace = NAMESPACE): string {
  return `webapp ${command} ${app} --namespace ${namespace}`;
}

/** A condition on objects of a kind, for those of apps alone, with their labels. */
function ofApps(condition: string, kind: string, key: string, ...matchers: string[]): string {
  const labels = [`label_app_kubernetes_io_managed_by="${MANAGED_BY}"`, ...matchers].join(',');
  const by = ['namespace', key, 'label_app_kubernetes_io_name', 'label_app_kubernetes_io_component'].join(', ');
  return `(${condition}) * on (namespace, ${key}) group_left (label_app_kubernetes_io_name, label_app_kubernetes_io_component)`
    + ` max by (${by}) (kube_${kind}_labels{${labels}})`;
}

/**
 * What began in the last hour: a Job that failed stays for long, and nobody can do anything about it any more. What it was an hour ago is
 * found by its name alone: the other labels are those of the pod of kube-state-metrics, which may be another one since.
 */
function inTheLastHour(metric: string, key: string): string {
  return `${metric} == 1 unless on (namespace, ${key}) ${metric} offset 1h == 1`;
}

const byRoute = (expression: string) => `sum by (route_namespace, route_name) (${expression})`;
const REQUESTS = 'interceptor_request_count_total';
const ENOUGH = `${byRoute(`increase(${REQUESTS}[5m])`)} >= ${MIN_REQUESTS}`;
const FAILED_JOB = 'kube_job_failed{condition="true"}';
const NO_POD_READY = 'kube_deployment_spec_replicas > 0 and kube_deployment_status_replicas_ready == 0';
const HPA = 'kube_horizontalpodautoscaler';
const CERTIFICATE = 'certmanager_certificate';

export const ALERTS: readonly AlertingRule[] = [
  {
    alert: 'WebAppErrors',
    expr: `${byRoute(`rate(${REQUESTS}{code=~"5.."}[5m])`)} / ${byRoute(`rate(${REQUESTS}[5m])`)} > 0.05 and ${ENOUGH}`,
    for: '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: `${ROUTE} in namespace ${ROUTE_NAMESPACE} fails`,
      description: `{{ $value | humanizePercentage }} of its responses are errors. See ${commandFor('status', ROUTE, ROUTE_NAMESPACE)}`,
    },
  },
  {
    alert: 'WebAppSlow',
    expr: 'histogram_quantile(0.95, sum by (route_namespace, route_name, le) (rate(interceptor_request_duration_seconds_bucket[5m])))'
      + ` > 2.5 and ${ENOUGH}`,
    for: '10m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `${ROUTE} in namespace ${ROUTE_NAMESPACE} is slow`,
      description: `1 of 20 requests takes longer than {{ $value | humanizeDuration }}. See ${
        commandFor('metrics', ROUTE, ROUTE_NAMESPACE)}`,
    },
  },
  {
    alert: 'WebAppNotReady',
    expr: ofApps(NO_POD_READY, 'deployment', 'deployment'),
    for: '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: `{{ $labels.deployment }} in namespace ${NAMESPACE} has no ready pod`,
      description: `It should have {{ $value }}. See ${commandFor('status')}`,
    },
  },
  {
    alert: 'WebAppSlowWake',
    expr: ofApps(`${NO_POD_READY} and min_over_time(kube_deployment_spec_replicas[10m]) == 0`, 'deployment', 'deployment'),
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `{{ $labels.deployment }} in namespace ${NAMESPACE} takes long to wake up`,
      description: `It was asleep, and has had no ready pod for a minute, while requests wait. See ${commandFor('doctor')}`,
    },
  },
  {
    alert: 'WebAppAtMaxReplicas',
    // An app whose replicas are fixed is always at its maximum; KEDA's least number is 1 for an app that sleeps.
    expr: ofApps(
      `${HPA}_status_desired_replicas >= ${HPA}_spec_max_replicas and ${HPA}_spec_max_replicas > ${HPA}_spec_min_replicas`,
      'horizontalpodautoscaler', 'horizontalpodautoscaler'),
    for: '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `${APP} in namespace ${NAMESPACE} cannot scale any further`,
      description: `It has had {{ $value }} replicas, its maximum, for 15 minutes. Set scaling.max, or run webapp scale ${APP} --max`,
    },
  },
  {
    alert: 'WebAppReleaseFailed',
    expr: ofApps(inTheLastHour(FAILED_JOB, 'job_name'), 'job', 'job_name', 'label_app_kubernetes_io_component="release"'),
    labels: { severity: 'warning' },
    annotations: {
      summary: `The release command of ${APP} in namespace ${NAMESPACE} failed`,
      description: `The release before it is still serving traffic. See ${commandFor('releases')}`,
    },
  },
  {
    alert: 'WebAppCronJobFailed',
    expr: ofApps(inTheLastHour(FAILED_JOB, 'job_name'), 'job', 'job_name', 'label_app_kubernetes_io_component!="release"'),
    labels: { severity: 'warning' },
    annotations: {
      summary: `{{ $labels.job_name }} of ${APP} in namespace ${NAMESPACE} failed`,
      description: `See ${commandFor('cron')}, and ${commandFor('logs')} --all`,
    },
  },
  {
    alert: 'WebAppBuildFailed',
    expr: `(${inTheLastHour('kube_pod_status_phase{phase="Failed"}', 'pod')}) * on (namespace, pod) `
      + 'group_left (label_buildrun_shipwright_io_name) '
      + 'max by (namespace, pod, label_buildrun_shipwright_io_name) (kube_pod_labels{label_buildrun_shipwright_io_name!=""})',
    labels: { severity: 'warning' },
    annotations: {
      summary: `The build {{ $labels.label_buildrun_shipwright_io_name }} in namespace ${NAMESPACE} failed`,
      description: `See kubectl describe buildrun {{ $labels.label_buildrun_shipwright_io_name }} --namespace ${NAMESPACE}`,
    },
  },
  {
    alert: 'WebAppCertificateExpires',
    // One that was never issued has 0, and one that lives for a day is always about to expire.
    expr: `0 < ${CERTIFICATE}_expiration_timestamp_seconds - time() < 7 * 86400 and time() - ${
      CERTIFICATE}_renewal_timestamp_seconds > 3600`,
    for: '10m',
    labels: { severity: 'critical' },
    annotations: {
      summary: `The certificate {{ $labels.name }} in namespace ${NAMESPACE} is not renewed`,
      description: 'It expires in {{ $value | humanizeDuration }}, and should have been renewed by now. See kubectl describe certificate '
        + `{{ $labels.name }} --namespace ${NAMESPACE}`,
    },
  },
];
