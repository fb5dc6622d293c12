/**
 * A dashboard for Grafana: one app at a time, chosen by its namespace and name.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
import { DASHBOARD } from '../../figures/dashboard';
import { ofEachPod, POD_SUFFIX } from '../../figures/promql';

/** How values are written: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
type Unit = 'reqps' | 's' | 'percentunit' | 'short' | 'bytes' | 'none';

interface Panel {
  readonly title: string;
  readonly unit: Unit;

  /** What is drawn, by name; a name in braces is a label. */
  readonly lines: { readonly [name: string]: string };
}

const ROUTE = '{route_namespace="$namespace",route_name=~"$app(-canary|-green)?"}';
const DEPLOYMENT = '{namespace="$namespace",deployment=~"$app(-canary|-green)?"}';
const pods = (...containers: string[]) => `{${[
  'namespace="$namespace"', `pod=~"$app(-canary|-green)?${POD_SUFFIX}"`, ...containers,
].join(',')}}`;
const RATE = '[$__rate_interval]';

const withCode = (code: string) => `${ROUTE.slice(0, -1)},code=~"${code}"}`;
const count = (labels: string) => `sum(rate(interceptor_request_count_total${labels}${RATE}))`;
const quantile = (part: number) => (
  `histogram_quantile(${part}, sum by (le) (rate(interceptor_request_duration_seconds_bucket${ROUTE}${RATE})))`);

export const PANELS: readonly Panel[] = [
  {
    title: 'Requests',
    unit: 'reqps',
    lines: { '{{code}}': `sum by (code) (rate(interceptor_request_count_total${ROUTE}${RATE}))` },
  },
  { title: 'Errors', unit: 'percentunit', lines: { errors: `${count(withCode('5..'))} / ${count(ROUTE)}` } },
  { title: 'Latency, cold starts included', unit: 's', lines: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) } },
  { title: 'Requests in progress', unit: 'short', lines: { requests: `sum(interceptor_request_concurrency${ROUTE})` } },
  {
    title: 'Replicas',
    unit: 'none',
    lines: { wanted: `sum(kube_deployment_spec_replicas${DEPLOYMENT})`, ready: `sum(kube_deployment_status_replicas_ready${DEPLOYMENT})` },
  },
  {
    title: 'Wake-ups in the last hour',
    unit: 'none',
    // A sleeping app is 1 here, so that each wake-up is a decrease.
    lines: { 'wake-ups': `resets((sum(kube_deployment_spec_replicas${DEPLOYMENT}) == bool 0)[1h:30s])` },
  },
  {
    title: 'CPU, in cores',
    unit: 'short',
    lines: { '{{pod}}': ofEachPod((...containers) => `rate(container_cpu_usage_seconds_total${pods(...containers)}${RATE})`) },
  },
  {
    title: 'Memory',
    unit: 'bytes',
    lines: { '{{pod}}': ofEachPod((...containers) => `container_memory_working_set_bytes${pods(...containers)}`) },
  },
];

const SOURCE = { type: 'prometheus', uid: '$datasource' };
const [WIDTH, HEIGHT] = [12, 8];

/** The dashboard, as Grafana imports it. */
export function dashboard(): object {
  const choice = (name: string, query: string) => (
    { name, type: 'query', datasource: SOURCE, query: { query, refId: name }, refresh: 2, sort: 1 });
  return {
    uid: DASHBOARD,
    title: 'Web apps',
    tags: ['cdk8s-webapp'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus' },
        choice('namespace', 'label_values(interceptor_request_count_total, route_namespace)'),
        choice('app', 'label_values(interceptor_request_count_total{route_namespace="$namespace"}, route_name)'),
      ],
    },
    panels: PANELS.map(({ title, unit, lines }, i) => ({
      id: i + 1,
      type: 'timeseries',
      title,
      datasource: SOURCE,
      gridPos: { x: WIDTH * (i % 2), y: HEIGHT * Math.floor(i / 2), w: WIDTH, h: HEIGHT },
      fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10 } }, overrides: [] },
      targets: Object.entries(lines).map(([name, expr], number) => (
        { refId: String.fromCharCode(65 + number), datasource: SOURCE, expr, legendFormat: name })),
    })),
  };
}
