import type { Request } from '../config/load';
import { draftOf, Target, targets } from '../config/targets';
import { deploy, DeployOptions, inWords } from '../engine/deploy';
import { dryRun } from '../engine/preflight';
import type { Release } from '../engine/release-store';
import { beforeTakingOver, oldVersionGone } from '../engine/take-over';
import { ClusterRequest, connect } from '../kube/connect';
import { Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

export interface DeployRequest extends DeployOptions {
  /** Only says what would be made, changed and removed. */
  readonly dryRun?: boolean;

  /** Percent of the requests that the new version gets, one after the other; undefined where it takes over. */
  readonly canary?: readonly number[];

  readonly output?: Format;
}

/** Deploys the apps of a file, one after another. */
export async function deployFile(
  file: Request, names: readonly string[], where: ClusterRequest, request: DeployRequest, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const [weight] = request.canary ?? [];
  const chosen = await targets(file, cluster, names, world, weight === undefined ? undefined : async (document, app) => {
    await (await import('../config/as-canary')).asCanary(document, app, cluster, weight);
  });
  const progress = new Lines(world);
  const { bold, cyan } = paint(world.color.err);
  const results: object[] = [];
  for (const target of chosen) {
    const { app } = target;
    if (!request.output) world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}${request.dryRun ? ', as a trial' : ''}\n`);
    if (request.dryRun) {
      const changes = await inWords(dryRun(cluster, app, target.synthesized.objects, request), app);
      results.push({ ...app, changes });
      for (const { change, kind, name } of changes) if (change !== 'unchanged' && !request.output) world.out(`${change} ${kind} ${name}\n`);
      continue;
    }
    const between = await beforeTakingOver(file, cluster, target, world);
    const release = await interruptible(world, progress, async signal => {
      const make = async (one: Target) => deploy(cluster, app, draftOf(one, action(one)), request, progress, signal);
      if (between) {
        progress.done(`release ${(await make(between)).number} is deployed: what serves and its canary are of one version`);
        await oldVersionGone(between, cluster, progress, signal);
      }
      return make(target);
    });
    results.push({ ...app, release: release.number, image: release.image, canary: release.canary, url: release.url });
    if (request.output) continue;
    progress.done(`release ${release.number} is deployed${shares(release)}`);
    world.err(`${place(target, cyan)}\n`);
    if (target.synthesized.previewUrl) world.err(`the other version is at ${cyan(target.synthesized.previewUrl)}\n`);
  }
  if (request.output) world.out(formatted(results, request.output));
}

export function shares({ image, canary }: Release): string {
  return canary ? `: ${canary.weight} percent of the requests get ${canary.image}, the others ${image}` : '';
}

export function action({ synthesized: { canary } }: Target): string {
  return canary ? `canary at ${canary.weight} percent` : 'deploy';
}

export function place({ synthesized: { url, internalUrl } }: Target, cyan: (text: string) => string): string {
  return url === undefined ? `other pods find it at ${cyan(internalUrl)}` : `it is at ${cyan(url)}`;
}

/** Does something that Ctrl-C ends in good order. */
export async function interruptible<T>(world: World, progress: Lines, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const undo = world.onInterrupt(() => stop.abort());
  try {
    return await act(stop.signal);
  } catch (error) {
    progress.end();
    if (error instanceof Failure) throw new Failure(`${paint(world.color.err).red('✗')} ${error.message}`, error.exitCode);
    if (stop.signal.aborted) throw new Failure('interrupted');
    throw error;
  } finally {
    progress.end();
    undo();
  }
}
