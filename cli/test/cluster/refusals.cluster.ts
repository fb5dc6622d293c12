import { createAccount, DOCUMENTED, kubeconfigOf, without } from './account';
import { AppFolder } from './in-cluster';
import { eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

const objects = (namespace: string) => kubectl(['get', 'deploy,svc,ing,secret,scaledobject,interceptorroute,networkpolicy,pdb', '--namespace', namespace, '--output', 'name']);
const root = { security: { runAsUser: 0 } };

describe('what a cluster would refuse', () => {
  const namespace = temporaryNamespace('refusals');
  const limit = async (name: string, hard: object) => {
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace }, spec: { hard } }));
    await eventually(() => get(namespace, 'resourcequota', name).status, status => status?.hard !== undefined);
  };
  afterEach(() => kubectl(['delete', 'resourcequota,limitrange', '--all', '--namespace', namespace]));

  test('is said all at once, and nothing is half written: a quota, Pod Security, and what is not installed', async () => {
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

  test('is said by --dry-run and diff too', async () => {
    const app = new AppFolder(namespace, root, { podSecurity: 'baseline' });
    for (const words of [['deploy', '--dry-run'], ['diff']]) expect(await app.call(...words)).toMatchObject({ code: 1, err: expect.stringContaining('does not allow such pods') });
  });

  test('is Pod Security, also where who deploys may make no pods: then the pods are refused, and that is why', async () => {
    createAccount(namespace, 'no-pods', without('pods', 'create'));
    const app = new AppFolder(namespace, { ...root, scaling: { replicas: 1 } }, { podSecurity: 'baseline' });
    const { code, err } = await app.call('deploy', '--timeout', '40s', '--kubeconfig', kubeconfigOf(namespace, 'no-pods'));
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/✗ web failed to start: namespace \S+ does not allow such pods: "restricted:latest"/) });
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
  });

  test('is a pod that is larger than the namespace allows', async () => {
    const small = { limits: [{ type: 'Container', max: { memory: '64Mi' } }] };
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'small', namespace }, spec: small }));
    const { err } = await new AppFolder(namespace).call('deploy');
    expect(err).toMatch(/Deployment web: cannot create pods: .*maximum memory usage per Container is 64Mi, but limit is 256Mi/);
    expect(objects(namespace)).toBe('');
  });

  test('is not what only seems so while nothing is there: a scaler by CPU of an app that is yet to come', async () => {
    const app = new AppFolder(namespace, { scaling: { min: 1, cpu: 80 } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
  });

  test('is not known of a namespace that is to be made; that one is missing is said once', async () => {
    const app = new AppFolder(`${namespace}-new`);
    expect((await app.call('deploy')).err).toBe(`web in namespace ${namespace}-new of ${kubectl(['config', 'current-context']).trim()}
✗ namespace ${namespace}-new does not exist; create it with --create-namespace, or with kubectl create namespace ${namespace}-new
nothing was changed
`);
    const { code, out } = await app.call('deploy', '--dry-run', '--create-namespace');
    expect({ code, out: out.split('\n') }).toMatchObject({ code: 0, out: expect.arrayContaining([`create Namespace ${namespace}-new`, 'create Deployment web']) });
    expect(kubectl(['get', 'namespaces', '--output', 'name'])).not.toContain(`${namespace}-new`);
  });
});

describe('a refused change of an app that serves', () => {
  const namespace = temporaryNamespace('refused-change');

  test('leaves it as it was, with no release more', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await new AppFolder(namespace, { scaling: { replicas: 1 } }).call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const { resourceVersion } = get(namespace, 'service', 'web').metadata;
    const changed = new AppFolder(namespace, { ...root, scaling: { replicas: 1 }, port: 3000 }, { podSecurity: 'baseline' });
    expect(await changed.call('deploy')).toMatchObject({ code: 1, err: expect.stringContaining('nothing was changed') });
    expect(get(namespace, 'service', 'web').metadata.resourceVersion).toBe(resourceVersion);
    expect(kubectl(['get', 'secrets', '--namespace', namespace, '--output', 'name'])).toBe('secret/webapp-web-1\n');
  });
});
