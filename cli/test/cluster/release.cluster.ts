import { AppFolder, ended } from './in-cluster';
import { eventually, get, kubectl, temporaryNamespace } from '../../../test/cluster/cluster';

/** An app whose release command prints its version, and exits with the code in a Secret. */
const web = (namespace: string, version: string, seconds = 0) => new AppFolder(namespace, {
  scaling: { replicas: 1 },
  env: { VERSION: version },
  secretEnv: { CODE: { secret: 'release', key: 'code' } },
  releaseCommand: { command: ['sh', '-c', `echo begin $VERSION; sleep ${seconds}; exit $CODE`], retries: 0 },
});
const exitWith = (namespace: string, code: number) => kubectl(['apply', '--filename', '-'], JSON.stringify({
  apiVersion: 'v1', kind: 'Secret', metadata: { name: 'release', namespace }, stringData: { code: String(code) },
}));
const jobs = (namespace: string): any[] => JSON.parse(kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'json'])).items;
const uids = (namespace: string) => jobs(namespace).map(({ metadata }) => metadata.uid);
const versionOf = (object: any) => object.spec.template.spec.containers[0].env.find(({ name }: any) => name === 'VERSION').value;
const served = (namespace: string) => versionOf(get(namespace, 'deployment', 'web'));

describe('webapp deploy of an app with a release command', () => {
  const namespace = temporaryNamespace('release');
  let first: string[];
  beforeAll(() => exitWith(namespace, 0));

  test('runs it before the first pod is created', async () => {
    const deploy = web(namespace, 'one', 4).start('deploy');
    await eventually(() => jobs(namespace), all => all[0]?.status.active === 1);
    expect(kubectl(['get', 'deployments', '--namespace', namespace, '--output', 'name'])).toBe('');
    expect(await ended(deploy)).toBe(0);
    expect(served(namespace)).toBe('one');
    first = uids(namespace);
  });

  test('does not run it again for the same version', async () => {
    const { code, err } = await web(namespace, 'one', 4).call('deploy');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('✓ Skipped the release command') });
    expect(uids(namespace)).toEqual(first);
  });

  test('stops if it fails, prints the last lines of its log, and the previous release is still serving traffic', async () => {
    exitWith(namespace, 3);
    const { code, err } = await web(namespace, 'two').call('deploy');
    expect(err).toContain([
      '✗ the release command failed: it exited with code 3',
      'last log lines:',
      '  | begin two',
      'Release 2 is still serving traffic',
    ].join('\n'));
    expect(code).toBe(1);
    expect(served(namespace)).toBe('one');
    await eventually(() => uids(namespace), all => all.join() === first.join());
  });

  test('runs it again for another version, even for one that failed before', async () => {
    exitWith(namespace, 0);
    const { code, err } = await web(namespace, 'two').call('deploy');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('✓ Ran the release command') });
    expect(served(namespace)).toBe('two');
    await eventually(() => jobs(namespace), all => all.length === 1 && all[0].metadata.uid !== first[0]);
  });

  test('can be rolled back after it fails', async () => {
    exitWith(namespace, 3);
    expect(await web(namespace, 'three').call('deploy')).toMatchObject({ code: 1 });
    exitWith(namespace, 0);
    expect(await web(namespace, 'three').call('rollback', '1')).toMatchObject({ code: 0, err: expect.stringContaining('rollback to 1') });
    expect(served(namespace)).toBe('one');
  });

  test('fails if it does not complete within its timeout', async () => {
    const slow = new AppFolder(namespace, { releaseCommand: { command: ['sleep', '100'], timeout: '5s' } });
    const { err } = await slow.call('deploy');
    expect(err).toContain('✗ the release command failed: it did not complete within 5 s, and was stopped\n'
      + '  make it faster, or increase releaseCommand.timeout');
  });
});

describe('a release command that fails the first time', () => {
  const namespace = temporaryNamespace('first-release');

  test('runs again in the next deploy of the same version', async () => {
    exitWith(namespace, 3);
    const { code, err } = await web(namespace, 'one').call('deploy');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('No release is serving traffic') });
    expect(jobs(namespace)).toHaveLength(1);
    exitWith(namespace, 0);
    const again = await web(namespace, 'one').call('deploy');
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('✓ Ran the release command') });
  });
});

describe('a release command whose deploy is killed', () => {
  const namespace = temporaryNamespace('killed-release');
  const killed = async (version: string) => {
    const deploy = web(namespace, version, 20).start('deploy');
    await eventually(() => jobs(namespace), all => all.some(({ status }) => status.active === 1));
    deploy.kill('SIGKILL');
    await ended(deploy);
    return uids(namespace);
  };
  beforeAll(() => exitWith(namespace, 0));

  test('is completed by the next deploy of the same version, which waits for it', async () => {
    const running = await killed('one');
    const { code, err } = await web(namespace, 'one', 20).call('deploy');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/was interrupted[^]*✓ Ran the release command/) });
    expect(uids(namespace)).toEqual(running);
  });

  test('is stopped by the next deploy of another version before that version runs its own', async () => {
    await killed('two');
    const deploy = web(namespace, 'three', 5).start('deploy');
    const all = await eventually(() => jobs(namespace), found => found.some(job => versionOf(job) === 'three'), 40);
    expect(all.map(versionOf).sort()).toEqual(['one', 'three']);
    expect(await ended(deploy)).toBe(0);
  });
});
