import { wakeUp } from './nap';
import type { DeployOperation } from './operation';
import { exitCodeOf, followContainer, stateOf } from './pod-log';
import { rolloutStatus } from './rollout';
import type { ExecRequest, TerminalSize } from '../kube/api';
import type { Cluster } from '../kube/connect';
import { ApiError, startError, UnreachableError } from '../kube/errors';
import type { Pod } from '../kube/types';
import { holds, POD } from '../kube/types';
import type { Workload } from '../kube/workload';
import { findProcess } from '../kube/workload';
import { Failure } from '../ui/failure';

/** Input, outputs and the terminal of a program in a container. */
export interface Session {
  /** Its input; undefined for none. */
  readonly input?: AsyncIterable<Uint8Array>;

  /** The sizes of its terminal; undefined if it has none. */
  readonly sizes?: (listener: (size: TerminalSize) => void) => () => void;
  readonly out: (bytes: Uint8Array) => Promise<void>;
  readonly err: (bytes: Uint8Array) => Promise<void>;
}

/** Which container of an app. */
export interface Place {
  /** The worker, or another version such as `canary`; undefined for the web process. */
  readonly worker?: string;

  /** The container; undefined for the app's own. */
  readonly container?: string;
}

/**
 * What starts the processes of an image that buildpacks have built: the image has its PATH and other variables only there.
 *
 * @see https://github.com/buildpacks/spec/blob/main/platform.md#launcher
 */
const LAUNCHER = '/cnb/lifecycle/launcher';

/**
 * Runs a command in a running pod of an app, in the environment of its process. An app that is asleep is woken.
 *
 * @returns its exit code
 * @throws Failure if there is no such pod
 */
export async function execInApp(operation: DeployOperation, command: readonly string[], place: Place, session: Session): Promise<number> {
  const { cluster: { api }, signal } = operation;
  const { pod, container } = await runningPod(operation, place);
  const { input: stdin, sizes, out, err } = session;
  const onOutput = async (bytes: Uint8Array, stream: 'stdout' | 'stderr') => (stream === 'stderr' ? err : out)(bytes);
  const start = async (words: readonly string[], more: Partial<ExecRequest>) => (
    api.exec(pod, { container, command: words, signal, ...more }));
  const hasLauncher = await start([LAUNCHER, '--', 'true'], {}).then(() => true, (error: unknown) => {
    if (reasonOf(error) === undefined) throw error;
    return false;
  });
  try {
    const words = hasLauncher ? [LAUNCHER, '--', ...command] : command;
    return (await start(words, { stdin, tty: sizes !== undefined, sizes, onOutput })).exitCode;
  } catch (error) {
    const reason = reasonOf(error);
    throw reason === undefined ? error : new Failure(`the command failed to start: ${reason}`);
  }
}

/** Why a container could not start a program; undefined if something else went wrong. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof ApiError ? startError(error.message) : undefined;
}

/** A running pod of an app, and the container in it. */
export async function runningPod(
  operation: DeployOperation, { worker, container }: Place,
): Promise<{ readonly pod: Pod; readonly container: string }> {
  const { cluster, app, progress } = operation;
  const workload = await findProcess(cluster, app, worker);
  const { metadata: { name, namespace }, spec } = workload;
  if (rolloutStatus(workload).state === 'scaled-to-zero') await wakeProcess(operation, workload);
  const { containers: ofApp, initContainers = [] } = spec.template.spec!;
  // Those that run beside the app: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const containers = [...ofApp, ...sidecars].map(one => one.name);
  const wanted = container ?? containers[0];
  if (!containers.includes(wanted)) throw new Failure(`${name} has no container ${wanted}; it has ${containers.join(', ')}`);
  const pods = await cluster.objects.list(POD, { namespace, labels: spec.selector.matchLabels });
  const running = pods.filter(pod => !pod.metadata.deletionTimestamp && stateOf(pod, wanted)?.running);
  // One that is not ready may be what the user wants to look into.
  const pod = running.find(one => holds(one, 'Ready')) ?? running.at(0);
  if (!pod) throw new Failure(`no pod of ${name} is running; webapp status ${app.name} says why, and webapp shell starts one of its own`);
  if (pods.length > 1) progress.done(`Using ${pod.metadata.name}, one of ${pods.length} pods`);
  return { pod, container: wanted };
}

