import { overviewOf } from '../../src/diagnose/apps';
import { CRON_JOB, SCALED_OBJECT } from '../../src/kube/types';
import { WEB_APP } from '../../src/operator/resources';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { errorResponse } from '../kube/in-memory-api';
import { deployment, interceptorRoute, scaledObject, service, TestCluster } from '../kube/test-cluster';

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster, { brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
});

const apps = async (namespace: string | undefined = 'shop') => (await overviewOf(cluster, namespace)).apps;

describe('webapp ls has', () => {
  test('an app with its replicas, image, release and URL', async () => {
    await cluster.store(1, { objects: [service()], url: 'http://web.example.com' });
    await cluster.store(2, { objects: [service(), deployment('web:1')], url: 'https://web.example.com' });
    await cluster.apply(deployment('web:1', { replicas: 2 }));
    expect(await apps()).toEqual([{
      name: 'web',
      namespace: 'shop',
      state: 'ready',
      ready: 2,
      wanted: 2,
      image: 'web:1',
      release: 2,
      url: 'https://web.example.com',
      byOperator: false,
      maintenance: false,
    }]);
  });

  test('an app that is asleep, with the time of its last request: it is healthy', async () => {
    await cluster.apply(deployment('web:1', { replicas: 0 }), scaledObject());
    const lastActiveTime = '2026-01-01T00:00:00Z';
    cluster.api.change({ ...SCALED_OBJECT, metadata: { name: 'web' } }, { status: { lastActiveTime } });
    expect(await apps()).toEqual([expect.objectContaining({ state: 'asleep', since: lastActiveTime, problem: undefined })]);
  });

  test('an app that fails, with the reason', async () => {
    await cluster.apply(deployment('web:broken'));
    expect(await apps()).toMatchObject([{ state: 'failing', ready: 0, wanted: 1, problem: 'cannot pull image web:broken (not found)' }]);
  });

  test('an app one of whose workers fails', async () => {
    await cluster.apply(deployment('web:1'), deployment('web:broken', { name: 'web-mailer' }));
    expect(await apps()).toMatchObject([{ name: 'web', state: 'failing', ready: 1, wanted: 1 }]);
  });

  test('an app that serves traffic, and whose latest release failed', async () => {
    await cluster.store(1, { objects: [service(), deployment('web:1')] });
    await cluster.store(2, { state: 'failed', why: 'no image' });
    await cluster.apply(deployment('web:1'));
    expect(await apps()).toMatchObject([{ state: 'ready', release: 1, problem: 'release 2 failed: no image' }]);
  });

  test('an app with workers alone, with the sum of their pods', async () => {
    await cluster.apply(deployment('web:1', { name: 'web-a', replicas: 2 }), deployment('web:1', { name: 'web-b', replicas: 0 }));
    expect(await apps()).toMatchObject([{ name: 'web', state: 'ready', ready: 2, wanted: 2 }]);
  });

  test('the pods of the color that has the traffic', async () => {
    const route = interceptorRoute();
    const objects = [{ ...route, spec: { ...route.spec as object, target: { service: 'web-green' } } }];
    await cluster.store(1, { objects });
    await cluster.apply(deployment('web:1'), deployment('web:2', { name: 'web-green', replicas: 3 }));
    expect(await apps()).toMatchObject([{ image: 'web:2', wanted: 3 }]);
  });

  test('an app with cron jobs alone', async () => {
    const labels = { 'app.kubernetes.io/name': 'reports', 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };
    cluster.api.put({ ...CRON_JOB, metadata: { name: 'reports-nightly', namespace: 'shop', labels }, spec: {} });
    expect(await apps()).toMatchObject([{ name: 'reports', state: 'scheduled' }]);
  });

  test('an app that the operator does not deploy, with what it says', async () => {
    const conditions = [{ type: 'Ready', status: 'False', reason: 'Invalid', message: 'port is 99999' }];
    cluster.api.put({ ...WEB_APP, metadata: { name: 'web', namespace: 'shop' }, spec: {}, status: { conditions } });
    cluster.api.put({ ...WEB_APP, metadata: { name: 'new', namespace: 'shop' }, spec: {} });
    expect(await apps()).toMatchObject([
      { name: 'new', state: 'starting', byOperator: true },
      { name: 'web', state: 'failing', problem: 'port is 99999' },
    ]);
  });

  test('the apps of all namespaces, in the order of their names', async () => {
    const { metadata, ...other } = deployment('web:1');
    await cluster.apply(deployment('web:1'), { ...other, metadata: { ...metadata, namespace: 'keda' } });
    expect((await apps()).map(({ namespace }) => namespace)).toEqual(['shop']);
    expect((await overviewOf(cluster, undefined)).apps.map(({ namespace }) => namespace)).toEqual(['keda', 'shop']);
  });

  test('nothing of what other programs deployed', async () => {
    const { metadata, ...other } = deployment('web:1');
    await cluster.apply({ ...other, metadata: { ...metadata, labels: { 'app.kubernetes.io/name': 'web' } } });
    expect(await apps()).toEqual([]);
  });
});

describe('a user', () => {
  beforeEach(async () => {
    await cluster.store(1, { objects: [service(), deployment('web:1')], url: 'http://web.example.com' });
    await cluster.apply(deployment('web:1'));
  });

  test('who may not see releases sees the apps without them', async () => {
    cluster.api.denials.push({ resource: 'secrets' });
    expect(await overviewOf(cluster, 'shop')).toMatchObject({ apps: [{ name: 'web', state: 'ready' }], withoutReleases: true });
  });

  test('who may not see other kinds sees the apps all the same', async () => {
    const others = ['cronjobs', 'scaledobjects', 'webapps', 'rollouts', 'pods', 'replicasets'];
    for (const resource of others) cluster.api.denials.push({ resource });
    expect(await overviewOf(cluster, 'shop')).toMatchObject({ apps: [{ name: 'web', release: 1 }], withoutReleases: false });
  });

  test('who has rights in some namespaces sees the apps of these', async () => {
    const isElsewhere = (path: string) => path.endsWith('/deployments') && !path.includes('/namespaces/shop/');
    cluster.api.intercept = (_, path) => (isElsewhere(path) ? errorResponse(403, 'Forbidden', 'deployments is forbidden') : undefined);
    expect((await overviewOf(cluster, undefined)).apps).toMatchObject([{ namespace: 'shop' }]);
  });

  test('who may see nothing is told to name a namespace', async () => {
    cluster.api.denials.push({ resource: 'deployments' }, { resource: 'namespaces' });
    await expect(overviewOf(cluster, undefined)).rejects.toThrow('nor namespaces; name one with --namespace');
    await expect(overviewOf(cluster, 'shop')).rejects.toThrow('cannot list resource "deployments"');
  });
});
