import { withAdditions } from './additions';
import { runBuild } from './builds';
import { canaryWorkload } from './canary-health';
import { newDatabases, usesDatabases, waitForDatabases } from './databases';
import { isEntrance } from './entrances';
import { createMissing, generatedReference, otherLengths } from './generated';
import { jobName, runJob } from './jobs';
import type { Draft } from './lock';
import { DeployInProgress, DeployLock } from './lock';
import { ensureNamespace } from './namespace';
import { waitUntilReady } from './observe';
import type { DeployOperation, Operation } from './operation';
import { count, withExplanation } from './operation';
import { preflight } from './preflight';
import {
  buildsOf, holdsData, neededBy, orphans, prune, scalersOfOthers, settingsOf, unfinishedJobs, waitUntilDeleted,
} from './prune';
import type { Maintenance, Release, StoredRelease } from './release-store';
import { currentRelease, currentSettings, deleteRelease, oldReleases, visibleReleases } from './release-store';
import { retireAll } from './retire';
import { waitForRollout } from './rollout';
import { checkSecretStore, pushSecrets } from './secret-store';
import type { Settings } from './settings';
import { processesIn, setByFile } from './settings';
import { warnOfMissingRoute, warnOfRemovedRoutes, withoutMissingRoutes } from './waking-routes';
import type { GeneratedLengths } from '../../../src/internal';
import { DiagnosedFailure } from '../diagnose/pods';
import { ApiError, isConflict } from '../kube/errors';
import { explainError, explainRejection } from '../kube/explain';
import type { Reference } from '../kube/objects';
import { referenceTo, shown, without } from '../kube/objects';
import { BUILD_RUN, isKind, JOB, PUSH_SECRET, runsOnce } from '../kube/types';
import { shownBeside } from '../registry/reference';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** What is to be deployed. Its objects are those of the file: the settings are added here. */
export interface Planned extends Draft {
  /** The settings; by default, those of the current release. */
  readonly settings?: Settings;

  /** New settings as objects, which are no part of the release: they have secret values. */
  readonly created?: readonly Manifest[];
}

/**
 * Deploys an app, and waits until it is ready. The command and the operator share it.
 *
 * 1. Checks all objects with a dry run. If the cluster rejects any, nothing is changed but the namespace, if it was created.
 * 2. Creates the values that are to be generated and do not exist, and stores the release as pending, with all its objects, so that the
 *    next deploy knows about them whatever happens.
 * 3. Applies the objects in order. A build and a Job run once, and must complete before the next object follows. Before a canary gets
 *    traffic, its pods must be ready, or there must be none for now.
 * 4. Waits for the new version of each workload, wakes it if it is scaled to zero, and probes it.
 * 5. Removes what earlier releases had and this one does not, and stores the release as deployed.
 *
 * If it fails, it applies the current release again, and removes what only the failed one has.
 *
 * @param releases those of the app, if they have been read already
 * @throws Failure with the reason
 */
export async function deploy(operation: DeployOperation, planned: Planned, releases?: readonly StoredRelease[]): Promise<Release> {
  const { cluster, app, progress, signal, createNamespace, force, later } = operation;
  const { namespace } = app;
  const { created = [], ...release } = planned;
  if (createNamespace) await withExplanation(ensureNamespace(operation, namespace), namespace);
  progress.waiting('checking all objects with a dry run');
  const known = releases ?? await withExplanation(visibleReleases(cluster, app), namespace, 'nothing was changed');
  const current = currentRelease(known ?? []);
  const before = currentSettings(known ?? []);
  const settings = release.settings ?? before;
  const maintenance = planned.maintenance === undefined ? current?.maintenance : planned.maintenance ?? undefined;
  const secretStore = planned.secretStore === undefined ? current?.secretStore : planned.secretStore ?? undefined;
  const { generated = {} } = release;
  const complete = async () => withAdditions(cluster, app, release.objects, { maintenance, settings, secretStore, before });
  const objects = await withExplanation(complete(), namespace, 'nothing was changed');
  const warn = (text: string) => progress.warn(text);
  const plan = { cluster, app, objects: [...created, ...objects], releases: known, force, generated, later, warn };
  await withExplanation(preflight(plan), namespace, 'nothing was changed');
  await withExplanation(checkSecretStore(operation, objects, current), namespace, 'nothing was changed');
  warnOfSettings(operation, release.objects, settings);
  const hasNew = await withExplanation(createValues(operation, generated), namespace);
  // What pods use has changed with new values, and so has the hash of that.
  const final = hasNew ? await withExplanation(complete(), namespace) : objects;
  const draft = { ...release, maintenance, settings, secretStore, objects: final };
  const lock = await acquire(operation, draft, known);
  try {
    for (const object of created) await cluster.objects.create(object);
    await roll({ ...operation, signal: AbortSignal.any([signal, lock.signal]) }, lock);
    await finish(operation, lock);
    if (maintenance && planned.maintenance === undefined) warnOfMaintenance(operation, maintenance);
    progress.done(`Deployed release ${lock.release.number}${describe(lock.release)}`);
    return lock.release;
  } catch (error) {
    if (lock.signal.aborted) {
      await lock.abandon();
      throw lock.signal.reason;
    }
    throw await recover(operation, lock, error);
  }
}

