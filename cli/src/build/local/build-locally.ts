import { join } from 'node:path';
import { BuildLog } from './build-log';
import type { SecretSource } from './build-secrets';
import { readBuildSecrets } from './build-secrets';
import type { Builder, BuildTask, LocalBuild } from './builder';
import type { DigestOf } from './find-builder';
import { findBuilder } from './find-builder';
import type { LocalCluster } from './local-cluster';
import { localCluster } from './local-cluster';
import { ProgramError, Programs } from './programs';
import { inTemporaryFolder } from './temporary-folder';
import type { Progress } from '../../engine/operation';
import type { Clock } from '../../kube/clock';
import type { ClusterEntry } from '../../kube/cluster-entry';
import { Failure } from '../../ui/failure';
import { firstMissing, numbered } from '../rebuilds';
import type { BeforeBuild, BuildRequest, BuiltImage } from '../request';

/** Where the image of a build on this computer may be. */
export interface LocalBuildPlace {
  /** The cluster that is to run the image; undefined where it is to be pushed, whatever the cluster is. */
  readonly cluster?: ClusterEntry;

  /** The digest of an image in its registry; undefined if the registry does not have it, or cannot be asked. */
  readonly digestOf: DigestOf;

  /** Whether all nodes of the cluster have an image. */
  hasOnNodes(image: string): Promise<boolean>;
}

/** What a build on this computer needs besides the request. */
export interface LocalBuildOptions extends LocalBuildPlace, SecretSource {
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly beforeBuild?: BeforeBuild;
}

/** An image that exists, or the one that is to be built. */
interface FoundImage {
  readonly image: string;
  readonly isBuilt: boolean;

  /** How often it has been built from the same source, or will have been. */
  readonly number: number;
}

/**
 * The image that a build on this computer has, or will have: with its tag alone if no registry has it.
 *
 * @throws Failure if there is no place for it
 */
export async function findLocally(request: BuildRequest, { cluster, digestOf, hasOnNodes }: LocalBuildPlace): Promise<FoundImage> {
  const local = cluster && localCluster(cluster);
  let digest: string | undefined;
  const missing = await firstMissing(1, async number => {
    const image = imageOf(request, local, number);
    if (local) return hasOnNodes(image);
    const found = await digestOf(image);
    digest = found ?? digest;
    return found !== undefined;
  });
  const isBuilt = missing > 1 && !request.rebuild;
  const number = isBuilt ? missing - 1 : missing;
  return { image: isBuilt && !local ? `${request.repository}@${digest}` : imageOf(request, local, number), isBuilt, number };
}

/**
 * Builds an image on this computer, with the first of docker, podman, buildah, nerdctl or pack that can. It is pushed, or loaded into a
 * cluster on this computer. What the registry, or the builder's store, already has under the hash of the source is not built again, unless
 * the request says so.
 *
 * @returns the image by its digest; by its tag where no registry has it, as nodes know no digest of what was loaded
 * @throws Failure if it cannot be built, after its whole log was shown
 */
export async function buildLocally(request: BuildRequest, options: LocalBuildOptions): Promise<BuiltImage> {
  const { digestOf, clock, signal, beforeBuild } = options;
  const { image, isBuilt, number } = await findLocally(request, options);
  if (isBuilt) return { image };
  await beforeBuild?.();
  const secrets = await readBuildSecrets(request, options);
  const log = new BuildLog(options.progress, secrets.values());
  const { timeout } = request;
  const late = timeout === undefined ? undefined : clock.timeout(timeout * 1000);
  const programs = new Programs(options.env, late ? AbortSignal.any([signal, late]) : signal);
  const cluster = options.cluster && localCluster(options.cluster);
  const task: BuildTask = { request, image, cluster, platforms: platformsOf(request, cluster) };
  const start = clock.now();
  try {
    log.begin(`looking for a program that builds ${request.app.name}`);
    const builder = await findBuilder(task, programs, digestOf);
    const build: LocalBuild = { ...task, secrets, log };
    if (cluster) {
      const missing = await firstMissing(number, async one => builder.hasStored(imageOf(request, cluster, one)));
      const isStored = missing > number && !request.rebuild;
      const local = { ...build, image: imageOf(request, cluster, isStored ? missing - 1 : missing) };
      if (!isStored) await builder.store(local);
      await loadInto(cluster, local, builder, programs);
      return { image: local.image, seconds: isStored ? undefined : secondsSince(start, clock) };
    }
    const digest = await builder.publish(build);
    return { image: `${request.repository}@${digest}`, seconds: secondsSince(start, clock) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const isLate = late?.aborted ?? false;
    if (!isLate && !(error instanceof ProgramError)) throw error;
    log.showAll();
    const why = isLate ? `it is not complete after ${timeout} s; increase build.timeout` : log.withoutSecrets((error as Error).message);
    throw new Failure(`${log.doing} failed: ${why}`);
  } finally {
    log.end();
  }
}

function imageOf({ app, repository, hash }: BuildRequest, cluster: LocalCluster | undefined, number: number): string {
  const tag = numbered(hash, number);
  // No registry is asked for it: podman calls such images so, and everything else takes it for a registry on this computer.
  if (cluster) return `localhost/${app.name}:${tag}`;
  if (repository !== undefined) return `${repository}:${tag}`;
  const hint = 'set builds: { registry: registry.example.com/acme } in platform.yaml';
  throw new Failure(`there is nowhere to push the image of ${app.name} to; ${hint}`);
}

/** A cluster on this computer runs what is for its processor. */
function platformsOf({ platforms }: BuildRequest, cluster: LocalCluster | undefined): readonly string[] {
  const own = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return cluster ? platforms.filter((platform, i) => platforms.includes(own) ? platform === own : i === 0) : platforms;
}

/** Loads an image from the store of its builder into a cluster on this computer, unless they share it. */
async function loadInto(
  { title, load }: LocalCluster, { image, log }: LocalBuild, builder: Builder, programs: Programs,
): Promise<void> {
  if (!load) return;
  await inTemporaryFolder(async folder => {
    const archive = join(folder, 'image.tar');
    const command = load(archive);
    log.begin(`loading ${image} into ${title} with ${command.program}`);
    await builder.save(image, archive);
    await programs.run(command, log.add);
  });
}

function secondsSince(start: number, clock: Clock): number {
  return Math.round((clock.now() - start) / 1000);
}
