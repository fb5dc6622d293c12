import { stringify } from 'yaml';
import { AppFolder } from './in-cluster';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import { environment, PROPS, run, typed } from './variables-app';
import {
  createNamespace, describeExternalSecrets, eventually, IMAGE, kubectl, temporaryNamespace,
} from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import { EXTERNAL_SECRET, PUSH_SECRET, SECRET } from '../../src/kube/types';

/** A ClusterSecretStore whose secrets are Secrets of another namespace, and which may lose the right to write them. */
class KubernetesStore {
  public readonly name: string;
  private readonly objects = connect({}, { cwd: '.', env: process.env }).objects;

  constructor(private readonly namespace: string) {
    this.name = namespace;
  }

  public create(): void {
    createNamespace(this.namespace);
    const ca = { type: 'ConfigMap', name: 'kube-root-ca.crt', key: 'ca.crt', namespace: this.namespace };
    const url = process.env.TEST_API_SERVER ?? 'https://kubernetes.default.svc';
    const auth = { serviceAccount: { name: 'store', namespace: this.namespace } };
    const spec = { provider: { kubernetes: { remoteNamespace: this.namespace, server: { url, caProvider: ca }, auth } } };
    const subject = { kind: 'ServiceAccount', name: 'store', namespace: this.namespace };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'store' };
    apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'store', namespace: this.namespace } },
      { ...this.binding, roleRef, subjects: [subject] },
      { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: this.name }, spec },
    );
    this.allow('get', 'list', 'watch', 'create', 'update', 'patch', 'delete');
    kubectl(['wait', 'clustersecretstore', this.name, '--for=condition=Ready', '--timeout=60s']);
  }

  public allow(...verbs: string[]): void {
    const rules = [
      { apiGroups: [''], resources: ['secrets'], verbs },
      { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectrulesreviews'], verbs: ['create'] },
    ];
    apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'store', namespace: this.namespace }, rules });
  }

  /** The secrets at a key; undefined if there is none. */
  public async at(name: string): Promise<{ [name: string]: string } | undefined> {
    const found = await this.objects.get({ ...SECRET, namespace: this.namespace, name });
    const values = Object.entries(found?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    return found && Object.fromEntries(values);
  }

  public remove(): void {
    kubectl(['delete', 'clustersecretstore', this.name, '--ignore-not-found']);
    kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
  }

  private get binding() {
    return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'store', namespace: this.namespace } };
  }
}

function apply(...objects: object[]): void {
  kubectl(['apply', '--server-side', '--filename', '-'], objects.map(object => stringify(object)).join('---\n'));
}

