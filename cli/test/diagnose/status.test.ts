import { statusOf } from '../../src/diagnose/status';
import { EVENT, ROLLOUT } from '../../src/kube/types';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { APP, deployment, scaledObject, service, TestCluster } from '../kube/test-cluster';

describe('the status of an app has', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = new TestCluster();
    runControllers(cluster, { brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    await cluster.store(1, { objects: [service()], url: 'http://web.example.com', canary: { image: 'web:2', weight: 10 } });
    await cluster.store(2, { state: 'failed', why: 'no image' });
  });
  const processes = async () => (await statusOf(cluster, APP)).processes;

  test('the current release, and the latest one', async () => {
    const status = await statusOf(cluster, APP);
    expect(status).toMatchObject({ serving: 1, url: 'http://web.example.com', canary: { weight: 10 } });
    expect(status.latest).toMatchObject({ number: 2, why: 'no image' });
    expect(status.latest).not.toHaveProperty('objects');
  });

  test.each<[string, number | undefined, string]>([
    ['is ready', 2, 'ready'],
    ['is scaled to zero', 0, 'scaled-to-zero'],
  ])('a process that %s', async (_, replicas, state) => {
    await cluster.apply(deployment('web:1', { replicas }));
    expect(await processes()).toEqual([expect.objectContaining({ name: 'web', state, ready: replicas, wanted: replicas, image: 'web:1' })]);
  });

  test('the problem of a process that fails to start', async () => {
    await cluster.apply(deployment('web:broken'));
    const problem = { message: 'cannot pull image web:broken (not found)' };
    expect(await processes()).toMatchObject([{ state: 'starting', ready: 0, wanted: 1, problem }]);
  });

  test('the scaling limits of a process that is autoscaled', async () => {
    await cluster.apply(deployment('web:1'), scaledObject('web', 1, 5));
    expect(await processes()).toMatchObject([{ min: 1, max: 5 }]);
  });

  test.each([
    ['Healthy', 'ready'],
    ['Paused', 'paused'],
    ['Progressing', 'starting'],
  ])('a Rollout in phase %s as %s', async (phase, state) => {
    const { spec, metadata } = deployment('web:1');
    cluster.api.put({ ...ROLLOUT, metadata, spec, status: { phase, observedGeneration: '1', availableReplicas: 1, replicas: 1 } });
    expect(await processes()).toMatchObject([{ state }]);
  });

  test('the warnings of its objects in the last hour', async () => {
    const event = (name: string, object: string, minutes: number) => cluster.api.put({
      ...EVENT,
      metadata: { name, namespace: 'shop' },
      type: 'Warning',
      reason: 'BackOff',
      message: name,
      involvedObject: { kind: 'Pod', name: object },
      lastTimestamp: new Date(cluster.clock.now() - minutes * 60_000).toISOString(),
    });
    await cluster.apply(deployment('web:1'));
    event('own', 'web-1', 5);
    event('old', 'web-1', 90);
    event('of-another-app', 'shop-1', 5);
    expect((await statusOf(cluster, APP)).warnings).toEqual(['Pod web-1: BackOff: own']);
  });
});
