import { createAccount, DOCUMENTED, kubeconfigOf, pluginKubeconfigOf, without } from './account';
import { AppFolder } from './in-cluster';
import { describeWithAddon, eventually, get, kubectl, pods, temporaryNamespace } from '../../../test/cluster/cluster';

const objects = (namespace: string) => kubectl(['get', 'deploy,svc,ing,secret,scaledobject,interceptorroute,networkpolicy,pdb', '--namespace', namespace, '--output', 'name']);

describe('an account that may do what docs/deploy.md says', () => {
  const namespace = temporaryNamespace('permissions');
  const app = new AppFolder(namespace);
  const as = (name: string) => ['--kubeconfig', kubeconfigOf(namespace, name)];
  beforeAll(() => createAccount(namespace, 'deployer', DOCUMENTED));

  describeWithAddon('where no request can be sent', () => {
    test('deploys an app, gives it a pod to see it come up, and lets it sleep again', async () => {
      const { code, err } = await app.call('deploy', '--timeout', '60s', ...as('deployer'));
      expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('✓ web is ready (1/1 replicas)') });
      await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
      expect(await app.call('deploy', '--image', 'ghcr.io/acme/web:1.5.0', '--timeout', '60s', ...as('deployer'))).toMatchObject({ code: 0, err: expect.stringContaining('✓ web is ready (1/1 replicas)') });
    });
  });

  test('looks at it, runs commands, goes back and removes it', async () => {
    expect(await app.call('deploy', '--timeout', '60s', ...as('deployer'))).toMatchObject({ code: 0 });
    expect(await app.call('status', ...as('deployer'))).toMatchObject({ code: 0 });
    expect(await app.call('run', ...as('deployer'), '--', 'sh', '-c', 'echo done')).toMatchObject({ code: 0, out: 'done\n' });
    expect(await app.call('rollback', '--timeout', '60s', ...as('deployer'))).toMatchObject({ code: 0 });
    expect(await app.call('destroy', '--yes', ...as('deployer'))).toMatchObject({ code: 0 });
  });
});

describe('an account that may not do everything', () => {
  const namespace = temporaryNamespace('forbidden');
  const app = new AppFolder(namespace);
  const deploy = async (name: string, ...words: string[]) => app.call('deploy', '--timeout', '60s', '--kubeconfig', kubeconfigOf(namespace, name), ...words);

  test('is told what is missing and for what, all at once, and nothing is half written', async () => {
    createAccount(namespace, 'half', without('ingresses', 'patch').flatMap(rule => (rule.resources.includes('scaledobjects')
      ? [{ ...rule, resources: rule.resources.filter(resource => resource !== 'scaledobjects') }]
      : [rule])));
    const { code, err } = await deploy('half');
    expect(err).toContain(`you are not allowed to patch ingresses.networking.k8s.io in namespace ${namespace} (needed for Ingress web)\n`);
    expect(err).toContain(`you are not allowed to get, patch scaledobjects.keda.sh in namespace ${namespace} (needed for ScaledObject web)\n`);
    expect(err).toMatch(/a role that allows it\nnothing was changed\n$/);
    expect(code).toBe(1);
    expect(objects(namespace)).toBe('');
  });

  test.each<[string, ReturnType<typeof without>, RegExp]>([
    ['to keep releases', without('secrets', 'create', 'list'), /you are not allowed to list, create secrets in namespace \S+ \(needed/],
    ['to see pods', without('pods', 'list'), /you are not allowed to list pods in namespace \S+ \(needed/],
    ['to wake an app in any way', without('deployments/scale', 'patch'), /you are not allowed to patch deployments\.apps\/scale in namespace \S+ \(needed to wake it, unless you are allowed to get services\/proxy in namespace keda\)/],
  ])('is told that it lacks what it takes %s', async (_, rules, said) => {
    const name = `no-${said.source.length}`;
    createAccount(namespace, name, rules);
    const { code, err } = await deploy(name);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(said) });
    expect(objects(namespace)).toBe('');
  });

  test('may compare, where it may see and patch', async () => {
    createAccount(namespace, 'reader', DOCUMENTED.filter(({ resources }) => !resources.includes('secrets') && !resources.includes('pods')));
    expect(await app.call('diff', '--kubeconfig', kubeconfigOf(namespace, 'reader'))).toMatchObject({ code: 2, err: '' });
  });

  test('is told that it lacks what it takes to remove what is not in the file any more, before anything is changed', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    createAccount(namespace, 'keeper', without('configmaps', 'delete'));
    app.write({ scaling: { replicas: 1 }, files: { '/etc/motd': 'hello' } });
    expect(await deploy('keeper')).toMatchObject({ code: 0 });
    app.write({ scaling: { replicas: 1 }, env: { A: 'b' } });
    expect(await deploy('keeper')).toMatchObject({ code: 1, err: expect.stringMatching(/you are not allowed to delete configmaps in namespace \S+ \(needed to remove ConfigMap web-\S+, which is not in the file any more\)/) });
    expect(JSON.stringify(get(namespace, 'deployment', 'web').spec.template)).toContain('/etc/motd');
    expect(await deploy('deployer')).toMatchObject({ code: 0 });
  });

  test('may ask for a namespace that is there already, though it may not see namespaces', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await deploy('deployer', '--create-namespace', '--dry-run')).toMatchObject({ code: 0 });
  });
});

describe('a kubeconfig with a credential plugin', () => {
  const namespace = temporaryNamespace('plugin');

  test('works, and the plugin is asked once', async () => {
    createAccount(namespace, 'deployer', DOCUMENTED);
    const { kubeconfig, calls } = pluginKubeconfigOf(namespace, 'deployer');
    expect(await new AppFolder(namespace, { scaling: { replicas: 1 } }).call('deploy', '--timeout', '60s', '--kubeconfig', kubeconfig)).toMatchObject({ code: 0 });
    expect(calls()).toBe(1);
  });

  test('that fails says so', async () => {
    const { kubeconfig } = pluginKubeconfigOf(namespace, 'nobody');
    const { code, err } = await new AppFolder(namespace).call('deploy', '--kubeconfig', kubeconfig);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('credentials') });
    expect(err).toContain('serviceaccounts "nobody" not found');
  });
});
