import type { DeployOperation } from './operation';
import { waitUntilDeleted } from './prune';
import type { Diagnosis } from '../diagnose/pods';
import { DiagnosedFailure, diagnosePods, logLines } from '../diagnose/pods';
import { logPath } from '../kube/api';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { ApiError, isAlreadyExists } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { referenceTo } from '../kube/objects';
import type { BuildRun, Condition, Pod } from '../kube/types';
import { conditionOf, holds, POD } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** A build that has pushed its image. */
export interface CompletedBuild {
  readonly image: string;

  /** When it was completed, by the cluster's clock. */
  readonly completed: string;

  /** Whether it had been completed before. */
  readonly ranBefore: boolean;

  /** How long it took. */
  readonly seconds: number;

  /** The digest of the image; undefined if the strategy does not report it. */
  readonly digest?: string;
}

/** How long a build may take that does not say it, in seconds: the default of Tekton. */
const LONGEST_BUILD = 3600;

/** How long Shipwright may take to notice that a build has ended, in seconds. */
const CONTROLLER_DELAY = 60;

/** How many lines of its log are shown while a build runs. */
const SHOWN_LINES = 8;

/** The source of a build that its pod waits for. */
export interface SourceUpload {
  /** Sends the source to a container of the pod, and lets the build go on. */
  send(live: BuildRun, pod: Pod, container: string): Promise<void>;

  /** Whether another client, which started the build, still sends it: called again and again. */
  isSentByOther(live: BuildRun): boolean;
}

/** The step of a build that waits for its source, of type Local. */
const WAITING_STEP = 'step-source-local';

/**
 * Runs a build once, and waits until its image is pushed. If the cluster has the same BuildRun, it is complete, or is running: it is waited
 * for. One that failed is replaced.
 *
 * A build may wait as long as a workload for its pod to start, and has the time that it says from then on. It is never stopped once it has
 * its source.
 *
 * @param upload for a build whose source comes from this computer
 * @see https://shipwright.io/docs/build/buildrun/
 * @throws DiagnosedFailure if it fails, after its whole log was shown
 */
export async function runBuild(operation: DeployOperation, manifest: Manifest, upload?: SourceUpload): Promise<CompletedBuild> {
  const { cluster, progress, signal, timeout } = operation;
  const { clock, objects } = cluster;
  const reference = referenceTo<BuildRun>(manifest);
  const { build: { spec } } = (manifest as unknown as BuildRun).spec;
  const image = spec?.output.image ?? reference.name;
  // The images of a folder have one tag.
  const subject = upload ? operation.app.name : image;
  const what = `the build of ${subject}`;
  const { created, isNew } = await createBuildRun(operation, manifest, what, upload !== undefined);
  if (holds(created, 'Succeeded')) return completedBuild(created, image, true);

  if (!isNew) progress.done(`Found ${what}, which is running`);
  else if (!upload) progress.done(`Started ${what}${sourceOf(spec)}`);
  const limit = goSeconds(spec?.timeout) ?? LONGEST_BUILD;
  const start = clock.now();
  let ended = created;
  let hasStarted = false;
  let hasSource = false;
  let problem: Diagnosis = NOT_TAKEN;
  const isRunning = { message: 'it is still running', hint: 'run webapp deploy to wait for it again', permanent: false };
  const late = () => new DiagnosedFailure(hasStarted ? isRunning : problem, `${what} is not complete after ${limit + CONTROLLER_DELAY} s`);

  const check = async () => {
    const live = await objects.get(reference);
    if (live?.metadata.uid !== created.metadata.uid) {
      throw new DiagnosedFailure({ message: 'it was deleted', permanent: true }, `${what} failed`);
    }
    const condition = conditionOf(live, 'Succeeded');
    ended = live;
    if (condition?.status === 'True') return true;
    const pods = await podsOf(cluster, live);
    if (condition?.status === 'False') {
      progress.log(await wholeLog(cluster, pods));
      throw await failureOf(cluster, live, { condition, pods, what });
    }
    const waiting = upload && !hasSource ? pods.find(pod => statusOf(pod, WAITING_STEP)?.state?.running) : undefined;
    if (waiting && !upload!.isSentByOther(live)) {
      await upload!.send(live, waiting, WAITING_STEP);
      hasSource = true;
      return false;
    }
    hasStarted ||= pods.some(({ status }) => status?.phase === 'Running');
    if (hasStarted) {
      progress.waiting(waiting ? `waiting for another webapp deploy to upload the source of ${what}` : `building ${subject}`,
        await lastLines(cluster, pods));
      return false;
    }
    problem = await diagnosePods(cluster, pods) ?? (condition ? pending(condition) : NOT_TAKEN);
    if (clock.now() - start > timeout * 1000) throw new DiagnosedFailure(problem, `${what} did not start within ${timeout} s`);
    progress.waiting(`waiting for ${what} to start (${problem.message})`);
    return false;
  };
  try {
    await waitUntil(check, { clock, seconds: limit + CONTROLLER_DELAY, signal, late });
  } catch (error) {
    // Nobody else would send the source.
    if (upload && isNew && !hasSource) await objects.remove(reference, created.metadata.uid);
    throw error;
  }
  return completedBuild(ended, image, false);
}

