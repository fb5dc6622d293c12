import { deploy } from '../../src/engine/deploy';
import { DEPLOYMENT } from '../../src/kube/types';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { errorResponse, response } from '../kube/in-memory-api';
import {
  APP, configMap, deployment, draft, interceptorRoute, job, proxyService, scaledObject, service, TestCluster, volumeClaim,
} from '../kube/test-cluster';

const imageOf = (cluster: TestCluster) => cluster.api.find(DEPLOYMENT, 'web')!.spec.template.spec!.containers[0].image;
const replicasOf = (cluster: TestCluster) => cluster.api.find(DEPLOYMENT, 'web')!.spec.replicas;
const DENIED = 'admission webhook "policy.example.com" denied the request: no Services today';
const WBE = deployment('ghcr.io/acme/wbe:1');

describe('deploy', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    runControllers(cluster);
  });

  test('prints one line for each thing that happened', async () => {
    const app = { ...APP, namespace: 'new' };
    const inNew = [service(), deployment('web:1')].map(object => ({ ...object, metadata: { ...object.metadata, namespace: 'new' } }));
    expect(await deploy(cluster.operation({ app, createNamespace: true }), draft(...inNew))).toMatchObject(
      { number: 1, state: 'deployed' });
    expect(cluster.output).toEqual([
      'Created namespace new',
      'Applied 2 objects',
      'web is ready (1/1 replicas)',
      'GET / returned 200',
      'Deployed release 1',
    ]);
  });

  test('reads the releases once', async () => {
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    expect(cluster.api.requests.filter(request => request === 'GET /api/v1/namespaces/shop/secrets')).toHaveLength(1);
  });

  test('completes Jobs before it applies the objects after them', async () => {
    await deploy(cluster.operation(), draft(job('migrate'), deployment('web:1')));
    const changes = cluster.api.requests.filter(request => request.startsWith('PATCH') && /jobs|deployments/.test(request));
    expect(changes.slice(-2)).toEqual([expect.stringContaining('jobs/web-release'), expect.stringContaining('deployments/web')]);
    expect(cluster.output[0]).toBe('Ran the release command');
  });

  test('removes objects that are no longer in the file, except data', async () => {
    await deploy(cluster.operation(), draft(volumeClaim(), configMap('a'), service(), deployment('web:1')));
    cluster.output.length = 0;
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    expect(cluster.api.names()).toEqual(['Deployment web', 'PersistentVolumeClaim web-data', 'Service web']);
    expect(cluster.output).toContain('Removed ConfigMap a');
    expect(cluster.output).toContain('! Kept PersistentVolumeClaim web-data, which is not in the file any more but holds data');
    expect(await cluster.releases()).toMatchObject(
      [{ number: 2, kept: [{ kind: 'PersistentVolumeClaim', name: 'web-data' }] }, { number: 1 }]);
  });

  test('no longer lists data as kept once it is in the file again', async () => {
    await deploy(cluster.operation(), draft(volumeClaim(), service(), deployment('web:1')));
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    await deploy(cluster.operation(), draft(volumeClaim(), service(), deployment('web:1')));
    expect((await cluster.releases())[0].kept).toEqual([]);
  });

  test('removes a scaler that is no longer in the file, and sets the number of replicas', async () => {
    await deploy(cluster.operation(), draft(scaledObject(), service(), deployment('web:1')));
    cluster.api.change(deployment('web:1'), { spec: { replicas: 7 } }, 'keda-operator');
    await deploy(cluster.operation({ force: true }), draft(service(), deployment('web:1', { replicas: 2 })));
    expect(cluster.api.names()).not.toContain('ScaledObject web');
    expect(replicasOf(cluster)).toBe(2);
  });

  test('keeps ten releases, and the current one', async () => {
    runControllers(cluster, { failingCommands: { 'exit 1': { exitCode: 1, log: '' } } });
    const numbers = async () => (await cluster.releases()).map(release => release.number);
    for (let i = 0; i < 12; i++) await deploy(cluster.operation(), draft(configMap('a')));
    expect(await numbers()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    for (let i = 0; i < 12; i++) await deploy(cluster.operation(), draft(job('exit 1'))).catch(() => undefined);
    expect(await numbers()).toEqual([24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 12]);
  });

  test('sends a request to wake an app that is scaled to zero', async () => {
    const objects = [service(), deployment('web:1', { replicas: 0 }), interceptorRoute(), scaledObject(), proxyService()];
    const asked: (string | undefined)[] = [];
    cluster.api.proxy = (_, __, host) => {
      asked.push(host);
      cluster.api.change(deployment('web:1'), { spec: { replicas: 1 } }, 'keda-operator');
      return response(200, 'hello', { 'x-keda-http-cold-start': 'true' });
    };
    await deploy(cluster.operation(), draft(...objects));
    expect(asked).toContain('web.example.com');
    expect(cluster.output.slice(1, 3)).toEqual(['web is ready (1/1 replicas)', 'GET / returned 200']);
  });

  test('wakes an app even if nothing has changed, to check that it responds', async () => {
    const objects = [service(), deployment('web:1', { replicas: 0 }), interceptorRoute(), scaledObject(), proxyService()];
    await cluster.store(1, { objects });
    await cluster.apply(...objects);
    cluster.api.proxy = () => {
      cluster.api.change(deployment('web:1'), { spec: { replicas: 1 } }, 'keda-operator');
      return response(200, 'hello', { 'x-keda-http-cold-start': 'true' });
    };
    await deploy(cluster.operation(), draft(...objects));
    expect(cluster.output).toContain('web is ready (1/1 replicas)');
  });

  test('does not wake an idle color that has not changed', async () => {
    const idle = deployment('web:1', { name: 'web-green', replicas: 0 });
    await cluster.store(1, { objects: [service(), deployment('web:1'), idle] });
    const routes = [interceptorRoute(), interceptorRoute('web-green'), proxyService()];
    await deploy(cluster.operation(), draft(service(), deployment('web:1'), idle, ...routes));
    expect(cluster.output).toContain('web-green is scaled to zero until there is work');
  });

  test('scales up the app if the user is not allowed to send requests', async () => {
    cluster.api.denials.push({ resource: 'services/proxy' });
    const asleep = deployment('web:1', { replicas: 0 });
    await deploy(cluster.operation(), draft(service(), asleep, interceptorRoute(), scaledObject(), proxyService()));
    expect(replicasOf(cluster)).toBe(1);
  });

  test('warns about a response that is an error', async () => {
    cluster.api.proxy = () => response(500, 'oops');
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    expect(cluster.output).toContain('! GET / returned 500');
  });
});

