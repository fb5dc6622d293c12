import { AppFolder, ended } from './in-cluster';
import { eventually, get, kubectl, pods, temporaryNamespace } from '../../../test/cluster/cluster';

const names = (namespace: string, kinds: string) => kubectl(['get', kinds, '--namespace', namespace, '--output', 'name']).trim().split('\n').filter(name => name !== '');
const served = (namespace: string) => get(namespace, 'deployment', 'web').spec.template.spec.containers[0].image;
const json = (text: string) => JSON.parse(text);

describe('webapp deploy', () => {
  const namespace = temporaryNamespace('deploy');

  test('makes an app run, asks it, and says where it is', async () => {
    const { code, err } = await new AppFolder(namespace).call('deploy', '--timeout', '60s');
    expect(err).toContain('✓ GET / returned 200');
    expect(err).toContain(`http://web.${namespace}.example.com`);
    expect(code).toBe(0);
  });

  test('wakes an app that sleeps, to see its new version', async () => {
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 120);
    const { code, err } = await new AppFolder(namespace).call('deploy', '--image', 'ghcr.io/acme/web:1.5.0', '--timeout', '60s');
    expect(err).toContain('✓ GET / returned 200');
    expect(code).toBe(0);
    expect(served(namespace)).toBe('ghcr.io/acme/web:1.5.0');
  });

  test('removes what is not in the file any more, and nothing else', async () => {
    kubectl(['create', 'configmap', 'of-somebody', '--namespace', namespace]);
    const app = new AppFolder(namespace, { files: { '/etc/motd': 'hello' } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    const written = names(namespace, 'configmap').filter(name => /web/.test(name));
    expect(written).toHaveLength(1);
    app.write({});
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('Removed ConfigMap web') });
    expect(names(namespace, 'configmap')).toEqual(expect.not.arrayContaining(written));
    expect(names(namespace, 'configmap')).toContain('configmap/of-somebody');
  });

  test('an app that is scaled by hand from now on has as many pods as the file says', async () => {
    const app = new AppFolder(namespace, { scaling: { replicas: 2 } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('(2/2 replicas)') });
    expect(names(namespace, 'scaledobject,interceptorroute')).toEqual([]);
  });

  test('--dry-run says what would happen, and changes nothing', async () => {
    const app = new AppFolder(namespace);
    // Pods of the version before may still be ending.
    const generations = () => kubectl(['get', 'deployment,service,ingress,networkpolicy', '--namespace', namespace, '--output', 'jsonpath={.items[*].metadata.generation}']);
    const before = generations();
    const { code, out } = await app.call('deploy', '--dry-run');
    expect({ code, out: out.split('\n') }).toMatchObject({ code: 0, out: expect.arrayContaining(['create InterceptorRoute web', 'create ScaledObject web', 'change NetworkPolicy web']) });
    expect(generations()).toBe(before);
  });

  test('webapp releases lists them; rollback goes back to one, as a new one', async () => {
    const app = new AppFolder(namespace);
    const list = json((await app.call('releases', '--output', 'json')).out);
    expect(list.map(({ number, state }: any) => [number, state])).toEqual([[5, 'deployed'], [4, 'deployed'], [3, 'deployed'], [2, 'deployed'], [1, 'deployed']]);
    expect(await app.call('rollback', '2', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(served(namespace)).toBe('ghcr.io/acme/web:1.5.0');
    expect(names(namespace, 'scaledobject,interceptorroute')).toHaveLength(2);
    expect((await app.call('releases')).out).toMatch(/^6 .*rollback to 2/m);
    expect(await app.call('rollback', '99')).toMatchObject({ code: 1, err: expect.stringContaining('has no release 99 to roll back to; choose one of 6, 5') });
  });

  test('keeps the last ten releases', async () => {
    const app = new AppFolder(namespace, { scaling: { replicas: 1 } });
    for (let i = 0; i < 6; i++) expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(json((await app.call('releases', '--output', 'json')).out).map(({ number }: any) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });

  test('destroy asks, and leaves nothing that it made', async () => {
    const app = new AppFolder(namespace);
    expect(await app.call('destroy')).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(names(namespace, 'all,secret,ingress,networkpolicy,poddisruptionbudget,scaledobject,interceptorroute').filter(name => !/pod\/|replicaset/.test(name))).toEqual([]);
    expect(names(namespace, 'serviceaccount')).toEqual(['serviceaccount/default']);
    expect(names(namespace, 'configmap')).toContain('configmap/of-somebody');
  });
});

describe('a deploy that fails', () => {
  const namespace = temporaryNamespace('failing');
  const good = new AppFolder(namespace, { scaling: { min: 1 } });
  const fails = async (props: object, ...words: string[]) => new AppFolder(namespace, { scaling: { min: 1 }, ...props }).call('deploy', '--timeout', '40s', ...words);

  test('the first time, says that nothing serves', async () => {
    const { code, err } = await fails({}, '--image', 'ghcr.io/acme/nothing:1');
    expect(code).toBe(1);
    expect(err).toContain('cannot pull image ghcr.io/acme/nothing:1');
    expect(err).toContain('No release is serving traffic');
  });

  test('goes on from there', async () => {
    expect(await good.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
  });

  test.each<[string, object, string[], RegExp]>([
    ['the image cannot be pulled', {}, ['--image', 'ghcr.io/acme/nothing:1'], /cannot pull image ghcr.io\/acme\/nothing:1/],
    ['the process exits', { command: ['sh', '-c', 'echo no database; exit 3'] }, [], /container web exited with code 3\n[^]*\| no database/],
    ['the port is not listened on', { command: ['node', '-e', 'console.log("on 3000"); setInterval(() => {}, 1000)'] }, [], /nothing listens on port 8080[^]*\| on 3000/],
    ['a Secret is missing', { envFromSecrets: ['db'] }, [], /Secret db does not exist in namespace/],
    ['a key of a Secret is missing', { secretEnv: { A: { secret: 'there', key: 'a' } } }, [], /Secret there has no key a/],
  ])('because %s: says so, and the version before goes on serving', async (_, props, words, said) => {
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'there', namespace }, stringData: { b: 'hidden' } }));
    const { code, err } = await fails(props, ...words);
    expect(err).toMatch(said);
    expect(err).toContain('Release 2 is still serving traffic');
    expect(err).not.toContain('hidden');
    expect(code).toBe(1);
    await eventually(() => get(namespace, 'deployment', 'web').status, status => status.readyReplicas === 1 && status.updatedReplicas === 1 && status.replicas === 1);
    expect(served(namespace)).toMatch(/web:1\.4\.2$/);
  });

  test('because of a quota', async () => {
    kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace }, spec: { hard: { pods: '1' } } }));
    await eventually(() => get(namespace, 'resourcequota', 'small').status, status => status?.used?.pods === '1');
    const { err } = await fails({ env: { A: 'b' } });
    kubectl(['delete', 'resourcequota', 'small', '--namespace', namespace]);
    expect(err).toMatch(/the quota of namespace .* is exceeded: small, requested: pods=1/);
  });

  test('because somebody else has changed a field: says who, and takes it over when told to', async () => {
    kubectl(['patch', 'deployment', 'web', '--namespace', namespace, '--type', 'merge', '--patch', '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":99}}}}', '--field-manager', 'colleague']);
    const { code, err } = await fails({});
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('spec.template.spec.terminationGracePeriodSeconds was set by colleague') });
    expect(get(namespace, 'deployment', 'web').spec.template.spec.terminationGracePeriodSeconds).toBe(99);
    expect(await fails({}, '--force')).toMatchObject({ code: 0 });
  });
});

