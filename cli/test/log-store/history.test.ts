import type { ApiRequest } from '../../src/kube/api';
import { POD } from '../../src/kube/types';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { errorResponse, response } from '../kube/in-memory-api';
import { deployment, TestCluster } from '../kube/test-cluster';

const APP = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n';
const stored = (logs: object) => new Folder({ 'webapp.yaml': APP, 'platform.yaml': `monitoring: { logs: ${JSON.stringify(logs)} }\n` });
const LOKI = stored({ loki: 'http://loki.logs:3100', tenant: 'acme' });
const VICTORIA = stored({ victoriaLogs: 'http://victoria.logs:9428/x', tenant: '7:2' });
const OWN_LABELS = stored({ loki: 'http://loki.logs:3100', labels: { pod: 'k8s_pod', namespace: 'k8s_namespace' } });

let cluster: TestCluster;
let asked: { readonly path: string; readonly query: NonNullable<ApiRequest['query']>; readonly headers: ApiRequest['headers'] }[];
beforeEach(async () => {
  cluster = new TestCluster();
  asked = [];
  await cluster.apply(deployment('web:1', { replicas: 0 }), deployment('web:1', { name: 'web-mailer' }));
});

/** What the store answers. */
function store(text: string, status = 200): void {
  cluster.api.intercept = (_, path, { query = {}, headers }) => {
    if (!path.startsWith('/api/v1/namespaces/logs/')) return undefined;
    asked.push({ path, query, headers });
    return response(status, text);
  };
}

const stream = (pod: string, ...lines: [time: string, text: string][]) => ({ stream: { pod, k8s_pod: pod }, values: lines });
const loki = (...result: object[]) => store(JSON.stringify({ status: 'success', data: { resultType: 'streams', result } }));
const run = async (line: string, folder = LOKI): Promise<Called> => call(line.split(' '), { cwd: folder.path, cluster });
const now = () => cluster.clock.now();

/** A pod that runs. */
function running(): void {
  const { labels } = deployment('web:1').metadata as unknown as { labels: object };
  const status = { containerStatuses: [{ name: 'main', state: { running: {} } }] };
  const own = { ...labels, 'app.kubernetes.io/component': 'web' };
  const metadata = { name: 'web-1', namespace: 'shop', labels: own };
  cluster.api.put({ ...POD, metadata, spec: { containers: [{ name: 'main' }] }, status } as never);
  cluster.api.logs.set('web-1/main', 'of the cluster\n');
}

describe('webapp logs, where the platform keeps them in Loki', () => {
  test('prints the lines of pods that are gone, in the order of their times', async () => {
    loki(
      stream('web-a', ['1767225600002000000', 'second'], ['1767225600001000000', 'first']),
      stream('web-b', ['1767225600003000000', 'third\n']));
    expect(await run('logs --since 2d --until 1h')).toEqual({ code: 0, err: '', out: 'web-a first\nweb-a second\nweb-b third\n' });
    expect(asked).toEqual([{
      path: '/api/v1/namespaces/logs/services/loki:3100/proxy/loki/api/v1/query_range',
      query: {
        query: expect.stringMatching(/^\{namespace="shop",pod=~"web-\[.*\]\{1,10\}-\[.*\]\{5\}",container="main"\}$/),
        start: `${now() - 2 * 86_400_000}000000`,
        end: `${now() - 3_600_000}000000`,
        limit: 5000,
        direction: 'backward',
      },
      headers: { 'x-scope-orgid': 'acme' },
    }]);
  });

  test('keeps the order of lines of the same millisecond, and of those that the store gives the same time', async () => {
    const at = (end: string) => `176722560000000${end}`;
    loki(stream('web-a', [at('1002'), 'fourth'], [at('1001'), 'third'], [at('0999'), 'second'], [at('0999'), 'first']));
    expect((await run('logs --since 1h')).out).toBe(['first', 'second', 'third', 'fourth'].map(text => `web-a ${text}\n`).join(''));
  });

  test('has the log of an app that is asleep', async () => {
    loki(stream('web-a', ['1767225600000000000', 'before it slept']));
    expect(await run('logs')).toEqual({ code: 0, err: '', out: 'web-a before it slept\n' });
    expect(asked[0].query).toMatchObject({ limit: 100, start: `${now() - 7 * 86_400_000}000000` });
  });

  test('asks for the pods of all processes and jobs of the app, and not of another one', async () => {
    loki();
    await run('logs --all --since 1h');
    const [, matcher] = /pod=~("(?:[^"\\]|\\.)*")/.exec(String(asked[0].query.query))!;
    const pattern = new RegExp(`^(?:${JSON.parse(matcher)})$`);
    const own = ['web-6879756957-d9z86', 'web-mailer-6879756957-d9z86', 'web-release-0a1b2c3d-x2x7k', 'web-run-5d1f08'];
    expect([...own, 'web-admin-6879756957-d9z86', 'web2-6879756957-d9z86'].filter(name => pattern.test(name))).toEqual(own);
    expect(String(asked[0].query.query)).not.toContain('container=');
  });

  test('cannot be made to ask for anything else by a pattern', async () => {
    loki();
    await run('logs --since 1h --grep "}|=\\d');
    expect(asked[0].query.query).toMatch(/\} \|~ "\(\?i\)\\"\}\|=\\\\d"$/);
  });

  test('says that there are none', async () => {
    loki();
    expect(await run('logs --since 1h')).toEqual({ code: 0, out: '', err: 'Loki has no such lines of web\n' });
  });

  test('uses the labels that the platform names', async () => {
    loki(stream('web-a', ['1767225600000000000', 'hello']));
    expect((await run('logs --since 1h', OWN_LABELS)).out).toBe('web-a hello\n');
    expect(asked[0].query.query).toMatch(/^\{k8s_namespace="shop",k8s_pod=~/);
  });

  test.each([
    ['logs --no-history --since 1h'], ['logs --previous --since 1h'], ['logs --build'],
  ])('is not asked by webapp %s', async line => {
    loki();
    await run(line);
    expect(asked).toEqual([]);
  });

  test('is not asked while the app runs and nothing says how far back', async () => {
    running();
    loki();
    expect((await run('logs')).out).toBe('of the cluster\n');
    expect(asked).toEqual([]);
  });

  test('prints what the cluster has if it cannot be read', async () => {
    running();
    store('too many outstanding requests', 429);
    expect(await run('logs --since 1h')).toEqual({
      code: 0,
      out: 'of the cluster\n',
      err: '! Loki rejected the query (status 429): too many outstanding requests; what follows is of the pods that exist\n',
    });
    cluster.api.intercept = (_, path) => (path.includes('/proxy/') ? errorResponse(403, 'Forbidden', 'no') : undefined);
    const { err } = await run('logs --since 1h');
    expect(err).toMatch(/^! you are not allowed to get services\/proxy in namespace logs, .* Loki is reached/);
  });
});