/**
 * Creates the values of an app that do not exist yet: before its first Job, and for any other deploy that runs at the same time.
 *
 * @returns whether there were some
 */
async function createValues({ cluster, app, progress }: Operation, lengths: GeneratedLengths): Promise<boolean> {
  const { before, created } = await createMissing(cluster, app, lengths);
  if (created.length > 0) progress.done(`Generated ${created.join(', ')} in Secret ${generatedReference(app).name}`);
  for (const text of otherLengths(before ?? {}, lengths)) progress.warn(text);
  return created.length > 0;
}

/** As it stays on through deploys, it is easily forgotten. */
function warnOfMaintenance({ app, progress }: Operation, { since, by }: Maintenance): void {
  progress.warn(`${app.name} is in maintenance since ${since}, by ${by}: all requests get a page until webapp maintenance off ${app.name}`);
}

/** What `config set` had no effect on, as the file sets the same. */
function warnOfSettings({ progress }: Operation, objects: readonly Manifest[], settings: Settings): void {
  for (const store of ['config', 'secrets'] as const) {
    const names = settings[store]?.keys.filter(name => setByFile(objects, name).length === processesIn(objects).length) ?? [];
    if (names.length === 0) continue;
    const hint = `run webapp ${store} unset ${names.join(' ')}`;
    progress.warn(`${names.join(', ')} of webapp ${store} has no effect, as the file sets it; ${hint}`);
  }
}

/** @throws DeployInProgress, which callers may wait for */
async function acquire(operation: Operation, draft: Draft, releases?: readonly StoredRelease[]): Promise<DeployLock> {
  try {
    return await DeployLock.acquire(operation, draft, releases);
  } catch (error) {
    if (error instanceof DeployInProgress) throw error;
    return withExplanation(Promise.reject(error), operation.app.namespace);
  }
}

function describe({ action, image = '', canary }: Release): string {
  if (canary) {
    const [next, rest] = [shownBeside(image, canary.image), shownBeside(canary.image, image)];
    return ` (${canary.weight}% of the traffic goes to ${next}, the rest to ${rest})`;
  }
  return action === 'deploy' ? '' : ` (${action})`;
}

/** Applies a release, and waits until it is ready. */
async function roll(operation: DeployOperation, { release, earlier }: DeployLock): Promise<void> {
  const { objects } = release;
  const { cluster, app, progress, signal, force, later = [] } = operation;
  const releases = earlier.map(one => one.release);
  await stopUnfinishedJobs(operation, releases, objects);
  const built = new Map<string, string>();
  const canary = release.canary?.weight ? canaryWorkload(app, release) : undefined;
  const entrance = objects.findIndex(isEntrance);
  const firstUser = objects.findIndex(usesDatabases);
  for (const [i, object] of objects.entries()) {
    signal.throwIfAborted();
    if (i === firstUser) await waitForDatabases(operation, newDatabases(objects.slice(0, i), currentRelease(earlier)));
    if (canary && i === entrance) await waitForRollout({ ...operation, built }, canary);
    progress.waiting(`applying ${shown(object)} (${i + 1}/${objects.length})`);
    if (isKind(object, JOB)) {
      const ranBefore = await runJob(operation, object);
      progress.done(ranBefore ? `Skipped ${jobName(object)}, which already ran for this version` : `Ran ${jobName(object)}`);
    } else if (isKind(object, BUILD_RUN)) {
      const { image, completed, ranBefore, seconds } = await runBuild(operation, object);
      progress.done(ranBefore ? `Skipped the build of ${image}, which is complete` : `Built ${image} in ${seconds} s`);
      built.set(image, completed);
    } else if (isKind(object, PUSH_SECRET)) {
      await pushSecrets(operation, object, { current: currentRelease(earlier), apply: async () => apply(operation, object, force) });
    } else {
      const { object: complete, missing } = await withoutMissingRoutes(cluster, object, objects);
      for (const route of without(missing, later)) warnOfMissingRoute(operation, object, route);
      await apply(operation, complete, force);
    }
  }
  progress.done(`Applied ${count(objects.length, 'object')}`);

  // A scaler that was removed from the file must stop scaling now, and the number of pods that it left is not the one in the file.
  const { removed } = await prune(cluster, app, scalersOfOthers(orphans(releases, objects)));
  for (const scaler of removed) {
    progress.waiting(`waiting until ${shown(scaler)} has stopped scaling`);
    await waitUntilDeleted(operation, scaler);
  }
  if (removed.length > 0) for (const object of objects) if (hasReplicas(object)) await apply(operation, object, true);

  await waitUntilReady({ ...operation, built }, objects, releases);
}