describeExternalSecrets()('secrets of an app whose platform has a store', () => {
  const namespace = temporaryNamespace('store');
  const store = new KubernetesStore(`${namespace}-vault`);
  const key = `${namespace}.web`;
  const secretStore = { name: store.name, key: '<namespace>.<name>' };
  const app = new AppFolder(namespace, PROPS, { secretStore });
  const { objects } = connect({}, { cwd: '.', env: process.env });

  beforeAll(() => store.create());
  afterAll(() => store.remove());

  test('are pushed there when the app is deployed first', async () => {
    expect(await app.callIn(typed('hunter2\n'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await store.at(key)).toBeUndefined();
    expect(await app.call('deploy')).toMatchObject({
      code: 0, err: expect.stringContaining(`✓ Pushed the secrets of web to ClusterSecretStore ${store.name} (key ${key})`),
    });
    expect(await store.at(key)).toEqual({ TOKEN: 'hunter2' });
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
    expect(await app.call('diff')).toMatchObject({ code: 0, err: 'No changes\n' });
  });

  test('are all kept when two are set at the same time', async () => {
    const both = await Promise.all([
      app.callIn(typed('1'), 'secrets', 'set', 'A=-'), app.callIn(typed('two\nlines, "quoted" & <b>'), 'secrets', 'set', 'B=-'),
    ]);
    expect(both).toMatchObject([{ code: 0 }, { code: 0 }]);
    const all = { A: '1', B: 'two\nlines, "quoted" & <b>', TOKEN: 'hunter2' };
    expect(await store.at(key)).toEqual(all);
    expect(await environment(namespace, 'A', 'B', 'TOKEN')).toEqual(all);
  });

  test('that are removed are removed there', async () => {
    expect(await app.call('secrets', 'unset', 'A')).toMatchObject({ code: 0 });
    expect(Object.keys((await store.at(key))!)).toEqual(['B', 'TOKEN']);
  });

  test('are those of before if the app does not start with them', async () => {
    const { code, err } = await app.callIn(typed('1'), 'secrets', 'set', 'BROKEN=-');
    expect(err).toContain('is still serving traffic');
    expect(code).toBe(1);
    await eventually(async () => Object.keys((await store.at(key))!).join(), names => names === 'B,TOKEN');
  });

  test('are rolled back there', async () => {
    expect(await app.call('rollback', '2')).toMatchObject({ code: 0 });
    expect(await store.at(key)).toEqual({ TOKEN: 'hunter2' });
    expect(await environment(namespace, 'A', 'B', 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('stay as they are where the store does not take others', async () => {
    store.allow('get', 'list', 'watch', 'delete');
    const { code, err } = await app.callIn(typed('new'), 'secrets', 'set', 'TOKEN=-');
    expect(err).toMatch(/ClusterSecretStore \S+ \(key \S+\) does not take the secrets of web: set secret failed: .*forbidden/);
    expect(err).toContain('is still serving traffic');
    expect(err).not.toMatch(/new\b.*secret|bmV3/);
    expect(code).toBe(1);
    store.allow('get', 'list', 'watch', 'create', 'update', 'patch', 'delete');
    expect(await store.at(key)).toEqual({ TOKEN: 'hunter2' });
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('are pushed by the next deploy after a command that was killed', async () => {
    const push = await objects.get({ ...PUSH_SECRET, namespace, name: 'web-secrets' });
    const child = app.start('secrets', 'generate', 'TOKEN');
    await eventually(
      async () => objects.get({ ...PUSH_SECRET, namespace, name: 'web-secrets' }),
      found => found!.metadata.generation !== push!.metadata.generation);
    child.kill('SIGKILL');
    expect(await app.call('rollback')).toMatchObject({ code: 0 });
    await eventually(async () => store.at(key), found => found!.TOKEN === 'hunter2');
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'hunter2' });
  });

  test('that others change in the store are read back', async () => {
    const data = { TOKEN: Buffer.from('rotated').toString('base64'), EXTRA: Buffer.from('1').toString('base64') };
    await objects.merge({ ...SECRET, namespace: `${namespace}-vault`, name: key }, { data }, 'kubectl');
    expect(await app.call('secrets', 'import', '--from-store')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'EXTRA', 'TOKEN')).toEqual({ EXTRA: '1', TOKEN: 'rotated' });
    expect(await objects.list(EXTERNAL_SECRET, { namespace })).toEqual([]);
  });

  test('are removed there with the app, and kept where the platform says so', async () => {
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(await store.at(key)).toBeUndefined();
    const keeping = new AppFolder(namespace, PROPS, { secretStore: { ...secretStore, deletionPolicy: 'none' } });
    expect(await keeping.callIn(typed('kept'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await keeping.call('deploy')).toMatchObject({ code: 0 });
    expect(await keeping.call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(await store.at(key)).toEqual({ TOKEN: 'kept' });
  });

  test('come back in a cluster that was built anew', async () => {
    expect(await app.call('secrets', 'import', '--from-store')).toMatchObject({
      code: 0, err: expect.stringContaining('Stored 1 variable of web for its first deploy (secrets import TOKEN)'),
    });
    expect(await app.call('deploy')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'TOKEN')).toEqual({ TOKEN: 'kept' });
    expect(await app.call('secrets', 'unset', 'TOKEN')).toMatchObject({ code: 0 });
    await eventually(async () => store.at(key), found => found === undefined);
    expect((await app.call('secrets', 'import', '--from-store')).err).toContain(`(key ${key}) has no secrets of web`);
  });

  test('are an error before anything is changed if there is no such store', async () => {
    const other = new AppFolder(namespace, PROPS, { secretStore: { ...secretStore, name: 'nobody' } });
    expect(await app.callIn(typed('1'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await other.call('deploy')).toMatchObject({
      code: 1, err: expect.stringContaining('ClusterSecretStore nobody does not exist; create it, or correct secretStore in platform.yaml'),
    });
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
  });
});

describeExternalSecrets()('secrets of an app that the operator deploys, whose Platform has a store', () => {
  const namespace = temporaryNamespace('operator-store');
  const store = new KubernetesStore(`${namespace}-vault`);
  const key = `${namespace}.web`;
  const app = new AppFolder(namespace, PROPS);
  const installation = new OperatorInstallation({ namespace, platform: { secretStore: { name: store.name, key: '<namespace>.<name>' } } });
  let operator: OperatorProcess;

  beforeAll(async () => {
    store.create();
    await installation.install();
    operator = await OperatorProcess.start(namespace);
    await installation.apply({ image: IMAGE, ...PROPS });
  });
  afterAll(async () => {
    await installation.remove(operator);
    store.remove();
  });

  test('are pushed, and rolled back', async () => {
    expect(await app.callIn(typed('old'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await store.at(key)).toEqual({ TOKEN: 'old' });
    expect(await app.callIn(typed('new'), 'secrets', 'set', 'TOKEN=-')).toMatchObject({ code: 0 });
    expect(await store.at(key)).toEqual({ TOKEN: 'new' });
    await run('kubectl', ['wait', 'webapp', 'web', '--namespace', namespace, '--for=condition=SecretsPushed', '--timeout=30s']);
    expect(await app.call('rollback')).toMatchObject({ code: 0 });
    await eventually(async () => store.at(key), found => found!.TOKEN === 'old');
  });

  test('stay as they are where the store does not take others', async () => {
    store.allow('get', 'list', 'watch', 'delete');
    const { code, err } = await app.callIn(typed('new'), 'secrets', 'set', 'TOKEN=-');
    expect(err).toContain('does not take the secrets of web');
    expect(err).toContain('The variables of web are as they were before');
    expect(code).toBe(1);
    store.allow('get', 'list', 'watch', 'create', 'update', 'patch', 'delete');
    expect(await store.at(key)).toEqual({ TOKEN: 'old' });
  });

  test('are deleted with the resource', async () => {
    await run('kubectl', ['delete', 'webapp', 'web', '--namespace', namespace]);
    await eventually(async () => store.at(key), found => found === undefined);
  });
});
