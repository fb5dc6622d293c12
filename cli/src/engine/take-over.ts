import { deploy } from './deploy';
import type { Draft } from './lock';
import type { DeployOperation } from './operation';
import { withExplanation } from './operation';
import type { Canary, Release } from './release-store';
import { currentRelease, visibleReleases } from './release-store';
import { waitForOldPods } from './rollout';
import { workloadIn } from '../kube/workload';
import { isSameVersion } from '../registry/reference';

/** Plans a release of the file's app with an image, and with a canary as it is. */
export type PlanWithCanary = (image: string, canary: Canary) => Promise<Draft>;

/**
 * Deploys a release in which the current canary may take over. If it does, a release before it has the new image and still the canary:
 * the canary may go only when the app's own pods run its version and the old ones are gone, or its visitors would get the old version
 * again.
 */
export async function deployWithTakeOver(operation: DeployOperation, draft: Draft, planWithCanary: PlanWithCanary): Promise<Release> {
  const { cluster, app, progress } = operation;
  const releases = await withExplanation(visibleReleases(cluster, app), app.namespace);
  const canary = currentRelease(releases ?? [])?.canary;
  const { image } = draft;
  const takesOver = !draft.canary && canary && image !== undefined && isSameVersion(canary.image, image);
  if (!takesOver) return deploy(operation, draft, releases);

  const both = await deploy(operation, await planWithCanary(image, canary), releases);
  const workload = workloadIn(both.objects, app.name);
  if (workload && await waitForOldPods(operation, workload)) progress.done(`Old pods of ${app.name} terminated`);
  return deploy(operation, draft);
}
