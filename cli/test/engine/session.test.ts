import { runCommand } from '../../src/engine/run';
import type { Place, Session } from '../../src/engine/session';
import { execInApp } from '../../src/engine/session';
import type { AttachRequest } from '../../src/kube/api';
import { ApiError, UnreachableError } from '../../src/kube/errors';
import type { Deployment, Job } from '../../src/kube/types';
import { DEPLOYMENT, JOB, POD } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { runControllers } from '../kube/controllers';
import type { ExecCommand } from '../kube/in-memory-api';
import { response } from '../kube/in-memory-api';
import { deployment, interceptorRoute, proxyService, scaledObject, service, TestCluster } from '../kube/test-cluster';

const LAUNCHER = '/cnb/lifecycle/launcher';
const LAUNCHED = `[ -x ${LAUNCHER} ] && exec ${LAUNCHER} -- "$@"; exec "$@"`;

/** The API server's answer to a program that a container does not have. */
const absent = (reason: string) => new ApiError(500, JSON.stringify({
  kind: 'Status', apiVersion: 'v1', message: `Internal error: OCI runtime exec failed: unable to start container process: ${reason}`,
}));

const LABELS = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };

let cluster: TestCluster;
let commands: ExecCommand[];
let printed: { out: string; err: string };
beforeEach(() => {
  cluster = new TestCluster();
  commands = [];
  runControllers(cluster);
  cluster.api.run = command => {
    if (command.command[0] === LAUNCHER) throw absent(`exec: "${LAUNCHER}": no such file or directory`);
    commands.push(command);
    return { exitCode: 7, output: 'done\n' };
  };
  printed = { out: '', err: '' };
});

const session = (more: Partial<Session> = {}): Session => ({
  out: async bytes => void (printed.out += Buffer.from(bytes).toString()),
  err: async bytes => void (printed.err += Buffer.from(bytes).toString()),
  ...more,
});

