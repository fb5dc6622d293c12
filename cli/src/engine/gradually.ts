import { deploy, inWords } from './deploy';
import { AppName, cameUp, Release, releasesOf } from './release-store';
import { rollback } from './rollback';
import { beforeTakingOver, oldVersionGone } from './take-over';
import { watchCanary } from './watch';
import { action, DeployRequest, interruptible, place, shares } from '../commands/run-deploy';
import { asCanary } from '../config/as-canary';
import type { Request } from '../config/load';
import { isFields } from '../config/merge';
import { draftOf, Prepare, Target, targets } from '../config/targets';
import { Cluster, ClusterRequest, connect } from '../kube/connect';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

export interface GradualRequest extends DeployRequest {
  /** How long each share is looked at, in seconds. */
  readonly every: number;

  /**
   * Percent of a canary's answers that may be errors.
   *
   * @default 5
   */
  readonly maxErrors?: number;
}

/**
 * Deploys the new versions of a file's apps step by step: each gets one share of the requests after the other, is looked at while it has it, and takes
 * over in the end. One that is not well goes again, and what served before serves on.
 */
export async function deployGradually(
  file: Request, names: readonly string[], where: ClusterRequest, request: GradualRequest, world: World,
): Promise<void> {
  if (request.dryRun) throw new Failure('--dry-run shows one step; leave --every away');
  const cluster = connect(where, world);
  const progress = new Lines(world);
  const { bold, cyan } = paint(world.color.err);
  const results: object[] = [];
  for (const { app, synthesized: { canary } } of await targets(file, cluster, names, world, split(cluster, request.canary![0]))) {
    world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}, step by step\n`);
    const next = async (prepare: Prepare) => (await targets(file, cluster, [app.name], world, prepare))[0];
    const take = async (signal: AbortSignal) => new Steps(file, cluster, app, request, world, progress, signal).take(next, canary!.image);
    const release = await interruptible(world, progress, take);
    results.push({ ...app, release: release.number, image: release.image, url: release.url });
    if (!request.output) world.err(`${place(await next(takeOver(canary!.image)), cyan)}\n`);
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

function takeOver(image: string): Prepare {
  return async document => document.lay({ image });
}

class Steps {
  constructor(
    private readonly file: Request, private readonly cluster: Cluster, private readonly app: AppName, private readonly request: GradualRequest,
    private readonly world: World, private readonly progress: Lines, private readonly signal: AbortSignal,
  ) {}

  public async take(next: (prepare: Prepare) => Promise<Target>, image: string): Promise<Release> {
    const { canary: weights = [], every, maxErrors = 5 } = this.request;
    const before = (await this.releases()).find(release => cameUp(release) && !release.canary);
    try {
      for (const weight of weights) {
        const release = await this.deploy(await next(split(this.cluster, weight)));
        await watchCanary(this.cluster, this.app, release, every, maxErrors, this.progress, this.signal);
      }
      const last = await next(takeOver(image));
      const between = await beforeTakingOver(this.file, this.cluster, last, this.world);
      if (between) {
        await this.deploy(between);
        await oldVersionGone(between, this.cluster, this.progress, this.signal);
      }
      return await this.deploy(last);
    } catch (error) {
      if (this.signal.aborted) {
        const back = `webapp rollback${before ? ` ${before.number}` : ''}`;
        throw new Failure(`${(error as Error).message}\nthe canary stays as it is: webapp deploy --canary N goes on, and ${back} goes back`);
      }
      if (!(error instanceof Failure) || !before) throw error;
      // A step that did not come up has been taken back already.
      if ((await this.releases()).find(cameUp)?.number !== before.number) {
        this.progress.warn(`${error.message.split('\n')[0]}: going back to release ${before.number}`);
        await rollback(this.cluster, this.app, before.number, this.request, this.progress, this.signal);
      }
      throw new Failure(`${error.message}\nall requests get ${before.image} again`, error.exitCode);
    }
  }

  private async releases(): Promise<Release[]> {
    return (await inWords(releasesOf(this.cluster, this.app), this.app)).map(({ release }) => release);
  }

  private async deploy(target: Target): Promise<Release> {
    const release = await deploy(this.cluster, this.app, draftOf(target, action(target)), this.request, this.progress, this.signal);
    this.progress.done(`release ${release.number} is deployed${shares(release)}`);
    return release;
  }
}
