import { changeSettings } from '../../src/engine/change-settings';
import { deploy } from '../../src/engine/deploy';
import { destroy } from '../../src/engine/destroy';
import { compareWithCluster } from '../../src/engine/preflight';
import { readSecretStore } from '../../src/engine/read-secret-store';
import { rollback } from '../../src/engine/rollback';
import type { Variables } from '../../src/engine/settings';
import { setVariables, unsetVariables } from '../../src/engine/settings-change';
import type { PushSecret } from '../../src/kube/types';
import { CLUSTER_SECRET_STORE, EXTERNAL_SECRET, PUSH_SECRET } from '../../src/kube/types';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { TestStore, VAULT } from '../kube/external-secrets';
import { deployment, draft, service, TestCluster } from '../kube/test-cluster';

const WEB = [service(), deployment('web:1')];
const PLANNED = { ...draft(...WEB), secretStore: VAULT };
const PUSHED = 'Pushed the secrets of web to ClusterSecretStore vault (key shop/web)';

let cluster: TestCluster;
let store: TestStore;
beforeEach(() => {
  cluster = new TestCluster();
  runControllers(cluster);
  store = new TestStore(cluster);
});

const set = async (variables: Variables) => changeSettings(cluster.operation(), setVariables('secrets', variables));
const unset = async (...names: string[]) => changeSettings(cluster.operation(), unsetVariables('secrets', names));
const push = () => cluster.api.find<PushSecret>(PUSH_SECRET, 'web-secrets');
const inStore = () => store.entries.get('shop/web');

