/** What a cluster with Prometheus gets for apps: the metrics of the interceptor and of cert-manager, alerting rules, and a dashboard. */
import { ALERTS } from './alerts';
import { dashboard } from './dashboard';
import { METRICS_PORT } from '../../engine/canary-health';
import type { Manifest } from '../../render/synthesis';
import { OWN } from '../objects';

export interface MonitoringOptions {
  /** Where Prometheus, the HTTP add-on and cert-manager are. */
  readonly namespace: string;
  readonly addonNamespace: string;
  readonly certManagerNamespace: string;

  /** Labels by which Prometheus finds monitors and rules, where it takes not all of them. */
  readonly labels?: { readonly [label: string]: string };
}

/** The label by which Grafana's sidecar finds dashboards: https://github.com/grafana/helm-charts/blob/main/charts/grafana/README.md */
const DASHBOARD = { grafana_dashboard: '1' };

export function monitoringObjects({ namespace, addonNamespace, certManagerNamespace, labels = {} }: MonitoringOptions): Manifest[] {
  const metadata = (name: string, where: string, further: object = labels) => (
    { name, namespace: where, labels: { ...further, [OWN.label]: OWN.value } });
  return [
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: metadata('webapp-interceptor', addonNamespace),
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/component': 'interceptor', 'app.kubernetes.io/name': 'http-add-on' } },
        // The chart declares no port for the metrics, and only declared ones are found: the admin port stands for it.
        podMetricsEndpoints: [{
          port: 'admin',
          relabelings: [{
            sourceLabels: ['__address__'], regex: '(.+):[0-9]+', targetLabel: '__address__', replacement: `$1:${METRICS_PORT}`,
          }],
        }],
      },
    },
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PodMonitor',
      metadata: metadata('webapp-cert-manager', certManagerNamespace),
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/component': 'controller', 'app.kubernetes.io/name': 'cert-manager' } },
        // The namespace is that of the certificate, and not that of the pod.
        podMetricsEndpoints: [{ port: 'http-metrics', honorLabels: true }],
      },
    },
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: metadata('webapp', namespace),
      spec: { groups: [{ name: 'webapp', rules: ALERTS }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata('webapp-dashboard', namespace, DASHBOARD),
      data: { 'webapp.json': `${JSON.stringify(dashboard(), undefined, 2)}\n` },
    },
  ];
}