describe('a deploy that does not end', () => {
  const namespace = temporaryNamespace('killed');
  const broken = { scaling: { min: 1 }, command: ['node', '-e', 'setInterval(() => {}, 1000)'], health: { startupTimeout: '10m', terminationGracePeriod: '2s', preStopDelay: '1s' }, files: { '/etc/motd': 'hello' } };
  const pending = () => names(namespace, 'secret').length;

  test('is the only one', async () => {
    const first = new AppFolder(namespace, broken).start('deploy');
    await eventually(pending, count => count === 1);
    const { code, err } = await new AppFolder(namespace).call('deploy');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('release 1 of web is being deployed by') });
    first.kill('SIGKILL');
    await ended(first);
  });

  test('is taken up by the next, when it was killed: nothing is lost, and nothing left over', async () => {
    const app = new AppFolder(namespace);
    const { code, err } = await app.call('deploy', '--timeout', '60s');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/release 1, which was interrupted[^]*Removed ConfigMap web/) });
    expect(json((await app.call('releases', '--output', 'json')).out).map(({ state }: any) => state)).toEqual(['deployed', 'failed']);
  });

  test('ends in good order at Ctrl-C, and rollback goes back', async () => {
    const app = new AppFolder(namespace, broken);
    const child = app.start('deploy');
    await eventually(() => get(namespace, 'deployment', 'web').spec.template.spec.containers[0].command, command => command !== undefined);
    child.kill('SIGINT');
    expect(await ended(child)).toBe(1);
    expect(await app.call('rollback', '--timeout', '60s')).toMatchObject({ code: 0, err: expect.stringContaining('rollback to 2') });
    expect(get(namespace, 'deployment', 'web').spec.template.spec.containers[0].command).toBeUndefined();
  });
});