async function* typed(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

interface PodState {
  readonly component?: string;
  readonly isReady?: boolean;
  readonly isRunning?: boolean;
  readonly isDeleted?: boolean;
}

function pod(name: string, { component = 'web', isReady = true, isRunning = true, isDeleted = false }: PodState = {}): void {
  const containerStatuses = [{ name: 'main', state: isRunning ? { running: {} } : { waiting: {} } }];
  cluster.api.put({
    ...POD,
    metadata: {
      name,
      namespace: 'shop',
      labels: { ...LABELS, 'app.kubernetes.io/component': component },
      ...isDeleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
    },
    spec: { containers: [{ name: 'main' }] },
    status: { containerStatuses, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  });
}

describe('webapp exec', () => {
  const exec = async (place: Place = {}) => execInApp(cluster.operation(), ['ls', '-l'], place, session({ input: typed('input') }));

  test('runs a command in a running pod, and returns its exit code', async () => {
    await cluster.apply(deployment('web:1'));
    pod('web-1');
    expect(await exec()).toBe(7);
    expect(commands).toEqual([{ pod: 'web-1', container: 'main', command: ['ls', '-l'], input: Buffer.from('input') }]);
    expect(printed).toEqual({ out: 'done\n', err: '' });
    expect(cluster.output).toEqual([]);
  });

  test('starts it with the launcher of buildpacks, where the image has that, which alone sets the environment', async () => {
    await cluster.apply(deployment('web:1'));
    pod('web-1');
    cluster.api.run = command => {
      commands.push(command);
      return { exitCode: commands.length === 1 ? 0 : 7, output: '' };
    };
    expect(await exec()).toBe(7);
    expect(commands.map(({ command, input }) => [command, input.toString()])).toEqual([
      [[LAUNCHER, '--', 'true'], ''], [[LAUNCHER, '--', 'ls', '-l'], 'input'],
    ]);
  });

  test('that is not allowed says so before anything is started', async () => {
    await cluster.apply(deployment('web:1'));
    pod('web-1');
    cluster.api.denials.push({ verb: 'create', resource: 'pods/exec' });
    await expect(exec()).rejects.toThrow('pods/exec');
    expect(commands).toEqual([]);
  });

  test('prefers a pod that is ready, and says which one of several it is', async () => {
    await cluster.apply(deployment('web:1'));
    pod('web-starting', { isRunning: false, isReady: false });
    pod('web-ending', { isDeleted: true });
    pod('web-broken', { isReady: false });
    pod('web-ready');
    await exec();
    expect(commands[0].pod).toBe('web-ready');
    expect(cluster.output).toEqual(['Using web-ready, one of 4 pods']);
  });

  test('uses one that runs and is not ready, to look into it', async () => {
    await cluster.apply(deployment('web:1'));
    pod('web-broken', { isReady: false });
    await exec();
    expect(commands[0].pod).toBe('web-broken');
  });

  test('runs it in a pod of a worker', async () => {
    await cluster.apply(deployment('web:1'), deployment('web:1', { name: 'web-mailer' }));
    pod('web-1');
    pod('web-mailer-1', { component: 'web-mailer' });
    await exec({ worker: 'mailer' });
    expect(commands[0].pod).toBe('web-mailer-1');
  });

  test('runs it in a sidecar', async () => {
    const { spec, ...web } = deployment('web:1') as unknown as Deployment & Manifest;
    const initContainers = [{ name: 'migrate' }, { name: 'proxy', restartPolicy: 'Always' }];
    const template = { ...spec.template, spec: { ...spec.template.spec!, initContainers } };
    await cluster.apply({ ...web, spec: { ...spec, template } });
    pod('web-1');
    const status = { initContainerStatuses: [{ name: 'proxy', state: { running: {} } }] };
    cluster.api.change({ ...POD, metadata: { name: 'web-1' } }, { status });
    await exec({ container: 'proxy' });
    expect(commands[0].container).toBe('proxy');
    await expect(exec({ container: 'migrate' })).rejects.toThrow('web has no container migrate; it has main, proxy');
  });

  test('wakes an app that is asleep', async () => {
    const objects = [service(), deployment('web:1', { replicas: 0 }), interceptorRoute(), scaledObject(), proxyService()];
    await cluster.store(1, { objects });
    await cluster.apply(...objects);
    cluster.api.proxy = () => {
      cluster.api.change({ ...DEPLOYMENT, metadata: { name: 'web' } }, { spec: { replicas: 1 } });
      pod('web-1');
      return response(200, 'hello', { 'x-keda-http-cold-start': 'true' });
    };
    expect(await exec()).toBe(7);
    expect(cluster.output).toEqual([
      expect.stringMatching(/^web woke up in/),
      '! it sleeps again, with what you run in it, when there are no requests; webapp shell has a pod of its own',
    ]);
  });

  test.each<[string, Place, string]>([
    ['whose worker has no work', { worker: 'mailer' }, 'web-mailer has no pods until there is work for it; webapp shell starts a pod'],
    ['without such a container', { container: 'proxy' }, 'web has no container proxy; it has main'],
    ['none of whose pods runs', {}, 'no pod of web is running; webapp status web says why'],
  ])('of an app %s says so', async (_, place, message) => {
    await cluster.apply(deployment('web:1'), deployment('web:1', { name: 'web-mailer', replicas: 0 }));
    await expect(exec(place)).rejects.toThrow(message);
  });

  test('of a program that the image does not have says that, and not what the runtime was doing', async () => {
    await cluster.apply(deployment('web:1'));
    pod('web-1');
    const reason = 'exec: "ls": executable file not found in $PATH';
    cluster.api.run = () => {
      throw absent(reason);
    };
    await expect(exec()).rejects.toThrow(`the command failed to start: ${reason}`);
  });
});

describe('webapp run', () => {
  const SIZES = () => () => {};
  let containers: { command?: string[]; stdin?: boolean; stdinOnce?: boolean; tty?: boolean }[];
  let connections: AttachRequest[];

  beforeEach(async () => {
    await cluster.apply(deployment('web:1'));
    containers = [];
    connections = [];
  });

  /** The pods of Jobs: each runs until its input ends, or is in the given state. */
  function startPods(...states: object[]): void {
    cluster.api.onWrite = object => {
      if (object.kind !== 'Job' || containers.length > connections.length + states.length) return;
      const { metadata: { name, uid }, spec } = object as unknown as Job;
      containers.push(spec.template.spec!.containers[0] as typeof containers[number]);
      const labels = { 'batch.kubernetes.io/controller-uid': uid };
      const state = states.shift() ?? { running: {} };
      cluster.api.logs.set(`${name}-a/run`, 'from the log\n');
      const status = { containerStatuses: [{ name: 'run', state }] };
      const metadata = { name: `${name}-a`, namespace: 'shop', labels };
      cluster.api.put({ ...POD, metadata, spec: { containers: [{ name: 'run' }] }, status });
    };
    cluster.api.process = async (name, request) => {
      connections.push(request);
      let input = '';
      for await (const part of request.stdin ?? []) input += Buffer.from(part).toString();
      if (!request.silent) await request.onOutput?.(Buffer.from(`\r\nname? ${input}`), 'stdout');
      const status = { containerStatuses: [{ name: 'run', state: { terminated: { exitCode: 3 } } }] };
      cluster.api.change({ ...POD, metadata: { name } }, { status });
    };
  }

  const run = async (more: Partial<Session> = {}) => runCommand(cluster.operation(), ['psql'], session(more));

  test('without an input only reads the log', async () => {
    startPods({ terminated: { exitCode: 3 } });
    expect(await run()).toBe(3);
    expect(containers).toEqual([expect.objectContaining({ command: ['sh', '-c', LAUNCHED, 'sh', 'psql'] })]);
    expect(containers[0]).not.toHaveProperty('stdin');
    expect(printed.out).toBe('from the log\n');
    expect(connections).toEqual([]);
    expect(cluster.api.all(JOB)).toEqual([]);
  });

  test('passes an input, and reads all output from the log', async () => {
    startPods();
    expect(await run({ input: typed('a', 'b') })).toBe(3);
    const command = ['sh', '-c', LAUNCHED, 'sh', 'psql'];
    expect(containers).toEqual([expect.objectContaining({ command, stdin: true, stdinOnce: true, tty: false })]);
    expect(connections).toEqual([expect.objectContaining({ container: 'run', silent: true })]);
    expect(printed.out).toBe('from the log\n');
  });

  test('with a terminal lets the command wait for the connection, so that no output is lost', async () => {
    startPods();
    expect(await run({ input: typed('ann\n'), sizes: SIZES })).toBe(3);
    expect(containers).toEqual([expect.objectContaining({
      command: ['sh', '-c', `read -r REPLY; ${LAUNCHED}`, 'sh', 'psql'], stdin: true, stdinOnce: true, tty: true,
    })]);
    expect(connections).toEqual([expect.objectContaining({ container: 'run', tty: true, sizes: SIZES })]);
    expect(printed.out).toBe('name? \nann\n'); // what it got begins with the line that starts it, which is not echoed
    expect(cluster.api.all(JOB)).toEqual([]);
  });

  test('in an image without a shell has no terminal', async () => {
    const message = 'OCI runtime create failed: unable to start container process: exec: "sh": executable file not found in $PATH';
    startPods({ terminated: { exitCode: 128, reason: 'StartError', message } }, { terminated: { exitCode: 0 } });
    expect(await run({ input: typed(), sizes: SIZES })).toBe(0);
    expect(containers.map(({ command, tty }) => [command?.[0], tty])).toEqual([['sh', true], ['psql', undefined]]);
    expect(cluster.output).toEqual(['! the image has no sh, so the command has no terminal and no input']);
  });

  test('in an image without a shell starts the command itself', async () => {
    const message = 'OCI runtime create failed: unable to start container process: exec: "sh": executable file not found in $PATH';
    startPods({ terminated: { exitCode: 128, reason: 'StartError', message } }, { running: {} });
    expect(await run({ input: typed('a') })).toBe(3);
    expect(containers.map(({ command, stdin }) => [command?.[0], stdin])).toEqual([['sh', true], ['psql', true]]);
    expect(cluster.output).toEqual([]);
  });

  test('of a program that the image does not have says that', async () => {
    const message = 'runc create failed: unable to start container process: error during container init: exec: "psql": not found';
    const state = { terminated: { exitCode: 128, reason: 'StartError', message } };
    startPods(state, state);
    await expect(run()).rejects.toThrow('the command failed to start: exec: "psql": not found');
  });

  test('takes a connection that is lost for the end of the command only if that has ended', async () => {
    startPods();
    const { process } = cluster.api;
    cluster.api.process = async (name, request) => {
      await process!(name, request);
      throw new UnreachableError('the connection to the container was lost');
    };
    expect(await run({ input: typed(), sizes: SIZES })).toBe(3);
    cluster.api.process = async (_, request) => {
      connections.push(request);
      throw new UnreachableError('the connection to the container was lost');
    };
    await expect(run({ input: typed(), sizes: SIZES })).rejects.toThrow('the connection to the container was lost');
    expect(cluster.api.all(JOB)).toEqual([]);
  });
});
