import { Site } from './site';
import { schemaErrors } from '../../../test/schemas';
import type { Kind, KubernetesObject } from '../../src/kube/types';
import { ALERTS, LABELS } from '../../src/setup/monitoring/alerts';
import { dashboard, PANELS } from '../../src/setup/monitoring/dashboard';
import { monitoringObjects } from '../../src/setup/monitoring/objects';
import { syntaxError } from '../figures/test-prometheus';

const NAMESPACES = { namespace: 'monitoring', addonNamespace: 'keda', certManagerNamespace: 'cert-manager' };
const RULE: Kind<KubernetesObject & { readonly spec: object }> = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' };

describe('webapp setup --with monitoring', () => {
  test('applies monitors, alerting rules and a dashboard, and tells Prometheus whose objects are those of apps', async () => {
    const site = new Site();
    const { err } = await site.call('setup --yes --with monitoring');
    expect(err).toContain('monitoring: alerting rules and a dashboard for Grafana, in namespace monitoring\n');
    expect(err).toContain('✓ Applied PodMonitor webapp-interceptor, PodMonitor webapp-cert-manager, PrometheusRule webapp, '
      + 'ConfigMap webapp-dashboard\n');
    expect(site.valuesOf('kube-prometheus-stack')).toMatchObject({ 'kube-state-metrics': { metricLabelsAllowlist: LABELS } });
    expect((await site.call('setup --yes --with monitoring')).err).not.toContain('Applied');
  });

  test('gives them the labels that the Prometheus of others looks for, and says what that needs', async () => {
    const site = new Site(undefined, { 'platform.yaml': 'monitoring: { labels: { release: prometheus } }\n' });
    site.putProgram('prometheus-operator', 'quay.io/prometheus-operator/prometheus-operator:v0.80.0', { namespace: 'observability' });
    const { err } = await site.call('setup --yes --with monitoring');
    expect(err).toMatch(/monitoring: this Prometheus must select them, and .*docs\/metrics/);
    expect(site.cluster.api.find(RULE, 'webapp', 'observability')?.metadata.labels).toMatchObject({ release: 'prometheus' });
  });

  test('does not change rules that you took over by removing the label', async () => {
    const site = new Site();
    site.cluster.api.put({ ...RULE, metadata: { name: 'webapp', namespace: 'monitoring' }, spec: { groups: [] } });
    expect((await site.call('setup --yes --with monitoring')).err).toContain(
      '! PrometheusRule webapp was created by others, and stays as it is\n');
    expect(site.cluster.api.find(RULE, 'webapp', 'monitoring')?.spec).toEqual({ groups: [] });
  });

  test.each(['--dry-run', '--output yaml'])('prints them with %s', async flags => {
    const { out } = await new Site().call(`setup --with monitoring ${flags}`);
    expect(out).toMatch(/kind: PrometheusRule\n[^]*alert: WebAppErrors/);
    expect(out).toMatch(/kind: ConfigMap\n[^]*grafana_dashboard: ['"]1['"]/);
  });

  test('without it, there is none of that', async () => {
    const site = new Site();
    await site.call('setup --yes');
    expect(site.cluster.api.all(RULE)).toEqual([]);
  });
});

describe('the objects', () => {
  test.each(monitoringObjects(NAMESPACES))('match the schemas of a real API server: $kind $metadata.name', object => {
    expect(schemaErrors(JSON.parse(JSON.stringify(object)))).toEqual([]);
  });

  test('read the metrics of the interceptor at its port, which its pods do not declare', () => {
    const [{ spec }] = monitoringObjects(NAMESPACES) as unknown as [{ spec: { podMetricsEndpoints: { relabelings: object[] }[] } }];
    const [{ regex, replacement }] = spec.podMetricsEndpoints[0].relabelings as { regex: string; replacement: string }[];
    const target = (address: string) => address.replace(new RegExp(`^(?:${regex})$`), replacement);
    expect(['10.1.2.3:9090', '[fd00::1]:9090'].map(target)).toEqual(['10.1.2.3:2223', '[fd00::1]:2223']);
  });
});

describe('alerting rules', () => {
  test.each(ALERTS.map(({ alert, expr }) => [alert, expr]))('are PromQL: %s', (_, expr) => {
    expect(syntaxError(expr)).toBeUndefined();
  });

  test.each(ALERTS.map(({ alert, expr }) => [alert, expr]))('do not ask what is absent, as it is while apps sleep: %s', (_, expr) => {
    expect(expr).not.toMatch(/\babsent|\bup\b|or vector/);
  });

  test.each(ALERTS.map(({ alert, annotations }) => [alert, annotations]))('name the next command: %s', (_, { description }) => {
    expect(description).toMatch(/\b(webapp|kubectl) \w+/);
  });

  test('compare with what was before by names alone, as the other labels change with the pod of kube-state-metrics', () => {
    const compared = ALERTS.flatMap(({ expr }) => [...expr.matchAll(/\bunless\b(?<on> on \(namespace, \w+\))?/g)]);
    expect(compared.map(({ groups }) => groups!.on)).toEqual(
      [' on (namespace, job_name)', ' on (namespace, job_name)', ' on (namespace, pod)']);
  });

  test('use no label that kube-state-metrics does not have', () => {
    const used = new Set(ALERTS.flatMap(({ expr }) => [...expr.matchAll(/kube_(\w+)_labels/g)].map(([, kind]) => kind)));
    expect([...used].map(kind => `${kind}s`).sort()).toEqual(LABELS.map(one => one.split('=')[0]).sort());
  });
});

describe('the dashboard', () => {
  test.each(PANELS.flatMap(({ title, lines }) => Object.values(lines).map(expr => [title, expr])))('has PromQL: %s', (_, expr) => {
    expect(syntaxError(expr.replaceAll('$__rate_interval', '5m'))).toBeUndefined();
  });

  test('has panels that do not overlap', () => {
    const { panels } = dashboard() as { panels: { gridPos: { x: number; y: number; w: number; h: number } }[] };
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => (
      Array.from({ length: w * h }, (_, i) => `${x + i % w},${y + Math.floor(i / w)}`)));
    expect(new Set(cells).size).toBe(cells.length);
  });
});
