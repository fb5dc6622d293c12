import { interruptible } from './run-deploy';
import type { Request } from '../config/load';
import { meantApp } from '../config/targets';
import { destroy, objectsOf } from '../engine/destroy';
import { count, Operation, withExplanation } from '../engine/operation';
import { holdsData } from '../engine/prune';
import { isDeployed, listReleases as readReleases } from '../engine/release-store';
import { rollback } from '../engine/rollback';
import { ClusterRequest, connect } from '../kube/connect';
import { shown } from '../kube/objects';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { Lines } from '../ui/progress-lines';
import { table } from '../ui/table';
import type { World } from '../ui/world';

/** Prints the releases of an app. */
export async function listReleases(
  file: Request, name: string | undefined, where: ClusterRequest, format: Format | undefined, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const releases = (await withExplanation(readReleases(cluster, app), app.namespace)).map(({ release }) => release);
  if (format) {
    const shortly = releases.map(({ objects, shared, kept, ...release }) => release);
    world.out(formatted(shortly, format));
    return;
  }
  if (releases.length === 0) throw new Failure(`${app.name} has no release in namespace ${app.namespace}; make one with webapp deploy`);
  const serving = releases.find(isDeployed);
  world.out(table([
    ['RELEASE', 'STATE', 'WHEN', 'WHAT', 'IMAGE', 'BY', ''],
    ...releases.map(release => [
      String(release.number), release === serving ? 'serving' : release.state, ago(release.created), release.action, release.image ?? '', release.by, release.why ?? '',
    ]),
  ]));
}

/** Deploys an earlier release again. */
export async function goBack(
  file: Request, number: number | undefined, name: string | undefined, where: ClusterRequest, options: Pick<Operation, 'timeout' | 'force'>, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const progress = new Lines(world);
  const { timeout, force } = options;
  await interruptible(world, progress, async signal => rollback({ cluster, app, progress, signal, timeout, force }, number));
}

export interface DestroyRequest {
  readonly yes?: boolean;
  readonly data?: boolean;
}

/** Removes an app from the cluster, after asking. */
export async function destroyApp(
  file: Request, name: string | undefined, where: ClusterRequest, { yes = false, data = false }: DestroyRequest, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const made = await objectsOf(cluster, app);
  const { bold, red } = paint(world.color.err);
  if (!yes) {
    if (!world.interactive) throw new Failure('nobody is there to be asked; write --yes');
    world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}:\n${made.map(one => `  ${shown(one)}${!holdsData(one) ? '' : data ? red(' WITH ITS DATA') : ' stays, as it holds data'}\n`).join('')}`);
    if ((await world.ask(`Remove all of it? Write ${app.name}: `)).trim() !== app.name) throw new Failure('nothing was removed');
  }
  const progress = new Lines(world);
  const { removed, kept } = await interruptible(world, progress, async signal => destroy({ cluster, app, progress, signal, timeout: 0 }, data));
  progress.done(`Removed ${app.name} (${count(removed.length, 'object')})`);
  for (const reference of kept) progress.warn(`Kept ${shown(reference)}, which holds data; webapp destroy ${app.name} --data removes it`);
}
