import type { Cluster } from './connect';
import { makingTrouble, podsTrouble, Trouble } from './diagnose';
import { NotUp } from './failure';
import { referenceTo } from './objects';
import type { Progress } from './progress';
import { until } from './until';
import type { Manifest } from '../synthesis/synthesis';

/** How far the new version of a Deployment is. */
export interface Rollout {
  /** `asleep` is one that has no pods, and wants none. */
  readonly state: 'coming' | 'up' | 'asleep';

  readonly ready: number;
  readonly wanted: number;
}

export function rolloutOf({ metadata: { generation }, spec, status = {} }: any): Rollout {
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas = 0, observedGeneration = 0 } = status;
  const ready = Math.min(available, updated);
  const seen = observedGeneration >= generation;
  if (seen && wanted === 0 && replicas === 0) return { state: 'asleep', ready: 0, wanted };
  return { state: seen && wanted > 0 && updated >= wanted && replicas <= updated && available >= updated ? 'up' : 'coming', ready, wanted };
}

/** Of how many seconds a trouble must have lasted, before it is believed: what is missing may just be on its way. */
const PATIENCE = 5;

/**
 * Waits until the new version of a Deployment is all there is.
 *
 * @param waker where something wakes it, so that one that sleeps is waited for too: why that may not succeed
 * @throws NotUp with why, as soon as it is clear that it will not come
 */
export async function comeUp(
  cluster: Cluster, deployment: Manifest, progress: Progress, seconds: number, signal: AbortSignal, waker?: () => string,
): Promise<Rollout> {
  const { name } = deployment.metadata;
  let rollout: Rollout = { state: 'coming', ready: 0, wanted: 1 };
  let trouble: Trouble | undefined;
  let since = Date.now();
  await until(async () => {
    const live = await cluster.objects.get(referenceTo(deployment));
    if (!live) throw new NotUp({ text: `somebody has removed Deployment ${name}`, final: true }, `${name} does not come up`);
    rollout = rolloutOf(live);
    if (rollout.state === 'up' || (rollout.state === 'asleep' && !waker)) return true;
    const found = await troubleOf(cluster, live);
    if (!found?.final) since = Date.now();
    trouble = found ?? trouble;
    if (found?.final && Date.now() - since >= PATIENCE * 1000) throw new NotUp(found, `${name} does not come up`);
    progress.waiting(`${name}: ${rollout.ready} of ${rollout.wanted} ${rollout.wanted === 1 ? 'is' : 'are'} ready${found ? ` (${found.text})` : ''}`);
    return false;
  }, seconds, signal, () => new NotUp(trouble ?? { text: waker?.() ?? 'why is not to be seen; see webapp logs', final: true }, `${name} is not up within ${seconds} s`));
  return rollout;
}

/** Why the new version of a Deployment, as it is in the cluster, does not come up; none if nothing is wrong as yet. */
export async function troubleOf(cluster: Cluster, live: any): Promise<Trouble | undefined> {
  return makingTrouble(live.status, live.metadata.namespace) ?? podsTrouble(cluster, await newPods(cluster, live));
}

/** The pods of a Deployment's latest version. */
async function newPods({ objects }: Cluster, { metadata: { uid, namespace, annotations }, spec }: any): Promise<any[]> {
  const selector = Object.entries(spec.selector.matchLabels).map(([label, value]) => `${label}=${value}`).join(',');
  const revision = 'deployment.kubernetes.io/revision';
  const sets = await objects.list('apps/v1', 'ReplicaSet', namespace, selector);
  const newest = sets.find(({ metadata }) => metadata.ownerReferences?.[0].uid === uid && metadata.annotations[revision] === annotations?.[revision]);
  if (!newest) return [];
  return objects.list('v1', 'Pod', namespace, `${selector},pod-template-hash=${newest.metadata.labels['pod-template-hash']}`);
}