/** Removes what the file does not have any more, and stores the release as deployed. */
async function finish(operation: Operation, lock: DeployLock): Promise<void> {
  const { progress } = operation;
  const { objects, kept: keptBefore } = lock.release;
  const { removed, kept } = await retireAll(operation, orphans(lock.earlier.map(({ release }) => release), objects));
  if (removed.length > 0) progress.done(`Removed ${removed.map(shown).join(', ')}`);
  await warnOfRemovedRoutes(operation, removed);
  for (const reference of kept) progress.warn(`Kept ${shown(reference)}, which is not in the file any more but holds data`);
  const known = [...objects.map(object => referenceTo(object)), ...kept];
  const keptData = [...kept, ...without(keptBefore.filter(holdsData), known)];
  await lock.finish('deployed', { kept: [...keptData, ...await pruneBuilds(operation, lock)] });
  await deleteOldReleases(operation, lock);
}

/**
 * Removes the builds that only releases have that are about to be deleted.
 *
 * @returns those that are still running, and are removed later
 */
async function pruneBuilds({ cluster, app }: Operation, { releases }: DeployLock): Promise<readonly Reference[]> {
  const old = oldReleases(releases);
  const staying = releases.map(({ release }) => release).filter(release => !old.includes(release));
  const needed = staying.flatMap(neededBy);
  const unneeded = without(buildsOf([...old, ...staying]), needed);
  return (await prune(cluster, app, unneeded)).kept;
}

/** Deletes releases beyond those that are kept, and the settings that only they have. */
export async function deleteOldReleases({ cluster, app }: Operation, { releases }: DeployLock): Promise<void> {
  const old = oldReleases(releases);
  const staying = releases.map(({ release }) => release).filter(release => !old.includes(release));
  const [gone, needed] = [old, staying].map(some => settingsOf(some, app.namespace));
  await prune(cluster, app, without(gone, needed));
  for (const { number } of old) await deleteRelease(cluster, app, number);
}

/** Stores that a release failed, and applies the current one again. The result says both. */
async function recover(operation: Operation, lock: DeployLock, error: unknown): Promise<Failure> {
  const { app, progress, signal } = operation;
  const interrupted = signal.aborted;
  const { number } = lock.release;
  const current = currentRelease(lock.earlier);
  const message = interrupted ? 'interrupted' : explainError(error, app.namespace);
  const lines = [message];
  try {
    if (interrupted) {
      const back = current ? `, or webapp rollback to return to release ${current.number}` : '';
      lines.push(`Release ${number} is incomplete: run webapp deploy to continue${back}`);
    } else if (current) {
      progress.waiting(`restoring release ${current.number}`);
      await restore(operation, current, lock.release);
      lines.push(`Release ${current.number} is still serving traffic`);
    } else {
      lines.push('No release is serving traffic: fix the problem and deploy again, or run webapp destroy');
    }
    const why = error instanceof DiagnosedFailure && !interrupted ? error.diagnosis.message : message.split('\n')[0];
    const kept = [...lock.release.kept.filter(holdsData), ...await pruneBuilds(operation, lock)];
    await lock.finish('failed', { why, interrupted: interrupted || undefined, kept });
    await deleteOldReleases(operation, lock);
  } catch (again) {
    await lock.abandon();
    lines.push(`Recovery failed: ${explainError(again, app.namespace)}`, 'Run webapp deploy again: it continues from here');
  }
  return new Failure(lines.join('\n'));
}

/**
 * Applies a release again, and removes what only a later one has. Its builds and Jobs have run. Fields that other managers set since stay
 * theirs.
 */
async function restore({ cluster, app }: Operation, current: Release, failed: Release): Promise<void> {
  for (const object of current.objects) {
    if (runsOnce(object)) continue;
    try {
      await cluster.objects.apply((await withoutMissingRoutes(cluster, object, current.objects)).object);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  await prune(cluster, app, orphans([failed], current.objects));
}

async function stopUnfinishedJobs(operation: Operation, earlier: readonly Release[], objects: readonly Manifest[]): Promise<void> {
  const { cluster, app, progress } = operation;
  for (const job of (await prune(cluster, app, unfinishedJobs(earlier, objects))).removed) {
    progress.waiting(`stopping ${shown(job)} of an unfinished release`);
    await waitUntilDeleted(operation, job, `${shown(job)} of an unfinished release`);
  }
}

async function apply({ cluster }: Operation, object: Manifest, force?: boolean): Promise<void> {
  try {
    await cluster.objects.apply(object, { force });
  } catch (error) {
    throw error instanceof ApiError ? new Failure(explainRejection(object, error)) : error;
  }
}

function hasReplicas({ spec }: Manifest): boolean {
  return (spec as { readonly replicas?: number } | undefined)?.replicas !== undefined;
}
