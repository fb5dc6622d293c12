/** What buildpacks keep in the registry for the next build of an app, which nothing needs once the app is gone. */
import type { AppBuild } from './list';
import type { Operation } from '../engine/operation';
import type { Cluster } from '../kube/connect';
import { sameObject } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import { BUILD_RUN } from '../kube/types';
import { RegistryError } from '../registry/client';
import type { ImageReference } from '../registry/reference';
import { parseReference } from '../registry/reference';
import type { Registries } from '../registry/registries';

/** The tag of the cache, beside the images of an app. */
export const BUILDPACKS_CACHE = 'buildpacks-cache';

/** The cache of one repository. */
export type BuildCache = Pick<ImageReference, 'registry' | 'repository'>;

/** A cache as a reference to an image. */
export function shownCache({ registry, repository }: BuildCache): string {
  return `${registry}/${repository}:${BUILDPACKS_CACHE}`;
}

/**
 * The caches that builds with buildpacks may have, and that no other build in their namespaces uses: apps of several namespaces may push to
 * one repository.
 *
 * @param builds all those of an app, which are removed
 */
export async function cachesOf({ objects }: Cluster, builds: readonly AppBuild[]): Promise<BuildCache[]> {
  const found = new Map<string, BuildCache>();
  for (const { image } of builds.filter(({ strategy }) => strategy.includes('buildpacks'))) {
    const { registry, repository } = parseReference(image) ?? {};
    if (registry !== undefined && repository !== undefined) found.set(`${registry}/${repository}`, { registry, repository });
  }
  if (found.size === 0) return [];
  for (const namespace of new Set(builds.map(({ reference }) => reference.namespace))) {
    const all = await unlessForbidden(async () => objects.list(BUILD_RUN, { namespace }));
    if (all === FORBIDDEN) return [];
    for (const { metadata: { name }, spec: { build: { spec } } } of all) {
      if (builds.some(({ reference }) => sameObject(reference, { ...BUILD_RUN, name, namespace }))) continue;
      const { registry, repository } = parseReference(spec?.output.image ?? '') ?? {};
      found.delete(`${registry}/${repository}`);
    }
  }
  return [...found.values()];
}

/** Removes caches from their registries, with the credentials of this computer. What cannot be removed is told. */
export async function removeCaches(
  { progress }: Pick<Operation, 'progress'>, caches: readonly BuildCache[], registries: Pick<Registries, 'find' | 'remove'>,
): Promise<string[]> {
  const removed: string[] = [];
  for (const cache of caches) {
    const shown = shownCache(cache);
    const stays = (why: string) => progress.warn(`${shown} stays in its registry: ${why}`);
    const image = { ...cache, tag: BUILDPACKS_CACHE };
    const answer = await registries.find(image, async () => ({ configs: [], unreadable: [] }));
    if (answer.state === 'unknown') stays(answer.why);
    if (answer.state !== 'found') continue;
    try {
      await registries.remove({ ...image, digest: answer.digest });
      progress.done(`Removed ${shown}`);
      removed.push(shown);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      stays(error.message);
    }
  }
  return removed;
}
