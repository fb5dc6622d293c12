import type { DeployOperation } from './operation';
import { waitUntilDeleted } from './prune';
import type { Diagnosis } from '../diagnose/pods';
import { DiagnosedFailure, diagnosePods, logLines } from '../diagnose/pods';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
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
}

/** How long a build may take that does not say it, in seconds: the default of Tekton. */
const LONGEST_BUILD = 3600;

/** How long Shipwright may take to notice that a build has ended, in seconds. */
const CONTROLLER_DELAY = 60;

/** How many lines of its log are shown while a build runs. */
const SHOWN_LINES = 8;

/**
 * Runs a build once, and waits until its image is pushed. If the cluster has the same BuildRun, it is complete, or is running: it is waited
 * for. One that failed is replaced.
 *
 * A build may wait as long as a workload for its pod to start, and has the time that it says from then on. It is never stopped.
 *
 * @see https://shipwright.io/docs/build/buildrun/
 * @throws DiagnosedFailure if it fails, after its whole log was shown
 */
export async function runBuild(operation: DeployOperation, manifest: Manifest): Promise<CompletedBuild> {
  const { cluster, progress, signal, timeout } = operation;
  const { clock, objects } = cluster;
  const reference = referenceTo<BuildRun>(manifest);
  const { build: { spec } } = (manifest as unknown as BuildRun).spec;
  const image = spec?.output.image ?? reference.name;
  const what = `the build of ${image}`;
  const { created, isNew } = await createBuildRun(operation, manifest, what);
  if (holds(created, 'Succeeded')) return completedBuild(created, image, true);

  progress.done(isNew ? `Started ${what}${sourceOf(spec)}` : `Found ${what}, which is running`);
  const limit = goSeconds(spec?.timeout) ?? LONGEST_BUILD;
  const start = clock.now();
  let ended = created;
  let hasStarted = false;
  let problem: Diagnosis = NOT_TAKEN;
  const isRunning = { message: 'it is still running', hint: 'run webapp deploy to wait for it again', permanent: false };
  const late = () => new DiagnosedFailure(hasStarted ? isRunning : problem, `${what} is not complete after ${limit + CONTROLLER_DELAY} s`);

  await waitUntil(async () => {
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
      throw new DiagnosedFailure(diagnoseEnd(live, condition, pods), `${what} failed`);
    }
    hasStarted ||= pods.some(({ status }) => status?.phase === 'Running');
    if (hasStarted) {
      progress.waiting(`building ${image}`, await lastLines(cluster, pods));
      return false;
    }
    problem = await diagnosePods(cluster, pods) ?? (condition ? pending(condition) : NOT_TAKEN);
    if (clock.now() - start > timeout * 1000) throw new DiagnosedFailure(problem, `${what} did not start within ${timeout} s`);
    progress.waiting(`waiting for ${what} to start (${problem.message})`);
    return false;
  }, { clock, seconds: limit + CONTROLLER_DELAY, signal, late });
  return completedBuild(ended, image, false);
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

async function createBuildRun({ cluster, signal, force }: DeployOperation, manifest: Manifest, what: string) {
  const { objects } = cluster;
  const reference = referenceTo<BuildRun>(manifest);
  const live = await objects.get(reference);
  const isOver = live && (live.metadata.deletionTimestamp || conditionOf(live, 'Succeeded')?.status === 'False');
  if (isOver) {
    await objects.remove(reference, live.metadata.uid);
    await waitUntilDeleted({ cluster, signal }, reference, `${what} that failed`);
  }
  return { created: await objects.apply<BuildRun>(manifest, { force }), isNew: !live || Boolean(isOver) };
}

function completedBuild({ metadata: { creationTimestamp }, status }: BuildRun, image: string, ranBefore: boolean): CompletedBuild {
  const completed = status?.completionTime ?? creationTimestamp;
  return { image, completed, ranBefore, seconds: Math.round((Date.parse(completed) - Date.parse(creationTimestamp)) / 1000) };
}

/** The pods of a BuildRun: of an earlier one with its name, there may be some that are terminating. */
async function podsOf({ objects }: Cluster, { metadata: { name, namespace, creationTimestamp } }: BuildRun): Promise<Pod[]> {
  const pods = await objects.list(POD, { namespace, labels: { 'buildrun.shipwright.io/name': name } });
  return pods.filter(({ metadata }) => !metadata.deletionTimestamp && metadata.creationTimestamp >= creationTimestamp);
}

/** Why a build failed. Where a step does not say it, the condition has but a command that prints the step's log. */
function diagnoseEnd({ status: { failureDetails } = {} }: BuildRun, { reason = '', message = reason }: Condition, pods: Pod[]): Diagnosis {
  const { message: detail, location } = failureDetails ?? {};
  const pod = pods.find(({ metadata }) => metadata.name === location?.pod);
  const exitCode = pod?.status?.containerStatuses?.find(({ name }) => name === location?.container)?.state?.terminated?.exitCode;
  const step = exitCode === undefined ? undefined : `${stepName(location?.container)} exited with code ${exitCode}`;
  return { message: detail || step || message, hint: HINTS[reason], permanent: true };
}

/** What to do about reasons of Shipwright and Tekton that have one cause. */
const HINTS: { readonly [reason: string]: string } = {
  BuildRunTimeout: 'increase buildFrom.timeout, or make the build faster',
  ClusterBuildStrategyNotFound: 'set builds.strategies in platform.yaml to one of kubectl get clusterbuildstrategies',
  PodAdmissionFailed: 'a namespace with builds has to allow their pods, which Pod Security restricted does not; see docs/build.md',
};

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

/** Seconds of a duration as Go has it, such as `1h30m`; undefined if there is none. */
function goSeconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g);
  return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * { h: 3600, m: 60, s: 1, ms: 0.001 }[unit]!, 0);
}
