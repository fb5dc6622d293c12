import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount, DOCUMENTED, kubeconfigOf, without } from './account';
import { AppFolder } from './in-cluster';
import { User } from './user';
import { describeWithAddon, eventually, get, kubectl, server, temporaryNamespace } from '../../../test/cluster/cluster';
import type { Streams } from '../../src/ui/streams';

/** Standard input from a pipe. */
const piped = (text: string, printed: { out: string }): Streams => ({
  isTerminal: false,
  open: () => ({
    bytes: (async function* () {
      yield Buffer.from(text);
    })(),
    close: () => {},
  }),
  sizes: () => () => {},
  out: async bytes => void (printed.out += Buffer.from(bytes).toString()),
  err: async bytes => void (printed.out += Buffer.from(bytes).toString()),
});

describe('an account with the permissions in docs/deploy.md', () => {
  const namespace = temporaryNamespace('shell');
  const props = { command: server('"hello"'), env: { GREETING: 'hi' } };
  const app = new AppFolder(namespace, { ...props, scaling: { min: 1, cooldownPeriod: '300s' } });
  const flags = () => ['--kubeconfig', kubeconfigOf(namespace, 'deployer')];
  const at = async (user: User, command: string, ...words: string[]) => (
    app.callIn({ streams: user }, command, ...flags(), ...words.length > 0 ? ['--', ...words] : []));
  const jobs = () => kubectl(['get', 'jobs', '--namespace', namespace, '--output', 'name']);
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shell-'));
    createAccount(namespace, 'deployer', DOCUMENTED);
    expect(await app.call('deploy', '--timeout', '90s', ...flags())).toMatchObject({ code: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('runs a command in a running pod, with both outputs and its exit code', async () => {
    expect(await app.call('exec', ...flags(), '--', 'sh', '-c', 'echo $GREETING; echo bye >&2; exit 4')).toEqual(
      { code: 4, out: 'hi\n', err: 'bye\n' });
    expect(await app.call('exec', ...flags(), '--', 'nonsense')).toMatchObject(
      { code: 1, err: '✗ the command failed to start: exec: "nonsense": executable file not found in $PATH\n' });
  });

  test.each(['exec', 'run'])('passes standard input with --stdin: webapp %s', async command => {
    const printed = { out: '' };
    const { code } = await app.callIn({ streams: piped('a\nb\n', printed) }, command, '--stdin', ...flags(), '--', 'cat');
    expect({ code, ...printed }).toEqual({ code: 0, out: 'a\nb\n' });
  });

  test.each(['exec', 'run'])('has a terminal in which Ctrl-C is for the program, and whose size changes: webapp %s', async command => {
    const user = new User([
      ['ready', 'stty size\n'],
      ['24 100', { columns: 60, rows: 30 }],
      ['24 100', 'stty size\n'],
      ['30 60', 'sleep 300\n'],
      ['sleep 300', '\u0003'],
      ['^C', 'exit 6\n'],
    ]);
    // The shell is interactive, so that it goes on after Ctrl-C; a prompt of its own would be different in each image.
    expect(await at(user, command, 'sh', '-c', 'echo ready; PS1="> " exec sh -i')).toMatchObject({ code: 6 });
  });

  test('sees a prompt that is written at once, and all output of a command that ends at once', async () => {
    const user = new User([['name? ', 'ann\n']]);
    expect(await at(user, 'run', 'sh', '-c', 'printf "name? "; read name; echo "hi $name"; exit 3')).toMatchObject({ code: 3 });
    expect(user.printed.replace(/\r/g, '')).toBe('name? ann\nhi ann\n');
    const other = new User([]);
    expect(await at(other, 'run', 'sh', '-c', 'echo one; echo two')).toMatchObject({ code: 0 });
    expect(other.printed.replace(/\r/g, '')).toBe('one\ntwo\n');
  });

  test('opens a shell in a pod of its own, which is removed afterwards and gets no traffic', async () => {
    const user = new User([['', 'echo $((40 + 2)) $GREETING; hostname\n'], ['42 hi', 'exit 5\n']]);
    expect(await at(user, 'shell')).toMatchObject({ code: 5 });
    expect(user.printed).toMatch(/web-run-\w+/);
    await eventually(jobs, names => names === '');
  });

  test('copies a folder there and back, and nowhere else', async () => {
    mkdirSync(join(folder, 'src/sub'), { recursive: true });
    writeFileSync(join(folder, 'src/sub/large'), Buffer.alloc(3_000_000, 'x'));
    writeFileSync(join(folder, 'src/run'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('run', join(folder, 'src/link'));
    const cp = async (...words: string[]) => app.call('cp', ...words, ...flags());
    expect(await cp(join(folder, 'src'), ':/tmp/dst')).toMatchObject({ code: 0, err: expect.stringMatching(/\(2 files, 3.0 MB\)\n$/) });
    expect(await cp('web:/tmp/dst', join(folder, 'back'))).toMatchObject({ code: 0 });
    const difference = spawnSync('diff', ['-r', join(folder, 'src'), join(folder, 'back')], { encoding: 'utf8' });
    expect(difference).toMatchObject({ status: 0, stdout: '' });
    expect(await cp(join(folder, 'src/run'), ':/tmp')).toMatchObject({ code: 0 });
    expect(await cp(':/tmp/run', join(folder, 'copied'))).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'copied'), 'utf8')).toBe('#!/bin/sh\n');
    expect(await cp(join(folder, 'src/run'), ':/etc/x')).toMatchObject({
      code: 1, err: expect.stringMatching(/cannot write \/etc\/x in web-.*Read-only file system\n {2}only \/tmp and the volumes/),
    });
    const err = expect.stringMatching(/cannot read \/tmp\/none in .*No such file/);
    expect(await cp(':/tmp/none', folder)).toMatchObject({ code: 1, err });
  });

  describeWithAddon('of an app that is asleep', () => {
    test('wakes it to run a command in it', async () => {
      app.write({ ...props, scaling: { cooldownPeriod: '300s' } });
      expect(await app.call('deploy', '--timeout', '90s')).toMatchObject({ code: 0 });
      expect((await app.call('sleep')).err).toContain('web is asleep');
      expect(get(namespace, 'deployment', 'web').spec.replicas).toBe(0);
      expect(await app.call('exec', '--', 'sh', '-c', 'echo $GREETING')).toMatchObject(
        { code: 0, out: 'hi\n', err: expect.stringMatching(/^✓ web woke up in/) });
    });
  });

  test('lacks a right that is named', async () => {
    createAccount(namespace, 'no-exec', without('pods/exec', 'get', 'create'));
    createAccount(namespace, 'no-attach', without('pods/attach', 'get', 'create'));
    const as = async (name: string, command: string) => app.callIn(
      { streams: new User([]) }, command, '--kubeconfig', kubeconfigOf(namespace, name), ...command === 'shell' ? [] : ['--', 'true']);
    const says = (code: number, message: string) => ({ code, err: expect.stringContaining(message) });
    expect(await as('no-exec', 'exec')).toMatchObject(says(1, `pods/exec in namespace ${namespace}`));
    expect(await as('no-attach', 'shell')).toMatchObject(says(1, `not allowed to get, create pods/attach in namespace ${namespace}`));
    expect(await as('no-attach', 'run')).toMatchObject(says(0, '! the command has no terminal and no input'));
  });
});