describe('a deploy that the cluster rejects', () => {
  test('changes nothing', async () => {
    const cluster = new TestCluster();
    cluster.api.admit = ({ kind }) => (kind === 'Service' ? DENIED : undefined);
    await expect(deploy(cluster.operation(), draft(configMap('a'), service()))).rejects.toThrow(
      'Service web: rejected by policy.example.com: no Services today\nnothing was changed');
    expect(cluster.api.names('shop', [])).toEqual([]);
  });
});

describe('a deploy that fails', () => {
  let cluster: TestCluster;
  const broken = draft(configMap('new'), service(), WBE);
  beforeEach(() => {
    cluster = new TestCluster();
    runControllers(cluster, {
      brokenImages: { 'ghcr.io/acme/wbe:1': IMAGE_NOT_FOUND },
      failingCommands: { 'exit 4': { exitCode: 4, log: 'the table is locked' } },
    });
  });

  test('restores the current release, and says so', async () => {
    await deploy(cluster.operation(), draft(configMap('a'), service(), deployment('web:1')));
    await expect(deploy(cluster.operation(), broken)).rejects.toThrow([
      'web failed to start: cannot pull image ghcr.io/acme/wbe:1 (not found)',
      '  check its name and tag, that it was pushed, and that the cluster may pull it (webapp registry login)',
      'Release 1 is still serving traffic',
    ].join('\n'));
    expect(cluster.api.names()).toEqual(['ConfigMap a', 'Deployment web', 'Service web']);
    expect(imageOf(cluster)).toBe('web:1');
    expect((await cluster.releases())[0]).toMatchObject(
      { number: 2, state: 'failed', why: 'cannot pull image ghcr.io/acme/wbe:1 (not found)' });
  });

  test('does not run the Jobs of the current release again when it restores', async () => {
    await deploy(cluster.operation(), draft(job('migrate'), service(), deployment('web:1')));
    cluster.api.delete(job('migrate')); // as after its time to live
    await expect(deploy(cluster.operation(), draft(service(), WBE))).rejects.toThrow('Release 1 is still serving traffic');
    expect(cluster.api.names()).toEqual(['Deployment web', 'Service web']);
  });

  test('never removes data when it restores', async () => {
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    await expect(deploy(cluster.operation(), draft(volumeClaim(), WBE))).rejects.toThrow(
      'Release 1 is still serving traffic');
    expect(cluster.api.names()).toContain('PersistentVolumeClaim web-data');
  });

  test('does not restore fields that another manager has changed since', async () => {
    await deploy(cluster.operation(), draft(configMap('a'), deployment('web:1')));
    cluster.api.change(configMap('a'), { data: { a: 'by hand' } });
    await expect(deploy(cluster.operation({ force: true }), draft(WBE))).rejects.toThrow(
      'Release 1 is still serving traffic');
    expect(cluster.api.find({ apiVersion: 'v1', kind: 'ConfigMap' }, 'a')).toMatchObject({ data: { a: 'by hand' } });
  });

  test('stops at a Job that fails, and does not apply the objects after it', async () => {
    await deploy(cluster.operation(), draft(deployment('web:1')));
    await expect(deploy(cluster.operation(), draft(job('exit 4'), deployment('web:2')))).rejects.toThrow(
      /the release command failed: it exited with code 4\n[^]*\| the table is locked\nRelease 1 is still serving traffic/);
    expect(imageOf(cluster)).toBe('web:1');
    expect(cluster.api.names()).not.toContain('Job web-release');
  });

  test('says that no release is serving traffic if there is none to restore, and keeps the objects', async () => {
    await expect(deploy(cluster.operation(), broken)).rejects.toThrow(
      'No release is serving traffic: fix the problem and deploy again, or run webapp destroy');
    expect(cluster.api.names()).toEqual(['ConfigMap new', 'Deployment web', 'Service web']);
  });

  test('is cleaned up by the next one', async () => {
    await deploy(cluster.operation(), broken).catch(() => undefined);
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    expect(cluster.api.names()).toEqual(['Deployment web', 'Service web']);
  });

  test('says so if it cannot restore the current release', async () => {
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    cluster.api.onWrite = ({ kind }) => {
      if (kind === 'Deployment') cluster.api.intercept = () => errorResponse(500, 'InternalError', 'etcd is gone');
    };
    await expect(deploy(cluster.operation(), draft(service(), deployment('web:2')))).rejects.toThrow(
      'Recovery failed: etcd is gone\nRun webapp deploy again: it continues from here');
  });
});

