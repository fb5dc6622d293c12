import { APP_NAMESPACE } from '../../../src/internal';
import { buildsOf, neededBy } from '../engine/prune';
import type { Release, PreviewRelease } from '../engine/release-store';
import { listPreviewReleases, listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { referenceTo, sameObject } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, BuildRun } from '../kube/types';
import { BUILD_RUN, conditionOf } from '../kube/types';

/** A build of an app in the cluster. */
export interface AppBuild {
  readonly reference: Reference<BuildRun>;
  readonly state: 'running' | 'complete' | 'failed';

  /** When it was started. */
  readonly started: string;

  /** How long it took, in seconds; undefined while it runs. */
  readonly seconds?: number;

  /** Where its source is from: `folder`, or a git repository with a revision. */
  readonly source: string;

  /** The ClusterBuildStrategy that builds it; empty for a build that only refers to another object. */
  readonly strategy: string;

  /** The image as it was pushed, with its digest if that is known. */
  readonly image: string;

  /** The numbers of the releases that the cluster keeps and that run its image. */
  readonly releases: readonly number[];

  /** The apps that are previews and run its image. */
  readonly previews: readonly string[];
}

/**
 * The builds of an app in the cluster, the latest first.
 *
 * @param namespace where the platform has its builds, if it is not the app's namespace
 */
export async function listBuilds(cluster: Cluster, app: AppName, namespace?: string): Promise<AppBuild[]> {
  const { objects } = cluster;
  if (!await objects.knows(BUILD_RUN)) return [];
  const releases = (await listReleases(cluster, app)).map(({ release }) => release);
  const previews = await listPreviewReleases(cluster, { namespace: app.namespace, of: app.name });
  const own = namespace ?? app.namespace;
  const namespaces = new Set([own, app.namespace, ...buildsOf(releases).map(build => build.namespace!)]);
  const found = await Promise.all([...namespaces].map(async one => {
    const builds = async () => objects.list(BUILD_RUN, { namespace: one, labels: { 'app.kubernetes.io/name': app.name } });
    if (one === own) return builds();
    // Who may not see builds there has not started any either.
    const others = await unlessForbidden(builds);
    return others === FORBIDDEN ? [] : others;
  }));
  return found.flat().filter(live => isOf(live, app)).map(live => describe(live, releases, previews))
    .sort((a, b) => (a.started < b.started ? 1 : -1));
}

/** Builds of another namespace's app with the same name may be in the same namespace. */
function isOf({ metadata: { labels = {}, namespace } }: BuildRun, app: AppName): boolean {
  return (labels[APP_NAMESPACE] ?? namespace) === app.namespace;
}

function describe(live: BuildRun, releases: readonly Release[], previews: readonly PreviewRelease[]): AppBuild {
  const { metadata: { name, namespace, creationTimestamp }, spec: { build: { spec } }, status } = live;
  const reference = referenceTo<BuildRun>({ ...BUILD_RUN, metadata: { name, namespace } });
  const condition = conditionOf(live, 'Succeeded')?.status;
  const { url, revision } = spec?.source?.git ?? {};
  const digest = status?.output?.digest;
  const image = spec?.output.image ?? '';
  const end = status?.completionTime;
  return {
    reference,
    state: condition === 'True' ? 'complete' : condition === 'False' ? 'failed' : 'running',
    started: creationTimestamp,
    seconds: end === undefined ? undefined : Math.round((Date.parse(end) - Date.parse(creationTimestamp)) / 1000),
    source: url === undefined ? 'folder' : `${url}${revision === undefined ? '' : ` at ${revision.slice(0, 12)}`}`,
    strategy: spec?.strategy?.name ?? '',
    image: digest === undefined ? image : `${image}@${digest}`,
    releases: releases.filter(release => isNeeded(release, reference, digest)).map(({ number }) => number),
    previews: [...new Set(previews.filter(({ release }) => isNeeded(release, reference, digest)).map(one => one.app.name))],
  };
}

/** A release has its builds only if the deploy started them: not of an image that it was given, nor where the operator deploys. */
function isNeeded(release: Release, build: Reference, digest: string | undefined): boolean {
  if (neededBy(release).some(other => sameObject(other, build))) return true;
  return digest !== undefined && JSON.stringify(release.objects).includes(`@${digest}"`);
}
