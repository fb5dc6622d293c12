import { deploy } from './deploy';
import { maintenanceAction } from './maintenance';
import type { DeployOperation } from './operation';
import { withExplanation } from './operation';
import type { Release } from './release-store';
import { contentOf, isDeployed, listReleases } from './release-store';
import { withoutSettings } from './settings';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';

/**
 * Deploys an earlier release again, as a new release, with the settings that it had. Its Jobs run again. The store of the platform gets
 * the secrets that it had; one that is down stops no rollback.
 *
 * @param number which one; by default the version before the one that is deployed, or, if the latest deploy was interrupted, the current
 * release
 */
export async function rollback(operation: DeployOperation, number?: number): Promise<Release> {
  const { cluster, app } = operation;
  const releases = await withExplanation(listReleases(cluster, app), app.namespace);
  const earlier = chooseRelease(releases.map(({ release }) => release), app, number);
  const { number: chosen, settings = {} } = earlier;
  const objects = withoutSettings(earlier.objects, settings);
  const planned = { action: `rollback to ${chosen}`, ...contentOf(earlier), objects, settings };
  return deploy({ ...operation, pushLater: true }, planned, releases);
}

/** What releases do that only begin or end maintenance. */
const SWITCHES: readonly string[] = [maintenanceAction(true), maintenanceAction(false)];

/** @throws Failure where there is none to go back to */
export function chooseRelease(releases: readonly Release[], { name, namespace }: AppName, number?: number): Release {
  const deployed = releases.filter(isDeployed);
  if (releases.length === 0) throw new Failure(`${name} has no releases in namespace ${namespace}`);
  if (number !== undefined) {
    const found = deployed.find(release => release.number === number);
    if (found) return found;
    const known = deployed.map(release => release.number).join(', ');
    const hint = known ? `choose one of ${known}` : 'none of its releases became ready';
    throw new Failure(`${name} has no release ${number} to roll back to; ${hint}`);
  }
  const [latest] = releases;
  // Maintenance begins and ends with a release of what runs, and going back to that would change nothing.
  const [, previous] = deployed.filter(({ action }) => !SWITCHES.includes(action));
  const found = latest.state === 'pending' || latest.interrupted ? deployed[0] : previous;
  if (!found) throw new Failure(`${name} has no earlier release to roll back to`);
  return found;
}
