import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { confirm, REMOVAL } from './shared/confirm';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import type { BuildCache } from '../build/buildpacks-cache';
import { cachesOf, removeCaches, shownCache } from '../build/buildpacks-cache';
import { listBuilds } from '../build/list';
import { destroy, objectsOf } from '../engine/destroy';
import { count, withExplanation } from '../engine/operation';
import { holdsData } from '../engine/prune';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { shown } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName } from '../kube/types';
import { deleteResource, findResource } from '../operator/client';
import { networkRegistries } from '../registry/registries';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface DestroyFlags extends FileFlags, ClusterFlags {
  readonly yes?: boolean;
  readonly data?: boolean;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description('Remove an app from the cluster: everything that its releases created, and nothing else. Asks for confirmation.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--data', 'also remove its volumes and databases, with their data')
    .addOption(outputOption('print what was removed as JSON or YAML'))
    .action(async (name: string | undefined, flags: DestroyFlags) => destroyApp(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Remove the app of webapp.yaml', 'webapp destroy'],
    ['Remove an app without confirmation', 'webapp destroy web --namespace shop --yes'],
    ['Remove its volumes and databases, too', 'webapp destroy --data'],
  );
};

async function destroyApp(name: string | undefined, flags: DestroyFlags, world: World): Promise<void> {
  const { yes = false, data = false, output } = flags;
  const { cluster, app } = await connectToApp(flags, name, world);
  const objects = await objectsOf(cluster, app);
  const builds = await unlessForbidden(async () => listBuilds(cluster, app));
  const caches = builds === FORBIDDEN ? [] : await withExplanation(cachesOf(cluster, builds), app.namespace);
  if (!yes) await confirm({ ...REMOVAL, about: describe({ cluster, app, objects, caches, data }, world), name: app.name }, world);
  const progress = new TerminalProgress(world);
  // Otherwise the operator would create everything again.
  if (await findResource(cluster, app)) {
    await interruptible(world, progress, async signal => deleteResource({ cluster, app, progress, signal }));
    progress.done(`Removed WebApp ${app.name}`);
  }
  const { removed, kept } = await interruptible(world, progress, async signal => (
    destroy({ cluster, app, progress, signal }, data)));
  progress.done(`Removed ${app.name} (${count(removed.length, 'object')})`);
  const images = await interruptible(world, progress, async () => (
    removeCaches({ progress }, caches, world.registries ?? networkRegistries(world))));
  for (const reference of kept) progress.warn(`Kept ${shown(reference)}, which holds data; webapp destroy ${app.name} --data removes it`);
  if (output) world.out(formatted({ ...app, removed: [...removed.map(shown), ...images], kept: kept.map(shown) }, output));
}

interface Removal {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly objects: readonly Reference[];
  readonly caches: readonly BuildCache[];
  readonly data: boolean;
}

function describe({ cluster, app, objects, caches, data }: Removal, world: World): string {
  const { bold, red } = paint(world.color.err);
  const note = (object: Reference) => (!holdsData(object) ? '' : data ? red(' WITH ITS DATA') : ' (kept, as it holds data)');
  const list = [...objects.map(object => shown(object) + note(object)), ...caches.map(shownCache)].map(line => `  ${line}\n`).join('');
  return `${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}:\n${list}`;
}
