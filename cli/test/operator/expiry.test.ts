import { TestOperator } from './test-operator';
import { DEPLOYMENT, SECRET } from '../../src/kube/types';
import { RENEWED } from '../../src/operator/expiry';
import { WEB_APP } from '../../src/operator/resources';
import type { Manifest } from '../../src/render/synthesis';
import { response } from '../kube/in-memory-api';
import { APP } from '../kube/test-cluster';
import type { WebAppProps } from 'cdk8s-webapp';

const HOUR = 3_600_000;
const VOLUME = { kind: 'PersistentVolumeClaim', apiVersion: 'v1' };

/** An app that is always on, so that nothing scales it, with a volume. */
const SPEC = {
  image: 'web:1',
  internal: true,
  scaling: { replicas: 1 },
  volumes: { data: { path: '/data', size: '1Gi' } },
};

function spec(more: object = { ttl: '72h' }): WebAppProps {
  return { ...SPEC, ...more } as unknown as WebAppProps;
}

/** Reconciles until nothing is left to be done now, and says in how many milliseconds it wants to be called again. */
async function settle(operator: TestOperator): Promise<number | undefined> {
  let again: number | undefined;
  for (let i = 0; i < 20; i++) {
    ({ requeueAfter: again } = await operator.reconcile());
    if (again === undefined || again > 60_000) break;
    await operator.cluster.clock.sleep(again);
  }
  return again;
}