/** How many lines of its log say why a build failed. */
const LAST_LINES = 20;

/**
 * Observes a build from git in the cluster.
 *
 * @returns whether it is complete, or else why it does not go on
 * @throws DiagnosedFailure with its last log lines, if it failed
 */
export async function observeBuild(
  cluster: Cluster, live: BuildRun,
): Promise<{ readonly isComplete: boolean; readonly problem?: Diagnosis }> {
  const condition = conditionOf(live, 'Succeeded');
  if (condition?.status === 'True') return { isComplete: true };
  const pods = await podsOf(cluster, live);
  if (condition?.status === 'False') {
    const { diagnosis } = await failureOf(cluster, live, { condition, pods, what: '' });
    const logs = (await wholeLog(cluster, pods)).slice(-LAST_LINES);
    throw new DiagnosedFailure({ ...diagnosis, logs }, `the build of ${live.spec.build.spec?.output.image ?? live.metadata.name} failed`);
  }
  if (pods.some(({ status }) => status?.phase === 'Running')) return { isComplete: false };
  return { isComplete: false, problem: await diagnosePods(cluster, pods) ?? (condition ? pending(condition) : NOT_TAKEN) };
}

interface EndedBuild {
  readonly condition: Condition;
  readonly pods: readonly Pod[];

  /** The build in a message. */
  readonly what: string;
}

async function failureOf(cluster: Cluster, live: BuildRun, { condition, pods, what }: EndedBuild): Promise<DiagnosedFailure> {
  // The pod says which Secret or image does not exist.
  const waitsFor = await diagnosePods(cluster, pods.filter(({ status }) => status?.phase === 'Pending'));
  return new DiagnosedFailure(waitsFor ?? diagnoseEnd(live, condition, pods), `${what} failed`);
}

const NOT_TAKEN: Diagnosis = {
  message: 'Shipwright has not looked at it',
  hint: 'check that its controller is running: kubectl get pods --namespace shipwright-build',
  permanent: false,
};

function pending({ reason = '', message = reason }: Condition): Diagnosis {
  return { message: message || 'it is pending', permanent: false };
}

function sourceOf(spec: BuildRun['spec']['build']['spec']): string {
  const { url, revision } = spec?.source?.git ?? {};
  return url === undefined ? '' : ` from ${url}${revision === undefined ? '' : ` at ${revision.slice(0, 12)}`}`;
}

/** @param isOwn whether only the one that creates it sends its source */
async function createBuildRun({ cluster, signal, force }: DeployOperation, manifest: Manifest, what: string, isOwn: boolean) {
  const { objects } = cluster;
  const reference = referenceTo<BuildRun>(manifest);
  const live = await objects.get(reference);
  const isOver = live && (live.metadata.deletionTimestamp || conditionOf(live, 'Succeeded')?.status === 'False');
  if (isOver) {
    await objects.remove(reference, live.metadata.uid);
    await waitUntilDeleted({ cluster, signal }, reference, `${what} that failed`);
  }
  if (!isOwn) return { created: await objects.apply<BuildRun>(manifest, { force }), isNew: !live || Boolean(isOver) };
  if (live && !isOver) return { created: live, isNew: false };
  try {
    return { created: await objects.create<BuildRun>(manifest), isNew: true };
  } catch (error) {
    const other = isAlreadyExists(error) ? await objects.get(reference) : undefined;
    if (!other) throw error;
    return { created: other, isNew: false };
  }
}

function completedBuild({ metadata: { creationTimestamp }, status }: BuildRun, image: string, ranBefore: boolean): CompletedBuild {
  const completed = status?.completionTime ?? creationTimestamp;
  const seconds = Math.round((Date.parse(completed) - Date.parse(creationTimestamp)) / 1000);
  return { image, completed, ranBefore, seconds, digest: status?.output?.digest };
}

/** The pods of a BuildRun: of an earlier one with its name, there may be some that are terminating. */
async function podsOf({ objects }: Cluster, { metadata: { name, namespace, creationTimestamp } }: BuildRun): Promise<Pod[]> {
  const pods = await objects.list(POD, { namespace, labels: { 'buildrun.shipwright.io/name': name } });
  return pods.filter(({ metadata }) => !metadata.deletionTimestamp && metadata.creationTimestamp >= creationTimestamp);
}

