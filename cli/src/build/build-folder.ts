import type { ClusterBuilds } from './build-run';
import type { AppFolder } from './folder';
import { planFolderBuild } from './folder';
import { buildInCluster, findInCluster } from './in-cluster';
import type { LocalBuildPlace } from './local/build-locally';
import { buildLocally, findLocally } from './local/build-locally';
import { hasOnNodes } from './local/node-images';
import { placeOf } from './place';
import type { BeforeBuild, BuildRequest, BuiltImage, SecretReference } from './request';
import { resolveBuilds } from '../../../src/internal';
import type { DeployOperation, Operation } from '../engine/operation';
import { SYSTEM_CLOCK } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { SECRET } from '../kube/types';
import { parseReference, shownImage } from '../registry/reference';
import { networkRegistries } from '../registry/registries';
import type { World } from '../ui/world';
import type { Builds } from 'cdk8s-webapp';

/** An image of an app, and the build in the cluster that it is from. */
export interface BuiltFolder extends BuiltImage {
  readonly builds?: readonly Reference[];
}

/** What a build of a folder needs. Without a cluster, it is built on this computer. */
export interface FolderOperation extends Omit<DeployOperation, 'cluster'> {
  readonly cluster?: Cluster;
}

export interface FolderOptions {
  /** Is called with a line that says what is being built, before it is. */
  readonly announce: (line: string) => void;

  /** Whether an image that is built on this computer is pushed even if the cluster is on this computer too, and would get it without. */
  readonly push?: boolean;

  /** Whether it is built even if it has been. */
  readonly rebuild?: boolean;
  readonly beforeBuild?: BeforeBuild;
}

/** The image that a build of an app's folder has, or will have: with its tag alone if it is not built yet. */
export async function findBuilt(
  operation: Operation, folder: AppFolder, world: World, { rebuild }: Pick<FolderOptions, 'rebuild'>,
): Promise<{ readonly image: string; readonly isBuilt: boolean }> {
  const { cluster } = operation;
  const place = await placeOf(cluster, folder.builds);
  const request = { ...(await planFolderBuild(operation, folder, world.cwd)).request, rebuild };
  if (place === 'local') return findLocally(request, localPlace(cluster, world, false));
  const image = await findInCluster(cluster, request, clusterBuilds(folder.builds));
  return { image: image ?? `${request.repository}:${request.hash}`, isBuilt: image !== undefined };
}

/** Builds an app's folder where the platform says, unless that has been done and is not wanted again. */
export async function buildFolder(
  operation: FolderOperation, folder: AppFolder, world: World, { announce, push = false, rebuild, beforeBuild }: FolderOptions,
): Promise<BuiltFolder> {
  const { app, progress, cluster } = operation;
  const place = await placeOf(cluster, folder.builds);
  const { request: planned, what } = await planFolderBuild(operation, folder, world.cwd);
  const request = { ...planned, rebuild };
  announce(`Building ${app.name} from ${what} ${place === 'cluster' ? 'in the cluster' : 'on this computer'}`);
  const built = place === 'cluster'
    ? await inCluster({ ...operation, cluster: cluster! }, request, folder.builds, beforeBuild)
    : await onThisComputer(operation, request, world, { push, beforeBuild });
  const shown = shownImage(built.image);
  const { seconds } = built;
  progress.done(seconds === undefined ? `Found ${shown}, which was built from the same source` : `Built ${shown} in ${seconds} s`);
  return built;
}

async function inCluster(
  operation: DeployOperation, request: BuildRequest, builds: Builds, beforeBuild?: BeforeBuild,
): Promise<BuiltFolder> {
  const { build, ...built } = await buildInCluster(operation, request, clusterBuilds(builds), beforeBuild);
  return { ...built, builds: [build] };
}

function clusterBuilds(builds: Builds): ClusterBuilds {
  return { ...resolveBuilds(builds), cache: builds.cache ?? 'registry' };
}

async function onThisComputer(
  { cluster, app, progress, signal }: FolderOperation, request: BuildRequest, world: World,
  { push = false, beforeBuild }: Pick<FolderOptions, 'push' | 'beforeBuild'>,
): Promise<BuiltImage> {
  return buildLocally(request, {
    ...localPlace(cluster, world, push),
    beforeBuild,
    progress,
    clock: cluster?.clock ?? SYSTEM_CLOCK,
    signal,
    env: world.env,
    readSecret: async reference => cluster && readSecret(cluster, app.namespace, reference),
  });
}

function localPlace(cluster: Cluster | undefined, world: World, push: boolean): LocalBuildPlace {
  const registries = world.registries ?? networkRegistries(world);
  return {
    cluster: push ? undefined : cluster?.entry,
    digestOf: async image => {
      const answer = await registries.find(parseReference(image)!, async () => ({ configs: [], unreadable: [] }));
      return answer.state === 'found' ? answer.digest : undefined;
    },
    hasOnNodes: async image => cluster !== undefined && hasOnNodes(cluster, image),
  };
}

async function readSecret({ objects }: Cluster, namespace: string, { secret: name, key }: SecretReference): Promise<string | undefined> {
  const secret = await objects.get({ ...SECRET, namespace, name });
  const value = secret?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}