describe('webapp logs, where the platform keeps them in VictoriaLogs', () => {
  const line = (time: string, text: string) => (
    JSON.stringify({ '_time': time, '_msg': text, 'kubernetes.pod_name': 'web-a', '_stream': '{}' }));
  test('prints the fields of lines of JSON that have no message', async () => {
    const missing = 'missing _msg field; see https://docs.victoriametrics.com/victorialogs/keyconcepts/#message-field';
    const text = JSON.stringify({
      ...JSON.parse(line('2026-01-01T00:00:00Z', missing)), 'kubernetes.pod_labels.app': 'web', 'level': 'info', 'user.id': '7',
    });
    store(text);
    expect((await run('logs --since 1h', VICTORIA)).out).toBe('web-a {"level":"info","user.id":"7"}\n');
  });

  test('keeps the order of lines of the same millisecond', async () => {
    store([['00:00:00.0000001Z', 'second'], ['00:00:00.00000005Z', 'first'], ['00:00:00Z', 'zeroth']]
      .map(([time, text]) => line(`2026-01-01T${time}`, text)).join('\n'));
    expect((await run('logs --since 1h', VICTORIA)).out).toBe('web-a zeroth\nweb-a first\nweb-a second\n');
  });

  const QUERY = [
    '"kubernetes\\.pod_namespace":="shop"', '"kubernetes\\.pod_name":~"\\^\\(web-.*\\)\\$"', '"kubernetes\\.container_name":="main"',
    '~"\\(\\?i\\)time\\\\"out" \\| sort by \\(_time desc\\) \\| limit 10',
  ].join(' ');

  test('prints the lines of pods that are gone', async () => {
    store(`${line('2026-01-01T00:00:01Z', 'second')}\n${line('2026-01-01T00:00:00.5Z', 'first')}\n`);
    expect(await run('logs --since 1h --tail 10 --grep time"out', VICTORIA)).toEqual(
      { code: 0, err: '', out: 'web-a first\nweb-a second\n' });
    expect(asked).toEqual([{
      path: '/api/v1/namespaces/logs/services/victoria:9428/proxy/x/select/logsql/query',
      query: {
        query: expect.stringMatching(new RegExp(`^${QUERY}$`)),
        start: new Date(now() - 3_600_000).toISOString(),
        end: new Date(now()).toISOString(),
      },
      headers: { accountid: '7', projectid: '2' },
    }]);
  });

  test('says what is wrong with it', async () => {
    store('<html>');
    expect((await run('logs --since 1h', VICTORIA)).err).toMatch(/^! what monitoring\.logs\.victoriaLogs names does not answer like/);
  });
});

describe('webapp open --dashboard', () => {
  test('prints the dashboard of the app in the Grafana of the platform', async () => {
    const folder = new Folder({ 'webapp.yaml': APP, 'platform.yaml': 'monitoring: { grafana: https://grafana.example.com/ }\n' });
    expect(await run('open --dashboard', folder)).toEqual(
      { code: 0, err: '', out: 'https://grafana.example.com/d/cdk8s-webapp?var-namespace=shop&var-app=web\n' });
  });

  test('says what the platform lacks', async () => {
    expect(await run('open --dashboard')).toEqual({
      code: 1, out: '', err: 'the platform names no Grafana; set monitoring.grafana in platform.yaml to its URL\n',
    });
  });
});
