import { isEntrance } from './entrances';
import type { Operation } from './operation';
import { holdsData, isBuild, prune } from './prune';
import type { Pruned } from './prune';
import { diagnoseWorkload, isObserved } from './rollout';
import type { Cluster } from '../kube/connect';
import { without } from '../kube/objects';
import type { Reference } from '../kube/objects';
import type { AppName, Conditioned } from '../kube/types';
import { conditionOf } from '../kube/types';
import { isWorkload } from '../kube/workload';
import type { Workload } from '../kube/workload';

/** How long the interceptor may hold a request by default, in milliseconds: `timeouts.readiness` in docs/cold-start.md. */
const PATIENCE = 120_000;

/** What was removed, and what has to stay for now. */
export interface Retired extends Pruned {
  /** What can be removed later: workloads that are waking, and all that their pods may need. */
  readonly waking: readonly Reference[];
}

/**
 * Removes orphans, as `prune` does, but lets a version that is waking answer first, such as a canary that ends: the interceptor holds
 * requests for it until a pod is ready, and answers them with 504 if none comes. Call it again until nothing is `waking`.
 */
export async function retire(cluster: Cluster, app: AppName, references: readonly Reference[]): Promise<Retired> {
  const isLeaving = (one: Reference) => isEntrance(one) || holdsData(one) || isBuild(one);
  const leaving = await isAnyWaking(cluster, references) ? references.filter(isLeaving) : references;
  return { ...await prune(cluster, app, leaving), waking: without(references, leaving) };
}

/** Retires orphans to the end. */
export async function retireAll({ cluster, app, progress, signal }: Operation, references: readonly Reference[]): Promise<Pruned> {
  const removed: Reference[] = [];
  const kept: Reference[] = [];
  for (let left = references; ;) {
    const { waking, ...pruned } = await retire(cluster, app, left);
    removed.push(...pruned.removed);
    kept.push(...pruned.kept);
    if (waking.length === 0) return { removed, kept };
    progress.waiting(`${waking.filter(isWorkload).map(({ name }) => name).join(', ')}: waiting until it has answered the last requests`);
    await cluster.clock.sleep(1000, signal);
    left = waking;
  }
}

async function isAnyWaking(cluster: Cluster, references: readonly Reference[]): Promise<boolean> {
  for (const reference of references.filter(isWorkload)) {
    const live = await cluster.objects.knows(reference) && await cluster.objects.get(reference as Reference<Workload>);
    if (live && isWaking(live, cluster.clock.now()) && !(await diagnoseWorkload(cluster, live))?.permanent) return true;
  }
  return false;
}

/** Whether a workload waits for its first pod, and has not done so for longer than any request. With no replicas it is available. */
function isWaking(workload: Workload, now: number): boolean {
  if (workload.metadata.deletionTimestamp || workload.spec.replicas === 0) return false;
  // Its controller has not seen yet that it is to wake.
  if (workload.status?.observedGeneration !== undefined && !isObserved(workload)) return true;
  const available = conditionOf(workload as Conditioned, 'Available');
  if (available?.status !== 'False') return false;
  return now - Date.parse(available.lastTransitionTime!) < PATIENCE;
}
