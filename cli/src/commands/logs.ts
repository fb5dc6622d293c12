import { InvalidArgumentError, Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp, connectToBuilds } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { PLATFORM_FLAG, platformFor } from './shared/platform';
import { duration, wholeNumber } from './shared/values';
import { listBuilds } from '../build/list';
import { readBuildLog } from '../engine/builds';
import { withExplanation } from '../engine/operation';
import { logPath } from '../kube/api';
import type { Cluster } from '../kube/connect';
import { ApiError, UnreachableError } from '../kube/errors';
import type { AppName, Pod } from '../kube/types';
import { POD } from '../kube/types';
import { findProcess } from '../kube/workload';
import { podsOfApp, podsOfWorkload } from '../log-store/pods';
import type { LogLine } from '../log-store/query';
import type { LogStore } from '../log-store/store';
import { logStore, MOST } from '../log-store/store';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface LogsFlags extends FileFlags, ClusterFlags {
  readonly follow?: boolean;

  /** The worker, or another version of the app: `canary`, `green`; undefined for the web process. */
  readonly worker?: string;

  /** Whether to print those of all processes, versions and jobs. */
  readonly all?: boolean;

  /** How many of the last lines of each pod; undefined for all. */
  readonly tail?: number;

  /** How long ago the first line was written at most, and the last one at least, in seconds. */
  readonly since?: number;
  readonly until?: number;

  /** What lines have to contain. */
  readonly grep?: RegExp;
  readonly previous?: boolean;
  readonly build?: boolean;

  /** Whether lines may be those that the platform keeps. */
  readonly history: boolean;

  /** One JSON object a line, as a log has no end. */
  readonly output?: 'json';
}

