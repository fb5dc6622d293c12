import { inWords } from './deploy';
import { Turn } from './lock';
import type { Progress } from './progress';
import { leftovers, prune, Pruned } from './prune';
import { AppName, forget, releasesOf } from './release-store';
import type { Cluster } from '../kube/connect';
import { troubleOf } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { until } from '../kube/until';
import { Failure } from '../ui/failure';

/** What there is of an app in the cluster, that its releases made. */
export async function madeOf(cluster: Cluster, app: AppName): Promise<Reference[]> {
  const releases = await inWords(releasesOf(cluster, app), app);
  if (releases.length === 0) throw new Failure(`${app.name} has no release in namespace ${app.namespace}: nothing was deployed there by this command`);
  return leftovers(releases.map(({ release }) => release), []);
}

/**
 * Removes all that the releases of an app made, and the releases.
 *
 * @param data whether what holds data goes too; else it stays, and with it what is known of it
 */
export async function destroy(cluster: Cluster, app: AppName, data: boolean, progress: Progress, signal: AbortSignal): Promise<Pruned> {
  const turn = await inWords(Turn.begin(cluster, app, { action: 'destroy', objects: [], shared: [] }, progress, signal), app);
  try {
    const earlier = turn.before.map(({ release }) => release);
    const pruned = await prune(cluster, app.name, leftovers(earlier, []), data);
    for (const reference of pruned.removed) {
      progress.waiting(`removing ${reference.kind} ${reference.name}`);
      await until(async () => await cluster.objects.get(reference) === undefined, 60, signal, `${reference.kind} ${reference.name} does not go away`);
    }
    // What is kept is known by this one from now on.
    if (pruned.kept.length > 0) await turn.end('deployed', { why: undefined, kept: pruned.kept });
    else await turn.stop();
    const { number } = turn.release;
    for (const { release } of turn.before) await forget(cluster, app, release.number);
    if (pruned.kept.length === 0) await forget(cluster, app, number);
    return pruned;
  } catch (error) {
    await turn.end('failed', { why: troubleOf(error) }).catch(() => undefined);
    throw error instanceof Failure ? error : new Failure(`${troubleOf(error)}; webapp destroy goes on from there`);
  }
}
