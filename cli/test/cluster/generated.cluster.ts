import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppFolder } from './in-cluster';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import { eventually, IMAGE, server, SHORT_LIVED, temporaryNamespace } from '../../../test/cluster/cluster';
import { GENERATED_TYPE } from '../../src/engine/generated';
import { connect } from '../../src/kube/connect';
import { SECRET } from '../../src/kube/types';
import { OPERATOR_NAME } from '../../src/operator/manifest/names';
import { WEB_APP } from '../../src/operator/resources';

/** The operator is in the process of the test, which must not block. */
const run = promisify(execFile);
const { objects } = connect({}, { cwd: '.', env: process.env });
const PROPS = {
  command: server('process.env.HOSTNAME'),
  internal: true,
  size: 'xs',
  health: SHORT_LIVED,
  scaling: { replicas: 1 },
  secretEnv: { SESSION_KEY: { generate: 32 } },
};

/** The variables of the app's running pod, of those that are asked for. */
async function environment(namespace: string, ...names: string[]): Promise<{ [name: string]: string }> {
  const print = `console.log(JSON.stringify(process.env, ${JSON.stringify(names)}))`;
  const { stdout } = await run('kubectl', ['exec', '--namespace', namespace, 'deployment/web', '--', 'node', '-e', print]);
  return JSON.parse(stdout);
}

async function values(namespace: string): Promise<{ [key: string]: string } | undefined> {
  const found = await objects.get({ ...SECRET, namespace, name: 'web-generated' });
  const decoded = (value: string) => Buffer.from(value, 'base64').toString();
  return found && Object.fromEntries(Object.entries(found.data ?? {}).map(([key, value]) => [key, decoded(value)]));
}