async function wakeProcess(operation: DeployOperation, { metadata: { name } }: Workload): Promise<void> {
  const { app, progress } = operation;
  if (name !== app.name) throw new Failure(`${name} has no pods until there is work for it; webapp shell starts a pod of its own`);
  progress.waiting(`${name} is asleep: waking it`);
  await wakeUp(operation);
  progress.warn('it sleeps again, with what you run in it, when there are no requests; webapp shell has a pod of its own');
}

/**
 * Connects a session to the process of a container until that ends. One with a terminal waits to be connected: see `waitingCommand`.
 *
 * @returns the exit code
 */
export async function attachTo(cluster: Cluster, pod: Pod, container: string, session: Session, signal: AbortSignal): Promise<number> {
  return session.sizes ? attachTerminal(cluster, pod, container, session, signal) : attachInput(cluster, pod, container, session, signal);
}

/** Without a terminal, the log has all output from the first byte on, so that a connection is for the input alone. */
async function attachInput(
  cluster: Cluster, pod: Pod, container: string, { input: stdin, out }: Session, signal: AbortSignal,
): Promise<number> {
  const end = new AbortController();
  const request = { container, stdin, silent: true, signal: AbortSignal.any([signal, end.signal]) };
  // The command may end before, or need no input: then its exit code is what matters.
  const attached = stdin && cluster.api.attach(pod, request).catch(() => undefined);
  let written = Promise.resolve();
  const onText = (text: string) => void (written = written.then(async () => out(Buffer.from(text))));
  try {
    return await followContainer(cluster, pod, container, { signal, onText });
  } finally {
    end.abort();
    await Promise.all([attached, written]);
  }
}

/** Shell: starts a command in the environment of the app's process. */
const START_COMMAND = `[ -x ${LAUNCHER} ] && exec ${LAUNCHER} -- "$@"; exec "$@"`;

/** A command in the environment of the app's process, in an image with a shell. */
export function launchedCommand(command: readonly string[]): string[] {
  return ['sh', '-c', START_COMMAND, 'sh', ...command];
}

/**
 * The same for a command that starts when it gets an empty line. With a terminal, its output comes through a connection, which has nothing
 * of what was written before, and a prompt is not in the log either, as its line has no end.
 */
export function waitingCommand(command: readonly string[]): string[] {
  return ['sh', '-c', `read -r REPLY; ${START_COMMAND}`, 'sh', ...command];
}

const START = Buffer.from('\n');

/** How a terminal shows that line. */
const ECHO = Buffer.from('\r\n');

async function attachTerminal(
  cluster: Cluster, pod: Pod, container: string, { input, sizes, out }: Session, signal: AbortSignal,
): Promise<number> {
  async function* stdin() {
    yield START;
    if (input) yield* input;
  }
  let isFirst = true;
  const onOutput = async (bytes: Uint8Array) => {
    const isEcho = isFirst && Buffer.from(bytes).indexOf(ECHO) === 0;
    isFirst = false;
    await out(isEcho ? bytes.subarray(ECHO.length) : bytes);
  };
  try {
    await cluster.api.attach(pod, { container, stdin: stdin(), tty: true, sizes, onOutput, signal });
  } catch (error) {
    // The connection may be closed before the server has said that the process has ended.
    const { name, namespace } = pod.metadata;
    const live = error instanceof UnreachableError ? await cluster.objects.get({ ...POD, namespace, name }) : undefined;
    if (!stateOf(live, container)?.terminated) throw error;
  }
  return exitCodeOf(cluster, pod, container, signal);
}
