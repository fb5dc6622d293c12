import { traceRequest } from '../../src/diagnose/request';
import { HORIZONTAL_POD_AUTOSCALER, INGRESS, POD } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { runControllers } from '../kube/controllers';
import { errorResponse, response } from '../kube/in-memory-api';
import { APP, deployment, interceptorRoute, proxyService, scaledObject, service, TestCluster } from '../kube/test-cluster';

const ingress = (backend = 'web-proxy') => ({
  ...INGRESS,
  metadata: { name: 'web', namespace: 'shop' },
  spec: { rules: [{ host: 'web.example.com', http: { paths: [{ backend: { service: { name: backend } } }] } }] },
});
const OBJECTS: Manifest[] = [service(), deployment('web:1'), interceptorRoute(), scaledObject(), proxyService(), ingress()];

/** A cluster in which the app responds. */
async function healthyCluster(): Promise<TestCluster> {
  const cluster = new TestCluster();
  const { api } = cluster;
  runControllers(cluster);
  await cluster.store(1, { objects: OBJECTS, url: 'http://web.example.com' });
  await cluster.apply(...OBJECTS);
  api.change(ingress(), { status: { loadBalancer: { ingress: [{ ip: '10.0.0.9' }] } } });
  api.change(scaledObject(), { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  api.put({ ...HORIZONTAL_POD_AUTOSCALER, metadata: { name: 'keda-hpa-web', namespace: 'shop' }, spec: {} });
  api.proxy = (_, path) => (
    path === '/queue' ? response(200, '{"shop/web":{"Concurrency":3}}') : response(200, 'hello', { 'x-keda-http-cold-start': 'false' }));
  return cluster;
}

async function trace(cluster: TestCluster, lookUp = async () => ['10.0.0.9']): Promise<string[]> {
  const all = await traceRequest({ cluster, app: APP, lookUp, signal: new AbortController().signal });
  return all.map(({ name, status, message }) => `${status} ${name}: ${message}`);
}

describe('a request to an app', () => {
  test('that gets a response is ok at each step', async () => {
    expect(await trace(await healthyCluster())).toEqual([
      'ok DNS: web.example.com resolves to 10.0.0.9',
      'ok Ingress web: 10.0.0.9',
      'ok InterceptorRoute web: hosts web.example.com',
      'ok interceptor: GET / for web.example.com returned 200 in 0.0 s',
      'ok queue: 3 pending requests',
      'ok ScaledObject: 0 to 10 pods',
      'ok HPA: keda-hpa-web has its metrics',
      'ok pods: 1/1 ready',
    ]);
  });

  test.each<[string, (cluster: TestCluster) => void, string]>([
    ['has no Ingress', ({ api }) => api.delete(ingress()), 'failed Ingress web: it was deleted'],
    [
      'bypasses the interceptor',
      ({ api }) => api.change(ingress(), { spec: ingress('web').spec }),
      'failed Ingress web: it routes to Service web and bypasses the interceptor, so nothing wakes the app',
    ],
    [
      'has a route that was deleted',
      ({ api }) => api.delete(interceptorRoute()),
      'failed InterceptorRoute web: it was deleted, so the interceptor answers 404',
    ],
    [
      'has a route without its host',
      ({ api }) => api.change(interceptorRoute(), { spec: { rules: [{ hosts: ['other.example.com'] }] } }),
      'failed InterceptorRoute web: it lacks web.example.com, for which the interceptor answers 404',
    ],
    [
      'has a competing route',
      ({ api }) => api.put({ ...interceptorRoute(), metadata: { name: 'rival', namespace: 'keda' } }),
      'unknown InterceptorRoute web: InterceptorRoute rival in namespace keda has web.example.com too, '
        + 'and may get requests that are meant for this app',
    ],
    [
      'the interceptor has no route for',
      ({ api }) => api.proxy = () => response(404, ''),
      'failed interceptor: GET / for web.example.com failed: the interceptor has no route for web.example.com',
    ],
    [
      'gets no response',
      ({ api }) => api.proxy = () => errorResponse(503, 'ServiceUnavailable', 'error trying to reach service'),
      'failed interceptor: GET / for web.example.com failed: error trying to reach service',
    ],
    [
      'the user is not allowed to send',
      ({ api }) => api.denials.push({ resource: 'services/proxy' }),
      expect.stringMatching(/^unknown interceptor: you are not allowed to send requests to it: /),
    ],
    [
      'reaches a paused scaler',
      ({ api }) => api.change(scaledObject(), { status: { conditions: [{ type: 'Paused', status: 'True' }] } }),
      'failed ScaledObject: it is paused, so nothing wakes the app',
    ],
    [
      'reaches a scaler that counts the requests of an app that was removed',
      ({ api }) => api.change(scaledObject(), { spec: { triggers: [{ type: 'external-push', metadata: { interceptorRoute: 'shop' } }] } }),
      'failed ScaledObject: it names InterceptorRoute shop, which does not exist, so KEDA cannot scale the app',
    ],
    [
      'reaches a scaler that is not ready',
      ({ api }) => api.change(scaledObject(), { status: { conditions: [{ type: 'Ready', status: 'False', message: 'no scaler' }] } }),
      'failed ScaledObject: it is not ready: no scaler',
    ],
    ['reaches no workload', ({ api }) => api.delete(deployment('web:1')), 'failed pods: the workload web was deleted'],
  ])('that %s is reported', async (_, change, finding) => {
    const cluster = await healthyCluster();
    change(cluster);
    expect(await trace(cluster)).toContainEqual(finding);
  });

  test('whose host does not resolve is reported', async () => {
    const lookUp = async () => Promise.reject(new Error('ENOTFOUND'));
    expect(await trace(await healthyCluster(), lookUp)).toContain('failed DNS: web.example.com does not resolve');
  });

  test('to an app that is scaled to zero shows how long each step of the cold start takes', async () => {
    const cluster = await healthyCluster();
    const { api } = cluster;
    api.change(deployment('web:1'), { spec: { replicas: 0 }, status: { replicas: 0 } });
    api.proxy = (_, path) => {
      if (path !== '/queue') api.change(deployment('web:1'), { spec: { replicas: 1 } });
      return path === '/queue' ? response(200, '{}') : response(200, 'hello', { 'x-keda-http-cold-start': 'true' });
    };
    const all = await traceRequest({ cluster, app: APP, lookUp: async () => ['10.0.0.9'], signal: new AbortController().signal });
    expect(all.find(({ name }) => name === 'cold start')).toEqual({
      name: 'cold start',
      status: 'ok',
      message: '0.0 s from the request to the response',
      fix: expect.stringMatching(/^longest: interceptor, scaler, KEDA; /),
      steps: [{ name: 'interceptor, scaler, KEDA', seconds: 0 }, { name: 'endpoint, response', seconds: 0 }],
    });
  });

  test('to an app that is awake shows how its oldest pod started, if the app can sleep', async () => {
    const cluster = await healthyCluster();
    const { spec: { selector } } = deployment('web:1') as unknown as { spec: { selector: { matchLabels: object } } };
    const pod = (name: string, created: number) => {
      const at = (seconds: number) => new Date(cluster.clock.now() + 1000 * (created + seconds)).toISOString();
      cluster.api.put({
        ...POD,
        metadata: { name, namespace: 'shop', labels: selector.matchLabels, creationTimestamp: at(0) },
        status: {
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(4) }],
          containerStatuses: [{ restartCount: 0, state: { running: { startedAt: at(created === 0 ? 1 : 3) } } }],
        },
      } as never);
    };
    pod('web-2', 0);
    pod('web-1', -100);
    expect(await trace(cluster)).toContainEqual(
      'ok cold start: 4.0 s from the creation of the oldest pod to its readiness; run this while the app is asleep for tenths of a second');
    await cluster.store(2, { objects: OBJECTS.map(object => (object.kind === 'ScaledObject' ? scaledObject('web', 1) : object)) });
    expect((await trace(cluster)).join()).not.toContain('cold start');
  });

  test('cannot be traced if the app is not deployed', async () => {
    await expect(trace(new TestCluster())).rejects.toThrow('web is not deployed in namespace shop; run webapp deploy first');
  });
});