export const define: Define = (command, world) => {
  command
    .description(`Print the logs of an app.

Where the platform keeps logs (monitoring.logs in platform.yaml), --since and --until print those of pods that are gone too, and an app that
is asleep has the log of its last pods.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('-f, --follow', 'keep printing new lines, also of new pods, until Ctrl-C')
    .option('-w, --worker <name>', 'the logs of this worker, or of another version such as canary, instead of the web process')
    .option('-a, --all', 'the logs of all processes: workers, other versions and jobs too')
    .option('-b, --build', 'the log of the latest build in the cluster')
    .option('--tail <lines>', 'the number of recent lines of each pod (default: 100, or all with --since)', wholeNumber('Write a number.'))
    .option('--since <duration>', 'only lines of this last time, such as 10m', duration)
    .option('--until <duration>', 'only lines that are older than this, such as 5m', duration)
    .option('-g, --grep <pattern>', 'only lines that match this regular expression, in capitals or not', pattern)
    .option('--no-history', 'only what the cluster has, of pods that exist')
    .option('-p, --previous', 'the logs from before the last restart')
    .addOption(new Option('-o, --output <format>', 'print each line as a JSON object, with its time and its pod').choices(['json']))
    .action(async (name: string | undefined, flags: LogsFlags) => printLogs(name, flags, world));
  command.option(...PLATFORM_FLAG);
  addAppFlags(command, '--file <file>'); // -f is --follow, as in kubectl
  addClusterFlags(command);
  addExamples(command,
    ['Print the recent logs of the app of webapp.yaml', 'webapp logs'],
    ['Print the last 500 lines of each pod', 'webapp logs --tail 500'],
    ['Follow the logs of all of its processes', 'webapp logs -f --all'],
    ['Follow the logs of its worker mailer', 'webapp logs -f --worker mailer'],
    ['Find errors of the last hour', "webapp logs --all --since 1h --grep 'error|timeout'"],
    ['Print what failed two days ago, also in pods that are gone', 'webapp logs --all --since 2d --until 1d --grep error'],
    ['Print what was logged before the last restart, and only what the cluster has', 'webapp logs --previous --no-history'],
    ['Print the log of its latest build', 'webapp logs --build'],
    ['Count the errors of each pod', 'webapp logs --all --since 1h --grep error --output json | jq -r .pod | sort | uniq -c'],
  );
};

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new InvalidArgumentError('Write a regular expression, such as error|timeout.');
  }
}

async function printLogs(appName: string | undefined, flags: LogsFlags, world: World): Promise<void> {
  if (flags.all && flags.worker !== undefined) throw new Failure('--all cannot be combined with --worker');
  if (flags.follow && flags.until !== undefined) throw new Failure('--until cannot be combined with --follow');
  if (flags.build) return printBuildLog(appName, flags, world);
  const { cluster, app } = await connectToApp(flags, appName, world);
  const source = await withExplanation(sourceOf(cluster, app, flags), app.namespace);
  const store = await storeFor(cluster, app, flags, world);
  const history = store && (async () => printHistory({ cluster, app, store, source, flags, world }));
  const progress = new TerminalProgress(world);
  if (history && isInThePast(flags) && await history()) return;
  await interruptible(world, progress, async signal => followPods({ cluster, source, flags, signal, world, history }));
}

/** How far back the log of an app that is asleep may be, in seconds; Loki by default looks no further back than 30 days. */
const LONG_AGO = 7 * 86_400;

function isInThePast({ since, until }: LogsFlags): boolean {
  return since !== undefined || until !== undefined;
}

/** The store of the platform; undefined where there is none, or what it has is not asked for. */
async function storeFor(cluster: Cluster, app: AppName, flags: LogsFlags, world: World): Promise<LogStore | undefined> {
  if (!flags.history || flags.follow || flags.previous) return undefined;
  const { monitoring } = await withExplanation(platformFor(flags, cluster, app.namespace, world), app.namespace);
  return logStore(monitoring, cluster);
}

interface History {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly store: LogStore;
  readonly source: Source;
  readonly flags: LogsFlags;
  readonly world: World;
}

/**
 * Prints what the platform keeps, each line with its pod, as there may be many.
 *
 * @returns false if it cannot be read, which is a reason to print what the cluster has
 */
async function printHistory({ cluster, app, store, source, flags, world }: History): Promise<boolean> {
  const { namespace } = app;
  const { all, tail, grep, until = 0, since = until + LONG_AGO } = flags;
  const pods = all ? await withExplanation(podsOfApp(cluster, app), namespace) : podsOfWorkload(source.name);
  const limit = Math.min(tail ?? (isInThePast(flags) ? MOST : TAIL), MOST);
  const [start, end] = [since, until].map(seconds => cluster.clock.now() - seconds * 1000);
  const progress = new TerminalProgress(world);
  let lines: LogLine[];
  try {
    lines = await store.read({ namespace, pods, container: source.container, start, end, pattern: grep?.source, limit });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    progress.warn(`${error.message}; what follows is of the pods that exist`);
    return false;
  }
  if (lines.length === 0) world.err(`${store.title} has no such lines of ${source.name}\n`);
  else if (lines.length === MOST) progress.warn(`these are the latest ${MOST} lines; choose fewer with --since, --until and --grep`);
  const { cyan } = paint(world.color.out);
  for (const { time, pod, text } of lines) {
    const line = text.replace(/\n$/, '');
    world.out(flags.output ? asJson(new Date(Number(time / 1_000_000n)).toISOString(), pod, line) : `${cyan(pod)} ${line}\n`);
  }
  return true;
}

function asJson(time: string, pod: string, text: string): string {
  return `${JSON.stringify({ time, pod, text })}\n`;
}

/** Whose logs are printed. */
interface Source {
  readonly name: string;
  readonly namespace?: string;
  readonly labels: { readonly [label: string]: string };

  /** The container; undefined for the main one of each pod. */
  readonly container?: string;
}

async function sourceOf(cluster: Cluster, app: AppName, { all, worker }: LogsFlags): Promise<Source> {
  if (all) return { ...app, labels: { 'app.kubernetes.io/name': app.name } };
  const { metadata: { name, namespace }, spec } = await findProcess(cluster, app, worker);
  return { name, namespace, labels: spec.selector.matchLabels ?? {}, container: spec.template.spec!.containers[0].name };
}

/** Prints the log of each step of the latest build, one after the other. */
async function printBuildLog(appName: string | undefined, flags: LogsFlags, world: World): Promise<void> {
  if (flags.worker !== undefined || flags.previous || flags.output) {
    throw new Failure('--build cannot be combined with --worker, --previous and --output');
  }
  const { cluster, app, place } = await connectToBuilds(flags, appName, world);
  const [latest] = await withExplanation(listBuilds(cluster, app, place.namespace), app.namespace);
  if (!latest) throw new Failure(`${app.name} has no builds in the cluster, in namespace ${app.namespace}`);
  await interruptible(world, new TerminalProgress(world), async signal => (
    readBuildLog(cluster, latest.reference, { follow: flags.follow, signal }, text => world.out(text))));
}

interface Follow {
  readonly cluster: Cluster;
  readonly source: Source;
  readonly flags: LogsFlags;
  readonly signal: AbortSignal;
  readonly world: World;

  /** Prints the lines of pods that are gone, where the platform keeps them. */
  readonly history?: () => Promise<boolean>;
}

/** How many lines of each pod are printed if nothing says which. */
const TAIL = 100;

async function followPods(follow: Follow): Promise<void> {
  const { cluster: { objects, clock }, source: { name, namespace, labels }, flags, signal, world, history } = follow;
  const followed = new Map<string, Promise<void>>();
  const isLimited = isInThePast(flags);
  for (let isFirst = true; ; isFirst = false) {
    const pods = await objects.list(POD, { namespace, labels });
    const isPrefixed = flags.follow || flags.all || pods.length > 1;
    for (const pod of pods) {
      const container = containerOf(pod, follow.source);
      const status = pod.status?.containerStatuses?.find(one => one.name === container);
      // A container that has been started again has a log of its own.
      const key = `${pod.metadata.uid} ${status?.restartCount ?? 0}`;
      if (followed.has(key) || !hasStarted(status)) continue;
      // All lines of what is started later.
      const range = isFirst ? { tail: flags.tail ?? (isLimited ? undefined : TAIL) } : { tail: undefined, since: undefined };
      followed.set(key, printPod({ ...follow, flags: { ...flags, ...range } }, pod, container, isPrefixed));
    }
    if (!flags.follow) {
      if (pods.length === 0 && !isLimited && await history?.()) return;
      if (followed.size === 0) world.err(`${name} ${pods.length === 0 ? 'is asleep and has no pods' : 'has not started yet'}\n`);
      await Promise.all(followed.values());
      return;
    }
    await clock.sleep(1000, signal);
  }
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

function containerOf({ metadata: { annotations }, spec }: Pod, { container }: Source): string {
  return container ?? annotations?.[DEFAULT_CONTAINER] ?? spec.containers[0].name;
}

function hasStarted(status: NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number] | undefined): boolean {
  const { state, lastState } = status ?? {};
  return Boolean(state?.running || state?.terminated || lastState?.terminated);
}

async function printPod(
  { cluster: { api, clock }, flags, signal, world }: Follow, pod: Pod, container: string, isPrefixed?: boolean,
): Promise<void> {
  const { name } = pod.metadata;
  const { follow, previous, tail: tailLines, since: sinceSeconds, until, grep, output } = flags;
  const prefix = isPrefixed ? `${colorOf(pod, world)(name)} ` : '';
  const end = until === undefined ? undefined : clock.now() - until * 1000;
  const timestamps = end === undefined && output === undefined ? undefined : true;
  const print = (line: string) => {
    // With timestamps, a line begins with one and a space.
    const [time, text] = timestamps ? [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)] : ['', line];
    const isLate = end !== undefined && Date.parse(time) > end;
    if (!isLate && (!grep || grep.test(text))) world.out(output ? asJson(time, name, text) : `${prefix}${text}\n`);
  };
  let rest = '';
  try {
    const query = { container, follow, previous, tailLines, sinceSeconds, timestamps };
    await api.stream(logPath(pod), { query, signal }, text => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(print);
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error;
    world.err(`${name}: ${error.message}\n`);
  }
  if (rest !== '') print(rest);
}

/** The color of a pod's process: the same for all pods of a process. */
function colorOf({ metadata: { labels } }: Pod, world: World): (text: string) => string {
  const { cyan, green, yellow, blue, magenta } = paint(world.color.out);
  const process = labels?.['app.kubernetes.io/component'] ?? 'web';
  const number = [...process].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return process === 'web' ? cyan : [green, yellow, blue, magenta][number % 4];
}
