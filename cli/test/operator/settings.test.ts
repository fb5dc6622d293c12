import { TestOperator } from './test-operator';
import { changeSettings } from '../../src/engine/change-settings';
import { deploy } from '../../src/engine/deploy';
import { destroy } from '../../src/engine/destroy';
import { SETTINGS } from '../../src/engine/settings';
import { setVariables, unsetVariables } from '../../src/engine/settings-change';
import type { ConfigMap } from '../../src/kube/types';
import { CONFIG_MAP, DEPLOYMENT, JOB, PUSH_SECRET, SECRET } from '../../src/kube/types';
import { changeResourceSettings } from '../../src/operator/change-settings';
import { deleteResource, deployResource, rollbackResource } from '../../src/operator/client';
import { SETTINGS_ANNOTATION } from '../../src/operator/settings-pointer';
import { synthesize } from '../../src/render/synthesis';
import { TestStore } from '../kube/external-secrets';
import { APP, configMap, draft } from '../kube/test-cluster';

const ALWAYS_ON = { image: 'web:1', internal: true, scaling: { replicas: 2 } };
const WEB_APP = { apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', metadata: APP };

let operator: TestOperator;
let stop: () => void;
beforeEach(() => {
  operator = new TestOperator();
  stop = operator.cluster.clock.every(500, () => void operator.reconcile().catch(error => operator.errors.push(error as Error)));
});
afterEach(() => {
  stop();
  expect(operator.errors).toEqual([]);
});

const operation = () => operator.cluster.operation();
const set = async (variables: { [name: string]: string }) => changeResourceSettings(operation(), setVariables('config', variables));
const setSecret = async (variables: { [name: string]: string }) => changeResourceSettings(operation(), setVariables('secrets', variables));

async function deployed(spec: object = ALWAYS_ON): Promise<void> {
  operator.cluster.api.put({ ...WEB_APP, spec: {} }, 'nobody');
  await deployResource(operation(), spec);
  operator.cluster.output.length = 0;
}

function sources(kind: { apiVersion: string; kind: string } = DEPLOYMENT, name = 'web'): any[] {
  return (operator.cluster.api.find(kind, name) as any)?.spec.template.spec.containers[0].envFrom ?? [];
}

/** The variables of `webapp config` that the pods get. */
function live(): { readonly [name: string]: string } {
  return Object.assign({}, ...sources().filter(({ configMapRef }) => configMapRef)
    .map(({ configMapRef }) => operator.cluster.api.find<ConfigMap>(CONFIG_MAP, configMapRef.name)!.data));
}

function stored(): number {
  const { api } = operator.cluster;
  return [...api.all(CONFIG_MAP), ...api.all(SECRET)].filter(({ metadata }) => metadata.labels?.[SETTINGS]).length;
}

function annotate(text: string | null): void {
  operator.cluster.api.change(WEB_APP, { metadata: { annotations: { [SETTINGS_ANNOTATION]: text } } });
}

describe('variables of an app that has a resource', () => {
  beforeEach(async () => deployed());

  test('are a release, which says who has changed what', async () => {
    const release = await set({ LOG_LEVEL: 'debug' });
    expect(release).toMatchObject({
      number: 2, action: 'config set LOG_LEVEL', by: expect.stringMatching(/^tester@/), settings: { config: { keys: ['LOG_LEVEL'] } },
    });
    expect(live()).toEqual({ LOG_LEVEL: 'debug' });
    expect(operator.cluster.output).toEqual(['web is ready (2/2 replicas)', 'Deployed release 2 (config set LOG_LEVEL)']);
  });

  test('are no part of the spec, and stay when that changes', async () => {
    await set({ A: '1' });
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:2' });
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:3' });
    expect(live()).toEqual({ A: '1' });
    expect(operator.resource().spec).toEqual({ ...ALWAYS_ON, image: 'web:3' });
    const settings = { config: { keys: ['A'] } };
    expect((await operator.cluster.releases())[0]).toMatchObject({ action: 'deploy', by: expect.stringMatching(/^tester@/), settings });
  });

  test('stay when another manager applies the resource', async () => {
    await set({ A: '1' });
    await operator.cluster.objects.apply({ ...WEB_APP, spec: { ...ALWAYS_ON, image: 'web:2' } }, { manager: 'argocd', force: true });
    await operator.cluster.clock.sleep(20_000);
    expect((await operator.cluster.releases())[0]).toMatchObject({ image: 'web:2' });
    expect(live()).toEqual({ A: '1' });
  });

  test('that are changed at the same time are all kept', async () => {
    await Promise.all([set({ A: '1' }), set({ B: '1' }), setSecret({ C: '1' })]);
    await operator.cluster.clock.sleep(20_000);
    expect(live()).toEqual({ A: '1', B: '1' });
    expect(sources()).toHaveLength(2);
    expect((await operator.cluster.releases())[0].settings).toMatchObject({ config: { keys: ['A', 'B'] }, secrets: { keys: ['C'] } });
  });

  test('are not changed where they have these values', async () => {
    await set({ A: '1' });
    expect(await set({ A: '1' })).toBeUndefined();
    expect(stored()).toBe(1);
  });

  test('can be removed', async () => {
    await set({ A: '1' });
    await changeResourceSettings(operation(), unsetVariables('config', ['A']));
    expect(sources()).toEqual([]);
  });

  test('are rolled back with the spec', async () => {
    await set({ A: '1' });
    await set({ A: '2' });
    await rollbackResource(operation());
    expect(live()).toEqual({ A: '1' });
    expect((await operator.cluster.releases())[0]).toMatchObject({ number: 4, action: 'rollback to 2' });
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:2' });
    expect(live()).toEqual({ A: '1' });
    await rollbackResource(operation(), 1);
    expect(live()).toEqual({});
    expect(operator.resource().spec.image).toBe('web:1');
  });

  test('belong to the resource, and are deleted with it', async () => {
    await set({ A: '1' });
    const [object] = operator.cluster.api.all(CONFIG_MAP).filter(({ metadata }) => metadata.labels?.[SETTINGS]);
    expect(object.metadata.ownerReferences).toEqual([
      { apiVersion: WEB_APP.apiVersion, kind: 'WebApp', name: 'web', uid: operator.resource().metadata.uid },
    ]);
  });

  test('stay with an app that stays when its resource is deleted', async () => {
    await set({ A: '1' });
    await setSecret({ B: '1' });
    operator.apply({ ...ALWAYS_ON, deletionPolicy: 'orphan' } as never);
    await operator.cluster.clock.sleep(20_000);
    await operator.cluster.objects.remove({ ...WEB_APP, ...APP });
    await operator.cluster.clock.sleep(5_000);
    expect(operator.resource()?.metadata.finalizers ?? []).toEqual([]);
    const all = [...operator.cluster.api.all(CONFIG_MAP), ...operator.cluster.api.all(SECRET)];
    expect(all.filter(({ metadata }) => metadata.labels?.[SETTINGS])).toHaveLength(2);
    expect(all.flatMap(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([]);
  });

  test('are removed with the app', async () => {
    await set({ A: '1' });
    stop();
    await deleteResource(operation());
    await destroy(operation(), false);
    expect(stored()).toBe(0);
  });

  test('that no release has any more are removed', async () => {
    for (let i = 0; i < 12; i++) await set({ A: String(i) });
    expect(stored()).toBe(10);
  });

  test('cause no request once they are known', async () => {
    await set({ A: '1' });
    stop();
    await operator.settle();
    const first = operator.cluster.api.requests.length;
    await operator.reconcile();
    expect(operator.cluster.api.requests.slice(first).filter(request => /configmaps|secrets/.test(request))).toEqual([]);
  });

  test('are as before where the operator does not know them, as an older one', async () => {
    await set({ A: '1' });
    stop();
    const before = operator.resource().metadata.annotations;
    const message = 'the operator has not looked at the variables of web for 60 s; webapp operator install upgrades an older one';
    await expect(set({ A: '2' })).rejects.toThrow(message);
    expect(operator.resource().metadata.annotations).toEqual(before);
  });

  test('that the file sets are refused', async () => {
    await expect(set({ PORT: '1' })).rejects.toThrow('PORT is set by the file');
    expect(stored()).toBe(0);
  });
});

describe('variables with which the app does not become ready', () => {
  const failing = new TestOperator({ failingCommands: { 'exit $CODE': { exitCode: 3, log: 'no such database' } } });

  test('are replaced by those of before', async () => {
    operator = failing;
    stop();
    stop = operator.cluster.clock.every(500, () => void operator.reconcile());
    const releaseCommand = { command: ['sh', '-c', 'exit 0'], retries: 0 };
    await deployed({ ...ALWAYS_ON, releaseCommand });
    await set({ CODE: '0' });
    const { onWrite } = operator.cluster.api;
    operator.cluster.api.onWrite = (object, api) => {
      if (object.kind !== 'Job') return onWrite?.(object, api);
      const { spec } = structuralClone(object);
      spec.template.spec.containers[0].command = ['sh', '-c', 'exit $CODE'];
      onWrite?.({ ...object, spec } as any, api);
    };
    await expect(set({ CODE: '3' })).rejects.toThrow(/the release command failed[^]*The variables of web are as they were before/);
    operator.cluster.api.onWrite = onWrite;
    await operator.settle();
    expect(live()).toEqual({ CODE: '0' });
    expect(operator.condition('Released')).toMatchObject({ status: 'True' });
    expect((await operator.cluster.releases())[0]).toMatchObject({ state: 'failed', action: 'config set CODE' });
  });
});

function structuralClone(object: unknown): any {
  return JSON.parse(JSON.stringify(object));
}

describe('the release command', () => {
  test('runs again with other variables, and not with the same', async () => {
    await deployed({ ...ALWAYS_ON, releaseCommand: { command: ['migrate'] } });
    const uid = () => operator.cluster.api.all(JOB)[0].metadata.uid;
    const first = uid();
    await set({ A: '1' });
    const second = uid();
    expect(second).not.toBe(first);
    expect(sources(JOB, operator.cluster.api.all(JOB)[0].metadata.name)).toHaveLength(1);
    await deployResource(operation(), { ...ALWAYS_ON, releaseCommand: { command: ['migrate'] }, scaling: { replicas: 3 } });
    expect(uid()).toBe(second);
  });
});

describe('an app that the command has deployed', () => {
  const objectsOf = () => synthesize([{ ...APP, props: ALWAYS_ON }]).apps[0].objects;

  test('keeps its variables when it gets a resource, without new pods', async () => {
    await deploy(operation(), draft(...objectsOf()));
    await changeSettings(operation(), setVariables('config', { A: '1' }));
    const { generation } = operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata;
    operator.apply(ALWAYS_ON);
    await operator.cluster.clock.sleep(30_000);
    expect(operator.condition('Released')).toMatchObject({ status: 'True' });
    expect(live()).toEqual({ A: '1' });
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata.generation).toBe(generation);
    await set({ B: '1' });
    expect(live()).toEqual({ A: '1', B: '1' });
  });

  test('has those that were stored for its first deploy', async () => {
    await changeSettings(operation(), setVariables('config', { A: '1' }));
    operator.apply(ALWAYS_ON);
    await operator.cluster.clock.sleep(30_000);
    expect(live()).toEqual({ A: '1' });
  });

  test.each([true, undefined])('leaves nothing over when its resource is deleted', async hasReleases => {
    operator.hasReleases = hasReleases;
    await deploy(operation(), draft(...objectsOf()));
    await changeSettings(operation(), setVariables('secrets', { A: '1' }));
    operator.apply(ALWAYS_ON);
    await operator.cluster.clock.sleep(30_000);
    expect(operator.resource().metadata.finalizers).toHaveLength(1);
    await operator.cluster.objects.remove({ ...WEB_APP, ...APP });
    await operator.cluster.clock.sleep(5_000);
    expect(operator.resource()?.metadata.finalizers ?? []).toEqual([]);
    expect(operator.cluster.api.all(SECRET)).toEqual([]);
    expect(stored()).toBe(0);
  });

  test('has those that were stored for its first deploy also where the watch shows them later', async () => {
    operator.hasReleases = false;
    await changeSettings(operation(), setVariables('config', { A: '1' }));
    operator.apply(ALWAYS_ON);
    await operator.reconcile();
    expect(live()).toEqual({});
    operator.hasReleases = true;
    await operator.cluster.clock.sleep(1_000);
    expect(live()).toEqual({ A: '1' });
  });

  test('has those that were stored for its first deploy also where it was deployed before the watch shows them', async () => {
    operator.hasReleases = false;
    await changeSettings(operation(), setVariables('config', { A: '1' }));
    operator.apply(ALWAYS_ON);
    await operator.cluster.clock.sleep(30_000);
    expect(operator.errors.splice(0)).toEqual([new Error('the app has got variables while it was deployed')]);
    expect(live()).toEqual({ A: '1' });
    expect((await operator.cluster.releases())[0]).toMatchObject({ number: 2, settings: { config: { keys: ['A'] } } });
  });
});

describe('secrets of an app whose Platform has a store', () => {
  let store: TestStore;
  const inStore = () => store.entries.get('shop/web');

  beforeEach(async () => {
    store = new TestStore(operator.cluster);
    operator.setPlatform({ secretStore: { name: 'vault' } });
    await deployed();
  });

  test('are pushed there, which a condition says', async () => {
    expect(operator.condition('SecretsPushed')).toBeUndefined();
    await setSecret({ TOKEN: 'hunter2' });
    await operator.cluster.clock.sleep(2_000);
    expect(inStore()).toEqual({ TOKEN: 'hunter2' });
    expect(operator.condition('SecretsPushed')).toMatchObject({
      status: 'True', reason: 'Pushed', message: 'ClusterSecretStore vault (key shop/web) has the secrets of the app',
    });
    const { kind, uid } = { kind: 'WebApp', uid: operator.resource().metadata.uid };
    expect(operator.cluster.api.find(PUSH_SECRET, 'web-secrets')!.metadata.ownerReferences).toMatchObject([{ kind, uid }]);
    expect((await operator.cluster.releases())[0].secretStore).toMatchObject({ name: 'vault', key: 'shop/web' });
  });

  test('are those of before where the store does not take them', async () => {
    await setSecret({ TOKEN: 'old' });
    store.problem = 'permission denied';
    const result = setSecret({ TOKEN: 'new' });
    await expect(result).rejects.toThrow('ClusterSecretStore vault (key shop/web) does not take the secrets of web: '
      + 'set secret failed: permission denied');
    await expect(result).rejects.toThrow('The variables of web are as they were before');
    store.problem = undefined;
    store.retry();
    await operator.cluster.clock.sleep(10_000);
    store.retry();
    expect(inStore()).toEqual({ TOKEN: 'old' });
  });

  test('are an error before anything is changed where the store is read-only', async () => {
    store.report({ capabilities: 'ReadOnly' });
    await expect(setSecret({ TOKEN: 'new' })).rejects.toThrow('ClusterSecretStore vault is read-only');
    expect(stored()).toBe(0);
    expect(operator.resource().metadata.annotations?.[SETTINGS_ANNOTATION]).toBeUndefined();
  });

  test('do not stop a release while the store is down, and a condition says so', async () => {
    await setSecret({ TOKEN: 'old' });
    await setSecret({ TOKEN: 'new' });
    store.problem = 'connection refused';
    expect(await rollbackResource(operation())).toMatchObject({ state: 'deployed' });
    await operator.cluster.clock.sleep(5_000);
    expect(operator.condition('SecretsPushed')).toMatchObject({
      status: 'False',
      reason: 'NotPushed',
      message: 'ClusterSecretStore vault (key shop/web): set secret failed: connection refused',
    });
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
    store.problem = undefined;
    store.retry();
    await operator.cluster.clock.sleep(5_000);
    expect(operator.condition('SecretsPushed')).toMatchObject({ status: 'True' });
    expect(inStore()).toEqual({ TOKEN: 'old' });
  });

  test('are removed there with the last one, and so is the condition', async () => {
    await setSecret({ TOKEN: 'x' });
    await changeResourceSettings(operation(), unsetVariables('secrets', ['TOKEN']));
    await operator.cluster.clock.sleep(5_000);
    expect(store.entries).toEqual(new Map());
    expect(operator.condition('SecretsPushed')).toBeUndefined();
  });
});

describe('an annotation', () => {
  beforeEach(async () => {
    await deployed();
    await set({ A: '1' });
  });

  test.each<[string, () => string, string]>([
    ['has no JSON', () => 'x', 'the annotation cdk8s-webapp.dev/settings is not valid'],
    ['has no map of strings', () => '{"config":1}', 'the annotation cdk8s-webapp.dev/settings is not valid'],
    ['names an object that does not exist', () => '{"secrets":"none"}', 'Secret none, which has variables of web, does not exist'],
    ['names an object of others', () => '{"config":"others"}', 'ConfigMap others has no variables of web'],
    ['names the variables of another app', () => '{"config":"api-config-1"}', 'ConfigMap api-config-1 has no variables of web'],
  ])('that %s is refused, and the app stays as it is', async (_, text, message) => {
    operator.cluster.api.put(configMap('others'));
    const ofOther = configMap('api-config-1') as any;
    ofOther.metadata.labels = { 'app.kubernetes.io/name': 'api', [SETTINGS]: 'config' };
    operator.cluster.api.put(ofOther);
    annotate(text());
    await operator.cluster.clock.sleep(5_000);
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', message: expect.stringContaining(message) });
    expect(live()).toEqual({ A: '1' });
  });

  test('that is removed means no variables', async () => {
    annotate(null);
    await operator.cluster.clock.sleep(20_000);
    expect(live()).toEqual({});
  });
});
