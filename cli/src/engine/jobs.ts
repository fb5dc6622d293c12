import type { DeployOperation } from './operation';
import { waitUntilDeleted } from './prune';
import { GRACE_PERIOD } from './rollout';
import type { Diagnosis } from '../diagnose/pods';
import { DiagnosedFailure, diagnosePods, diagnoseRejection, lastLogLines, listEvents, outOfMemory } from '../diagnose/pods';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { isInvalid } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { referenceTo } from '../kube/objects';
import type { Condition, Job, Pod } from '../kube/types';
import { conditionOf, holds, POD } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** A Job in a message. */
export function jobName({ metadata: { name, labels } }: Manifest): string {
  const { 'app.kubernetes.io/component': component } = labels as { readonly [label: string]: string } ?? {};
  return component === 'release' ? 'the release command' : `Job ${name}`;
}

/** How long the Job controller may take to notice that something has ended, in seconds. */
const CONTROLLER_DELAY = 30;

/**
 * Runs a Job once, and waits until it is complete. If the cluster has the same Job, it ran already, or is running: it is waited for. One
 * that failed, or is different, is replaced.
 *
 * @returns whether it had run before
 * @throws DiagnosedFailure with its last log lines, if it fails
 */
export async function runJob(operation: DeployOperation, manifest: Manifest): Promise<boolean> {
  const { cluster, progress, signal, timeout } = operation;
  const { clock, objects } = cluster;
  const reference = referenceTo<Job>(manifest);
  const created = await createJob(operation, manifest);
  if (holds(created, 'Complete')) return true;

  const what = jobName(manifest);
  const { activeDeadlineSeconds: deadline, template } = created.spec;
  // Kubernetes stops it at its own deadline, and a pod then has its grace period to terminate: only after that the Job has failed.
  const grace = template?.spec?.terminationGracePeriodSeconds ?? GRACE_PERIOD;
  const seconds = deadline === undefined ? timeout : deadline + grace + CONTROLLER_DELAY;
  let last: JobProgress = { isComplete: false, pods: [], problem: { message: 'it is still running', permanent: false } };
  const late = async () => (last.failing
    ? failureOf(cluster, manifest, last.pods, last.failing)
    : new DiagnosedFailure(last.problem!, `${what} did not complete within ${seconds} s`));

  await waitUntil(async () => {
    const live = await objects.get(reference);
    if (live?.metadata.uid !== created.metadata.uid) {
      throw new DiagnosedFailure({ message: 'it was deleted', permanent: true }, `${what} failed`);
    }
    const now = await observeJob(cluster, manifest, live);
    last = { ...now, problem: now.problem ?? last.problem, failing: now.failing ?? last.failing };
    if (!now.isComplete) progress.waiting(last.failing ? `${what} failed: waiting for its pods to terminate` : `${what} is running`);
    return now.isComplete;
  }, { clock, seconds, signal, late });
  return false;
}

/** How far a Job is that has not failed. */
export interface JobProgress {
  readonly isComplete: boolean;
  readonly pods: readonly Pod[];

  /** Why it has failed, while its pods are terminating. */
  readonly failing?: Condition;

  /** Why it does not go on. */
  readonly problem?: Diagnosis;
}

/**
 * Observes a Job in the cluster.
 *
 * @throws DiagnosedFailure with its last log lines, if it failed, or will not start
 */
export async function observeJob(cluster: Cluster, manifest: Manifest, live: Job): Promise<JobProgress> {
  if (holds(live, 'Complete')) return { isComplete: true, pods: [] };
  const { uid, namespace } = live.metadata;
  const pods = await cluster.objects.list(POD, { namespace, labels: { 'batch.kubernetes.io/controller-uid': uid } });
  pods.sort(byAge);
  if (holds(live, 'Failed')) throw await failureOf(cluster, manifest, pods, conditionOf(live, 'Failed')!);
  // It has failed, and its pods are terminating.
  const failing = holds(live, 'FailureTarget') ? conditionOf(live, 'FailureTarget') : undefined;
  const problem = await diagnosePods(cluster, pods) ?? (pods.length === 0 ? await diagnoseNoPods(cluster, manifest.metadata) : undefined);
  // A process that fails is started again as often as the Job says.
  const hasFailed = pods.some(({ status }) => status?.phase === 'Failed');
  if (problem?.permanent && !failing && !hasFailed) throw new DiagnosedFailure(problem, `${jobName(manifest)} failed to start`);
  return { isComplete: false, pods, failing, problem };
}

async function failureOf(
  cluster: Cluster, manifest: Manifest, pods: readonly Pod[], { reason = '', message = reason }: Condition,
): Promise<DiagnosedFailure> {
  const { activeDeadlineSeconds } = (manifest as unknown as Job).spec;
  const diagnosis = reason === 'DeadlineExceeded' ? stopped(manifest, activeDeadlineSeconds) : await diagnoseEnd(cluster, pods, message);
  return new DiagnosedFailure(diagnosis, `${jobName(manifest)} failed`);
}

async function createJob({ cluster, signal, force }: DeployOperation, manifest: Manifest): Promise<Job> {
  const { objects } = cluster;
  const reference = referenceTo<Job>(manifest);
  const live = await objects.get(reference);
  if (live && !live.metadata.deletionTimestamp && !holds(live, 'Failed') && !holds(live, 'FailureTarget')) {
    try {
      return await objects.apply<Job>(manifest, { force });
    } catch (error) {
      if (!isInvalid(error)) throw error; // a Job's template cannot be changed
    }
  }
  if (live) {
    await objects.remove(reference);
    await waitUntilDeleted({ cluster, signal }, reference, `the earlier Job ${reference.name}`);
  }
  return objects.apply<Job>(manifest, { force });
}

function stopped(manifest: Manifest, seconds?: number): Diagnosis {
  const hint = jobName(manifest) === 'the release command' ? 'make it faster, or increase releaseCommand.timeout' : undefined;
  return { message: `it did not complete within ${seconds} s, and was stopped`, hint, permanent: true };
}

async function diagnoseEnd(cluster: Cluster, pods: readonly Pod[], message: string): Promise<Diagnosis> {
  const last = pods[pods.length - 1];
  const ended = last?.status?.containerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (!ended) return { message, permanent: true };
  const logs = await lastLogLines(cluster, last, ended.name);
  const { reason, exitCode } = ended.state!.terminated!;
  return reason === 'OOMKilled'
    ? { ...outOfMemory(last, ended.name), logs, permanent: true }
    : { message: `it exited with code ${exitCode}`, logs, permanent: true };
}

/** Why a Job has no pods. The Job controller writes it into events alone. */
export async function diagnoseNoPods(
  cluster: Cluster, { name, namespace }: Pick<Reference, 'name' | 'namespace'>,
): Promise<Diagnosis | undefined> {
  const fields = { 'involvedObject.kind': 'Job', 'involvedObject.name': name, 'reason': 'FailedCreate' };
  const last = (await listEvents(cluster, namespace, fields)).pop();
  return last && diagnoseRejection(last.message ?? '', namespace!);
}

function byAge(a: Pod, b: Pod): number {
  return a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1;
}
