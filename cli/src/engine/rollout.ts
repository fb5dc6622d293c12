import type { DeployOperation, Operation } from './operation';
import type { Diagnosis } from '../diagnose/pods';
import { DiagnosedFailure, diagnoseCreation, diagnosePods } from '../diagnose/pods';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { referenceTo, shown } from '../kube/objects';
import type { Condition, Pod, PodTemplate } from '../kube/types';
import { POD, REPLICA_SET } from '../kube/types';
import type { Workload } from '../kube/workload';
import { isRollout } from '../kube/workload';

/** How far the new version of a workload is. */
export interface RolloutStatus {
  /** `scaled-to-zero` has no pods, and wants none; `paused` waits for a step of Argo Rollouts. */
  readonly state: 'starting' | 'ready' | 'scaled-to-zero' | 'paused';

  /** How many pods of the new version are ready, and how many are wanted. */
  readonly ready: number;
  readonly wanted: number;
}

/** What the status of a Deployment and of a Rollout have in common. A Rollout writes its generation as a string. */
interface WorkloadStatus {
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number | string;
  readonly conditions?: readonly Condition[];
}

export function rolloutStatus(workload: Workload): RolloutStatus {
  const { spec } = workload;
  const wanted = spec.replicas ?? 1;
  const status: WorkloadStatus = workload.status ?? {};
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas = 0 } = status;
  const observed = isObserved(workload);
  if (observed && wanted === 0 && replicas === 0) return { state: 'scaled-to-zero', ready: 0, wanted };
  if (isRollout(workload)) {
    // While Argo Rollouts moves traffic from the old version to the new one, its counts are of both.
    const phase = observed ? workload.status?.phase : undefined;
    return { state: phase === 'Healthy' ? 'ready' : phase === 'Paused' ? 'paused' : 'starting', ready: available, wanted };
  }
  const complete = observed && wanted > 0 && updated >= wanted && replicas <= updated && available >= updated;
  return { state: complete ? 'ready' : 'starting', ready: Math.min(available, updated), wanted };
}

/** Whether the controller of a workload has looked at its latest version: before that, nothing can be said of it, and it has no pods. */
export function isObserved({ metadata: { generation = 0 }, status }: Workload): boolean {
  const { observedGeneration = 0 }: WorkloadStatus = status ?? {};
  return Number(observedGeneration) >= generation;
}

/** How far the new version of a workload is, by all that its status says and does not say. */
export async function observeRollout(cluster: Cluster, live: Workload): Promise<RolloutStatus> {
  const status = rolloutStatus(live);
  return status.state === 'paused' && !await hasItsPods(cluster, live) ? { ...status, state: 'starting' } : status;
}

/** Whether nothing more happens to a workload by itself. */
export function isAsFarAsItGets({ state }: RolloutStatus): boolean {
  return state !== 'starting';
}

/** How long a permanent problem has to last before it is believed, in milliseconds: what is missing may be on its way. */
export const PATIENCE = 5_000;

/**
 * Waits until the new version of a workload has replaced the old one, or is as far as Argo Rollouts lets it for now.
 *
 * @param wakeError where a request wakes it, so that zero pods are not enough: why the request fails
 * @throws DiagnosedFailure as soon as it is certain that it will not become ready
 */
export async function waitForRollout(
  { cluster, progress, signal, timeout, built }: DeployOperation, workload: Workload, wakeError?: () => string,
): Promise<RolloutStatus> {
  const { name } = workload.metadata;
  const { clock } = cluster;
  let status: RolloutStatus = { state: 'starting', ready: 0, wanted: 1 };
  let last: Diagnosis | undefined;
  let since = clock.now();
  const late = () => new DiagnosedFailure(
    last ?? { message: wakeError?.() ?? 'no cause found; see webapp logs', permanent: true }, `${name} is not ready after ${timeout} s`);
  await waitUntil(async () => {
    const live = await cluster.objects.get(referenceTo<Workload>(workload));
    if (!live) throw new DiagnosedFailure({ message: `${shown(workload)} was deleted`, permanent: true }, `${name} failed to start`);
    status = await observeRollout(cluster, live);
    if (isAsFarAsItGets(status) && (status.state !== 'scaled-to-zero' || !wakeError)) return true;
    const found = withoutOldImageError(await diagnoseWorkload(cluster, live), built);
    if (!found?.permanent) since = clock.now();
    last = found ?? last;
    if (found?.permanent && clock.now() - since >= PATIENCE) throw new DiagnosedFailure(found, `${name} failed to start`);
    progress.waiting(`${name}: ${status.ready}/${status.wanted} replicas ready${found ? ` (${found.message})` : ''}`);
    return false;
  }, { clock, seconds: timeout, signal, late });
  return status;
}

