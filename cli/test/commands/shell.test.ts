import type { Job } from '../../src/kube/types';
import { POD } from '../../src/kube/types';
import type { OpenInput, Streams } from '../../src/ui/streams';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { runControllers } from '../kube/controllers';
import { deployment, TestCluster } from '../kube/test-cluster';

const folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n' });

/** A terminal at which a user types, and which the test reads. */
class Terminal implements Streams {
  public readonly isTerminal = true;
  public printed = '';
  public readonly modes: string[] = [];

  constructor(private readonly typed: string) {}

  public open(raw: boolean): OpenInput {
    this.modes.push(raw ? 'raw' : 'as usual');
    const { typed } = this;
    async function* bytes() {
      yield Buffer.from(typed);
    }
    return { bytes: bytes(), close: () => void this.modes.push('closed') };
  }

  public sizes(): () => void {
    return () => {};
  }

  public async out(bytes: Uint8Array): Promise<void> {
    this.printed += Buffer.from(bytes).toString();
  }

  public async err(bytes: Uint8Array): Promise<void> {
    return this.out(bytes);
  }
}

let cluster: TestCluster;
let commands: (readonly string[])[];
let containers: { readonly tty?: boolean; readonly stdin?: boolean }[];

beforeEach(async () => {
  cluster = new TestCluster();
  runControllers(cluster);
  await cluster.apply(deployment('web:1'));
  commands = [];
  containers = [];
  const running = { containerStatuses: [{ name: 'main', state: { running: {} } }] };
  const labels = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp', 'app.kubernetes.io/component': 'web' };
  cluster.api.put({ ...POD, metadata: { name: 'web-1', namespace: 'shop', labels }, spec: { containers: [] }, status: running });
  cluster.api.run = ({ command, input }) => {
    commands.push(command);
    return { exitCode: 5, output: `got ${input.toString()}` };
  };
  cluster.api.onWrite = object => {
    if (object.kind !== 'Job') return;
    const { metadata: { name, uid }, spec } = object as unknown as Job;
    containers.push(spec.template.spec!.containers[0] as typeof containers[number]);
    cluster.api.logs.set(`${name}-a/run`, 'from the log\n');
    const state = containers[0].stdin ? { running: {} } : { terminated: { exitCode: 4 } };
    const metadata = { name: `${name}-a`, namespace: 'shop', labels: { 'batch.kubernetes.io/controller-uid': uid } };
    cluster.api.put({ ...POD, metadata, spec: { containers: [] }, status: { containerStatuses: [{ name: 'run', state }] } });
  };
  cluster.api.process = async (name, { stdin, onOutput }) => {
    let input = '';
    for await (const part of stdin ?? []) input += Buffer.from(part).toString();
    await onOutput?.(Buffer.from(`got ${input.trim()}`), 'stdout');
    const status = { containerStatuses: [{ name: 'run', state: { terminated: { exitCode: 4 } } }] };
    cluster.api.change({ ...POD, metadata: { name } }, { status });
  };
});

const run = async (words: readonly string[], streams?: Streams): Promise<Called> => (
  call([...words], { cwd: folder.path, cluster, ...streams && { streams } }));

describe('at a terminal', () => {
  test.each([
    [['exec', '--', 'sh'], 5],
    [['run', '--', 'sh'], 4],
    [['shell'], 4],
  ])('webapp %j gives the command the terminal, and exits with its code', async (words, code) => {
    const terminal = new Terminal('ls');
    expect(await run(words, terminal)).toMatchObject({ code, err: '' });
    expect(terminal.printed).toBe('got ls');
    expect(terminal.modes).toEqual(['raw', 'closed']);
  });

  test.each([['exec'], ['run']])('webapp %s --no-tty does not', async command => {
    const terminal = new Terminal('ls');
    await run([command, '--no-tty', '--', 'ls'], terminal);
    expect(terminal.modes).toEqual([]);
    expect(containers.map(({ tty }) => tty)).toEqual(command === 'run' ? [undefined] : []);
  });

  test('webapp run without the right to attach says so, and runs the command without a terminal', async () => {
    cluster.api.denials.push({ resource: 'pods/attach', verb: 'create' });
    const terminal = new Terminal('');
    expect(await run(['run', '--', 'ls'], terminal)).toMatchObject({
      code: 4,
      err: '! the command has no terminal and no input: you are not allowed to create pods/attach in namespace shop\n',
    });
    expect(terminal.printed).toBe('from the log\n');
  });

  test('webapp shell without that right names it', async () => {
    cluster.api.denials.push({ resource: 'pods/attach' });
    expect(await run(['shell'], new Terminal(''))).toMatchObject({
      code: 1,
      err: 'you are not allowed to get, create pods/attach in namespace shop; ask your cluster administrator for a role that allows it\n',
    });
  });
});

