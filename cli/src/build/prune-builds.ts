import type { AppBuild } from './list';
import type { Operation } from '../engine/operation';
import { prune } from '../engine/prune';
import type { Reference } from '../kube/objects';
import { shown } from '../kube/objects';
import { RegistryError } from '../registry/client';
import { parseReference, shownImage } from '../registry/reference';
import type { Registries } from '../registry/registries';

/** What is removed of an app's builds. */
export interface PrunePlan {
  readonly builds: readonly Reference[];

  /** Images by digest. */
  readonly images: readonly string[];
}

/**
 * The builds that no release needs that the cluster keeps, and their images. The latest build stays too: it may be about to be deployed. A
 * build that runs is not removed.
 *
 * @param builds those of the app, the latest first
 */
export function planPrune(builds: readonly AppBuild[]): PrunePlan {
  const latest = builds.find(({ state }) => state === 'complete');
  const isKept = (build: AppBuild) => build === latest || build.state === 'running' || build.releases.length > 0;
  const kept = new Set(builds.filter(isKept).map(({ image }) => digestOf(image)));
  const old = builds.filter(build => !isKept(build));
  // The same source gives the same image, and it may be that of a build that is kept.
  const images = old.map(({ image }) => image).filter(image => digestOf(image) !== undefined && !kept.has(digestOf(image)));
  return { builds: old.map(({ reference }) => reference), images: [...new Set(images)] };
}

function digestOf(image: string): string | undefined {
  return parseReference(image)?.digest;
}

/** Removes images from their registry, and builds from the cluster. Where a registry does not let it, only the builds. */
export async function pruneBuilds(
  { cluster, app, progress }: Operation, { builds, images }: PrunePlan, registries: Pick<Registries, 'remove'>,
): Promise<void> {
  for (const image of images) {
    try {
      await registries.remove(parseReference(image)!);
      progress.done(`Removed ${shownImage(image)}`);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      progress.warn(`${shownImage(image)} stays in its registry: ${error.message}`);
    }
  }
  const { removed } = await prune(cluster, app.name, builds);
  for (const reference of removed) progress.done(`Removed ${shown(reference)}`);
}