describe('a deploy that is interrupted', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = new TestCluster();
    runControllers(cluster, { endlessCommands: ['sleep'] });
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
  });
  const interrupted = async () => {
    const interrupt = new AbortController();
    cluster.clock.after(10, () => interrupt.abort());
    return deploy(cluster.operation({ signal: interrupt.signal }), draft(configMap('new'), job('sleep'), deployment('web:2')));
  };

  test('restores nothing, and says how to continue', async () => {
    await expect(interrupted()).rejects.toThrow(
      'interrupted\nRelease 2 is incomplete: run webapp deploy to continue, or webapp rollback to return to release 1');
    expect((await cluster.releases())[0]).toMatchObject({ number: 2, state: 'failed', interrupted: true });
    expect(cluster.api.names()).toContain('ConfigMap new');
  });

  test('leaves a Job running, which the next deploy stops first', async () => {
    await interrupted().catch(() => undefined);
    expect(cluster.api.names()).toContain('Job web-release');
    await deploy(cluster.operation(), draft(service(), deployment('web:3')));
    expect(cluster.api.names()).toEqual(['Deployment web', 'Service web']);
    const { requests } = cluster.api;
    expect(requests.lastIndexOf('DELETE /apis/batch/v1/namespaces/shop/jobs/web-release'))
      .toBeLessThan(requests.lastIndexOf('PATCH /apis/apps/v1/namespaces/shop/deployments/web'));
  });
});

describe('a deploy whose lock was taken over', () => {
  test('stops, restores nothing and stores nothing', async () => {
    const cluster = new TestCluster();
    runControllers(cluster, { endlessCommands: ['sleep'] });
    cluster.clock.after(5, () => cluster.api.change(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'webapp-web-1' } }, { metadata: { labels: { taken: 'over' } } }));
    await expect(deploy(cluster.operation(), draft(job('sleep'), deployment('web:1')))).rejects.toThrow(
      'another deploy of web has taken over');
    expect(await cluster.releases()).toMatchObject([{ number: 1, state: 'pending' }]);
  });
});
