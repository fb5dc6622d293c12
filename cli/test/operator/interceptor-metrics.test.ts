import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_PORT } from '../../src/engine/canary-health';
import type { Pod } from '../../src/kube/types';
import { atPods } from '../../src/operator/interceptor-metrics';
import { response } from '../kube/in-memory-api';
import { TestCluster } from '../kube/test-cluster';

/** An address of this computer that nothing else uses. */
const ADDRESS = '127.45.67.89';
const pod = (podIP?: string) => ({ metadata: { name: 'interceptor-1', namespace: 'keda' }, status: { podIP } }) as Pod;

describe('the metrics of the interceptor', () => {
  const cluster = new TestCluster();
  const read = atPods(cluster);
  let answer: number;
  const server = createServer((_, reply) => reply.writeHead(answer).end('from the pod'));
  beforeAll(async () => new Promise<void>(resolve => server.listen(METRICS_PORT, ADDRESS, resolve)));
  afterAll(async () => new Promise(resolve => server.close(resolve)));
  beforeEach(() => {
    answer = 200;
    cluster.api.proxy = () => response(200, 'from the API server');
  });

  test('are read at its pods, for which the operator needs no right', async () => {
    expect((server.address() as AddressInfo).port).toBe(METRICS_PORT);
    const first = cluster.api.requests.length;
    expect(await read(pod(ADDRESS))).toBe('from the pod');
    expect(cluster.api.requests.slice(first)).toEqual([]);
  });

  test.each<[why: string, address: string | undefined, status: number]>([
    ['has no address yet', undefined, 200],
    ['cannot be reached', '127.45.67.90', 200],
    ['does not answer with metrics', ADDRESS, 404],
  ])('are read through the API server where a pod %s', async (_, address, status) => {
    answer = status;
    expect(await read(pod(address))).toBe('from the API server');
  });

  test('are unknown where neither works', async () => {
    cluster.api.proxy = () => response(403, '{}');
    expect(await read(pod())).toBeUndefined();
  });
});
