import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestPrometheus } from './test-prometheus';
import { METRICS_PORT } from '../../src/engine/canary-health';
import { quantileOf } from '../../src/figures/metrics-now';
import { POD, POD_METRICS, SERVICE } from '../../src/kube/types';
import type { World } from '../../src/ui/world';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { errorResponse, response } from '../kube/in-memory-api';
import { deployment, proxyService, TestCluster } from '../kube/test-cluster';

const APP = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n';
const PLATFORM = 'monitoring: { prometheus: http://prometheus.monitoring:9090 }\n';
const withPrometheus = new Folder({ 'webapp.yaml': APP, 'platform.yaml': PLATFORM });
const without = new Folder({ 'webapp.yaml': APP });

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  runControllers(cluster);
  await cluster.apply(deployment('web:1', { replicas: 2 }), deployment('web:1', { name: 'web-mailer' }), proxyService());
});

const run = async (line: string, world: Partial<World> = {}): Promise<Called> => (
  call(line.split(' '), { cwd: withPrometheus.path, cluster, ...world }));
const json = async (line: string) => JSON.parse((await run(`${line} --output json`)).out);

/** The time in seconds, which does not pass here. */
const now = () => Math.floor(cluster.clock.now() / 1000);

/** A Prometheus that has everything. */
function prometheus(): TestPrometheus {
  return new TestPrometheus(cluster)
    .has(/^count\(/, { value: 1 })
    .has(/code=~"5\.\."/, { value: 12.2 })
    .has(/^sum\(.*interceptor_request_count_total/, { value: 1240.4 })
    .has(/^histogram_quantile\(0\.5,/, { value: 0.0123 })
    .has(/^histogram_quantile\(0\.95,/, { value: 0.18 })
    .has(/^histogram_quantile\(0\.99,/, { value: 10 })
    .has(/kube_deployment_spec_replicas/, { values: time => (asleep(time) ? 0 : 1) })
    .has(/kube_pod_created/, { metric: { pod: 'web-a' }, value: now() - 1790 }, { metric: { pod: 'web-b' }, value: now() - 600 })
    .has(/kube_pod_status_ready_time/, { metric: { pod: 'web-a' }, value: now() - 1788 }, { metric: { pod: 'web-b' }, value: now() - 1 })
    .has(/kube_deployment_status_replicas_ready/, { values: time => (asleep(time) ? 0 : 2) })
    .has(/container_cpu_usage_seconds_total/, { values: time => (asleep(time) ? undefined : 0.212) })
    .has(/container_memory_working_set_bytes/, { values: time => (asleep(time) ? undefined : 128 * 1024 ** 2) });
}

/** The app sleeps for the first half of the last hour. */
function asleep(time: number): boolean {
  return time < now() - 1800;
}

describe('webapp metrics, from Prometheus', () => {
  test('prints the figures of the last hour', async () => {
    prometheus();
    expect(await run('metrics')).toEqual({
      code: 0,
      err: '',
      out: `\
web in namespace shop of test

REQUESTS     1,240 in the last 1 h                    10/s at most
ERRORS       12 (0.97%)                               0.1/s at most
LATENCY      p50 12 ms, p95 180 ms, p99 10 s or more
COLD STARTS  1                                        2 s until ready
REPLICAS     2 now                                    2 at most
CPU          212m now                                 212m at most
MEMORY       128Mi now                                128Mi at most
`,
    });
  });

  test('asks about the requests of the app and its canary, and about its pods alone', async () => {
    await cluster.apply(deployment('web:2', { name: 'web-canary' }));
    const { queries } = prometheus();
    await run('metrics');
    expect(queries.join('\n')).toContain('route_namespace="shop",route_name=~"(web|web-canary)"');
    const [, pattern] = /container_memory_working_set_bytes\{namespace="shop",pod=~("[^"]*")/.exec(queries.join('\n'))!;
    const pods = new RegExp(`^(?:${JSON.parse(pattern)})$`);
    const names = ['web-6879756957-d9z86', 'web-canary-775555-ftz94', 'web-mailer-6879756957-d9z86', 'web-release-x2x7k', 'web2-7d-fghjk'];
    expect(names.filter(name => pods.test(name))).toEqual(names.slice(0, 2));
  });

  test('counts what a series began with, as the first request after a sleep begins one', async () => {
    const { queries } = prometheus();
    await run('metrics --since 2h');
    const series = 'interceptor_request_count_total{route_namespace="shop",route_name=~"(web)"}';
    expect(queries).toContain(`sum((((${series} unless ${series} offset 7200s) and on (job, instance) (up offset 7200s)) `
      + `or increase(${series}[7200s])))`);
  });

  test('prints all points as JSON', async () => {
    prometheus();
    const metrics = await json('metrics --since 1h --step 30m');
    expect(metrics).toMatchObject({
      name: 'web',
      namespace: 'shop',
      source: 'prometheus',
      step: 1800,
      requests: 1240,
      errors: 12,
      latency: { p50: 0.0123, p95: 0.18, p99: 10 },
      coldStarts: [{ seconds: 2 }],
      unknown: [],
    });
    expect(metrics.points).toHaveLength(3);
    expect(metrics.points[0]).toMatchObject({ replicas: 0, cpu: 0, memory: 0 });
    expect(metrics.points[1]).toEqual({
      time: new Date((now() - 1800) * 1000).toISOString().replace('.000', ''),
      requests: 1240.4 / 1800,
      errors: 12.2 / 1800,
      p50: 0.0123,
      p95: 0.18,
      p99: 10,
      replicas: 2,
      cpu: 0.212,
      memory: 128 * 1024 ** 2,
    });
  });

  test('an app without any request in that time has none, and no latency', async () => {
    new TestPrometheus(cluster).has(/^count\(/, { value: 1 });
    const { out } = await run('metrics');
    expect(out).toMatch(/^REQUESTS +0 in the last 1 h +0\/s at most\nERRORS +0 +0\/s at most\nCOLD STARTS +0\nCPU +0m now/m);
  });

  test('a worker gets no requests', async () => {
    const { queries } = prometheus();
    const { out } = await run('metrics --worker mailer');
    expect(out).toMatch(/^web-mailer in namespace shop/);
    expect(out).not.toContain('REQUESTS');
    expect(queries.filter(query => query.includes('interceptor_'))).toEqual([]);
  });

  test.each([
    [/target_info/, 'requests, errors and latency', 'webapp setup --with monitoring'],
    [/^count\(kube_/, 'replicas and cold starts', 'kube-state-metrics'],
    [/^count\(container_/, 'CPU and memory', 'kubelets'],
  ])('names what Prometheus does not have: %s', async (absent, figures, why) => {
    const fake = new TestPrometheus(cluster).has(absent);
    if (absent.source === 'target_info') fake.has(/interceptor_/);
    fake.has(/./, { value: 1 });
    const { out } = await run('metrics');
    expect(out).toMatch(new RegExp(`^! ${figures}: .*${why}`, 'm'));
  });

  test('draws charts on a terminal, and one row each where it is narrow', async () => {
    prometheus();
    const color = { out: true, err: false };
    const wide = (await run('metrics', { color, columns: 100 })).out;
    expect(wide).toMatch(/\nreplicas\n +2 ┼/);
    expect(wide.split('\n').every(line => line.replace(/\u001b\[\d+m/g, '').length <= 100)).toBe(true);
    const narrow = (await run('metrics', { color, columns: 40 })).out;
    expect(narrow).toMatch(/\nreplicas\n▁+█+\n/);
    expect(narrow).not.toContain('┤');
  });

  describe('that cannot be read', () => {
    const answer = (made: ReturnType<typeof response>) => {
      cluster.api.intercept = (_, path) => (path.includes('/proxy/api/v1/query') ? made : undefined);
    };

    test.each<[why: string, made: ReturnType<typeof response>, message: RegExp]>([
      ['as the user may not', errorResponse(403, 'Forbidden', 'no'),
        /^you are not allowed to get services\/proxy in namespace monitoring, through which Prometheus is .*pass --prometheus http/],
      ['as there is no such Service', errorResponse(404, 'NotFound', 'services "prometheus" not found'),
        /^there is no Service prometheus in namespace monitoring, where Prometheus should be/],
      ['as it does not run', errorResponse(503, 'ServiceUnavailable', 'no endpoints available for service "prometheus:9090"'),
        /^Prometheus at http:\/\/prometheus\.monitoring:9090 does not respond: no endpoints/],
      ['as it is something else', response(200, '<html>'), /does not answer like the API of Prometheus \(status 200\)/],
      ['as it says no', response(422, '{"status":"error","error":"too many samples"}'), /^Prometheus rejected a query: too many samples/],
    ])('%s', async (_, made, message) => {
      answer(made);
      const { code, err } = await run('metrics');
      expect(code).toBe(1);
      expect(err).toMatch(message);
    });

    test('as nothing is at its URL', async () => {
      expect(await run('metrics --prometheus http://user:secret@localhost:1/x')).toEqual({
        code: 1, out: '', err: expect.stringMatching(/^cannot reach Prometheus at http:\/\/localhost:1\/x: \S/),
      });
    });
  });

  test('reads one outside of the cluster directly, with the user and password of its URL', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, answer) => {
      seen.push(`${request.headers.authorization} ${request.url!.split('?')[0]}`);
      answer.end('{"status":"success","data":{"resultType":"vector","result":[]}}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect((await run(`metrics --prometheus http://me:p%40ss@127.0.0.1:${port}/base/`)).code).toBe(0);
    server.close();
    expect(seen).toContain(`Basic ${Buffer.from('me:p@ss').toString('base64')} /base/api/v1/query`);
  });

  test.each([
    ['--since 10s', 'Write a time of a minute or more'],
    ['--step 5s', 'Write a time of 15s or more'],
    ['--prometheus localhost:9090', 'Write a URL such as http://localhost:9090'],
  ])('does not take %s', async (flags, message) => {
    expect(await run(`metrics ${flags}`)).toMatchObject({ code: 64, err: expect.stringContaining(message) });
  });
});

describe('webapp metrics, without Prometheus', () => {
  const histogram = (code: number, counts: object) => Object.entries(counts).map(([bound, count]) => (
    `interceptor_request_duration_seconds_bucket{code="${code}",route_name="web",route_namespace="shop",le="${bound}"} ${count}`));

  function interceptor(): void {
    const selector = { app: 'interceptor' };
    const proxy = { name: 'keda-add-ons-http-interceptor-proxy', namespace: 'keda' };
    cluster.api.put({ ...SERVICE, metadata: proxy, spec: { selector } });
    const startTime = new Date(cluster.clock.now() - 3 * 86_400_000).toISOString();
    const status = { phase: 'Running', startTime };
    cluster.api.put({ ...POD, metadata: { name: 'i-1', namespace: 'keda', labels: selector }, status });
    cluster.api.proxy = (name, path) => response(200, name === `i-1:${METRICS_PORT}` && path === '/metrics' ? [
      'interceptor_request_count_total{code="200",method="GET",route_name="web",route_namespace="shop"} 95',
      'interceptor_request_count_total{code="503",method="GET",route_name="web",route_namespace="shop"} 5',
      'interceptor_request_count_total{code="503",method="GET",route_name="web2",route_namespace="shop"} 50',
      ...histogram(200, { '0.005': 0, '0.01': 90, '0.025': 95, '+Inf': 95 }),
      ...histogram(503, { '0.005': 0, '0.01': 0, '0.025': 0, '+Inf': 5 }),
    ].join('\n') : '');
  }

  const local = async (line: string) => run(line, { cwd: without.path });

  test('prints what the cluster knows, and what it does not', async () => {
    interceptor();
    cluster.api.put({
      ...POD_METRICS, metadata: { name: 'web-1', namespace: 'shop' }, containers: [{ name: 'main', usage: { cpu: '50m', memory: '64Mi' } }],
    } as never);
    const labels = { ...deployment('x').metadata.labels as object, 'app.kubernetes.io/component': 'web' };
    cluster.api.put({ ...POD, metadata: { name: 'web-1', namespace: 'shop', labels }, spec: {}, status: { phase: 'Running' } } as never);
    expect(await local('metrics')).toEqual({
      code: 0,
      err: '',
      out: `\
web in namespace shop of test

REQUESTS  100 since 3 d ago, when the interceptor was started
ERRORS    5 (5%)
LATENCY   p50 8 ms, p95 25 ms, p99 25 ms
REPLICAS  2 now
CPU       50m now
MEMORY    64Mi now
! cold starts, and all figures over a time: that needs Prometheus: set monitoring.prometheus in platform.yaml, or pass --prometheus URL
`,
    });
  });

  test('says which right it lacks for the requests, and still prints the rest', async () => {
    cluster.api.absent.add('PodMetrics');
    const { code, out } = await local('metrics');
    expect(code).toBe(0);
    expect(out).toMatch(/^REPLICAS +2 now$/m);
    expect(out).toMatch(/^! requests, errors and latency: .*get of pods\/proxy/m);
    expect(out).toMatch(/^! CPU and memory: metrics-server is not installed/m);
  });

  test('reads the Prometheus of the platform that the operator has', async () => {
    const spec = { monitoring: { prometheus: 'http://prometheus.monitoring:9090' } };
    cluster.api.put({ apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'Platform', metadata: { name: 'default' }, spec } as never);
    prometheus();
    expect(JSON.parse((await run('metrics web --output json', { cwd: '/nowhere' })).out)).toMatchObject({ source: 'prometheus' });
  });
});

describe('a quantile is that of Prometheus', () => {
  test.each<[quantile: number, counts: readonly [number, number][], value: number | undefined]>([
    [0.5, [], undefined],
    [0.5, [[0.1, 0], [Infinity, 0]], undefined],
    [0.5, [[0.1, 10], [0.2, 20], [Infinity, 20]], 0.1],
    [0.75, [[0.1, 10], [0.2, 20], [Infinity, 20]], 0.15],
    [0.25, [[0.1, 10], [0.2, 20], [Infinity, 20]], 0.05],
    [0.99, [[0.1, 10], [0.2, 10], [Infinity, 20]], 0.2],
  ])('%s of %j is %s', (quantile, counts, value) => {
    expect(quantileOf(new Map(counts), quantile)?.toFixed(9)).toBe(value?.toFixed(9));
  });
});
