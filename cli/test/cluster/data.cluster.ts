import { AppFolder } from './in-cluster';
import { eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

const names = (namespace: string, kinds: string) => (
  kubectl(['get', kinds, '--namespace', namespace, '--output', 'name']).trim().split('\n').filter(name => name !== ''));
const own = (namespace: string) => (
  names(namespace, 'deploy,svc,ing,scaledobject,interceptorroute,networkpolicy,pdb,configmap,serviceaccount')
    .filter(name => !/kube-root-ca|serviceaccount\/default/.test(name)));

const volume = { volumes: { data: { path: '/data', size: '1Gi' } }, scaling: { replicas: 1 } };

describe('the data of an app', () => {
  const namespace = temporaryNamespace('data');
  const claims = () => names(namespace, 'persistentvolumeclaim');
  const uid = () => get(namespace, 'persistentvolumeclaim', 'web-data').metadata.uid;
  const app = new AppFolder(namespace, volume);
  const deploy = async (...words: string[]) => app.call('deploy', '--timeout', '60s', ...words);

  // A volume like one that a storage provisioner creates.
  beforeAll(() => kubectl(['apply', '--filename', '-'], JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: namespace },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      hostPath: { path: `/var/tmp/${namespace}` },
      claimRef: { namespace, name: 'web-data' },
    },
  })));
  afterAll(() => kubectl(['delete', 'persistentvolume', namespace, '--wait=false']));

  test('is stored in a claim that the first deploy creates', async () => {
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(claims()).toEqual(['persistentvolumeclaim/web-data']);
  });

  test('is kept when a new version no longer mounts it, and the output says so', async () => {
    const first = uid();
    app.write({ scaling: { replicas: 1 } });
    expect(await deploy()).toMatchObject({ code: 0, err: expect.stringContaining('! Kept PersistentVolumeClaim web-data') });
    expect(uid()).toBe(first);
  });

  test('is mounted again by the next version that has the volume', async () => {
    const first = uid();
    app.write(volume);
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(uid()).toBe(first);
  });

  test('survives a failed deploy and a rollback', async () => {
    const first = uid();
    const { code, err } = await deploy('--image', 'ghcr.io/acme/nothing:1');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('is still serving traffic') });
    expect(await app.call('rollback', '2', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(uid()).toBe(first);
  });

  test('is kept when the app is destroyed, and the output has the command that deletes it', async () => {
    const first = uid();
    const { code, err } = await app.call('destroy', '--yes');
    expect(err).toMatch(/PersistentVolumeClaim web-data\b[^]*webapp destroy web --data/);
    expect(code).toBe(0);
    expect(own(namespace)).toEqual([]);
    expect(uid()).toBe(first);
  });

  test('is mounted again when the app is deployed again', async () => {
    const first = uid();
    expect(await deploy()).toMatchObject({ code: 0 });
    expect(uid()).toBe(first);
  });

  test('is deleted only with --data, even after the app is destroyed', async () => {
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(await app.call('destroy', '--yes', '--data')).toMatchObject({ code: 0 });
    await eventually(claims, all => all.length === 0);
    expect(names(namespace, 'secret')).toEqual([]);
  });
});

describe('a database of an app', () => {
  const namespace = temporaryNamespace('database');
  const app = new AppFolder(namespace, { connections: { db: { type: 'postgres' } } });

  test('is kept when the app is destroyed, unless with --data', async () => {
    // If CloudNativePG is not running, or slow, the deploy times out waiting for it, but the Cluster exists.
    const { code, err } = await app.call('deploy', '--timeout', '30s');
    if (code !== 0) expect(err).toContain('Cluster web-db is not ready after 30 s: ');
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0, err: expect.stringContaining('Cluster web-db') });
    expect(names(namespace, 'clusters.postgresql.cnpg.io')).toEqual(['cluster.postgresql.cnpg.io/web-db']);
    expect(await app.call('destroy', '--yes', '--data')).toMatchObject({ code: 0 });
    await eventually(() => names(namespace, 'clusters.postgresql.cnpg.io'), all => all.length === 0);
    // Those of CloudNativePG go with the Cluster, a moment later.
    await eventually(() => [...own(namespace), ...names(namespace, 'secret')], all => all.length === 0);
  });
});

describe('a first deploy that fails', () => {
  const namespace = temporaryNamespace('first');
  const broken = { files: { '/etc/motd': 'hello' }, command: ['sh', '-c', 'echo no database; exit 1'] };

  test('says that no release is serving traffic, and what to do', async () => {
    const { code, err } = await new AppFolder(namespace, broken).call('deploy', '--timeout', '60s');
    expect(err).toMatch(/exited with code 1[^]*\| no database[^]*No release is serving traffic: [^]*webapp destroy/);
    expect(code).toBe(1);
    const app = new AppFolder(namespace);
    expect(JSON.parse((await app.call('status', '--output', 'json')).out).serving).toBeUndefined();
    expect(await app.call('rollback')).toMatchObject({ code: 1, err: expect.stringContaining('has no earlier release to roll back to') });
  });

  test('leaves nothing behind when the app is fixed and deployed again', async () => {
    const { code, err } = await new AppFolder(namespace).call('deploy', '--timeout', '60s');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('Removed ConfigMap web') });
    expect(names(namespace, 'configmap')).toEqual(['configmap/kube-root-ca.crt']);
    expect(await new AppFolder(namespace).call('destroy', '--yes')).toMatchObject({ code: 0 });
  });

  test('leaves nothing behind when the app is destroyed', async () => {
    expect(await new AppFolder(namespace, broken).call('deploy', '--timeout', '60s')).toMatchObject({ code: 1 });
    expect(await new AppFolder(namespace).call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect([...own(namespace), ...names(namespace, 'secret')]).toEqual([]);
    await eventually(() => names(namespace, 'replicaset,pod'), all => all.length === 0);
  });
});
