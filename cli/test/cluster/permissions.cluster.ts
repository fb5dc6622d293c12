import { createAccount, DOCUMENTED, kubeconfigOf, pluginKubeconfigOf, without } from './account';
import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, kubectl, pods, temporaryNamespace } from '../../../test/cluster/cluster';

const KINDS = 'deploy,svc,ing,secret,scaledobject,interceptorroute,networkpolicy,pdb';
const objects = (namespace: string) => kubectl(['get', KINDS, '--namespace', namespace, '--output', 'name']);

describe('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('permissions');
  const app = new AppFolder(namespace);
  const as = (name: string) => ['--kubeconfig', kubeconfigOf(namespace, name)];
  beforeAll(() => createAccount(namespace, 'deployer', DOCUMENTED));

  describeWithAddon('that is not allowed to send requests', () => {
    test('deploys an app, scales it up to check that it starts, and lets it scale to zero again', async () => {
      const ready = { code: 0, err: expect.stringContaining('✓ web is ready (1/1 replicas)') };
      expect(await app.call('deploy', '--timeout', '60s', ...as('deployer'))).toMatchObject(ready);
      await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
      expect(await app.call('deploy', '--image', 'ghcr.io/acme/web:1.5.0', '--timeout', '60s', ...as('deployer'))).toMatchObject(ready);
    });
  });

  test('shows the status of an app, runs commands in it, rolls it back and destroys it', async () => {
    expect(await app.call('deploy', '--timeout', '60s', ...as('deployer'))).toMatchObject({ code: 0 });
    expect(await app.call('status', ...as('deployer'))).toMatchObject({ code: 0 });
    expect(await app.call('run', ...as('deployer'), '--', 'sh', '-c', 'echo done')).toMatchObject({ code: 0, out: 'done\n' });
    expect(await app.call('rollback', '--timeout', '60s', ...as('deployer'))).toMatchObject({ code: 0 });
    expect(await app.call('destroy', '--yes', ...as('deployer'))).toMatchObject({ code: 0 });
  });
});

describe('an account that lacks permissions', () => {
  const namespace = temporaryNamespace('forbidden');
  const app = new AppFolder(namespace);
  const deploy = async (name: string, ...words: string[]) => (
    app.call('deploy', '--timeout', '60s', '--kubeconfig', kubeconfigOf(namespace, name), ...words));

  test('gets all missing permissions and what they are needed for in one error, and nothing is changed', async () => {
    createAccount(namespace, 'half', without('ingresses', 'patch').flatMap(rule => (rule.resources.includes('scaledobjects')
      ? [{ ...rule, resources: rule.resources.filter(resource => resource !== 'scaledobjects') }]
      : [rule])));
    const { code, err } = await deploy('half');
    const where = `in namespace ${namespace}`;
    expect(err).toContain(`you are not allowed to patch ingresses.networking.k8s.io ${where} (needed for Ingress web)\n`);
    expect(err).toContain(`you are not allowed to get, patch scaledobjects.keda.sh ${where} (needed for ScaledObject web)\n`);
    expect(err).toMatch(/a role that allows it\nnothing was changed\n$/);
    expect(code).toBe(1);
    expect(objects(namespace)).toBe('');
  });

  test.each([
    {
      purpose: 'store releases',
      name: 'no-secrets',
      rules: without('secrets', 'create', 'list'),
      message: /list, create secrets in namespace \S+ \(needed/,
    },
    {
      purpose: 'list pods',
      name: 'no-pods',
      rules: without('pods', 'list'),
      message: /list pods in namespace \S+ \(needed/,
    },
    {
      purpose: 'wake an app in any way',
      name: 'no-scale',
      rules: without('deployments/scale', 'patch'),
      message: new RegExp('patch deployments\\.apps/scale in namespace \\S+ '
        + '\\(needed to wake it, unless you are allowed to get services/proxy in namespace keda\\)'),
    },
  ])('gets an error if it is not allowed to $purpose', async ({ name, rules, message }) => {
    createAccount(namespace, name, rules);
    const { code, err } = await deploy(name);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(`you are not allowed to ${message.source}`) });
    expect(objects(namespace)).toBe('');
  });

  test('can run webapp diff if it is allowed to get and patch the objects', async () => {
    createAccount(namespace, 'reader', DOCUMENTED.filter(({ resources }) => !resources.includes('secrets') && !resources.includes('pods')));
    expect(await app.call('diff', '--kubeconfig', kubeconfigOf(namespace, 'reader'))).toMatchObject({ code: 2, err: '' });
  });

  test('gets an error before any change if it is not allowed to delete objects that are no longer in the file', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    createAccount(namespace, 'keeper', without('configmaps', 'delete'));
    app.write({ scaling: { replicas: 1 }, files: { '/etc/motd': 'hello' } });
    expect(await deploy('keeper')).toMatchObject({ code: 0 });
    app.write({ scaling: { replicas: 1 }, env: { A: 'b' } });
    const { code, err } = await deploy('keeper');
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp('you are not allowed to delete configmaps in namespace \\S+ '
      + '\\(needed to remove ConfigMap web-\\S+, which is not in the file any more\\)'));
    expect(JSON.stringify(get(namespace, 'deployment', 'web').spec.template)).toContain('/etc/motd');
    expect(await deploy('deployer')).toMatchObject({ code: 0 });
  });

  test('can pass --create-namespace for an existing namespace, even if it is not allowed to get namespaces', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await deploy('deployer', '--create-namespace', '--dry-run')).toMatchObject({ code: 0 });
  });
});

describe('a kubeconfig with a credential plugin', () => {
  const namespace = temporaryNamespace('plugin');

  test('works, and runs the plugin only once', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    const { kubeconfig, calls } = pluginKubeconfigOf(namespace, 'deployer');
    const app = new AppFolder(namespace, { scaling: { replicas: 1 } });
    expect(await app.call('deploy', '--timeout', '60s', '--kubeconfig', kubeconfig)).toMatchObject({ code: 0 });
    expect(calls()).toBe(1);
  });

  test('that fails gives an error with the output of the plugin', async () => {
    const { kubeconfig } = pluginKubeconfigOf(namespace, 'nobody');
    const { code, err } = await new AppFolder(namespace).call('deploy', '--kubeconfig', kubeconfig);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('credentials') });
    expect(err).toContain('serviceaccounts "nobody" not found');
  });
});
