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

/**
 * The image that a build on this computer has, or will have: with its tag alone if no registry has it.
 *
 * @throws Failure if there is no place for it
 */
export async function findLocally(
  request: BuildRequest, { cluster, digestOf, hasOnNodes }: LocalBuildPlace,
): Promise<{ readonly image: string; readonly isBuilt: boolean }> {
  const local = cluster && localCluster(cluster);
  const image = imageOf(request, local);
  if (local) return { image, isBuilt: await hasOnNodes(image) };
  const digest = await digestOf(image);
  return digest === undefined ? { image, isBuilt: false } : { image: `${request.repository}@${digest}`, isBuilt: true };
}

/**
 * Builds an image on this computer, with the first of docker, podman, buildah, nerdctl or pack that can. It is pushed, or loaded into a
 * cluster on this computer. What the registry, or the builder's store, already has under the hash of the source is not built again.
 *
 * @returns the image by its digest; by its tag where no registry has it, as nodes know no digest of what was loaded
 * @throws Failure if it cannot be built, after its whole log was shown
 */
export async function buildLocally(request: BuildRequest, options: LocalBuildOptions): Promise<BuiltImage> {
  const { digestOf, clock, signal, beforeBuild } = options;
  const { image, isBuilt } = await findLocally(request, options);
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
      const isNew = await buildForCluster(build, builder, cluster, programs);
      return { image, seconds: isNew ? secondsSince(start, clock) : undefined };
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

function imageOf({ app, repository, hash }: BuildRequest, cluster: LocalCluster | undefined): string {
  // No registry is asked for it: podman calls such images so, and everything else takes it for a registry on this computer.
  if (cluster) return `localhost/${app.name}:${hash}`;
  if (repository !== undefined) return `${repository}:${hash}`;
  const hint = 'set builds: { registry: registry.example.com/acme } in platform.yaml';
  throw new Failure(`there is nowhere to push the image of ${app.name} to; ${hint}`);
}

/** A cluster on this computer runs what is for its processor. */
function platformsOf({ platforms }: BuildRequest, cluster: LocalCluster | undefined): readonly string[] {
  const own = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return cluster ? platforms.filter((platform, i) => platforms.includes(own) ? platform === own : i === 0) : platforms;
}

/** @returns whether the image had to be built */
async function buildForCluster(
  build: LocalBuild, builder: Builder, { title, load }: LocalCluster, programs: Programs,
): Promise<boolean> {
  const { image, log } = build;
  const isStored = await builder.hasStored(image);
  if (!isStored) await builder.store(build);
  if (load) {
    await inTemporaryFolder(async folder => {
      const archive = join(folder, 'image.tar');
      const command = load(archive);
      log.begin(`loading ${image} into ${title} with ${command.program}`);
      await builder.save(image, archive);
      await programs.run(command, log.add);
    });
  }
  return !isStored;
}

function secondsSince(start: number, clock: Clock): number {
  return Math.round((clock.now() - start) / 1000);
}