describe('secrets of an app whose platform has a store', () => {
  beforeEach(async () => {
    await deploy(cluster.operation(), PLANNED);
    cluster.output.length = 0;
  });

  test('are pushed there as a whole, by a PushSecret that names the Secret of the release', async () => {
    const release = await set({ STRIPE_KEY: 'hunter2', TOKEN: 'x' });
    expect(push()).toMatchObject({
      apiVersion: 'external-secrets.io/v1alpha1',
      metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
      spec: {
        refreshInterval: '0s',
        updatePolicy: 'Replace',
        deletionPolicy: 'Delete',
        secretStoreRefs: [{ name: 'vault', kind: 'ClusterSecretStore' }],
        selector: { secret: { name: release!.settings!.secrets!.name } },
        data: [{ match: { remoteRef: { remoteKey: 'shop/web' } } }],
      },
    });
    expect(inStore()).toEqual({ STRIPE_KEY: 'hunter2', TOKEN: 'x' });
    expect(cluster.output).toContain(PUSHED);
  });

  test('are in no release and no output', async () => {
    await set({ STRIPE_KEY: 'hunter2' });
    expect(JSON.stringify([await cluster.releases(), cluster.output, push()])).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  test('are pushed before the pods get them, and not again until they change', async () => {
    await set({ TOKEN: 'x' });
    const order = cluster.api.requests.filter(request => request.startsWith('PATCH') && /pushsecrets|deployments/.test(request));
    expect(order.slice(-2).map(request => request.split('/').at(-2))).toEqual(['pushsecrets', 'deployments']);
    await deploy(cluster.operation(), { ...PLANNED, ...draft(service(), deployment('web:2')) });
    await changeSettings(cluster.operation(), setVariables('config', { LOG_LEVEL: 'debug' }));
    expect(store.pushes).toBe(1);
    expect(inStore()).toEqual({ TOKEN: 'x' });
  });

  test('that are removed are removed there, and with the last one the key', async () => {
    await set({ A: '1', B: '2' });
    await unset('A');
    expect(inStore()).toEqual({ B: '2' });
    await unset('B');
    expect(push()).toBeUndefined();
    expect(store.entries).toEqual(new Map());
  });

  test('are rolled back there too', async () => {
    await set({ TOKEN: 'old' });
    await set({ TOKEN: 'new' });
    await rollback(cluster.operation());
    expect(inStore()).toEqual({ TOKEN: 'old' });
  });

  test('are those of before if the app does not become ready with them', async () => {
    await set({ TOKEN: 'old' });
    runControllers(cluster, { brokenImages: { 'web:1': IMAGE_NOT_FOUND } });
    const again = new TestStore(cluster);
    await expect(set({ TOKEN: 'new' })).rejects.toThrow('Release 2 is still serving traffic');
    await cluster.clock.sleep(5_000);
    expect(again.entries.get('shop/web')).toEqual({ TOKEN: 'old' });
  });

  test('that are set at the same time are all kept', async () => {
    await Promise.all([set({ A: '1' }), set({ B: '2' })]);
    expect(inStore()).toEqual({ A: '1', B: '2' });
  });

  test('are removed there with the app', async () => {
    await set({ TOKEN: 'x' });
    await destroy(cluster.operation(), false);
    expect(store.entries).toEqual(new Map());
    expect(cluster.api.names()).toEqual([]);
  });

  test('are shown as they would be pushed', async () => {
    await set({ TOKEN: 'x' });
    const plan = { cluster, app: cluster.operation().app, objects: WEB };
    const changed = async (secretStore?: typeof VAULT) => (await compareWithCluster({ ...plan, secretStore }))
      .filter(({ change }) => change !== 'unchanged').map(({ change, kind }) => `${change} ${kind}`);
    expect(await changed(VAULT)).toEqual([]);
    expect(await changed()).toEqual(['remove PushSecret']);
  });
});

describe('a store that does not take secrets', () => {
  beforeEach(async () => {
    await deploy(cluster.operation(), PLANNED);
    await set({ TOKEN: 'old' });
  });

  const releases = async () => (await cluster.releases()).map(({ number, state }) => `${number} ${state}`);

  test.each<[string, object, string]>([
    ['is read-only', { capabilities: 'ReadOnly' }, 'ClusterSecretStore vault is read-only: its provider takes no secrets'],
    ['is not ready', { conditions: [{ type: 'Ready', status: 'False', reason: 'InvalidProviderConfig', message: 'permission denied' }] },
      'ClusterSecretStore vault is not ready: permission denied; fix it, and try again; see kubectl describe clustersecretstore vault'],
  ])('is an error before anything is changed if it %s', async (_, status, message) => {
    store.report(status);
    await expect(set({ TOKEN: 'new' })).rejects.toThrow(message);
    await expect(set({ TOKEN: 'new' })).rejects.toThrow('nothing was changed');
    expect(await releases()).toEqual(['2 deployed', '1 deployed']);
  });

  test('is an error before anything is changed if it does not exist', async () => {
    cluster.api.delete({ ...CLUSTER_SECRET_STORE, metadata: { name: 'vault' } });
    await expect(set({ TOKEN: 'new' })).rejects.toThrow(
      'ClusterSecretStore vault does not exist; create it, or correct secretStore in platform.yaml\nnothing was changed');
  });

  test('is an error with what External Secrets says, and the app keeps its secrets', async () => {
    store.problem = 'secret not managed by external-secrets';
    const result = set({ TOKEN: 'new' });
    await expect(result).rejects.toThrow('ClusterSecretStore vault (key shop/web) does not take the secrets of web: '
      + 'set secret failed: secret not managed by external-secrets\n'
      + '  fix it, and try again; see kubectl get events --namespace shop --field-selector involvedObject.name=web-secrets');
    await expect(result).rejects.toThrow('Release 2 is still serving traffic');
    expect(inStore()).toEqual({ TOKEN: 'old' });
    expect(push()!.spec.selector.secret.name).toBe((await cluster.releases())[1].settings!.secrets!.name);
  });

  test('is waited for while External Secrets tries again', async () => {
    store.problem = 'connection refused';
    cluster.clock.after(6, () => {
      store.problem = undefined;
      store.retry();
    });
    await set({ TOKEN: 'new' });
    expect(inStore()).toEqual({ TOKEN: 'new' });
  });

  test('is an error if no controller looks at it', async () => {
    await unset('TOKEN');
    store.isRunning = false;
    await expect(set({ TOKEN: 'new' })).rejects.toThrow('External Secrets has not looked at PushSecret web-secrets; '
      + 'check that its controller runs, and processes PushSecrets');
  });

  test('is waited for while it still deletes the secrets of before', async () => {
    const leave = (deletionTimestamp: string | null) => cluster.api.change(
      { ...PUSH_SECRET, metadata: { name: 'web-secrets', namespace: 'shop' } }, { metadata: { deletionTimestamp } });
    leave('2026-01-01T00:00:00Z');
    await expect(set({ TOKEN: 'new' })).rejects.toThrow(
      'PushSecret web-secrets, whose secrets External Secrets deletes from the store, still exists after 60 s');
    cluster.clock.after(5, () => cluster.api.delete({ ...PUSH_SECRET, metadata: { name: 'web-secrets', namespace: 'shop' } }));
    await set({ TOKEN: 'new' });
    expect(inStore()).toEqual({ TOKEN: 'new' });
  });

  test('does not stop a rollback', async () => {
    await set({ TOKEN: 'new' });
    store.problem = 'connection refused';
    expect(await rollback(cluster.operation())).toMatchObject({ state: 'deployed' });
    expect(cluster.output).toContainEqual(expect.stringMatching(/^! the store has other secrets than the app, .*connection refused/));
    store.problem = undefined;
    store.retry();
    expect(inStore()).toEqual({ TOKEN: 'old' });
  });

  test('is an error with the rights that are missing', async () => {
    cluster.api.denials.push({ verb: 'patch', resource: 'pushsecrets' });
    await expect(set({ TOKEN: 'new' })).rejects.toThrow(
      'you are not allowed to patch pushsecrets.external-secrets.io in namespace shop (needed for PushSecret web-secrets)');
  });

  test('is an error where the cluster does not have External Secrets', async () => {
    cluster.api.uninstall(PUSH_SECRET);
    cluster.objects.forget(PUSH_SECRET.apiVersion);
    await expect(set({ TOKEN: 'new' })).rejects.toThrow('The External Secrets operator is not installed, or too old');
  });
});

describe('a platform that gets a store, or loses it', () => {
  test('has the secrets that were set before the first deploy with that', async () => {
    await set({ TOKEN: 'x' });
    expect(push()).toBeUndefined();
    await deploy(cluster.operation(), PLANNED);
    expect(inStore()).toEqual({ TOKEN: 'x' });
  });

  test('has the secrets with the next deploy', async () => {
    await deploy(cluster.operation(), { ...PLANNED, secretStore: null });
    await set({ TOKEN: 'x' });
    expect(push()).toBeUndefined();
    await deploy(cluster.operation(), PLANNED);
    expect(inStore()).toEqual({ TOKEN: 'x' });
    await deploy(cluster.operation(), { ...PLANNED, secretStore: null });
    expect(push()).toBeUndefined();
  });

  test('keeps them in the store where it says so', async () => {
    await deploy(cluster.operation(), { ...PLANNED, secretStore: { ...VAULT, deletionPolicy: 'None' } });
    await set({ TOKEN: 'x' });
    await destroy(cluster.operation(), false);
    expect(inStore()).toEqual({ TOKEN: 'x' });
  });
});

describe('secrets that are read from the store', () => {
  const read = async () => readSecretStore(cluster.operation(), VAULT);

  test('are those of the app, and leave nothing behind', async () => {
    store.entries.set('shop/web', { TOKEN: 'x', A: '1' });
    expect(await read()).toEqual({ TOKEN: 'x', A: '1' });
    expect(cluster.api.all(EXTERNAL_SECRET)).toEqual([]);
  });

  test('are an error where there are none', async () => {
    await expect(read()).rejects.toThrow('ClusterSecretStore vault (key shop/web) has no secrets of web; set some with webapp secrets set');
    expect(cluster.api.all(EXTERNAL_SECRET)).toEqual([]);
  });

  test('are an error where the store does not give them', async () => {
    store.problem = 'permission denied';
    await expect(read()).rejects.toThrow('ClusterSecretStore vault (key shop/web) does not give the secrets of web: '
      + 'could not get secret data from provider; see kubectl get events --namespace shop');
    store.report({ capabilities: 'WriteOnly' });
    await expect(read()).rejects.toThrow('ClusterSecretStore vault is write-only');
  });

  test('are an error where no controller fetches them', async () => {
    store.isRunning = false;
    await expect(read()).rejects.toThrow('check that its controller runs');
    expect(cluster.api.all(EXTERNAL_SECRET)).toEqual([]);
  });

  test('and left by a killed command are removed by the next one, and with the app', async () => {
    const labels = {
      'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp', 'cdk8s-webapp.dev/settings': 'import',
    };
    const leave = async () => cluster.objects.create(
      { ...EXTERNAL_SECRET, metadata: { name: 'web-secrets-import-1', namespace: 'shop', labels } });
    await leave();
    store.entries.set('shop/web', { TOKEN: 'x' });
    await read();
    expect(cluster.api.all(EXTERNAL_SECRET)).toEqual([]);
    await deploy(cluster.operation(), PLANNED);
    await leave();
    await destroy(cluster.operation(), false);
    expect(cluster.api.all(EXTERNAL_SECRET)).toEqual([]);
  });
});
