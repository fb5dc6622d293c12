import { AppFolder, ended } from './in-cluster';
import { eventually, get, kubectl, pods, temporaryNamespace } from '../../../test/cluster/cluster';

const names = (namespace: string, kinds: string) => (
  kubectl(['get', kinds, '--namespace', namespace, '--output', 'name']).trim().split('\n').filter(name => name !== ''));
const apply = (object: object) => kubectl(['apply', '--filename', '-'], JSON.stringify(object));
const served = (namespace: string) => get(namespace, 'deployment', 'web').spec.template.spec.containers[0].image;
const json = (text: string) => JSON.parse(text);

describe('webapp deploy', () => {
  const namespace = temporaryNamespace('deploy');

  test('starts an app, sends it a request, and prints its URL', async () => {
    const { code, err } = await new AppFolder(namespace).call('deploy', '--timeout', '60s');
    expect(err).toContain('✓ GET / returned 200');
    expect(err).toContain(`http://web.${namespace}.example.com`);
    expect(code).toBe(0);
  });

  test('wakes an app that is scaled to zero, to check its new version', async () => {
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    const { code, err } = await new AppFolder(namespace).call('deploy', '--image', 'ghcr.io/acme/web:1.5.0', '--timeout', '60s');
    expect(err).toContain('✓ GET / returned 200');
    expect(code).toBe(0);
    expect(served(namespace)).toBe('ghcr.io/acme/web:1.5.0');
  });

  test('removes what is no longer in the file, and nothing else', async () => {
    kubectl(['create', 'configmap', 'unrelated', '--namespace', namespace]);
    const app = new AppFolder(namespace, { files: { '/etc/motd': 'hello' } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const written = names(namespace, 'configmap').filter(name => /web/.test(name));
    expect(written).toHaveLength(1);
    app.write({});
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('Removed ConfigMap web') });
    expect(names(namespace, 'configmap')).toEqual(expect.not.arrayContaining(written));
    expect(names(namespace, 'configmap')).toContain('configmap/unrelated');
  });

  test('removes the autoscaler of an app that now has a fixed number of replicas', async () => {
    const app = new AppFolder(namespace, { scaling: { replicas: 2 } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('(2/2 replicas)') });
    expect(names(namespace, 'scaledobject,interceptorroute')).toEqual([]);
  });

  test('with --dry-run prints what would change, and changes nothing', async () => {
    const app = new AppFolder(namespace);
    // No pods: some of the previous version may still be terminating.
    const kinds = 'deployment,service,ingress,networkpolicy';
    const path = 'jsonpath={.items[*].metadata.generation}';
    const generations = () => kubectl(['get', kinds, '--namespace', namespace, '--output', path]);
    const before = generations();
    const { code, out } = await app.call('deploy', '--dry-run');
    expect(out.split('\n')).toEqual(expect.arrayContaining([
      'create InterceptorRoute web',
      'create ScaledObject web',
      'change NetworkPolicy web',
    ]));
    expect(code).toBe(0);
    expect(generations()).toBe(before);
  });

  test('creates releases that webapp releases lists, and rollback deploys an earlier one as a new release', async () => {
    const app = new AppFolder(namespace);
    const list = json((await app.call('releases', '--output', 'json')).out);
    expect(list.map(({ number, state }: any) => [number, state])).toEqual([
      [5, 'deployed'], [4, 'deployed'], [3, 'deployed'], [2, 'deployed'], [1, 'deployed'],
    ]);
    expect(await app.call('rollback', '2', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(served(namespace)).toBe('ghcr.io/acme/web:1.5.0');
    expect(names(namespace, 'scaledobject,interceptorroute')).toHaveLength(2);
    expect((await app.call('releases')).out).toMatch(/^6 .*rollback to 2/m);
    const { code, err } = await app.call('rollback', '99');
    expect(err).toContain('has no release 99 to roll back to; choose one of 6, 5');
    expect(code).toBe(1);
  });

  test('keeps the last ten releases', async () => {
    const app = new AppFolder(namespace, { scaling: { replicas: 1 } });
    for (let i = 0; i < 6; i++) expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const list = json((await app.call('releases', '--output', 'json')).out);
    expect(list.map(({ number }: any) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });

  test('can be undone by destroy, which asks first and leaves nothing of the app behind', async () => {
    const app = new AppFolder(namespace);
    expect(await app.call('destroy')).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
    const left = names(namespace, 'all,secret,ingress,networkpolicy,poddisruptionbudget,scaledobject,interceptorroute');
    expect(left.filter(name => !/pod\/|replicaset/.test(name))).toEqual([]);
    expect(names(namespace, 'serviceaccount')).toEqual(['serviceaccount/default']);
    expect(names(namespace, 'configmap')).toContain('configmap/unrelated');
  });
});

describe('a deploy that fails', () => {
  const namespace = temporaryNamespace('failing');
  const good = new AppFolder(namespace, { scaling: { min: 1 } });
  const deploy = async (props: object, ...words: string[]) => (
    new AppFolder(namespace, { scaling: { min: 1 }, ...props }).call('deploy', '--timeout', '40s', ...words));

  test('says that no release is serving traffic if it is the first one', async () => {
    const { code, err } = await deploy({}, '--image', 'ghcr.io/acme/nothing:1');
    expect(code).toBe(1);
    expect(err).toContain('cannot pull image ghcr.io/acme/nothing:1');
    expect(err).toContain('No release is serving traffic');
  });

  test('can be followed by one that succeeds', async () => {
    expect(await good.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
  });

  test.each<{ reason: string; props?: object; words?: string[]; message: RegExp }>([
    {
      reason: 'the image cannot be pulled',
      words: ['--image', 'ghcr.io/acme/nothing:1'],
      message: /cannot pull image ghcr.io\/acme\/nothing:1/,
    },
    {
      reason: 'the process exits',
      props: { command: ['sh', '-c', 'echo no database; exit 3'] },
      message: /container web exited with code 3\n[^]*\| no database/,
    },
    {
      reason: 'nothing listens on the port',
      props: { command: ['node', '-e', 'console.log("on 3000"); setInterval(() => {}, 1000)'] },
      message: /nothing listens on port 8080[^]*\| on 3000/,
    },
  ])('because $reason says so, and the previous release is still serving traffic', async ({ props = {}, words = [], message }) => {
    const { code, err } = await deploy(props, ...words);
    expect(err).toMatch(message);
    expect(err).toContain('Release 2 is still serving traffic');
    expect(code).toBe(1);
    await eventually(
      () => get(namespace, 'deployment', 'web').status,
      ({ readyReplicas, updatedReplicas, replicas }) => readyReplicas === 1 && updatedReplicas === 1 && replicas === 1);
    expect(served(namespace)).toMatch(/web:1\.4\.2$/);
  });

  test('because Secrets and their keys are missing is refused before anything is changed', async () => {
    apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'there', namespace }, stringData: { b: 'hidden' } });
    const { code, err } = await deploy({ envFromSecrets: ['db'], secretEnv: { A: { secret: 'there', key: 'a' } } });
    expect(err).toMatch(/Secret db does not exist in namespace .*\n {2}webapp secrets set KEY --secret db /);
    expect(err).toMatch(/Secret there has no key a in namespace .*\n {2}webapp secrets set a --secret there /);
    expect(err).toContain('nothing was changed');
    expect(err).not.toContain('hidden');
    expect(code).toBe(1);
  });

  test('because of a quota says which one', async () => {
    apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace }, spec: { hard: { pods: '1' } } });
    await eventually(() => get(namespace, 'resourcequota', 'small').status, status => status?.used?.pods === '1');
    const { err } = await deploy({ env: { A: 'b' } });
    kubectl(['delete', 'resourcequota', 'small', '--namespace', namespace]);
    expect(err).toMatch(/the quota of namespace .* is exceeded: small, requested: pods=1/);
  });

  test('because another manager has changed a field names the manager, and --force takes the field over', async () => {
    const patch = '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":99}}}}';
    const words = ['--type', 'merge', '--patch', patch, '--field-manager', 'colleague'];
    kubectl(['patch', 'deployment', 'web', '--namespace', namespace, ...words]);
    const { code, err } = await deploy({});
    expect(err).toContain('spec.template.spec.terminationGracePeriodSeconds was set by colleague');
    expect(code).toBe(1);
    expect(get(namespace, 'deployment', 'web').spec.template.spec.terminationGracePeriodSeconds).toBe(99);
    expect(await deploy({}, '--force')).toMatchObject({ code: 0 });
  });
});