describe('generated values', () => {
  const namespace = temporaryNamespace('generated');
  const app = new AppFolder(namespace, PROPS);
  let first: { [key: string]: string };

  test('are shown by webapp diff, which creates none', async () => {
    expect((await app.call('diff')).out).toContain('create Secret web-generated');
    expect(await values(namespace)).toBeUndefined();
  });

  test('are one for deploys that begin at the same time, one of which has the lock', async () => {
    const all = await Promise.all([1, 2, 3].map(async () => app.call('deploy')));
    expect(all.map(({ code }) => code)).toContain(0);
    first = (await values(namespace))!;
    expect(first).toEqual({ SESSION_KEY: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
    expect(await environment(namespace, 'SESSION_KEY')).toEqual(first);
  });

  test('stay with the next deploy, which adds others, and are shown nowhere', async () => {
    app.write({ ...PROPS, env: { A: '1' }, secretEnv: { ...PROPS.secretEnv, TOKEN: { generate: 16 } } });
    const { code, out, err } = await app.call('deploy');
    expect({ code, err }).toMatchObject({ code: 0 });
    const now = (await values(namespace))!;
    expect(now).toEqual({ ...first, TOKEN: expect.stringMatching(/^[A-Za-z0-9]{16}$/) });
    expect(await environment(namespace, 'SESSION_KEY', 'TOKEN')).toEqual(now);
    const shown = [out, err, (await app.call('secrets')).out, (await app.call('diff')).out].join('\n');
    for (const value of Object.values(now)) expect(shown).not.toContain(value);
    expect(shown).toContain('generated, Secret web-generated, key TOKEN');
  });

  test('are the same after a rollback', async () => {
    expect(await app.call('rollback')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'SESSION_KEY')).toEqual(first);
  });

  test('are replaced by webapp secrets generate, with the pods', async () => {
    expect(await app.call('secrets', 'generate', 'SESSION_KEY')).toMatchObject({ code: 0 });
    const { SESSION_KEY } = (await values(namespace))!;
    expect(SESSION_KEY).not.toBe(first.SESSION_KEY);
    expect(await environment(namespace, 'SESSION_KEY')).toEqual({ SESSION_KEY });
    first = { SESSION_KEY };
  });

  test('are kept by destroy, and removed with the data', async () => {
    expect(await app.call('destroy', '--yes')).toMatchObject({ code: 0 });
    expect(await values(namespace)).toMatchObject(first);
    expect(await app.call('destroy', '--yes', '--data')).toMatchObject({ code: 0 });
    expect(await values(namespace)).toBeUndefined();
  });

  test('are created for a pipeline, and a Secret of others is used as it is', async () => {
    app.write(PROPS);
    expect(await app.call('secrets', 'generate')).toMatchObject({ code: 0 });
    const created = await values(namespace);
    expect(await app.call('secrets', 'generate')).toMatchObject({ code: 0 });
    expect(await values(namespace)).toEqual(created);
    await objects.remove({ ...SECRET, namespace, name: 'web-generated' });
    await run('kubectl', ['create', 'secret', 'generic', 'web-generated', '--namespace', namespace, '--from-literal=OTHER=x']);
    expect((await app.call('deploy')).err).toContain('has no key SESSION_KEY, and was created by others');
    expect(await values(namespace)).toEqual({ OTHER: 'x' });
  });
});

describe('Secrets that do not exist', () => {
  const namespace = temporaryNamespace('references');
  const app = new AppFolder(namespace, { ...PROPS, secretEnv: { KEY: { secret: 'stripe', key: 'api' } }, envFromSecrets: ['payment'] });

  test('are all named before anything is changed, and created by the commands that are shown', async () => {
    const { code, err } = await app.call('deploy');
    expect(code).toBe(1);
    const commands = [...err.matchAll(/^ {2}webapp (secrets set .*)$/gm)].map(([, words]) => words.split(' '));
    expect(commands.map(words => words[2])).toEqual(['api', 'KEY']);
    expect((await run('kubectl', ['get', 'all,secrets', '--namespace', namespace, '--output', 'name'])).stdout).toBe('');
    for (const words of commands) {
      words[2] = `${words[2]}=-`;
      expect(await app.callIn({ readInput: async () => 'hunter2\n' }, ...words)).toMatchObject({ code: 0 });
    }
    expect(await app.call('deploy')).toMatchObject({ code: 0 });
    expect(await environment(namespace, 'KEY')).toEqual({ KEY: 'hunter2' });
  });
});

describe('generated values of an app that the operator deploys', () => {
  /** The operator may write what it likes in its own namespace. */
  const own = temporaryNamespace('operator-generated');
  const namespace = temporaryNamespace('operator-generated-apps');
  const installation = new OperatorInstallation({ namespace: own, namespaces: [own, namespace] });
  let operator: OperatorProcess;
  let first: { [key: string]: string } | undefined;

  beforeAll(async () => {
    await installation.install();
    operator = await OperatorProcess.start(own);
  });
  afterAll(async () => installation.remove(operator));

  async function apply(spec: object, name = 'web'): Promise<void> {
    await installation.apply({ image: IMAGE, ...PROPS, ...spec }, name, namespace);
  }

  async function condition(type: string, status: string, name = 'web'): Promise<{ reason: string; message: string }> {
    const find = async () => {
      const { metadata: { generation }, status: now } = (await objects.get({ ...WEB_APP, name, namespace }))!;
      return now?.observedGeneration === generation ? now?.conditions?.find(one => one.type === type) : undefined;
    };
    return (await eventually(find, one => one?.status === status, 120))!;
  }

  test('are created with the rights that it has, and stay', async () => {
    await apply({});
    await condition('Ready', 'True');
    first = await values(namespace);
    expect(await environment(namespace, 'SESSION_KEY')).toEqual(first);
    await apply({ env: { A: '1' }, secretEnv: { ...PROPS.secretEnv, TOKEN: { generate: 16 } } });
    await condition('Ready', 'True');
    expect(await values(namespace)).toEqual({ ...first, TOKEN: expect.any(String) });
  });

  test('are not written into a Secret of others, whatever the name of the app is', async () => {
    await run('kubectl', ['create', 'secret', 'generic', 'other-generated', '--namespace', namespace, '--from-literal=A=x']);
    await apply({}, 'other');
    const { reason, message } = await condition('Released', 'False', 'other');
    expect({ reason, message }).toMatchObject({ reason: 'Conflict', message: expect.stringContaining('was created by others') });
    expect((await objects.get({ ...SECRET, namespace, name: 'other-generated' }))!.data).toEqual({ A: 'eA==' });
  });

  test('are all that its policy lets it write of other Secrets, and only to add keys', async () => {
    const as = ['--as', `system:serviceaccount:${own}:${OPERATOR_NAME}`, '--namespace', namespace];
    const refused = async (...words: string[]) => (
      run('kubectl', [...words, ...as]).then(() => '', (error: { stderr: string }) => error.stderr));
    const merge = (name: string, change: object) => ['patch', 'secret', name, '--type', 'merge', '--patch', JSON.stringify(change)];
    const only = 'the operator writes only Secrets of type';
    expect(await refused(...merge('web-generated', { stringData: { SESSION_KEY: 'mine' } }))).toContain(only);
    expect(await refused(...merge('web-generated', { data: { SESSION_KEY: null } }))).toContain(only);
    expect(await refused(...merge('other-generated', { stringData: { SESSION_KEY: 'mine' } }))).toContain(only);
    expect(await refused('delete', 'secret', 'web-generated')).toContain(only);
    expect(await refused('create', 'secret', 'generic', 'x-generated', '--type', GENERATED_TYPE)).toBe('');
    expect(await refused('create', 'secret', 'generic', 'x', '--type', GENERATED_TYPE)).toContain(only);
    expect(await refused(...merge('web-generated', { stringData: { MORE: 'x' } }))).toBe('');
    expect(await values(namespace)).toMatchObject({ ...first, MORE: 'x' });
  });

  test('outlive the app, unless it has a ttl', async () => {
    await objects.remove({ ...WEB_APP, name: 'web', namespace });
    await eventually(async () => objects.get({ ...WEB_APP, name: 'web', namespace }), one => one === undefined, 60);
    expect(await values(namespace)).toMatchObject(first!);
    await apply({ ttl: '72h' });
    await condition('Ready', 'True');
    expect(await values(namespace)).toMatchObject(first!);
    await objects.remove({ ...WEB_APP, name: 'web', namespace });
    await eventually(async () => values(namespace), one => one === undefined, 60);
  });
});
