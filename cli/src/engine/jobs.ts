import type { DeployOperation } from './operation';
import { waitUntilDeleted } from './prune';
import { GRACE_PERIOD } from './rollout';
import type { Diagnosis } from '../diagnose/pods';
import { DiagnosedFailure, diagnosePods, diagnoseRejection, lastLogLines, listEvents, outOfMemory } from '../diagnose/pods';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { isInvalid } from '../kube/errors';
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
  const { uid } = created.metadata;
  const { activeDeadlineSeconds: deadline, template } = created.spec;
  // Kubernetes stops it at its own deadline, and a pod then has its grace period to terminate: only after that the Job has failed.
  const grace = template?.spec?.terminationGracePeriodSeconds ?? GRACE_PERIOD;
  const seconds = deadline === undefined ? timeout : deadline + grace + CONTROLLER_DELAY;
  let problem: Diagnosis = { message: 'it is still running', permanent: false };
  let failing: Condition | undefined;
  let pods: Pod[] = [];
  const failure = async ({ reason = '', message = reason }: Condition) => {
    const diagnosis = reason === 'DeadlineExceeded' ? stopped(manifest, deadline) : await diagnoseEnd(cluster, pods, message);
    return new DiagnosedFailure(diagnosis, `${what} failed`);
  };
  const late = async () => (
    failing ? failure(failing) : new DiagnosedFailure(problem, `${what} did not complete within ${seconds} s`));

  await waitUntil(async () => {
    const live = await objects.get(reference);
    if (live?.metadata.uid !== uid) throw new DiagnosedFailure({ message: 'it was deleted', permanent: true }, `${what} failed`);
    if (holds(live, 'Complete')) return true;
    pods = await objects.list(POD, { namespace: reference.namespace, labels: { 'batch.kubernetes.io/controller-uid': uid } });
    pods.sort(byAge);
    if (holds(live, 'Failed')) throw await failure(conditionOf(live, 'Failed')!);
    // It has failed, and its pods are terminating.
    failing = holds(live, 'FailureTarget') ? conditionOf(live, 'FailureTarget') : failing;
    problem = await diagnosePods(cluster, pods) ?? (pods.length === 0 ? await diagnoseNoPods(cluster, manifest) : undefined) ?? problem;
    // A process that fails is started again as often as the Job says.
    const hasFailed = pods.some(({ status }) => status?.phase === 'Failed');
    if (problem.permanent && !failing && !hasFailed) throw new DiagnosedFailure(problem, `${what} failed to start`);
    progress.waiting(failing ? `${what} failed: waiting for its pods to terminate` : `${what} is running`);
    return false;
  }, { clock, seconds, signal, late });
  return false;
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
async function diagnoseNoPods(cluster: Cluster, { metadata: { name, namespace } }: Manifest): Promise<Diagnosis | undefined> {
  const fields = { 'involvedObject.kind': 'Job', 'involvedObject.name': name, 'reason': 'FailedCreate' };
  const last = (await listEvents(cluster, namespace, fields)).pop();
  return last && diagnoseRejection(last.message ?? '', namespace!);
}

function byAge(a: Pod, b: Pod): number {
  return a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1;
}
