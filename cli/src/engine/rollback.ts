import { deploy, DeployOptions, inWords } from './deploy';
import type { Progress } from './progress';
import { AppName, cameUp, INTERRUPTED, Release, releasesOf } from './release-store';
import type { Cluster } from '../kube/connect';
import { Failure } from '../ui/failure';

/**
 * Deploys a release again, as a new one. Its Jobs are run again too.
 *
 * @param number which; else the one that came up before the one that serves, or, where the last deploy was interrupted, the last good one
 */
export async function rollback(
  cluster: Cluster, app: AppName, number: number | undefined, options: DeployOptions, progress: Progress, signal: AbortSignal,
): Promise<Release> {
  const releases = (await inWords(releasesOf(cluster, app), app)).map(({ release }) => release);
  const { objects, shared, image, canary, url, number: chosen } = choose(releases, app, number);
  return deploy(cluster, app, { action: `rollback to ${chosen}`, objects, shared, image, canary, url }, options, progress, signal);
}

function choose(releases: readonly Release[], { name, namespace }: AppName, number: number | undefined): Release {
  const good = releases.filter(cameUp);
  const known = good.map(release => release.number).join(', ');
  if (releases.length === 0) throw new Failure(`${name} has no release in namespace ${namespace}`);
  if (number !== undefined) {
    const found = releases.find(release => release.number === number);
    if (found && cameUp(found)) return found;
    throw new Failure(`${name} has no release ${number} that came up; it has ${known || 'none'}`);
  }
  const unfinished = releases[0].why === INTERRUPTED;
  const found = releases[0].state === 'pending' || unfinished ? good[0] : good[1];
  if (!found) throw new Failure(`${name} has no earlier release that came up`);
  return found;
}
