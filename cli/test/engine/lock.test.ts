import { DeployLock } from '../../src/engine/lock';
import { releaseSecret } from '../../src/engine/release-store';
import { APP, configMap, draft, keepRenewing, TestCluster } from '../kube/test-cluster';

const DRAFT = draft(configMap('a'));

const SECRET_1 = { ...releaseSecret(APP, 1), metadata: releaseSecret(APP, 1) };

describe('the lock of an app', () => {
  let cluster: TestCluster;
  beforeEach(() => cluster = new TestCluster());

  test('is a pending release with all objects, so that the next deploy can find them', async () => {
    await DeployLock.acquire(cluster.operation(), DRAFT);
    expect(await cluster.releases()).toMatchObject(
      [{ number: 1, state: 'pending', objects: [configMap('a')], by: expect.stringMatching(/^tester@/) }]);
  });

  test('has the next release number, and records the data that was kept', async () => {
    const kept = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'web-data' }];
    await cluster.store(1, {});
    await cluster.store(2, { kept });
    const lock = await DeployLock.acquire(cluster.operation(), DRAFT);
    expect(lock.release).toMatchObject({ number: 3, kept });
    expect(lock.earlier.map(({ release }) => release.number)).toEqual([2, 1]);
  });

  test('stores the result when it is released', async () => {
    const lock = await DeployLock.acquire(cluster.operation(), DRAFT);
    await cluster.clock.sleep(60_000); // it is renewed meanwhile
    await lock.finish('failed', { why: 'no image' });
    expect(await cluster.releases()).toMatchObject([{ number: 1, state: 'failed', why: 'no image' }]);
  });

  test('is renewed while it is held, and not after', async () => {
    const version = () => cluster.api.find({ apiVersion: 'v1', kind: 'Secret' }, 'webapp-web-1')!.metadata.resourceVersion;
    const lock = await DeployLock.acquire(cluster.operation(), DRAFT);
    const first = version();
    await cluster.clock.sleep(3_000);
    const second = version();
    expect(second).not.toBe(first);
    await lock.abandon();
    await cluster.clock.sleep(10_000);
    expect(version()).toBe(second);
  });
});

describe('a lock that another process holds', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = new TestCluster();
    await cluster.store(1, { state: 'pending', by: 'ci@runner' });
  });

  test('cannot be acquired while it is renewed', async () => {
    const stop = keepRenewing(cluster, 1);
    await expect(DeployLock.acquire(cluster.operation(), DRAFT)).rejects.toThrow(
      'release 1 of web is being deployed by ci@runner since 2026-01-01T00:00:00Z; wait until it is finished');
    stop();
    expect(await cluster.releases()).toMatchObject([{ number: 1, state: 'pending' }]);
  });

  test('is taken over if it is not renewed for ten seconds, and its release counts as interrupted', async () => {
    const began = cluster.clock.now();
    await DeployLock.acquire(cluster.operation(), DRAFT);
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(10_000);
    expect(await cluster.releases()).toMatchObject([{ number: 2, state: 'pending' }, { number: 1, state: 'failed', interrupted: true }]);
    expect(cluster.output).toEqual(['Took over from release 1, which was interrupted']);
  });

  test('is not taken over if it is renewed at the last moment', async () => {
    const { api } = cluster;
    api.intercept = method => {
      if (method === 'PUT') api.change(SECRET_1, { metadata: { annotations: { renewed: '1' } } });
      return undefined;
    };
    await expect(DeployLock.acquire(cluster.operation(), DRAFT)).rejects.toThrow('wait until it is finished');
  });

  test('is not taken over if this deploy is interrupted while it waits', async () => {
    const interrupt = new AbortController();
    cluster.clock.after(2, () => interrupt.abort());
    await expect(DeployLock.acquire(cluster.operation({ signal: interrupt.signal }), DRAFT)).rejects.toThrow();
    expect(await cluster.releases()).toMatchObject([{ number: 1, state: 'pending' }]);
  });
});

describe('of two deploys that start at the same time', () => {
  test('only one gets the lock', async () => {
    const cluster = new TestCluster();
    const both = await Promise.allSettled([1, 2].map(async () => DeployLock.acquire(cluster.operation(), DRAFT)));
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [{ reason }] = both.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(reason.message).toBe('another deploy of web has just started; wait until it is finished');
  });

  test('the one with an outdated list of releases does not get the lock', async () => {
    const cluster = new TestCluster();
    await DeployLock.acquire(cluster.operation(), DRAFT);
    await expect(DeployLock.acquire(cluster.operation(), DRAFT, [])).rejects.toThrow('another deploy of web has just started');
  });
});

describe('a suspended deploy that holds the lock', () => {
  test.each<[string, (cluster: TestCluster) => void]>([
    ['another deploy has taken over', ({ api }) => (
      api.change(SECRET_1, { metadata: { labels: { 'cdk8s-webapp.dev/state': 'failed' } } }))],
    ['the release was deleted', ({ api }) => api.delete(SECRET_1)],
  ])('is stopped when %s', async (_, change) => {
    const cluster = new TestCluster();
    const lock = await DeployLock.acquire(cluster.operation(), DRAFT);
    change(cluster);
    await cluster.clock.sleep(3_000);
    expect(lock.signal.aborted).toBe(true);
    expect(lock.signal.reason).toMatchObject({ message: 'another deploy of web has taken over' });
  });

  test('continues when the cluster was only unreachable', async () => {
    const cluster = new TestCluster();
    const lock = await DeployLock.acquire(cluster.operation(), DRAFT);
    cluster.api.intercept = () => ({ status: 503, headers: {}, text: 'no upstream' });
    await cluster.clock.sleep(3_000);
    cluster.api.intercept = () => undefined;
    expect(lock.signal.aborted).toBe(false);
    await lock.finish('deployed');
  });
});