/** A pod that is older than the build of its image waits to pull it again, up to five minutes: its error is not the last word. */
function withoutOldImageError(found: Diagnosis | undefined, built: DeployOperation['built']): Diagnosis | undefined {
  const completed = found?.image && built?.get(found.image.name);
  if (!found?.image || completed === undefined || found.image.since >= completed) return found;
  return { ...found, message: `${found.message}; the kubelet tries again now that it is built`, permanent: false };
}

/** The grace period of pods that do not set one, in seconds. */
export const GRACE_PERIOD = 30;

/** How long a kubelet may take to report that a pod is gone after it was killed, in seconds. */
const KUBELET_DELAY = 10;

/**
 * Waits until the terminating pods of a workload are gone. Before that, requests may still reach them on connections that are open: a
 * program that does not handle SIGTERM runs until the end of its grace period.
 *
 * @returns whether they are gone; the pods of a node that is lost stay
 */
export async function waitForOldPods({ cluster, progress, signal }: Operation, workload: Workload): Promise<boolean> {
  const { name } = workload.metadata;
  const { clock } = cluster;
  const start = clock.now();
  let longest = 0;
  let gone = false;
  await waitUntil(async () => {
    const old = await oldPods(cluster, workload);
    longest = Math.max(longest, old.longest);
    gone = old.terminating === 0;
    progress.waiting(`${name}: waiting for the old pods to terminate`);
    return gone || clock.now() > start + longest;
  }, { clock, seconds: 3600, signal, late: `cannot check the old pods of ${name}` });
  if (!gone) progress.warn(`Old pods of ${name} are still terminating, and may respond to some requests`);
  return gone;
}

/** The terminating pods of a workload: how many there are, and how long they take at most, in milliseconds, unless their node is lost. */
export async function oldPods(
  { objects }: Cluster, { metadata: { namespace }, spec }: Workload,
): Promise<{ readonly terminating: number; readonly longest: number }> {
  const pods = await objects.list(POD, { namespace, labels: spec.selector.matchLabels });
  const terminating = pods.filter(({ metadata }) => metadata.deletionTimestamp);
  const grace = Math.max(
    spec.template.spec?.terminationGracePeriodSeconds ?? GRACE_PERIOD,
    ...terminating.map(({ metadata }) => metadata.deletionGracePeriodSeconds ?? 0));
  return { terminating: terminating.length, longest: (grace + KUBELET_DELAY) * 1000 };
}

/** Why the new version of a workload does not become ready; undefined if nothing is wrong so far. */
export async function diagnoseWorkload(cluster: Cluster, workload: Workload): Promise<Diagnosis | undefined> {
  if (isRollout(workload) && workload.status?.abort) {
    return { message: `Argo Rollouts aborted the update: ${workload.status.message ?? 'it was aborted by hand'}`, permanent: true };
  }
  if (!isObserved(workload)) return undefined;
  const { conditions }: WorkloadStatus = workload.status ?? {};
  return diagnoseCreation(conditions, workload.metadata.namespace!) ?? diagnosePods(cluster, await newPods(cluster, workload));
}

/** The label by which Argo Rollouts tells the pods of two versions apart. */
const ARGO_HASH = 'rollouts-pod-template-hash';

/** Whether the new version has all the pods that Argo Rollouts gives it for now. The status may still be of the old version. */
async function hasItsPods({ objects }: Cluster, workload: Workload): Promise<boolean> {
  if (!isRollout(workload)) return false;
  const { metadata: { namespace }, spec, status } = workload;
  const labels = { ...spec.selector.matchLabels, [ARGO_HASH]: status?.currentPodHash ?? 'none' };
  const [set] = await objects.list(REPLICA_SET, { namespace, labels });
  const image = (template?: PodTemplate) => template?.spec?.containers[0].image;
  if (!set || image(set.spec.template) !== image(spec.template)) return false;
  return (set.status?.readyReplicas ?? 0) >= (set.spec.replicas ?? 0);
}

const REVISION = 'deployment.kubernetes.io/revision';

/** The pods of a workload's latest version. */
async function newPods({ objects }: Cluster, workload: Workload): Promise<Pod[]> {
  const { metadata: { uid, namespace, annotations }, spec } = workload;
  const labels = spec.selector.matchLabels ?? {};
  if (isRollout(workload)) {
    return objects.list(POD, { namespace, labels: { ...labels, [ARGO_HASH]: workload.status?.currentPodHash ?? 'none' } });
  }
  const sets = await objects.list(REPLICA_SET, { namespace, labels });
  const newest = sets.find(({ metadata }) => (
    metadata.ownerReferences?.[0].uid === uid && metadata.annotations?.[REVISION] === annotations?.[REVISION]));
  const hash = newest?.metadata.labels?.['pod-template-hash'];
  return hash === undefined ? [] : objects.list(POD, { namespace, labels: { ...labels, 'pod-template-hash': hash } });
}