describe('an app with a ttl', () => {
  let operator: TestOperator;
  beforeEach(async () => {
    operator = new TestOperator();
    operator.apply(spec());
    await settle(operator);
  });

  const wait = async (hours: number) => operator.cluster.clock.sleep(hours * HOUR);
  const expires = () => Date.parse(operator.resource().status!.expires!);
  const exists = () => operator.cluster.api.find(WEB_APP, 'web') !== undefined;

  test('says in its status when it is deleted, and the operator looks again then', async () => {
    expect(operator.resource().status).toMatchObject({ expires: '2026-01-04T00:00:00Z', release: 1 });
    expect(await settle(operator)).toBe(expires() - operator.cluster.clock.now());
  });

  test('is deleted then, and an event says why', async () => {
    await wait(71);
    await settle(operator);
    expect(exists()).toBe(true);
    await wait(1);
    await operator.reconcile();
    expect(exists()).toBe(false);
    expect(operator.events).toContain('Normal Expired: the app was deleted, as its resource has not changed for 72h');
  });

  test('is deleted at the same time by an operator that was started meanwhile', async () => {
    await wait(71);
    operator.restart();
    await settle(operator);
    expect(operator.resource().status).toMatchObject({ expires: '2026-01-04T00:00:00Z' });
    await wait(1);
    operator.restart();
    await operator.reconcile();
    expect(exists()).toBe(false);
  });

  test('lives as long again after each change of its spec', async () => {
    await wait(71);
    operator.apply(spec({ ttl: '72h', image: 'web:2' }));
    await settle(operator);
    expect(expires()).toBeGreaterThan(operator.cluster.clock.now() + 71 * HOUR);
    await wait(2);
    await settle(operator);
    expect(exists()).toBe(true);
  });

  test('lives as long again after a change of the annotation, whatever time the clock of its author shows', async () => {
    await wait(71);
    operator.cluster.api.change({ ...WEB_APP, metadata: APP }, { metadata: { annotations: { [RENEWED]: '1999-01-01T00:00:00Z' } } });
    await settle(operator);
    await wait(2);
    await settle(operator);
    expect(exists()).toBe(true);
    await wait(71);
    await operator.reconcile();
    expect(exists()).toBe(false);
  });

  test('is not deleted where the clock of the operator is ahead of that of the API server', async () => {
    const { clock } = operator.cluster;
    const now = clock.now.bind(clock);
    const ahead = jest.spyOn(clock, 'now').mockImplementation(() => now() + 100 * HOUR);
    const server = operator.cluster.api as unknown as { now: () => number };
    server.now = now;
    await operator.reconcile();
    expect(exists()).toBe(true);
    ahead.mockRestore();
  });

  test('ends by the clock of the operator where a policy refuses to tell that of the API server', async () => {
    const refused = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'Secrets need a label' });
    operator.cluster.api.intercept = (method, path, { query }) => (
      method === 'POST' && path.endsWith('/secrets') && query?.dryRun === 'All' ? response(403, refused) : undefined);
    operator.apply(spec({ ttl: '24h' }));
    await settle(operator);
    expect(expires()).toBeGreaterThan(operator.cluster.clock.now() + 23 * HOUR);
    await wait(25);
    await operator.reconcile();
    expect(exists()).toBe(false);
  });

  test('keeps data that its spec no longer has, too, when it no longer has a ttl', async () => {
    operator.apply(spec({ ttl: '72h', volumes: undefined }));
    await settle(operator);
    operator.apply(spec({ volumes: undefined }));
    await settle(operator);
    expect(operator.cluster.api.find(VOLUME, 'web-data')!.metadata.ownerReferences).toEqual([]);
  });

  test('is not deleted where it has changed since the operator saw it', async () => {
    await wait(73);
    operator.cluster.api.intercept = method => {
      if (method !== 'DELETE') return undefined;
      operator.cluster.api.intercept = undefined;
      operator.cluster.api.change({ ...WEB_APP, metadata: APP }, { metadata: { annotations: { [RENEWED]: '1' } } });
      return undefined;
    };
    expect(await operator.reconcile()).toEqual({ requeueAfter: 1000 });
    await settle(operator);
    expect(exists()).toBe(true);
    expect(expires()).toBeGreaterThan(operator.cluster.clock.now());
  });

  test('owns its data, which the cluster deletes with it', () => {
    const { uid } = operator.resource().metadata;
    expect(operator.cluster.api.find(VOLUME, 'web-data')!.metadata.ownerReferences).toMatchObject([{ kind: 'WebApp', uid }]);
  });

  test('keeps its data as others do when it no longer has a ttl', async () => {
    operator.apply(spec({}));
    await settle(operator);
    expect(operator.cluster.api.find(VOLUME, 'web-data')!.metadata.ownerReferences ?? []).toEqual([]);
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata.ownerReferences).toHaveLength(1);
    expect(operator.resource().status).not.toHaveProperty('expires');
  });

  test('causes no write while nothing changes', async () => {
    const first = operator.cluster.api.requests.length;
    operator.restart();
    await operator.reconcile();
    expect(operator.writesSince(first)).toEqual([]);
  });

  test('drops its database in a shared Cluster with it', async () => {
    const metadata = { name: 'shared-app', namespace: APP.namespace };
    operator.cluster.api.put({ ...SECRET, metadata, data: { username: 'eA==', password: 'eA==' } } as Manifest);
    operator.apply(spec({ ttl: '72h', connections: { db: { type: 'postgres', postgres: { cluster: 'shared' } } } }));
    await settle(operator);
    const database = operator.cluster.api.find({ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Database' }, 'web-db');
    expect(database).toMatchObject({ spec: { name: 'web_db', databaseReclaimPolicy: 'delete' } });
  });
});

describe('a ttl', () => {
  test.each([
    ['3d', 'ttl is "3d", which is not a valid duration; use whole hours, minutes and seconds, such as 30s, 5m or 1h30m'],
    ['10s', 'ttl is "10s", which is too short; use at least 1m'],
  ])('of %s is refused, and nothing is deleted', async (ttl, message) => {
    const operator = new TestOperator();
    operator.apply(spec({ ttl }));
    await settle(operator);
    await operator.cluster.clock.sleep(HOUR);
    await operator.reconcile();
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', message });
  });

  test('cannot be combined with deletionPolicy: orphan', async () => {
    const operator = new TestOperator();
    operator.apply(spec({ ttl: '72h', deletionPolicy: 'orphan' }));
    await settle(operator);
    const message = 'ttl cannot be combined with deletionPolicy: orphan; remove one of them';
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', message });
  });
});

describe('an app without a ttl', () => {
  test('has data that outlives its resource', async () => {
    const operator = new TestOperator();
    operator.apply(spec({}));
    await settle(operator);
    expect(operator.cluster.api.find(VOLUME, 'web-data')!.metadata.ownerReferences).toBeUndefined();
  });
});
