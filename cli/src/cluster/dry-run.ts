import type { Cluster } from './connect';
import { ApiError } from './kubernetes-api';
import { Reference, referenceTo } from './objects';
import { leftovers, holdsData } from './prune';
import { AppName, releasesOf } from './release';
import { refused } from './words';
import type { Manifest } from '../synthesis/synthesis';
import { Failure } from '../terminal/failure';

/** What a deploy would do with an object. */
export interface Change extends Reference {
  readonly change: 'create' | 'change' | 'remove' | 'unchanged' | 'run';

  /** As it is; none if it is not there. */
  readonly before?: any;

  /** As it would be; none if it would be removed. */
  readonly after?: any;
}

/** Asks the cluster what would become of objects, without making them so. */
export async function trial(cluster: Cluster, app: AppName, manifests: readonly Manifest[], force?: boolean): Promise<Change[]> {
  const { objects } = cluster;
  await objects.check(manifests);
  const changes: Change[] = [];
  for (const object of manifests) {
    const reference = referenceTo(object);
    const before = await objects.get(reference);
    // A Job cannot be changed: it is run anew.
    const after = object.kind === 'Job' ? object : await applied(cluster, object, force);
    const change = object.kind === 'Job' ? 'run' : !before ? 'create' : same(before, after) ? 'unchanged' : 'change';
    changes.push({ ...reference, change, before, after });
  }
  const earlier = (await releasesOf(cluster, app)).map(({ release }) => release);
  for (const reference of leftovers(earlier, manifests).filter(one => !holdsData(one))) {
    const before = await objects.get(reference);
    if (before) changes.push({ ...reference, change: 'remove', before });
  }
  return changes;
}

/** What would be done with which object, without the objects. */
export async function dryRun(cluster: Cluster, app: AppName, manifests: readonly Manifest[], force?: boolean): Promise<Change[]> {
  return (await trial(cluster, app, manifests, force)).map(({ before, after, ...change }) => change);
}

async function applied({ objects }: Cluster, object: Manifest, force?: boolean): Promise<any> {
  try {
    return await objects.apply(object, { dryRun: true, force });
  } catch (error) {
    throw error instanceof ApiError ? new Failure(refused(object, error)) : error;
  }
}

function same(a: any, b: any): boolean {
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b));
}

/** An object without what the cluster keeps about it. */
export function essence({ status, metadata, ...object }: any): any {
  const { managedFields, resourceVersion, generation, uid, creationTimestamp, selfLink, ...rest } = metadata;
  return { ...object, metadata: rest };
}
