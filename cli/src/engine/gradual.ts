import type { GradualStep } from './canary-health';
import { canaryWorkload, MAX_ERRORS } from './canary-health';
import { deploy } from './deploy';
import type { Draft } from './lock';
import type { DeployOperation, Operation } from './operation';
import { withExplanation } from './operation';
import type { Release } from './release-store';
import { isDeployed, listReleases } from './release-store';
import { rollback } from './rollback';
import { waitForOldPods } from './rollout';
import type { PlanWithCanary } from './take-over';
import { deployWithTakeOver } from './take-over';
import { watchCanary } from './watch-canary';
import { shownImage } from '../registry/reference';
import { Failure } from '../ui/failure';

/** A new version, and how it gets the traffic. */
export interface GradualRollout {
  /** How much of the traffic it gets as a canary, and for how long, one after the other. */
  readonly steps: readonly GradualStep[];

  /**
   * The percentage of the canary's responses that may be errors.
   *
   * @default 5
   */
  readonly maxErrors?: number;

  /** Plans a step, in which the new version is a canary. */
  readonly planCanary: (weight: number) => Promise<Draft>;

  /** Plans the last step, in which the new version gets all traffic. */
  readonly planFinal: () => Promise<Draft>;

  readonly planWithCanary: PlanWithCanary;
}

/**
 * Deploys a new version step by step: as a canary with more and more of the traffic, which is watched in each step, and in the end with
 * all of it. If it is unhealthy, the release before is deployed again.
 */
export async function deployGradually(operation: DeployOperation, rollout: GradualRollout): Promise<Release> {
  const { progress, signal } = operation;
  const { steps, maxErrors = MAX_ERRORS, planCanary, planFinal, planWithCanary } = rollout;
  const before = (await releasesOf(operation)).find(release => isDeployed(release) && !release.canary);
  try {
    for (const step of steps) {
      const release = await deploy(operation, await planCanary(step.weight));
      // Responses of an earlier canary's pods would be counted as the new one's.
      await waitForOldPods(operation, canaryWorkload(operation.app, release));
      await watchCanary(operation, release, step, maxErrors);
    }
    return await deployWithTakeOver(operation, await planFinal(), planWithCanary);
  } catch (error) {
    if (signal.aborted) {
      const back = `webapp rollback${before ? ` ${before.number}` : ''}`;
      const message = error instanceof Failure ? error.message : 'interrupted';
      throw new Failure(`${message}\nThe canary stays as it is: run webapp deploy --canary N to continue, or ${back} to go back`);
    }
    if (!(error instanceof Failure) || !before) throw error;
    // A step that did not become ready has been rolled back already.
    if ((await releasesOf(operation)).find(isDeployed)?.number !== before.number) {
      progress.warn(`${error.message.split('\n')[0]}: rolling back to release ${before.number}`);
      await rollback(operation, before.number);
    }
    throw new Failure(`${error.message}\n${backMessage(before)}`, error.exitCode);
  }
}

/** What has become of the traffic when a canary is unhealthy, for people. */
export function backMessage({ image = '' }: Pick<Release, 'image'>): string {
  return `All traffic goes to ${shownImage(image)} again`;
}

async function releasesOf({ cluster, app }: Operation): Promise<Release[]> {
  return (await withExplanation(listReleases(cluster, app), app.namespace)).map(({ release }) => release);
}