/** Why a build failed. Where a step does not say it, the condition has but a command that prints the step's log. */
function diagnoseEnd(
  { status: { failureDetails } = {} }: BuildRun, { reason = '', message = reason }: Condition, pods: readonly Pod[],
): Diagnosis {
  const { message: detail, location } = failureDetails ?? {};
  const pod = pods.find(({ metadata }) => metadata.name === location?.pod);
  const exitCode = pod && statusOf(pod, location?.container)?.state?.terminated?.exitCode;
  const step = exitCode === undefined ? undefined : `${stepName(location?.container)} exited with code ${exitCode}`;
  return { message: detail || step || message, hint: HINTS[reason], permanent: true };
}

/** What to do about reasons of Shipwright and Tekton that have one cause. */
const HINTS: { readonly [reason: string]: string } = {
  BuildRegistrationFailed: 'it names what the cluster does not have: webapp setup --with builds installs strategies, webapp registry login '
    + 'creates the Secret for pushing; or fix builds in platform.yaml',
  BuildRunTimeout: 'increase the timeout of buildFrom or build, or make the build faster',
  ClusterBuildStrategyNotFound: 'set builds.strategies in platform.yaml to one of kubectl get clusterbuildstrategies',
  PodAdmissionFailed: 'a namespace with builds has to allow their pods, which Pod Security restricted does not: '
    + 'set builds.namespace in platform.yaml to one that does; see docs/build.md',
};

function statusOf({ status }: Pod, container: string | undefined) {
  return status?.containerStatuses?.find(({ name }) => name === container);
}

function stepName(container = ''): string {
  return `step ${container.replace(/^step-/, '')}`;
}

/** The steps of a build, which are the containers of its pod and run one after the other. */
function stepsOf({ spec }: Pod): string[] {
  return spec.containers.map(({ name }) => name).filter(name => name.startsWith('step-'));
}

/** The last lines of the step that runs, or of the one before if it has not logged anything yet. */
async function lastLines(cluster: Cluster, pods: readonly Pod[]): Promise<string[]> {
  for (const pod of pods) {
    const ended = pod.status?.containerStatuses?.filter(({ state }) => state?.terminated).map(({ name }) => name) ?? [];
    const steps = stepsOf(pod);
    const current = steps.findIndex(step => !ended.includes(step));
    for (const step of current === -1 ? [] : [steps[current], ...steps.slice(0, current).slice(-1)]) {
      const lines = await logLines(cluster, pod, { container: step, tailLines: SHOWN_LINES });
      if (lines.length > 0) return lines;
    }
  }
  return [];
}

async function wholeLog(cluster: Cluster, pods: readonly Pod[]): Promise<string[]> {
  const lines: string[] = [];
  for (const pod of pods) {
    for (const step of stepsOf(pod)) lines.push(...(await logLines(cluster, pod, { container: step })));
  }
  return lines;
}

/**
 * Reads the log of a build, step by step.
 *
 * @param follow whether to wait for the end of each step
 */
export async function readBuildLog(
  cluster: Cluster, reference: Reference<BuildRun>, { follow, signal }: { readonly follow?: boolean; readonly signal: AbortSignal },
  onText: (text: string) => void,
): Promise<void> {
  for (const pod of await (follow ? startedPods(cluster, reference, signal) : podsOfBuild(cluster, reference))) {
    for (const container of stepsOf(pod)) {
      try {
        await cluster.api.stream(logPath(pod), { query: { container, follow }, signal }, onText);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error; // a step that has not started
      }
    }
  }
}

async function podsOfBuild(cluster: Cluster, reference: Reference<BuildRun>): Promise<Pod[]> {
  const live = await cluster.objects.get(reference);
  return live ? podsOf(cluster, live) : [];
}

/** The pods of a build, once their steps have started, which all do so together; or the build has ended. */
async function startedPods(cluster: Cluster, reference: Reference<BuildRun>, signal: AbortSignal): Promise<Pod[]> {
  for (;;) {
    const live = await cluster.objects.get(reference);
    const pods = live ? await podsOf(cluster, live) : [];
    const isOver = !live || (conditionOf(live, 'Succeeded')?.status ?? 'Unknown') !== 'Unknown';
    if (isOver || pods.some(({ status }) => status?.phase !== undefined && status.phase !== 'Pending')) return pods;
    await cluster.clock.sleep(1000, signal);
  }
}

/** Seconds of a duration as Go has it, such as `1h30m`; undefined if there is none. */
function goSeconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g);
  return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * { h: 3600, m: 60, s: 1, ms: 0.001 }[unit]!, 0);
}
