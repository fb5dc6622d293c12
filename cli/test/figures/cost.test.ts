import { TestPrometheus } from './test-prometheus';
import { WITHOUT_PROMETHEUS } from '../../src/figures/metrics-now';
import { CRON_JOB, SCALED_OBJECT } from '../../src/kube/types';
import { call } from '../call';
import { Folder } from '../folder';
import { deployment, scaledObject, TestCluster } from '../kube/test-cluster';

const APP = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n';
const PROMETHEUS = 'prometheus: http://prometheus.monitoring:9090';
const PRICES = 'prices: { cpu: 0.03, memory: 0.004, currency: EUR }\n';
const priced = new Folder({ 'webapp.yaml': APP, 'platform.yaml': `monitoring: { ${PROMETHEUS} }\n${PRICES}` });
const unpriced = new Folder({ 'webapp.yaml': APP, 'platform.yaml': `monitoring: { ${PROMETHEUS} }\n` });
const alone = new Folder({ 'webapp.yaml': APP, 'platform.yaml': PRICES });

let cluster: TestCluster;
beforeEach(async () => {
  cluster = new TestCluster();
  const resources = { requests: { cpu: '500m', memory: '1Gi' } };
  const sized = (one: ReturnType<typeof deployment>) => {
    const object = structuredClone(one) as unknown as { spec: { template: { spec: { containers: object[] } } } };
    Object.assign(object.spec.template.spec.containers[0], { resources });
    return object as never;
  };
  await cluster.apply(
    sized(deployment('web:1', { replicas: 0 })), sized(deployment('web:1', { name: 'web-mailer', replicas: 2 })), scaledObject());
  const lastActiveTime = new Date(cluster.clock.now() - 10 * 3_600_000).toISOString();
  cluster.api.change({ ...SCALED_OBJECT, metadata: { name: 'web' } }, { status: { lastActiveTime } });
  const labels = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };
  const spec = { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'main', resources }] } } } } };
  cluster.api.put({ ...CRON_JOB, metadata: { name: 'web-nightly', namespace: 'shop', labels }, spec });
});

const run = async (line: string, folder = priced) => call(line.split(' '), { cwd: folder.path, cluster });

/** A Prometheus in which each sum is over minutes: so many of half a core, and of 1 GiB. */
function prometheus(): TestPrometheus {
  const minutes = {
    'web-6879756957-d9z86': 600, 'web-6879756957-bcdfg': 600, 'web-mailer-6879756957-d9z86': 6000, 'web-nightly-29384756-x2x7k': 60,
  };
  const pods = (amount: number) => Object.entries(minutes).map(([pod, value]) => (
    { metric: { namespace: 'shop', pod }, value: value * amount }));
  const asleep = (web: number) => [
    { metric: { namespace: 'shop', workload: 'web' }, value: web }, { metric: { namespace: 'shop', workload: 'web-mailer' }, value: 0 },
  ];
  return new TestPrometheus(cluster)
    .has(/resource="cpu"/, ...pods(0.5))
    .has(/resource="memory"/, ...pods(1024 ** 3))
    .has(/^sum_over_time.*replicas/, ...asleep(6000))
    .has(/^avg_over_time.*replicas/, ...asleep(0.6));
}

describe('webapp cost, from Prometheus', () => {
  test('multiplies what was requested by the prices, and what sleeping saved', async () => {
    prometheus();
    expect(await run('cost')).toEqual({
      code: 0,
      err: '',
      out: `\
The last 7 d:

APP    PROCESS      CPU HOURS  GIB HOURS  COST        ASLEEP  SAVED
web    web          10.0       20.0       0.38 EUR    60%     1.90 EUR
web    web-mailer   50.0       100.0      1.90 EUR    0%
web    web-nightly  0.50       1.00       0.0190 EUR
total               60.5       121.0      2.30 EUR            1.90 EUR
`,
    });
  });

  test('without prices shows hours', async () => {
    prometheus();
    const { out } = await run('cost web --since 30d', unpriced);
    expect(out).toMatch(/^The last 30 d:\n\nAPP +PROCESS +CPU HOURS +GIB HOURS +ASLEEP +SAVED\n/);
    expect(out).toMatch(/\nweb +web +10\.0 +20\.0 +60% +50\.0 CPU h, 100\.0 GiB h\n/);
  });

  test('counts pods that run, and neither those that wait nor those that have ended', async () => {
    const { queries } = prometheus();
    await run('cost');
    expect(queries.filter(query => query.includes('resource='))).toHaveLength(2);
    for (const query of queries.filter(one => one.includes('resource='))) {
      expect(query).toContain('* on (namespace, pod) max by (namespace, pod) '
        + '(kube_pod_status_phase{namespace=~"shop",phase="Running"} == 1)');
    }
  });

  test('prints JSON', async () => {
    prometheus();
    const { processes, ...head } = JSON.parse((await run('cost --since 1d --output json')).out);
    expect(head).toMatchObject({ source: 'prometheus', hours: 24, currency: 'EUR' });
    expect(processes[0]).toMatchObject({
      name: 'web',
      namespace: 'shop',
      process: 'web',
      requested: { cpu: 10, memory: 20 },
      asleepHours: 100,
      asleep: 0.6,
      saved: { cpu: 50, memory: 100 },
    });
  });

  test('has the namespaces with -A', async () => {
    prometheus();
    expect((await run('cost -A')).out).toMatch(/^NAMESPACE +APP[^]*^shop +web +web +10\.0/m);
  });
});

describe('webapp cost, without Prometheus', () => {
  test('shows an hour as it is now, what sleeping has saved so far, and what is not known', async () => {
    expect(await run('cost', alone)).toEqual({
      code: 0,
      err: '',
      out: `\
One hour as it is now:

APP    PROCESS     CPU HOURS  GIB HOURS  COST        ASLEEP    SAVED
web    web         0.00       0.00       0.00 EUR    for 10 h  0.19 EUR
web    web-mailer  1.00       2.00       0.0380 EUR
total              1.00       2.00       0.0380 EUR            0.19 EUR
! what was requested over a time, and how much of it apps were asleep: ${WITHOUT_PROMETHEUS}
`,
    });
  });

  test('says that there are no apps, or not that one', async () => {
    expect(await run('cost --namespace keda', alone)).toMatchObject(
      { code: 0, err: 'There are no apps in namespace keda; webapp cost -A shows those of all namespaces\n' });
    expect(await run('cost api', alone)).toMatchObject({ code: 1, err: expect.stringContaining('api is not deployed') });
  });

  test('does not reckon with half of the prices', async () => {
    const half = new Folder({ 'webapp.yaml': APP, 'platform.yaml': 'prices: { cpu: 0.03 }\n' });
    const err = expect.stringMatching(/^prices in the platform file need cpu and memory/);
    expect(await run('cost', half)).toMatchObject({ code: 1, err });
    expect((await run('check', half)).out + (await run('check', half)).err).toContain('prices.memory');
  });
});
