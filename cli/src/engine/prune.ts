import { Release } from './release-store';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/kubernetes-api';
import { MANAGER, Reference, referenceTo, sameObject } from '../kube/objects';
import type { Manifest } from '../render/synthesis';

/** Kinds that hold data, which a mistake in a file must not destroy. */
const DATA = ['PersistentVolumeClaim', 'Cluster'];

/** What scales an app; an old one would work against a new one. */
const SCALERS = ['ScaledObject', 'HTTPScaledObject'];

export function holdsData({ kind }: Reference): boolean {
  return DATA.includes(kind);
}

export function scales({ kind }: Reference): boolean {
  return SCALERS.includes(kind);
}

/**
 * What earlier releases may have left in the cluster and objects do not have.
 *
 * @param earlier the releases before, the latest first; what was there before the last one that came up, that one has removed
 */
export function leftovers(earlier: readonly Release[], objects: readonly Manifest[]): Reference[] {
  const good = earlier.findIndex(({ state }) => state === 'deployed');
  const lately = good === -1 ? earlier : earlier.slice(0, good + 1);
  const wanted = objects.map(referenceTo);
  const found: Reference[] = [];
  for (const { objects: made, shared, kept } of lately) {
    for (const reference of [...made.map(referenceTo), ...kept]) {
      if (![...wanted, ...found, ...shared].some(other => sameObject(other, reference))) found.push(reference);
    }
  }
  return found;
}

/** Jobs of releases that were begun after the last good one, and that neither it nor objects have: they may still run. */
export function unfinishedJobs(earlier: readonly Release[], objects: readonly Manifest[]): Reference[] {
  const good = earlier.findIndex(({ state }) => state === 'deployed');
  const unfinished = good === -1 ? earlier : earlier.slice(0, good);
  return leftovers(unfinished, [...objects, ...earlier[good]?.objects ?? []]).filter(({ kind }) => kind === 'Job');
}

/** What became of leftovers. */
export interface Pruned {
  readonly removed: readonly Reference[];

  /** What holds data and was left. */
  readonly kept: readonly Reference[];
}

/**
 * Removes objects, those first that were made last. One that somebody has made anew without this command since, or that became another app's,
 * is nobody's leftover and stays.
 *
 * @param data whether what holds data goes too
 */
export async function prune({ objects }: Cluster, app: string, references: readonly Reference[], data = false): Promise<Pruned> {
  const removed: Reference[] = [];
  const kept: Reference[] = [];
  for (const reference of [...references].reverse()) {
    if (!await objects.knows(reference.apiVersion, reference.kind)) continue; // its kind is gone, and so is it
    const live = await objects.get(reference);
    if (!live || live.metadata.deletionTimestamp || !isOurs(live, app)) continue;
    if (holdsData(reference) && !data) {
      kept.push(reference);
      continue;
    }
    try {
      await objects.remove(reference, live.metadata.uid);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error; // another of that name has come since
    }
    removed.push(reference);
  }
  return { removed, kept };
}

function isOurs({ metadata: { labels, managedFields } }: any, app: string): boolean {
  const owner = labels?.['app.kubernetes.io/name'];
  return (owner === undefined || owner === app) && (managedFields ?? []).some(({ manager }: any) => manager === MANAGER);
}
