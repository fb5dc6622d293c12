import type { AppBuild } from './list';
import type { Operation } from '../engine/operation';
import { count } from '../engine/operation';
import { prune } from '../engine/prune';
import { shown } from '../kube/objects';
import { RegistryError } from '../registry/client';
import { parseReference, shownImage } from '../registry/reference';
import type { Registries } from '../registry/registries';
import { Failure } from '../ui/failure';

/** What is removed of an app's builds. */
export interface PrunePlan {
  readonly builds: readonly AppBuild[];

  /** Images by digest. */
  readonly images: readonly string[];
}

/**
 * The builds that no release of the app or of its previews needs, and their images. The latest build stays too: it may be about to be
 * deployed. A build that runs is not removed.
 *
 * @param builds those of the app, the latest first
 * @param isGone whether the app will not be deployed again, so that it needs no latest build
 */
export function planPrune(builds: readonly AppBuild[], isGone = false): PrunePlan {
  const latest = isGone ? undefined : builds.find(({ state }) => state === 'complete');
  const isKept = (build: AppBuild) => build === latest || build.state === 'running' || build.releases.length + build.previews.length > 0;
  const kept = new Set(builds.filter(isKept).map(({ image }) => digestOf(image)));
  const old = builds.filter(build => !isKept(build));
  // The same source gives the same image, and it may be that of a build that is kept.
  const images = old.map(({ image }) => image).filter(image => digestOf(image) !== undefined && !kept.has(digestOf(image)));
  return { builds: old, images: [...new Set(images)] };
}

function digestOf(image: string): string | undefined {
  return parseReference(image)?.digest;
}

/**
 * Removes images from their registry, and builds from the cluster. A build whose image could not be removed stays, as nothing else knows of
 * the image; unless its registry never removes any.
 *
 * @returns what was removed
 * @throws Failure if one stays
 */
export async function pruneBuilds(
  { cluster, app, progress }: Operation, { builds, images }: PrunePlan, registries: Pick<Registries, 'remove'>,
): Promise<string[]> {
  const gone: string[] = [];
  const left = new Set<string>();
  for (const image of images) {
    const digest = digestOf(image)!;
    try {
      await registries.remove({ ...parseReference(image)!, digest });
      progress.done(`Removed ${shownImage(image)}`);
      gone.push(image);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      progress.warn(`${shownImage(image)} stays in its registry: ${error.message}`);
      if (error.reason !== 'unsupported') left.add(digest);
    }
  }
  const isLeft = ({ image }: AppBuild) => left.has(digestOf(image) ?? '');
  const { removed } = await prune(cluster, app, builds.filter(build => !isLeft(build)).map(({ reference }) => reference));
  for (const reference of removed) progress.done(`Removed ${shown(reference)}`);
  if (left.size === 0) return [...gone, ...removed.map(shown)];
  const kept = builds.filter(isLeft).map(({ reference }) => shown(reference));
  const what = `${count(left.size, 'image')} could not be removed`;
  throw new Failure(`${what}; kept ${kept.join(', ')}, so that webapp builds prune can try again`);
}
