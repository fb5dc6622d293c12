import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { destroy, objectsOf } from '../engine/destroy';
import { count } from '../engine/operation';
import { holdsData } from '../engine/prune';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { shown } from '../kube/objects';
import type { AppName } from '../kube/types';
import { deleteResource, findResource } from '../operator/client';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface DestroyFlags extends FileFlags, ClusterFlags {
  readonly yes?: boolean;
  readonly data?: boolean;
}

export const define: Define = (command, world) => {
  command
    .description('Remove an app from the cluster: everything that its releases created, and nothing else. Asks for confirmation.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--data', 'also remove its volumes and databases, with their data')
    .action(async (name: string | undefined, flags: DestroyFlags) => destroyApp(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Remove the app of webapp.yaml', 'webapp destroy'],
    ['Remove an app without confirmation', 'webapp destroy web --namespace shop --yes'],
  );
};

async function destroyApp(name: string | undefined, flags: DestroyFlags, world: World): Promise<void> {
  const { yes = false, data = false } = flags;
  const { cluster, app } = await connectToApp(flags, name, world);
  const objects = await objectsOf(cluster, app);
  if (!yes) await confirm({ cluster, app, objects, data }, world);
  const progress = new TerminalProgress(world);
  // Otherwise the operator would create everything again.
  if (await findResource(cluster, app)) {
    await interruptible(world, progress, async signal => deleteResource({ cluster, app, progress, signal }));
    progress.done(`Removed WebApp ${app.name}`);
  }
  const { removed, kept } = await interruptible(world, progress, async signal => (
    destroy({ cluster, app, progress, signal }, data)));
  progress.done(`Removed ${app.name} (${count(removed.length, 'object')})`);
  for (const reference of kept) progress.warn(`Kept ${shown(reference)}, which holds data; webapp destroy ${app.name} --data removes it`);
}

interface Removal {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly objects: readonly Reference[];
  readonly data: boolean;
}

async function confirm({ cluster, app, objects, data }: Removal, world: World): Promise<void> {
  if (!world.interactive) throw new Failure('there is no terminal to ask for confirmation; pass --yes');
  const { bold, red } = paint(world.color.err);
  const note = (object: Reference) => (!holdsData(object) ? '' : data ? red(' WITH ITS DATA') : ' (kept, as it holds data)');
  const list = objects.map(object => `  ${shown(object)}${note(object)}\n`).join('');
  world.err(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}:\n${list}`);
  const answer = await world.ask(`To remove all of this, type ${app.name}: `);
  if (answer.trim() !== app.name) throw new Failure('not confirmed; nothing was removed');
}
