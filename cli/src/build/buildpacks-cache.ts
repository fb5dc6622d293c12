/** What buildpacks keep in the registry for the next build of an app, which nothing needs once the app is gone. */
import type { AppBuild } from './list';
import type { BuildPlace } from '../config/app-plan';
import type { Operation } from '../engine/operation';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { sameObject } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName } from '../kube/types';
import { BUILD_RUN } from '../kube/types';
import { RegistryError } from '../registry/client';
import type { ImageReference } from '../registry/reference';
import { parseReference } from '../registry/reference';
import type { Answer, Registries } from '../registry/registries';

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
export async function cachesOf(cluster: Cluster, builds: readonly AppBuild[]): Promise<BuildCache[]> {
  const images = builds.filter(({ strategy }) => strategy.includes('buildpacks')).map(({ image }) => image);
  const namespaces = new Set(builds.map(({ reference }) => reference.namespace!));
  return unusedCaches(cluster, images, namespaces, builds.map(({ reference }) => reference));
}

/** The cache of an app that is gone, and so are its builds: if the registry has one where its images would be, or cannot say. */
export async function cacheLeft(
  cluster: Cluster, app: AppName, { namespace = app.namespace, repository }: BuildPlace, registries: Pick<Registries, 'find'>,
): Promise<BuildCache[]> {
  const caches = repository === undefined ? [] : await unusedCaches(cluster, [repository], new Set([namespace, app.namespace]));
  const answers = await Promise.all(caches.map(async cache => findCache(cache, registries)));
  return caches.filter((_, i) => ['found', 'unknown'].includes(answers[i].state));
}

/** The caches of the repositories of images, without those that builds in these namespaces use. */
async function unusedCaches(
  { objects }: Cluster, images: readonly string[], namespaces: ReadonlySet<string>, removed: readonly Reference[] = [],
): Promise<BuildCache[]> {
  const found = new Map<string, BuildCache>();
  for (const image of images) {
    const { registry, repository } = parseReference(image) ?? {};
    if (registry !== undefined && repository !== undefined) found.set(`${registry}/${repository}`, { registry, repository });
  }
  if (found.size === 0 || !await objects.knows(BUILD_RUN)) return [...found.values()];
  for (const namespace of namespaces) {
    const all = await unlessForbidden(async () => objects.list(BUILD_RUN, { namespace }));
    if (all === FORBIDDEN) return [];
    for (const { metadata: { name }, spec: { build: { spec } } } of all) {
      if (removed.some(reference => sameObject(reference, { ...BUILD_RUN, name, namespace }))) continue;
      const { registry, repository } = parseReference(spec?.output.image ?? '') ?? {};
      found.delete(`${registry}/${repository}`);
    }
  }
  return [...found.values()];
}

function imageOf(cache: BuildCache): ImageReference {
  return { ...cache, tag: BUILDPACKS_CACHE };
}

async function findCache(cache: BuildCache, registries: Pick<Registries, 'find'>): Promise<Answer> {
  return registries.find(imageOf(cache), async () => ({ configs: [], unreadable: [] }));
}

/** Removes caches from their registries, with the credentials of this computer. What cannot be removed is told. */
export async function removeCaches(
  { progress }: Pick<Operation, 'progress'>, caches: readonly BuildCache[], registries: Pick<Registries, 'find' | 'remove'>,
): Promise<string[]> {
  const removed: string[] = [];
  for (const cache of caches) {
    const shown = shownCache(cache);
    const stays = (why: string) => progress.warn(`${shown} stays in its registry: ${why}`);
    const answer = await findCache(cache, registries);
    if (answer.state === 'unknown') stays(answer.why);
    if (answer.state !== 'found') continue;
    try {
      await registries.remove({ ...imageOf(cache), digest: answer.digest });
      progress.done(`Removed ${shown}`);
      removed.push(shown);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      stays(error.message);
    }
  }
  return removed;
}
