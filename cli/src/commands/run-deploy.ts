import { asCanary } from '../config/as-canary';
import type { Request } from '../config/load';
import { isFields } from '../config/merge';
import { draftOf, Prepare, Target, targets } from '../config/targets';
import { deployGradually } from '../engine/gradual';
import type { Draft } from '../engine/lock';
import { Operation, withExplanation } from '../engine/operation';
import { dryRun } from '../engine/preflight';
import { deployWithTakeOver, PlanWithCanary } from '../engine/take-over';
import { Cluster, ClusterRequest, connect } from '../kube/connect';
import { Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

export interface DeployRequest extends Pick<Operation, 'timeout' | 'force' | 'createNamespace'> {
  /** Only says what would be made, changed and removed. */
  readonly dryRun?: boolean;

  /** Percent of the requests that the new version gets, one after the other; undefined where it takes over. */
  readonly canary?: readonly number[];

  readonly output?: Format;
}

export interface GradualRequest extends DeployRequest {
  /** How long each share is looked at, in seconds. */
  readonly every: number;

  /** Percent of a canary's answers that may be errors. */
  readonly maxErrors?: number;
}

/** Deploys the apps of a file, one after another. */
export async function deployFile(
  file: Request, names: readonly string[], where: ClusterRequest, request: DeployRequest, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const [weight] = request.canary ?? [];
  const { force, createNamespace, timeout } = request;
  const prepare: Prepare | undefined = weight === undefined ? undefined : async (document, app) => asCanary(document, app, cluster, weight);
  const chosen = await targets(file, cluster, names, world, prepare);
  const progress = new Lines(world);
  const { bold } = paint(world.color.err);
  const results: object[] = [];
  for (const target of chosen) {
    const { app, synthesized: { objects } } = target;
    if (!request.output) world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}${request.dryRun ? ' (dry run)' : ''}\n`);
    if (request.dryRun) {
      const changes = await withExplanation(dryRun({ cluster, app, objects, force, createNamespace }), app.namespace);
      results.push({ ...app, changes });
      for (const { change, kind, name } of changes) if (change !== 'unchanged' && !request.output) world.out(`${change} ${kind} ${name}\n`);
      continue;
    }
    const planWithCanary = withCanary(file, cluster, target, world);
    const release = await interruptible(world, progress, async signal => (
      deployWithTakeOver({ cluster, app, progress, signal, timeout, force, createNamespace }, draftOf(target, action(target)), planWithCanary)));
    results.push({ ...app, release: release.number, image: release.image, canary: release.canary, url: release.url });
    if (!request.output) printUrls(target, world);
  }
  if (request.output) world.out(formatted(results, request.output));
}

/** Deploys the apps of a file step by step: each gets one share of the requests after the other, and is watched while it has it. */
export async function deployFileGradually(
  file: Request, names: readonly string[], where: ClusterRequest, request: GradualRequest, world: World,
): Promise<void> {
  if (request.dryRun) throw new Failure('--dry-run shows one step; leave --every away');
  const cluster = connect(where, world);
  const progress = new Lines(world);
  const { bold } = paint(world.color.err);
  const { canary: weights = [], every: interval, maxErrors, timeout, force, createNamespace } = request;
  const results: object[] = [];
  for (const first of await targets(file, cluster, names, world, split(cluster, weights[0]))) {
    const { app, synthesized: { canary } } = first;
    const { image } = canary!;
    world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}, step by step\n`);
    const next = async (prepare: Prepare) => (await targets(file, cluster, [app.name], world, prepare))[0];
    const plan = async (prepare: Prepare): Promise<Draft> => {
      const target = await next(prepare);
      return draftOf(target, action(target));
    };
    const final: Prepare = async document => document.lay({ image });
    const release = await interruptible(world, progress, async signal => deployGradually(
      { cluster, app, progress, signal, timeout, force, createNamespace },
      {
        weights,
        interval,
        maxErrors,
        planCanary: async weight => plan(split(cluster, weight)),
        planFinal: async () => plan(final),
        planWithCanary: withCanary(file, cluster, first, world),
      }));
    results.push({ ...app, release: release.number, image: release.image, url: release.url });
    if (!request.output) printUrls(await next(final), world);
  }
  if (request.output) world.out(formatted(results, request.output));
}

function split(cluster: Cluster, weight: number): Prepare {
  return async (document, app) => {
    const { rollout } = document.props;
    if (isFields(rollout) && rollout.canary !== undefined) throw new Failure(`${app.name} has rollout.canary in the file; --every is for apps that have none`);
    await asCanary(document, app, cluster, weight);
  };
}

function withCanary(file: Request, cluster: Cluster, { app }: Target, world: World): PlanWithCanary {
  return async (image, canary) => {
    const [target] = await targets(file, cluster, [app.name], world, async document => {
      const { rollout } = document.props;
      document.lay({ image, rollout: { ...isFields(rollout) ? rollout : {}, canary } });
    });
    return draftOf(target, action(target));
  };
}

function action({ synthesized: { canary } }: Target): string {
  return canary ? `canary at ${canary.weight}%` : 'deploy';
}

function printUrls({ synthesized: { url, internalUrl, previewUrl } }: Target, world: World): void {
  const { cyan } = paint(world.color.err);
  world.err(url === undefined ? `In-cluster URL: ${cyan(internalUrl)}\n` : `URL: ${cyan(url)}\n`);
  if (previewUrl) world.err(`Preview URL: ${cyan(previewUrl)}\n`);
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
