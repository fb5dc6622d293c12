import type { ColdStart } from '../../src/diagnose/cold-start';
import { longest, startOf, stepsOf, whileWaking } from '../../src/diagnose/cold-start';
import type { Pod } from '../../src/kube/types';
import { DEPLOYMENT } from '../../src/kube/types';
import type { Workload } from '../../src/kube/workload';
import { errorResponse } from '../kube/in-memory-api';
import { deployment, TestCluster } from '../kube/test-cluster';

const ALL: ColdStart = { began: 0, scaled: 300, scheduled: 400, prepared: 900, running: 1100, ready: 2600, answered: 2700 };

describe('a cold start', () => {
  test('takes as long as its steps together', () => {
    expect(stepsOf(ALL).map(({ name, seconds }) => [name, seconds])).toEqual([
      ['interceptor, scaler, KEDA', 0.3],
      ['pod, node', 0.1],
      ['volumes, network', 0.5],
      ['image, container', 0.2],
      ['process, health check', 1.5],
      ['endpoint, response', 0.1],
    ]);
  });

  test.each<[string, Partial<ColdStart>, string, number, string]>([
    ['waits for KEDA', { scaled: 9000 }, 'interceptor, scaler, KEDA', 9, 'interval'],
    ['waits for the scheduler', { scheduled: 9000 }, 'pod, node', 8.7, 'control plane'],
    ['waits for a node', { scheduled: 9000, waitedForNode: true }, 'pod, node', 8.7, 'choose a smaller size, or add a node'],
    ['mounts volumes', { prepared: 9000 }, 'volumes, network', 8.6, 'fewer volumes'],
    ['pulls an image', { running: 9000 }, 'image, container', 8.1, 'smaller image'],
    ['waits for the process', { ready: 9000 }, 'process, health check', 7.9, 'before the process listens'],
    ['waits for the endpoint', { answered: 9000 }, 'endpoint, response', 6.4, 'KEDA_HTTP_DIRECT_POD_ROUTING'],
  ])('that %s longest says so', (_, times, name, seconds, hint) => {
    expect(longest(stepsOf({ ...ALL, ...times }))).toEqual({ name, seconds, hint: expect.stringContaining(hint) });
  });

  test.each<[string, ColdStart, [string, number][]]>([
    [
      'counts a step that nobody saw for the next one',
      { began: 0, ready: 2000, answered: 2500 },
      [['process, health check', 2], ['endpoint, response', 0.5]],
    ],
    [
      'has no negative step',
      { began: 1000, scaled: 900, answered: 1500 },
      [['interceptor, scaler, KEDA', 0], ['endpoint, response', 0.5]],
    ],
  ])('%s', (_, times, steps) => {
    expect(stepsOf(times).map(({ name, seconds }) => [name, seconds])).toEqual(steps);
  });
});

const condition = (type: string, second: number, status = 'True') => (
  { type, status, lastTransitionTime: `2026-01-01T00:00:0${second}Z` });

function pod(containerStatus: object = {}, ...conditions: object[]): Pod {
  return {
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'app.kubernetes.io/name': 'web' }, creationTimestamp: '2026-01-01T00:00:01Z' },
    spec: { nodeName: 'node-1', containers: [] },
    status: {
      containerStatuses: [{ restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:03Z' } }, ...containerStatus }],
      conditions: [condition('PodScheduled', 1), condition('PodReadyToStartContainers', 2), condition('Ready', 5), ...conditions],
    },
  } as never;
}

describe('the start of a pod', () => {
  test('is read from its conditions', () => {
    expect(stepsOf(startOf(pod())!).map(({ name, seconds }) => [name, seconds])).toEqual([
      ['pod, node', 0], ['volumes, network', 1], ['image, container', 1], ['process, health check', 2],
    ]);
  });

  test.each<[string, Pod]>([
    ['restarted', pod({ restartCount: 1 })],
    ['does not run', pod({ state: { waiting: {} } })],
    ['is not ready', { ...pod(), status: { ...pod().status, conditions: [condition('Ready', 5, 'False')] } } as never],
    ['lost its readiness', { ...pod(), metadata: { ...pod().metadata, creationTimestamp: '2025-12-31T00:00:00Z' } }],
  ])('is not known if it %s', (_, object) => {
    expect(startOf(object)).toBeUndefined();
  });
});

describe('while an app wakes, each step is noticed', () => {
  async function wake(...changes: [second: number, act: (cluster: TestCluster) => void][]): Promise<ColdStart> {
    const cluster = new TestCluster();
    await cluster.apply(deployment('web:1', { replicas: 0 }));
    for (const [second, act] of changes) cluster.clock.after(second, () => act(cluster));
    const workload = { ...await cluster.objects.get({ ...DEPLOYMENT, namespace: 'shop', name: 'web' }), ...DEPLOYMENT } as Workload;
    const [response, times] = await whileWaking(cluster, workload, async () => cluster.clock.sleep(5000).then(() => 'hello'));
    expect(response).toBe('hello');
    return times;
  }
  type Change = [second: number, act: (cluster: TestCluster) => void];
  const scale: Change = [1, ({ api }) => api.change(deployment('web:1'), { spec: { replicas: 1 } })];
  const labels = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp', 'app.kubernetes.io/component': 'web' };
  const metadata = { name: 'web-1', namespace: 'shop', labels };
  const start = (second: number, status: object, spec: object = { nodeName: 'node-1' }): Change => (
    [second, ({ api }) => api.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status } as never)]);

  test('within a tenth of a second', async () => {
    const running = { containerStatuses: [{ state: { running: {} } }] };
    const times = await wake(scale, start(2, {}), start(3, running), start(4, { ...running, conditions: [condition('Ready', 4)] }));
    const seconds = stepsOf(times).map(({ name, seconds: taken }) => [name, Math.round(taken)]);
    expect(seconds).toEqual([
      ['interceptor, scaler, KEDA', 1], ['pod, node', 1], ['image, container', 1], ['process, health check', 1], ['endpoint, response', 1],
    ]);
  });

  test('but not while the API server answers with errors', async () => {
    const fail: Change = [0.05, ({ api }) => (api.intercept = () => errorResponse(500, 'InternalError', 'etcd'))];
    const times = await wake(fail, scale, [3, ({ api }) => (api.intercept = undefined)]);
    expect(Math.round((times.scaled! - times.began) / 1000)).toBe(3);
  });

  test('also that the pod was unschedulable', async () => {
    const times = await wake(scale, start(2, { conditions: [condition('PodScheduled', 2, 'False')] }, {}), start(4, {}));
    expect(times.waitedForNode).toBe(true);
    expect(longest(stepsOf(times))!.hint).toBe('the pod was unschedulable at first: choose a smaller size, or add a node');
  });
});
