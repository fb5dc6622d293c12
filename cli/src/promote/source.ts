import { overviewOf } from '../diagnose/apps';
import { withExplanation } from '../engine/operation';
import type { Release } from '../engine/release-store';
import { currentRelease, listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';

/** What an app runs in the environment that is promoted. */
export interface Source {
  readonly app: AppName;
  readonly release: Release & { readonly image: string };

  /** Something to know of it. */
  readonly warning?: string;
}

/**
 * What apps run in an environment.
 *
 * @param environment how messages call it
 * @throws Failure with each app that should not be promoted now
 */
export async function sourcesOf(cluster: Cluster, environment: string, apps: readonly AppName[]): Promise<Source[]> {
  const namespaces = [...new Set(apps.map(({ namespace }) => namespace))];
  const found = await Promise.all(namespaces.map(async namespace => withExplanation(overviewOf(cluster, namespace), namespace)));
  const overviews = found.flatMap(({ apps: all }) => all);
  const results = await Promise.all(apps.map(async (app): Promise<Source | string> => {
    const stored = await withExplanation(listReleases(cluster, app), app.namespace);
    const overview = overviews.find(({ name, namespace }) => name === app.name && namespace === app.namespace);
    const latest = stored[0]?.release;
    const release = currentRelease(stored);
    const where = `${app.name} of ${environment}`;
    if (!release) return `${where} is not deployed in namespace ${app.namespace}`;
    const { image, canary, number } = release;
    if (image === undefined) return `release ${number} of ${where} does not record its image; deploy it once more`;
    const before = `release ${latest.number} of ${where}`;
    if (latest.state === 'pending') return `${before} is being deployed by ${latest.by}; wait until it is finished`;
    if (latest.interrupted) return `the deploy of ${before} was interrupted; deploy it again`;
    if (canary) return `${where} has a canary with ${canary.weight}% of the traffic; finish the rollout, or go back, first`;
    if (overview?.state === 'paused') return `${where} is in the middle of a rollout; finish it first`;
    if (overview?.state === 'failing') return `${where} is failing: ${overview.problem ?? 'see webapp status'}`;
    const warning = latest.state === 'failed' ? `${before} failed; release ${number} is what it serves` : undefined;
    return { app, release: { ...release, image }, warning };
  }));
  const problems = results.filter(result => typeof result === 'string');
  if (problems.length > 0) throw new Failure([...problems, 'nothing was changed'].join('\n'));
  return results.filter(result => typeof result !== 'string');
}
