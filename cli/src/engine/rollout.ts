import { NotUp } from './not-up';
import type { Progress } from './progress';
import { makingTrouble, podsTrouble, Trouble } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { referenceTo, selectorOf, shown } from '../kube/objects';
import { until } from '../kube/until';
import type { Manifest } from '../render/synthesis';

/** How far the new version of a workload is. */
export interface Rollout {
  /** `asleep` is one that has no pods, and wants none; `moving` is one that Argo Rollouts takes from step to step. */
  readonly state: 'coming' | 'up' | 'asleep' | 'moving';

  readonly ready: number;
  readonly wanted: number;
}

export function rolloutOf({ kind, metadata: { generation }, spec, status = {} }: any): Rollout {
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas = 0, observedGeneration = 0, phase } = status;
  // Of old and new ones together, while Argo Rollouts moves from the one to the other.
  const ready = kind === 'Rollout' ? available : Math.min(available, updated);
  const seen = Number(observedGeneration) >= generation;
  if (seen && wanted === 0 && replicas === 0) return { state: 'asleep', ready: 0, wanted };
  if (kind === 'Rollout') return { state: !seen ? 'coming' : phase === 'Healthy' ? 'up' : phase === 'Paused' ? 'moving' : 'coming', ready, wanted };
  return { state: seen && wanted > 0 && updated >= wanted && replicas <= updated && available >= updated ? 'up' : 'coming', ready, wanted };
}

/** Of how many seconds a trouble must have lasted, before it is believed: what is missing may just be on its way. */
const PATIENCE = 5;

/**
 * Waits until the new version of a workload is all there is, or has as much as Argo Rollouts gives it for now.
 *
 * @param waker where something wakes it, so that one that sleeps is waited for too: why that may not succeed
 * @throws NotUp with why, as soon as it is clear that it will not come
 */
export async function comeUp(
  cluster: Cluster, workload: Manifest, progress: Progress, seconds: number, signal: AbortSignal, waker?: () => string,
): Promise<Rollout> {
  const { name } = workload.metadata;
  let rollout: Rollout = { state: 'coming', ready: 0, wanted: 1 };
  let trouble: Trouble | undefined;
  let since = Date.now();
  await until(async () => {
    const live = await cluster.objects.get(referenceTo(workload));
    if (!live) throw new NotUp({ message: `somebody has removed ${shown(workload)}`, final: true }, `${name} does not come up`);
    rollout = rolloutOf(live);
    if (rollout.state === 'moving' && !await hasItsPods(cluster, live)) rollout = { ...rollout, state: 'coming' };
    if (['up', 'moving'].includes(rollout.state) || (rollout.state === 'asleep' && !waker)) return true;
    const found = await troubleOf(cluster, live);
    if (!found?.final) since = Date.now();
    trouble = found ?? trouble;
    if (found?.final && Date.now() - since >= PATIENCE * 1000) throw new NotUp(found, `${name} does not come up`);
    progress.waiting(`${name}: ${rollout.ready} of ${rollout.wanted} ${rollout.wanted === 1 ? 'is' : 'are'} ready${found ? ` (${found.message})` : ''}`);
    return false;
  }, seconds, signal, () => new NotUp(trouble ?? { message: waker?.() ?? 'why is not to be seen; see webapp logs', final: true }, `${name} is not up within ${seconds} s`));
  return rollout;
}

/** Waits until the pods of a workload that are on their way out have gone, or as long as they may take: requests may still reach them. */
export async function oldPodsGone(cluster: Cluster, workload: any, progress: Progress, signal: AbortSignal): Promise<void> {
  const { metadata: { name, namespace }, spec } = workload;
  const grace = spec.template.spec.terminationGracePeriodSeconds;
  const end = Date.now() + grace * 1000;
  await until(async () => {
    const pods = await cluster.objects.list('v1', 'Pod', namespace, selectorOf(spec.selector.matchLabels));
    progress.waiting(`${name}: the pods of the version before are ending`);
    return Date.now() > end || pods.every(({ metadata }) => !metadata.deletionTimestamp);
  }, grace + 60, signal, `${name}: its old pods could not be looked at`);
}

/** Why the new version of a workload, as it is in the cluster, does not come up; none if nothing is wrong as yet. */
export async function troubleOf(cluster: Cluster, live: any): Promise<Trouble | undefined> {
  const { abort, message } = live.status ?? {};
  if (abort) return { message: `Argo Rollouts has gone back to the version before: ${message ?? 'somebody aborted it'}`, final: true };
  return makingTrouble(live.status, live.metadata.namespace) ?? podsTrouble(cluster, await newPods(cluster, live));
}

/** Whether the new version has all the pods that Argo Rollouts gives it for now. What its status says may still be of the version before. */
async function hasItsPods({ objects }: Cluster, { metadata: { namespace }, spec, status }: any): Promise<boolean> {
  const [set] = await objects.list('apps/v1', 'ReplicaSet', namespace, `${selectorOf(spec.selector.matchLabels)},${ARGO_HASH}=${status.currentPodHash}`);
  const image = (template: any) => template.spec.containers[0].image;
  return set !== undefined && image(set.spec.template) === image(spec.template) && (set.status.readyReplicas ?? 0) >= set.spec.replicas;
}

/** The label by which Argo Rollouts tells the pods of versions apart. */
const ARGO_HASH = 'rollouts-pod-template-hash';

/** The pods of a workload's latest version. */
async function newPods({ objects }: Cluster, { kind, metadata: { uid, namespace, annotations }, spec, status }: any): Promise<any[]> {
  const selector = selectorOf(spec.selector.matchLabels);
  if (kind === 'Rollout') return objects.list('v1', 'Pod', namespace, `${selector},${ARGO_HASH}=${status?.currentPodHash ?? 'none'}`);
  const revision = 'deployment.kubernetes.io/revision';
  const sets = await objects.list('apps/v1', 'ReplicaSet', namespace, selector);
  const newest = sets.find(({ metadata }) => metadata.ownerReferences?.[0].uid === uid && metadata.annotations[revision] === annotations?.[revision]);
  if (!newest) return [];
  return objects.list('v1', 'Pod', namespace, `${selector},pod-template-hash=${newest.metadata.labels['pod-template-hash']}`);
}
