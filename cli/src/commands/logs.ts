import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp, connectToBuilds } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { wholeNumber } from './shared/values';
import { listBuilds } from '../build/list';
import { readBuildLog } from '../engine/builds';
import { withExplanation } from '../engine/operation';
import { logPath } from '../kube/api';
import type { Cluster } from '../kube/connect';
import { ApiError, UnreachableError } from '../kube/errors';
import type { Pod } from '../kube/types';
import { POD } from '../kube/types';
import type { Workload } from '../kube/workload';
import { findProcess } from '../kube/workload';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface LogsFlags extends FileFlags, ClusterFlags {
  readonly follow?: boolean;

  /** The worker, or another version of the app: `canary`, `green`; undefined for the web process. */
  readonly worker?: string;

  /** How many of the last lines of each pod; undefined for all. */
  readonly tail?: number;
  readonly previous?: boolean;
  readonly build?: boolean;
}

export const define: Define = (command, world) => {
  command
    .description('Print the logs of an app.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('-f, --follow', 'keep printing new lines, also of new pods, until Ctrl-C')
    .option('-w, --worker <name>', 'the logs of this worker, or of another version such as canary, instead of the web process')
    .option('-b, --build', 'the log of the latest build in the cluster')
    .option('--tail <lines>', 'the number of recent lines of each pod', wholeNumber('Write a number of lines.'), 100)
    .option('-p, --previous', 'the logs from before the last restart')
    .action(async (name: string | undefined, flags: LogsFlags) => printLogs(name, flags, world));
  addAppFlags(command, '--file <file>'); // -f is --follow, as in kubectl
  addClusterFlags(command);
  addExamples(command,
    ['Print the recent logs of the app of webapp.yaml', 'webapp logs'],
    ['Follow the logs of its worker mailer', 'webapp logs -f --worker mailer'],
    ['Print the log of its latest build', 'webapp logs --build'],
  );
};

async function printLogs(appName: string | undefined, flags: LogsFlags, world: World): Promise<void> {
  if (flags.build) return printBuildLog(appName, flags, world);
  const { cluster, app } = await connectToApp(flags, appName, world);
  const workload = await withExplanation(findProcess(cluster, app, flags.worker), app.namespace);
  await interruptible(world, new TerminalProgress(world), async signal => followPods({ cluster, workload, flags, signal, world }));
}

/** Prints the log of each step of the latest build, one after the other. */
async function printBuildLog(appName: string | undefined, flags: LogsFlags, world: World): Promise<void> {
  if (flags.worker !== undefined || flags.previous) throw new Failure('--build cannot be combined with --worker and --previous');
  const { cluster, app, buildNamespace } = await connectToBuilds(flags, appName, world);
  const [latest] = await withExplanation(listBuilds(cluster, app, buildNamespace), app.namespace);
  if (!latest) throw new Failure(`${app.name} has no builds in the cluster, in namespace ${app.namespace}`);
  await interruptible(world, new TerminalProgress(world), async signal => (
    readBuildLog(cluster, latest.reference, { follow: flags.follow, signal }, text => world.out(text))));
}

interface Follow {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly flags: LogsFlags;
  readonly signal: AbortSignal;
  readonly world: World;
}

async function followPods(follow: Follow): Promise<void> {
  const { cluster: { objects, clock }, workload: { metadata: { name, namespace }, spec }, flags, signal, world } = follow;
  const container = spec.template.spec!.containers[0].name;
  const followed = new Map<string, Promise<void>>();
  for (let isFirst = true; ; isFirst = false) {
    const pods = await objects.list(POD, { namespace, labels: spec.selector.matchLabels });
    const isPrefixed = flags.follow || pods.length > 1;
    for (const pod of pods.filter(one => !followed.has(one.metadata.uid) && hasStarted(one, container))) {
      // All lines of pods that are created later.
      const tail = isFirst ? flags.tail : undefined;
      followed.set(pod.metadata.uid, printPod({ ...follow, flags: { ...flags, tail } }, pod, container, isPrefixed));
    }
    if (!flags.follow) {
      if (followed.size === 0) world.err(`${name} ${pods.length === 0 ? 'is asleep and has no pods' : 'has not started yet'}\n`);
      await Promise.all(followed.values());
      return;
    }
    await clock.sleep(1000, signal);
  }
}

function hasStarted({ status }: Pod, container: string): boolean {
  const { state, lastState } = status?.containerStatuses?.find(({ name }) => name === container) ?? {};
  return Boolean(state?.running || state?.terminated || lastState?.terminated);
}

async function printPod(
  { cluster: { api }, flags, signal, world }: Follow, pod: Pod, container: string, isPrefixed: boolean,
): Promise<void> {
  const { name } = pod.metadata;
  const { follow, previous, tail: tailLines } = flags;
  const prefix = isPrefixed ? `${paint(world.color.out).cyan(name)} ` : '';
  let rest = '';
  try {
    await api.stream(logPath(pod), { query: { container, follow, previous, tailLines }, signal }, text => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) world.out(`${prefix}${line}\n`);
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error;
    world.err(`${name}: ${error.message}\n`);
  }
  if (rest !== '') world.out(`${prefix}${rest}\n`);
}