describe('a deploy that is still in progress', () => {
  const namespace = temporaryNamespace('killed');
  const broken = {
    scaling: { min: 1 },
    command: ['node', '-e', 'setInterval(() => {}, 1000)'],
    health: { startupTimeout: '10m', terminationGracePeriod: '2s', preStopDelay: '1s' },
    files: { '/etc/motd': 'hello' },
  };
  const pending = () => names(namespace, 'secret').length;

  test('blocks another deploy of the same app', async () => {
    const first = new AppFolder(namespace, broken).start('deploy');
    await eventually(pending, count => count === 1);
    const { code, err } = await new AppFolder(namespace).call('deploy');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('release 1 of web is being deployed by') });
    first.kill('SIGKILL');
    await ended(first);
  });

  test('is cleaned up by the next deploy if it is killed', async () => {
    const app = new AppFolder(namespace);
    const { code, err } = await app.call('deploy', '--timeout', '60s');
    expect(err).toMatch(/release 1, which was interrupted[^]*Removed ConfigMap web/);
    expect(code).toBe(0);
    const list = json((await app.call('releases', '--output', 'json')).out);
    expect(list.map(({ state }: any) => state)).toEqual(['deployed', 'failed']);
  });

  test('stops cleanly on Ctrl-C, and rollback restores the previous release', async () => {
    const app = new AppFolder(namespace, broken);
    const child = app.start('deploy');
    const command = () => get(namespace, 'deployment', 'web').spec.template.spec.containers[0].command;
    await eventually(command, found => found !== undefined);
    child.kill('SIGINT');
    expect(await ended(child)).toBe(1);
    expect(await app.call('rollback', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('rollback to 2') });
    expect(command()).toBeUndefined();
  });
});
