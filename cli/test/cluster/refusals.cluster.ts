import { createAccount, DOCUMENTED, kubeconfigOf, without } from './account';
import { AppFolder } from './in-cluster';
import { eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

const KINDS = 'deploy,svc,ing,secret,scaledobject,interceptorroute,networkpolicy,pdb';
const objects = (namespace: string) => kubectl(['get', KINDS, '--namespace', namespace, '--output', 'name']);
const apply = (object: object) => kubectl(['apply', '--filename', '-'], JSON.stringify(object));
const root = { security: { runAsUser: 0 } };

describe('a change that the cluster would reject', () => {
  const namespace = temporaryNamespace('refusals');
  const limit = async (name: string, hard: object) => {
    apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace }, spec: { hard } });
    await eventually(() => get(namespace, 'resourcequota', name).status, status => status?.hard !== undefined);
  };
  afterEach(() => kubectl(['delete', 'resourcequota,limitrange', '--all', '--namespace', namespace]));

  test('changes nothing, and one error has all reasons: a quota, Pod Security, and an operator that is not installed', async () => {
    await limit('few', { 'count/ingresses.networking.k8s.io': '0' });
    const patches = [{ kind: 'ServiceAccount', merge: { apiVersion: 'external-secrets.io/v9', kind: 'Nobody' } }];
    const app = new AppFolder(namespace, { ...root, patches }, { podSecurity: 'baseline' });
    const { code, err } = await app.call('deploy');
    expect(err).toMatch(new RegExp(`Ingress web: the quota of namespace ${namespace} would be exceeded: few, requested: count/ingresses`));
    expect(err).toMatch(new RegExp(`Deployment web: namespace ${namespace} does not allow such pods: "restricted:latest": .*runAsUser=0`));
    expect(err).toContain('The External Secrets operator is not installed');
    expect(err).toMatch(/nothing was changed\n$/);
    expect(code).toBe(1);
    expect(objects(namespace)).toBe('');
  });

  test.each([[['deploy', '--dry-run']], [['diff']]])('is an error of %j too', async words => {
    const app = new AppFolder(namespace, root, { podSecurity: 'baseline' });
    expect(await app.call(...words)).toMatchObject({ code: 1, err: expect.stringContaining('does not allow such pods') });
  });

  test('is found once the pods are rejected if the user is not allowed to create pods', async () => {
    createAccount(namespace, 'no-pods', without('pods', 'create'));
    const app = new AppFolder(namespace, { ...root, scaling: { replicas: 1 } }, { podSecurity: 'baseline' });
    const { code, err } = await app.call('deploy', '--timeout', '40s', '--kubeconfig', kubeconfigOf(namespace, 'no-pods'));
    expect(err).toMatch(/✗ web failed to start: namespace \S+ does not allow such pods: "restricted:latest"/);
    expect(code).toBe(1);
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
  });

  test('may be a pod that exceeds a limit of the namespace', async () => {
    const small = { limits: [{ type: 'Container', max: { memory: '64Mi' } }] };
    apply({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'small', namespace }, spec: small });
    const { err } = await new AppFolder(namespace).call('deploy');
    expect(err).toMatch(/Deployment web: cannot create pods: .*maximum memory usage per Container is 64Mi, but limit is 256Mi/);
    expect(objects(namespace)).toBe('');
  });

  test('is not a CPU scaler whose Deployment does not exist yet', async () => {
    const app = new AppFolder(namespace, { scaling: { min: 1, cpu: 80 } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
  });

  test('may be a missing namespace, which is reported once, and not with --create-namespace', async () => {
    const missing = `${namespace}-new`;
    const app = new AppFolder(missing);
    expect((await app.call('deploy')).err).toBe(`web in namespace ${missing} of ${kubectl(['config', 'current-context']).trim()}
✗ namespace ${missing} does not exist; create it with --create-namespace, or with kubectl create namespace ${missing}
nothing was changed
`);
    const { code, out } = await app.call('deploy', '--dry-run', '--create-namespace');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual(expect.arrayContaining([`create Namespace ${missing}`, 'create Deployment web']));
    expect(kubectl(['get', 'namespaces', '--output', 'name'])).not.toContain(missing);
  });
});

describe('a rejected change of a running app', () => {
  const namespace = temporaryNamespace('refused-change');

  test('leaves the app unchanged and adds no release', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await new AppFolder(namespace, { scaling: { replicas: 1 } }).call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const { resourceVersion } = get(namespace, 'service', 'web').metadata;
    const changed = new AppFolder(namespace, { ...root, scaling: { replicas: 1 }, port: 3000 }, { podSecurity: 'baseline' });
    expect(await changed.call('deploy')).toMatchObject({ code: 1, err: expect.stringContaining('nothing was changed') });
    expect(get(namespace, 'service', 'web').metadata.resourceVersion).toBe(resourceVersion);
    expect(kubectl(['get', 'secrets', '--namespace', namespace, '--output', 'name'])).toBe('secret/webapp-web-1\n');
  });
});
