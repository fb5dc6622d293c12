import { findGenerated, isGenerated } from './generated';
import { DeployLock } from './lock';
import type { Operation } from './operation';
import { withExplanation } from './operation';
import type { Pruned } from './prune';
import { buildsOf, orphans, prune, settingsOf, waitUntilDeleted } from './prune';
import { importsOf } from './read-secret-store';
import type { Release } from './release-store';
import { deleteRelease, listReleases } from './release-store';
import { warnOfRemovedRoutes } from './waking-routes';
import { listBuilds } from '../build/list';
import type { Cluster } from '../kube/connect';
import { explainError } from '../kube/explain';
import type { Reference } from '../kube/objects';
import { shown, without } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';

/** The objects that the releases of an app created, and that may be in the cluster. */
export async function objectsOf(cluster: Cluster, app: AppName): Promise<Reference[]> {
  const releases = await withExplanation(listReleases(cluster, app), app.namespace);
  const all = await everythingOf(cluster, app, releases.map(({ release }) => release));
  if (releases.length > 0 || all.some(isGenerated)) return all;
  throw new Failure(`${app.name} has no releases in namespace ${app.namespace}, so there is nothing to remove`);
}

/** Builds that failed, or whose image was never deployed, are in no release, and neither are generated values. */
async function everythingOf(cluster: Cluster, app: AppName, releases: readonly Release[]): Promise<Reference[]> {
  const found = await unlessForbidden(async () => listBuilds(cluster, app));
  const known = buildsOf(releases);
  const others = found === FORBIDDEN ? [] : found.map(({ reference }) => reference);
  const generated = await findGenerated(cluster, app);
  const imports = await importsOf(cluster, app);
  const settings = settingsOf(releases, app.namespace);
  return [...orphans(releases, []), ...imports, ...settings, ...generated, ...known, ...without(others, known)];
}

/**
 * Removes everything that the releases of an app created, and the releases.
 *
 * @param data also what holds data; otherwise that is kept, and a release that records it
 */
export async function destroy(operation: Operation, data: boolean): Promise<Pruned> {
  const { cluster, app, progress, signal } = operation;
  const lock = await withExplanation(DeployLock.acquire(operation, { action: 'destroy', objects: [], shared: [] }), app.namespace);
  try {
    const all = await everythingOf(cluster, app, lock.earlier.map(({ release }) => release));
    const pruned = await prune(cluster, app, all, { data, running: true });
    for (const reference of pruned.removed) {
      progress.waiting(`removing ${shown(reference)}`);
      await waitUntilDeleted(operation, reference);
    }
    await warnOfRemovedRoutes(operation, pruned.removed);
    if (pruned.kept.length > 0) await lock.finish('deployed', { kept: pruned.kept });
    else await lock.abandon();
    for (const { release } of lock.earlier) await deleteRelease(cluster, app, release.number);
    if (pruned.kept.length === 0) await deleteRelease(cluster, app, lock.release.number);
    return pruned;
  } catch (error) {
    const why = explainError(error, app.namespace);
    await lock.finish('failed', { why, interrupted: signal.aborted || undefined }).catch(() => undefined);
    throw error instanceof Failure ? error : new Failure(`${why}; run webapp destroy again to continue`);
  }
}
