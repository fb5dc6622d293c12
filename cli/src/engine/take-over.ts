import { inWords } from './deploy';
import { lastGood, releasesOf } from './release-store';
import { oldPodsGone } from './rollout';
import type { Request } from '../config/load';
import { isFields } from '../config/merge';
import { draftOf, Target, targets } from '../config/targets';
import type { Cluster } from '../kube/connect';
import { allowed, FORBIDDEN } from '../kube/permissions';
import { isWorkload } from '../kube/workload';
import type { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

/**
 * What is to be deployed before a canary takes over for good: the app with its image already, and the canary as it was. Only when that is up the
 * canary may go: otherwise its visitors would meet the old version again, whose pods are there until the new ones are.
 *
 * @returns none where no canary is about to take over
 */
export async function beforeTakingOver(file: Request, cluster: Cluster, target: Target, world: World): Promise<Target | undefined> {
  const { app, synthesized } = target;
  const { image } = draftOf(target, '');
  // Who may not see releases is told so with all else that is not allowed.
  const stored = await inWords(allowed(async () => releasesOf(cluster, app)), app);
  const canary = stored === FORBIDDEN ? undefined : lastGood(stored)?.canary;
  if (synthesized.canary || !canary || canary.image !== image) return undefined;
  const [between] = await targets(file, cluster, [app.name], world, async document => {
    const { rollout } = document.props;
    document.lay({ image, rollout: { ...isFields(rollout) ? rollout : {}, canary } });
  });
  return between;
}

/** Waits, when that is up, until nobody can meet the old version any more. */
export async function oldVersionGone({ app, synthesized }: Target, cluster: Cluster, progress: Lines, signal: AbortSignal): Promise<void> {
  const workload = synthesized.objects.find(object => isWorkload(object) && object.metadata.name === app.name);
  await oldPodsGone(cluster, workload, progress, signal);
}
