import { TestOperator } from './test-operator';
import { createMissing, GENERATED_TYPE } from '../../src/engine/generated';
import type { Secret } from '../../src/kube/types';
import { DEPLOYMENT, JOB, SECRET } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { APP } from '../kube/test-cluster';

const NAME = 'web-generated';
const SPEC = { image: 'web:1', internal: true, scaling: { replicas: 1 }, secretEnv: { SESSION_KEY: { generate: 32 } } };

let operator: TestOperator;
beforeEach(() => {
  operator = new TestOperator();
});
afterEach(() => expect(operator.errors).toEqual([]));

const secret = () => operator.cluster.api.find<Secret>(SECRET, NAME);
const owners = () => secret()?.metadata.ownerReferences?.map(({ uid }) => uid) ?? [];
const put = (data: object, more: object = {}) => (
  operator.cluster.api.put({ ...SECRET, metadata: { name: NAME, namespace: APP.namespace }, type: 'Opaque', data, ...more } as Manifest));

async function deployed(spec: object = SPEC): Promise<void> {
  operator.apply(spec as any);
  await operator.settle();
}

describe('the operator', () => {
  test('creates the generated values of an app, before its Jobs', async () => {
    let atJob: object | undefined;
    const { onWrite } = operator.cluster.api;
    operator.cluster.api.onWrite = (object, api) => {
      if (object.kind === JOB.kind) atJob ??= secret();
      onWrite?.(object, api);
    };
    await deployed({ ...SPEC, releaseCommand: { command: ['migrate'] } });
    expect(atJob).toBeDefined();
    expect(operator.condition('Released')).toMatchObject({ status: 'True' });
    expect(secret()).toMatchObject({ type: GENERATED_TYPE, metadata: { labels: { 'app.kubernetes.io/name': 'web' } } });
    expect(Buffer.from(secret()!.data!.SESSION_KEY, 'base64').toString()).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await operator.cluster.releases()).toMatchObject([{ generated: { SESSION_KEY: 32 } }]);
  });

  test('keeps them when it is started again, and with every change of the spec', async () => {
    await deployed();
    const { data } = secret()!;
    operator.restart();
    await deployed({ ...SPEC, image: 'web:2' });
    await deployed({ ...SPEC, image: 'web:3', secretEnv: undefined });
    await deployed({ ...SPEC, image: 'web:4', secretEnv: { ...SPEC.secretEnv, TOKEN: { generate: 16 } } });
    expect(secret()!.data).toEqual({ ...data, TOKEN: expect.any(String) });
  });

  test('has those that a deploy has created, and one that runs at the same time has its own', async () => {
    await createMissing(operator.cluster, APP, { SESSION_KEY: 32 });
    const { data } = secret()!;
    await deployed();
    expect(secret()!.data).toEqual(data);
    await createMissing(operator.cluster, APP, { SESSION_KEY: 32 });
    expect(secret()!.data).toEqual(data);
  });

  test('creates again what was deleted, without a change of the spec', async () => {
    await deployed();
    operator.cluster.api.delete({ ...SECRET, metadata: { ...APP, name: NAME } });
    await operator.settle();
    expect(secret()!.data).toEqual({ SESSION_KEY: expect.any(String) });
  });

  test('writes nothing more once they exist', async () => {
    await deployed();
    const before = operator.cluster.api.requests.length;
    await operator.settle();
    expect(operator.writesSince(before)).toEqual([]);
  });

  test('lets them outlive the app, as data, unless that has a ttl', async () => {
    await deployed();
    expect(owners()).toEqual([]);
    await deployed({ ...SPEC, ttl: '72h' });
    expect(owners()).toEqual([operator.resource().metadata.uid]);
    await deployed(SPEC);
    expect(owners()).toEqual([]);
  });

  test('makes an app with a ttl the owner from the beginning, also in place of one of that name that is gone', async () => {
    const gone = { apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', name: 'web', uid: 'gone', controller: true };
    await createMissing(operator.cluster, APP, { SESSION_KEY: 32 }, { owner: gone });
    await deployed({ ...SPEC, ttl: '72h' });
    expect(owners()).toEqual([operator.resource().metadata.uid]);
  });
});

describe('a Secret of that name that others have created', () => {
  test('is used by the app, and not changed', async () => {
    put({ SESSION_KEY: 'eA==' });
    await deployed({ ...SPEC, ttl: '72h' });
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
    expect(secret()).toMatchObject({ type: 'Opaque', data: { SESSION_KEY: 'eA==' } });
    expect(owners()).toEqual([]);
  });

  test('keeps the app as it was if it lacks a key, and the operator tries again', async () => {
    await deployed({ ...SPEC, secretEnv: undefined });
    put({ OTHER: 'eA==' });
    await deployed({ ...SPEC, image: 'web:2' });
    expect(operator.condition('Released')).toMatchObject({
      status: 'False',
      reason: 'Conflict',
      message: expect.stringContaining('Secret web-generated in namespace shop has no key SESSION_KEY'),
    });
    expect(secret()!.data).toEqual({ OTHER: 'eA==' });
    expect((operator.cluster.api.find(DEPLOYMENT, 'web') as any).spec.template.spec.containers[0].image).toBe('web:1');
    put({ OTHER: 'eA==', SESSION_KEY: 'eA==' });
    await operator.cluster.clock.sleep(60_000);
    await operator.settle();
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
  });

  test('is told apart by its type and the label of the app', async () => {
    const metadata = { name: NAME, namespace: 'shop', labels: { 'app.kubernetes.io/name': 'billing' } };
    put({ OTHER: 'eA==' }, { type: GENERATED_TYPE, metadata });
    await deployed();
    expect(operator.condition('Released')).toMatchObject({ reason: 'Conflict' });
    expect(secret()!.data).toEqual({ OTHER: 'eA==' });
  });
});

describe('Secrets that an app names', () => {
  const spec = { ...SPEC, secretEnv: { KEY: { secret: 'stripe', key: 'api' } }, envFromSecrets: ['payment'] };
  const create = (name: string, data: object) => (
    operator.cluster.api.put({ ...SECRET, metadata: { name, namespace: 'shop' }, data } as Manifest));

  test('are waited for, while the release before serves traffic', async () => {
    await deployed({ ...SPEC, secretEnv: undefined });
    await deployed({ ...spec, image: 'web:2' });
    expect(operator.condition('Released')).toMatchObject({
      status: 'False',
      reason: 'ReferenceNotFound',
      message: `\
Secret stripe does not exist in namespace shop; the app needs it for the variable KEY
  webapp secrets set api --secret stripe --app web --namespace shop
Secret payment does not exist in namespace shop; the app needs it for variables of all its keys
  webapp secrets set KEY --secret payment --app web --namespace shop`,
    });
    expect((operator.cluster.api.find(DEPLOYMENT, 'web') as any).spec.template.spec.containers[0].image).toBe('web:1');
    create('stripe', { api: 'eA==' });
    create('payment', {});
    await operator.cluster.clock.sleep(60_000);
    await operator.settle();
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
  });

  test('are waited for before the first release too', async () => {
    await deployed(spec);
    expect(operator.condition('Released')).toMatchObject({ status: 'False', reason: 'ReferenceNotFound' });
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')).toBeUndefined();
  });
});
