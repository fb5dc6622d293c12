import { PassThrough } from 'node:stream';
import type { ApiRequest, KubernetesApi } from '../../../src/kube/api';
import { sendJson } from '../../../src/kube/api';
import { UnreachableError } from '../../../src/kube/errors';
import type { MeasuredRequest } from '../../../src/operator/runtime/requests';
import { NotLeader, OperatorApi } from '../../../src/operator/runtime/requests';
import { errorResponse } from '../../kube/in-memory-api';
import { configMap, TestCluster } from '../../kube/test-cluster';

const PATH = '/api/v1/namespaces/shop/configmaps';

let cluster: TestCluster;
let measured: MeasuredRequest[];
let mayWrite: boolean;
beforeEach(() => {
  cluster = new TestCluster();
  measured = [];
  mayWrite = true;
});

function operatorApi(api: KubernetesApi = cluster.api): OperatorApi {
  return new OperatorApi(api, { clock: cluster.clock, observe: request => void measured.push(request), mayWrite: () => mayWrite });
}

/** An API server that takes its time. */
function slow(milliseconds: number): KubernetesApi {
  return {
    stream: cluster.api.stream.bind(cluster.api),
    exec: cluster.api.exec.bind(cluster.api),
    attach: cluster.api.attach.bind(cluster.api),
    forward: cluster.api.forward.bind(cluster.api),
    send: async (method: string, path: string, request?: ApiRequest) => {
      await cluster.clock.sleep(milliseconds, request?.signal);
      return cluster.api.send(method, path, request);
    },
  };
}

describe('each request is measured', () => {
  test.each([
    { method: 'GET', path: PATH, verb: 'list', resource: 'configmaps' },
    { method: 'GET', path: `${PATH}/a`, verb: 'get', resource: 'configmaps' },
    { method: 'GET', path: '/apis/apps/v1/deployments', verb: 'list', resource: 'deployments' },
    { method: 'GET', path: '/apis/apps/v1/namespaces/shop/deployments/web/scale', verb: 'get', resource: 'deployments/scale' },
    { method: 'GET', path: '/api/v1/namespaces', verb: 'list', resource: 'namespaces' },
    { method: 'GET', path: '/api/v1/namespaces/shop', verb: 'get', resource: 'namespaces' },
    { method: 'GET', path: '/api/v1/namespaces/shop/services/web:80/proxy/some/path', verb: 'get', resource: 'services/proxy' },
    { method: 'GET', path: '/api/v1', verb: 'get', resource: '' },
    { method: 'GET', path: '/apis/apps/v1', verb: 'get', resource: '' },
    { method: 'GET', path: '/version', verb: 'get', resource: '' },
    { method: 'POST', path: PATH, verb: 'create', resource: 'configmaps' },
    { method: 'PUT', path: `${PATH}/a`, verb: 'update', resource: 'configmaps' },
    { method: 'PATCH', path: `${PATH}/a/status`, verb: 'patch', resource: 'configmaps/status' },
    { method: 'DELETE', path: `${PATH}/a`, verb: 'delete', resource: 'configmaps' },
  ])('$method $path is $verb of "$resource"', async ({ method, path, verb, resource }) => {
    cluster.api.intercept = () => errorResponse(404, 'NotFound', 'no');
    await operatorApi().send(method, path);
    expect(measured).toEqual([{ method, verb, resource, code: '404', took: 0 }]);
  });

  test('with the time that it takes', async () => {
    await operatorApi(slow(250)).send('GET', PATH);
    expect(measured).toMatchObject([{ code: '200', took: 250 }]);
  });

  test('also one that fails', async () => {
    cluster.api.intercept = () => {
      throw new UnreachableError('no route to host');
    };
    await expect(operatorApi().send('GET', PATH)).rejects.toThrow('no route to host');
    expect(measured).toMatchObject([{ code: '<error>' }]);
  });

  test('and a watch, when it is over', async () => {
    const stop = new AbortController();
    const query = { watch: true, resourceVersion: '0' };
    const watched = operatorApi().stream(PATH, { query, signal: stop.signal }, () => {});
    await cluster.clock.sleep(5000);
    expect(measured).toEqual([]);
    cluster.api.endWatches();
    await watched;
    expect(measured).toEqual([{ method: 'GET', verb: 'watch', resource: 'configmaps', code: '200', took: 5000 }]);
    cluster.api.intercept = () => errorResponse(410, 'Expired', 'too old');
    await expect(operatorApi().stream(PATH, { query }, () => {})).rejects.toThrow('too old');
    expect(measured[1]).toMatchObject({ verb: 'watch', code: '410' });
  });
});

describe('a request has a deadline', () => {
  test('of a minute', async () => {
    const sent = operatorApi(slow(90_000)).send('GET', PATH);
    await expect(sent).rejects.toThrow(new UnreachableError('the API server did not answer within 60 seconds'));
  });

  test('and can be aborted before', async () => {
    const stop = new AbortController();
    const sent = operatorApi(slow(30_000)).send('GET', PATH, { signal: stop.signal });
    cluster.clock.after(1, () => stop.abort());
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
    await expect(operatorApi(slow(1)).send('GET', PATH, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a replica that may not write', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('sends no %s', async method => {
    mayWrite = false;
    await expect(operatorApi().send(method, `${PATH}/a`, { body: configMap('a') })).rejects.toThrow(NotLeader);
    expect(cluster.api.requests).toEqual([]);
    expect(measured).toEqual([]);
  });

  test('runs no command in a container', async () => {
    mayWrite = false;
    const pod = { metadata: { name: 'a', namespace: 'shop' } } as Parameters<KubernetesApi['exec']>[0];
    await expect(operatorApi().exec(pod, { container: 'main', command: ['true'] })).rejects.toThrow(NotLeader);
    await expect(operatorApi().attach(pod, { container: 'main' })).rejects.toThrow(NotLeader);
    await expect(operatorApi().forward(pod, { port: 80, stream: new PassThrough() })).rejects.toThrow(NotLeader);
    mayWrite = true;
    await operatorApi().attach(pod, { container: 'main' });
    expect(await operatorApi().exec(pod, { container: 'main', command: ['true'] })).toEqual({ exitCode: 0, output: '' });
  });

  test('reads', async () => {
    mayWrite = false;
    expect(await sendJson(operatorApi(), 'GET', PATH)).toMatchObject({ items: [] });
  });
});