describe('without a terminal', () => {
  test('webapp run and exec pass no input unless told to', async () => {
    expect(await run(['exec', '--', 'cat'])).toEqual({ code: 5, out: 'got ', err: '' });
    await run(['run', '--', 'cat']);
    expect(containers).toEqual([expect.not.objectContaining({ stdin: true })]);
  });

  test('webapp run --stdin needs the right to attach', async () => {
    cluster.api.denials.push({ resource: 'pods/attach' });
    expect(await run(['run', '--stdin', '--', 'cat'])).toMatchObject({
      code: 1, err: expect.stringContaining('you are not allowed to get, create pods/attach in namespace shop, which --stdin needs; ask'),
    });
  });

  test('webapp shell says what to use', async () => {
    expect(await run(['shell'])).toEqual(
      { code: 1, out: '', err: 'a shell needs a terminal; to run a command without one, use webapp run -- COMMAND\n' });
  });
});

describe('webapp run', () => {
  test('does not wait for a pod that the namespace does not allow', async () => {
    const message = 'Error creating: pods "web-run-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2';
    cluster.api.onWrite = ({ kind, metadata: { name } }) => {
      if (kind !== 'Job') return;
      const involvedObject = { kind, name };
      cluster.api.put({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject, reason: 'FailedCreate', message });
    };
    const { code, err } = await run(['run', '--', 'ls']);
    expect(err).toContain('✗ the command failed to start: the quota of namespace shop is exceeded: small, requested: pods=1');
    expect(code).toBe(1);
    expect(cluster.api.names().filter(name => name.startsWith('Job'))).toEqual([]);
  });
});

describe('webapp exec', () => {
  test('without the right names it', async () => {
    cluster.api.denials.push({ resource: 'pods/exec' });
    expect(await run(['exec', '--', 'ls'])).toMatchObject({
      code: 1, err: expect.stringMatching(/you are not allowed to create pods\/exec in namespace shop; ask your cluster administrator/),
    });
  });

  test('without a command is a usage error', async () => {
    expect(await run(['exec'])).toMatchObject({ code: 64, err: expect.stringContaining("missing required argument 'command'") });
  });
});

describe('webapp cp', () => {
  test('copies a file to a pod with tar', async () => {
    cluster.api.run = ({ command }) => {
      commands.push(command);
      return { exitCode: command[0] === 'sh' ? 1 : 0, output: '' };
    };
    const { code, err } = await run(['cp', 'webapp.yaml', ':/tmp/copy.yaml']);
    expect(err).toMatch(/^✓ Copied webapp.yaml to :\/tmp\/copy.yaml \(1 file, \d+ B\)\n$/);
    expect(code).toBe(0);
    expect(commands).toEqual([['sh', '-c', 'test -d "$1"', 'sh', '/tmp/copy.yaml'], ['tar', '-xf', '-', '-C', '/tmp']]);
  });

  test('says what the container says if it cannot be written there', async () => {
    cluster.api.run = ({ command }) => ({ exitCode: 1, output: command[0] === 'tar' ? 'tar: x: Read-only file system\n' : '' });
    expect(await run(['cp', 'webapp.yaml', ':/etc/x'])).toMatchObject({
      code: 1, err: expect.stringMatching(/cannot write \/etc\/x in web-1: tar: x: Read-only file system\n {2}only \/tmp and the volumes/),
    });
  });

  test('of a file that is not there says so', async () => {
    expect((await run(['cp', 'none', ':/tmp'])).err).toMatch(/✗ \/.*none does not exist\n$/);
    cluster.api.run = () => ({ exitCode: 1, output: '' });
    expect((await run(['cp', ':/none', '.'])).err).toMatch(/cannot read \/none in web-1: no reason given\n$/);
  });
});
