import { build, problems, synth } from '../synth';
import { AppProtocol } from 'cdk8s-webapp';

const monitoring = {};

describe('metrics', () => {
  test('are scraped through a PodMonitor, at /metrics on the app\'s port', () => {
    const manifests = synth({ metrics: {} }, { monitoring });
    expect(manifests.get('PodMonitor')).toMatchObject({ metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'web' } } });
    expect(manifests.get('PodMonitor').spec).toEqual({
      selector: { matchLabels: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/component': 'web' } },
      podMetricsEndpoints: [{ port: 'http', path: '/metrics' }],
    });
    expect(manifests.container.ports).toEqual([{ name: 'http', containerPort: 8080 }]);
    expect(manifests.get('Deployment').spec.template.metadata).not.toHaveProperty('annotations');
  });

  test('on a separate port add that port to the container', () => {
    const manifests = synth({ metrics: { path: '/internal/metrics?all', port: 9100 } }, { monitoring });
    expect(manifests.container.ports).toEqual([{ name: 'http', containerPort: 8080 }, { name: 'metrics', containerPort: 9100 }]);
    expect(manifests.get('PodMonitor').spec.podMetricsEndpoints).toEqual([{ port: 'metrics', path: '/internal/metrics?all' }]);
    expect(manifests.get('Service', 'web').spec.ports).toHaveLength(1);
  });

  test('on the app\'s own port number add no second port', () => {
    expect(synth({ metrics: { port: 3000 }, port: 3000 }, { monitoring }).container.ports).toEqual([{ name: 'http', containerPort: 3000 }]);
  });

  test('have the labels that the platform sets on its PodMonitors', () => {
    expect(synth({ metrics: {} }, { monitoring: { labels: { release: 'prometheus' } } }).get('PodMonitor').metadata.labels)
      .toMatchObject({ 'release': 'prometheus', 'app.kubernetes.io/name': 'web' });
  });

  test('are discovered through pod annotations if there is no Prometheus Operator', () => {
    const manifests = synth({ metrics: { port: 9100 }, annotations: { team: 'shop' } }, { monitoring: { podMonitor: false } });
    expect(manifests.has('PodMonitor')).toBe(false);
    expect(manifests.get('Deployment').spec.template.metadata.annotations)
      .toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100', 'prometheus.io/path': '/metrics', 'team': 'shop' });
    expect(manifests.get('Deployment').metadata.annotations).toEqual({ team: 'shop' });
  });

  test.each([
    ['any namespace', {}, { namespaceSelector: {} }],
    [
      'the monitoring namespace',
      { namespace: 'monitoring' },
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
    ],
  ])('accept traffic from %s, on the metrics port only', (_, platform, peer) => {
    const { ingress } = synth({ metrics: { port: 9100 } }, { monitoring: platform }).get('NetworkPolicy').spec;
    expect(ingress).toEqual([
      synth().get('NetworkPolicy').spec.ingress[0],
      { from: [peer], ports: [{ protocol: 'TCP', port: 'metrics' }] },
    ]);
  });

  test('add nothing to an app without them, whatever the platform has', () => {
    expect(synth({}, { monitoring: { podMonitor: false } }).all).toEqual(synth().all);
    expect(synth({}, { monitoring }).all).toEqual(synth().all);
  });

  test('on the port of a server that speaks only HTTP/2 cause a warning', () => {
    const { web } = build({ metrics: {}, protocol: AppProtocol.HTTP2 }, { monitoring });
    expect(web.node.metadata.map(({ data }) => data)).toEqual([
      'metrics are scraped over HTTP/1.1, which a server that speaks only HTTP/2 does not support; '
        + 'set metrics.port to that of another server',
    ]);
  });

  test.each([
    [
      { metrics: {} },
      {},
      'WebApp "web": metrics is not supported, because the platform has no monitoring; '
        + 'remove it, or ask your platform team to set monitoring: {}',
    ],
    [
      { metrics: { path: 'metrics' } },
      { monitoring },
      'WebApp "web": metrics.path is "metrics", which is not a valid path; use a path that starts with a slash, such as /healthz',
    ],
    [{ metrics: { port: 0 } }, { monitoring }, 'WebApp "web": metrics.port is 0, which is too small; use a number from 1 to 65535'],
    [
      {},
      { monitoring: { podMonitor: false, labels: { a: 'b' } } },
      'Platform: monitoring.labels has no effect when podMonitor is false; remove one of them',
    ],
    [
      {},
      { monitoring: { namespace: 'Monitoring' } },
      'Platform: monitoring.namespace is "Monitoring", which is not a valid namespace name; '
        + 'use at most 63 lowercase letters, digits and dashes',
    ],
    [{}, { monitoring: { logs: {} } }, 'Platform: monitoring.logs names no store; set loki or victoriaLogs to its URL'],
    [
      {},
      { monitoring: { logs: { loki: 'http://loki.logs', victoriaLogs: 'http://victoria-logs.logs' } } },
      'Platform: monitoring.logs.victoriaLogs cannot be combined with loki; remove one of them',
    ],
    [
      {},
      { monitoring: { logs: { loki: 'loki.logs' } } },
      'Platform: monitoring.logs.loki is "loki.logs", which is not a valid URL of an API; '
        + 'use a URL such as http://prometheus.monitoring:9090',
    ],
    [
      {},
      { monitoring: { logs: { loki: 'http://loki.logs', tenant: 'a b' } } },
      'Platform: monitoring.logs.tenant is "a b", which is not a valid tenant; use the ID of a tenant, such as shop or 1:2',
    ],
    [
      {},
      { monitoring: { logs: { loki: 'http://loki.logs', labels: { pod: 'k8s-pod' } } } },
      'Platform: monitoring.logs.labels.pod is "k8s-pod", which is not a valid label; use letters, digits, _ and ., such as k8s_pod_name',
    ],
    [
      {},
      { prices: { cpu: -1, memory: 0.004 } },
      'Platform: prices.cpu is -1; use the price of an hour, from 0 to 1000, such as 0.0315',
    ],
    [
      {},
      { prices: { cpu: 0.03, memory: 0.004, currency: 'euro' } },
      'Platform: prices.currency is "euro", which is not a code of a currency; use three capital letters, such as EUR',
    ],
  ])('%j with the platform %j is an error', (props, platform, expected) => {
    expect(problems(props, platform)).toEqual([expected]);
  });

  test('what only the command uses changes nothing that is written', () => {
    const logs = { loki: 'http://loki.logs', tenant: 'acme', labels: { pod: 'k8s_pod' } };
    const platform = { monitoring: { grafana: 'https://grafana.example.com', logs }, prices: { cpu: 0.03, memory: 0 } };
    expect(synth({ metrics: {} }, platform).all).toEqual(synth({ metrics: {} }, { monitoring }).all);
  });
});
