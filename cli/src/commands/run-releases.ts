import { interruptible } from './run-deploy';
import type { Request } from '../config/load';
import { meantApp } from '../config/targets';
import { DeployOptions, inWords } from '../engine/deploy';
import { destroy, madeOf } from '../engine/destroy';
import { holdsData } from '../engine/prune';
import { cameUp, releasesOf } from '../engine/release-store';
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
  const releases = (await inWords(releasesOf(cluster, app), app)).map(({ release }) => release);
  if (format) {
    const shortly = releases.map(({ objects, shared, kept, ...release }) => release);
    world.out(formatted(shortly, format));
    return;
  }
  if (releases.length === 0) throw new Failure(`${app.name} has no release in namespace ${app.namespace}; make one with webapp deploy`);
  const serving = releases.find(cameUp);
  world.out(table([
    ['RELEASE', 'STATE', 'WHEN', 'WHAT', 'IMAGE', 'BY', ''],
    ...releases.map(release => [
      String(release.number), release === serving ? 'serving' : release.state, ago(release.created), release.action, release.image ?? '', release.by, release.why ?? '',
    ]),
  ]));
}

/** Deploys an earlier release again. */
export async function goBack(
  file: Request, number: number | undefined, name: string | undefined, where: ClusterRequest, options: DeployOptions, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const progress = new Lines(world);
  const release = await interruptible(world, progress, async signal => rollback(cluster, app, number, options, progress, signal));
  progress.done(`release ${release.number} is deployed: ${release.action}${release.image ? `, ${release.image}` : ''}`);
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
  const made = await madeOf(cluster, app);
  const { bold, red } = paint(world.color.err);
  if (!yes) {
    if (!world.interactive) throw new Failure('nobody is there to be asked; write --yes');
    world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}:\n${made.map(one => `  ${shown(one)}${!holdsData(one) ? '' : data ? red(' WITH ITS DATA') : ' stays, as it holds data'}\n`).join('')}`);
    if ((await world.ask(`Remove all of it? Write ${app.name}: `)).trim() !== app.name) throw new Failure('nothing was removed');
  }
  const progress = new Lines(world);
  const { removed, kept } = await interruptible(world, progress, async signal => destroy(cluster, app, data, progress, signal));
  progress.done(`${app.name} is gone: ${removed.length} objects are removed`);
  for (const reference of kept) progress.warn(`${shown(reference)} was left, as it holds data; webapp destroy ${app.name} --data removes it`);
}
