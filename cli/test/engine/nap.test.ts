import { putToSleep, wakeUp } from '../../src/engine/nap';
import { DEPLOYMENT } from '../../src/kube/types';
import { runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { deployment, interceptorRoute, proxyService, scaledObject, service, TestCluster } from '../kube/test-cluster';

const SCALED = [service(), deployment('web:1'), interceptorRoute(), scaledObject(), proxyService()];

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
});

async function deployed(replicas: number, objects = SCALED): Promise<void> {
  await cluster.store(1, { objects });
  await cluster.apply(...objects);
  await cluster.objects.scale({ ...DEPLOYMENT, namespace: 'shop', name: 'web' }, replicas);
}

const replicas = () => cluster.api.find(DEPLOYMENT, 'web')!.spec.replicas;

describe('webapp wake', () => {
  test('wakes a sleeping app with a request, and says how long that took', async () => {
    await deployed(0);
    const hosts: (string | undefined)[] = [];
    cluster.api.proxy = (_, __, host) => {
      hosts.push(host);
      cluster.clock.after(2, () => cluster.api.change(
        { ...DEPLOYMENT, metadata: { name: 'web', namespace: 'shop' } }, { spec: { replicas: 1 } }));
      return response(200, 'hello', { 'x-keda-http-cold-start': 'true' });
    };
    await wakeUp(cluster.operation());
    expect(hosts[0]).toBe('web.example.com');
    expect(cluster.output).toEqual([expect.stringMatching(/^web woke up in [23]\.\d s \(1\/1 replicas ready\)$/)]);
  });

  test('says so if the app is awake', async () => {
    await deployed(2);
    await wakeUp(cluster.operation());
    expect(cluster.output).toEqual(['web is awake (2/2 replicas ready)']);
  });

  test('says that no request wakes an app that has 0 replicas by its file', async () => {
    await deployed(0, [service(), deployment('web:1')]);
    await expect(wakeUp(cluster.operation())).rejects.toThrow('web has 0 replicas, and no request without particular headers wakes it');
  });

  test('of an app with workers alone says that they wait for work', async () => {
    await cluster.store(1, { objects: [deployment('web:1', { name: 'web-mailer' })] });
    await expect(wakeUp(cluster.operation())).rejects.toThrow('web has no web process; its workers have pods when there is work for them');
  });

  test('of an app that is not deployed says so', async () => {
    await expect(wakeUp(cluster.operation())).rejects.toThrow('web is not deployed in namespace shop');
  });
});

describe('webapp sleep', () => {
  test('scales an app to zero', async () => {
    await deployed(2);
    await putToSleep(cluster.operation());
    expect(replicas()).toBe(0);
    expect(cluster.output).toEqual(['web is asleep; the next request wakes it']);
  });

  test('leaves one that is asleep as it is', async () => {
    await deployed(0);
    const first = cluster.api.requests.length;
    await putToSleep(cluster.operation());
    expect(cluster.output).toEqual(['web is asleep']);
    expect(cluster.api.requests.slice(first).filter(request => request.startsWith('PATCH'))).toEqual([]);
  });

  test.each([
    ['always has pods', [...SCALED, scaledObject('web', 2)], 'web has 2 replicas or more'],
    ['would not wake up', [service(), deployment('web:1')], 'no request would wake web'],
    ['scales on something else than requests', [service(), deployment('web:1'), scaledObject()], 'no request would wake web'],
  ])('refuses for an app that %s', async (_, objects, message) => {
    await deployed(3, objects);
    await expect(putToSleep(cluster.operation())).rejects.toThrow(message);
    expect(replicas()).toBe(3);
  });

  describe('an app that KEDA holds to be in use', () => {
    const report = (status: string) => cluster.api.change(scaledObject(), { status: { conditions: [{ type: 'Active', status }] } });

    test('waits until it sees that the last request is over, or it would wake the app again', async () => {
      await deployed(2);
      report('True');
      const began = cluster.clock.now();
      cluster.clock.after(20, () => report('False'));
      await putToSleep(cluster.operation());
      expect(replicas()).toBe(0);
      expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(20_000);
    });

    test('says why the app cannot sleep, if that lasts', async () => {
      await deployed(2);
      report('True');
      await expect(putToSleep(cluster.operation())).rejects.toThrow('web cannot sleep: there are requests, or scaling.schedule');
      expect(replicas()).toBe(2);
    });
  });

  test('says so if requests wake the app again at once', async () => {
    await deployed(1);
    const { onWrite } = cluster.api;
    cluster.api.onWrite = (object, api) => {
      if (object.kind === 'Deployment' && replicas() === 0) api.change(object, { spec: { replicas: 1 } }, 'keda');
      else onWrite?.(object, api);
    };
    await expect(putToSleep(cluster.operation())).rejects.toThrow('web cannot sleep: there are requests, or scaling.schedule');
  });
});
