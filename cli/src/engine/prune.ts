import { isGenerated } from './generated';
import type { Operation } from './operation';
import type { Release } from './release-store';
import { hasReplacedOthers } from './release-store';
import { settingsReferences } from './settings';
import { APP_NAMESPACE } from '../../../src/internal';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { isConflict } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { MANAGER, OPERATOR_MANAGER, referenceTo, sameObject, shown, unique } from '../kube/objects';
import type { AppName, BuildRun, KubernetesObject, Metadata } from '../kube/types';
import { BUILD_RUN, conditionOf, groupOf, isKind, JOB, SCALED_OBJECT, HTTP_SCALED_OBJECT } from '../kube/types';
import { isWorkload } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/**
 * Kinds whose objects hold data, which a mistake in a file must not destroy: volumes, and CloudNativePG's databases. Generated values do
 * too: data may be encrypted with them.
 */
const DATA = [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' }];

/** Kinds that scale an app. An old scaler would work against a new one. */
const SCALERS = [SCALED_OBJECT, HTTP_SCALED_OBJECT];

export function holdsData(reference: Reference): boolean {
  return DATA.some(kind => isKind(reference, kind)) || isGenerated(reference);
}

export function isBuild(reference: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return isKind(reference, BUILD_RUN);
}

/** The scalers among objects that are about to be removed whose workload stays. The others wake theirs until it is removed. */
export function scalersOfOthers(references: readonly Reference[]): Reference[] {
  const going = references.filter(isWorkload);
  return references.filter(reference => (
    SCALERS.some(kind => isKind(reference, kind)) && !going.some(({ name }) => name === reference.name)));
}

/**
 * Objects of earlier releases that a new release does not have, and that may be in the cluster. BuildRuns are not among them: while there
 * is one, its image need not be built again, so they stay as long as a release that has them.
 *
 * @param earlier the releases before, the latest first; the latest deployed one has removed what those before it left
 */
export function orphans(earlier: readonly Release[], objects: readonly Manifest[]): Reference[] {
  const deployed = earlier.findIndex(hasReplacedOthers);
  const recent = deployed === -1 ? earlier : earlier.slice(0, deployed + 1);
  const wanted = objects.map(object => referenceTo(object));
  const found: Reference[] = [];
  for (const release of recent) {
    for (const reference of [...release.objects.map(object => referenceTo(object)), ...release.kept]) {
      // Generated values are none of a release's objects, and stay until the app is destroyed.
      if (isBuild(reference) || isGenerated(reference)) continue;
      if ([...wanted, ...found, ...release.shared].some(other => sameObject(other, reference))) continue;
      found.push(reference);
    }
  }
  return found;
}

/** Jobs that may still run: those of releases after the latest deployed one that neither it nor the new release has. */
export function unfinishedJobs(earlier: readonly Release[], objects: readonly Manifest[]): Reference[] {
  const deployed = earlier.findIndex(hasReplacedOthers);
  const unfinished = deployed === -1 ? earlier : earlier.slice(0, deployed);
  return orphans(unfinished, [...objects, ...earlier[deployed]?.objects ?? []]).filter(reference => isKind(reference, JOB));
}

/** The BuildRuns of releases, and those that they kept because they were running. */
export function buildsOf(releases: readonly Release[]): Reference[] {
  return unique(releases.flatMap(release => [...neededBy(release), ...release.kept]).filter(isBuild));
}

/** The objects that a release has, and the builds of its images. */
export function neededBy({ objects, builds = [] }: Release): Reference[] {
  return [...objects.map(object => referenceTo(object)), ...builds];
}

/** The objects that are the settings of releases. */
export function settingsOf(releases: readonly Release[], namespace: string): Reference[] {
  return unique(releases.flatMap(({ settings }) => settingsReferences(settings, namespace)));
}

/** The result of pruning. */
export interface Pruned {
  readonly removed: readonly Reference[];

  /** What holds data, or is a build that is running, and was kept. */
  readonly kept: readonly Reference[];
}

export interface PruneOptions {
  /** Removes what holds data too. */
  readonly data?: boolean;

  /** Removes builds that are running too. */
  readonly running?: boolean;
}

/**
 * Removes orphans, the last applied first. Skips objects that another client has created again since, or that belong to another app now.
 *
 * @param app the app that they have to belong to: what a release names, an account that may write Secrets can have written
 */
export async function prune(
  { objects }: Cluster, app: AppName, references: readonly Reference[], { data = false, running = false }: PruneOptions = {},
): Promise<Pruned> {
  const removed: Reference[] = [];
  const kept: Reference[] = [];
  for (const reference of [...references].reverse()) {
    if (!await objects.knows(reference)) continue; // the kind was uninstalled, and its objects with it
    const live = await objects.get(reference);
    if (!live || live.metadata.deletionTimestamp || !isOwned(reference, live, app)) continue;
    if ((holdsData(reference) && !data) || (isRunningBuild(reference, live) && !running)) {
      kept.push(reference);
      continue;
    }
    try {
      await objects.remove(reference, live.metadata.uid);
    } catch (error) {
      if (!isConflict(error)) throw error; // another object has the name since
    }
    removed.push(reference);
  }
  return { removed, kept };
}

/** How long an object may take to be deleted, in seconds. */
const DELETION_TIMEOUT = 60;

/**
 * Waits until an object that was deleted is gone.
 *
 * @param what the object in the message of the failure
 */
export async function waitUntilDeleted(
  { cluster: { objects, clock }, signal }: Pick<Operation, 'cluster' | 'signal'>, reference: Reference, what = shown(reference),
): Promise<void> {
  const late = `${what} still exists after ${DELETION_TIMEOUT} s`;
  await waitUntil(async () => await objects.get(reference) === undefined, { clock, seconds: DELETION_TIMEOUT, signal, late });
}

function isRunningBuild(reference: Reference, live: KubernetesObject): boolean {
  const status = isBuild(reference) ? conditionOf(live as BuildRun, 'Succeeded')?.status : 'True';
  return status !== 'True' && status !== 'False';
}

/** Whether this command or the operator applied an object, and for this app. */
function isOwned(reference: Reference, { metadata: { labels, managedFields = [] } }: KubernetesObject, app: AppName): boolean {
  const owner = labels?.['app.kubernetes.io/name'];
  return (owner === undefined || owner === app.name) && namespaceOf(reference, labels, app) === app.namespace
    && managedFields.some(({ manager }) => manager === MANAGER || manager === OPERATOR_MANAGER);
}

/** The namespace of the app that an object belongs to. Where apps of several namespaces have theirs, a label says it. */
function namespaceOf({ apiVersion, namespace }: Reference, labels: Metadata['labels'], app: AppName): string | undefined {
  // A build without the label is of an app in its own namespace; the names of other kinds have the app's namespace in them.
  return labels?.[APP_NAMESPACE] ?? (groupOf(apiVersion) === groupOf(BUILD_RUN.apiVersion) ? namespace : app.namespace);
}
