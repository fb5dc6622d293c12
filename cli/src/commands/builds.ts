import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToBuilds } from './shared/cluster-flags';
import { confirm, REMOVAL } from './shared/confirm';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import { cacheLeft, cachesOf, removeCaches, shownCache } from '../build/buildpacks-cache';
import type { AppBuild } from '../build/list';
import { listBuilds } from '../build/list';
import { planPrune, pruneBuilds } from '../build/prune-builds';
import { withExplanation } from '../engine/operation';
import { currentRelease, listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import { notInstalled } from '../kube/explain';
import { shown } from '../kube/objects';
import type { AppName } from '../kube/types';
import { BUILD_RUN } from '../kube/types';
import { shownImage } from '../registry/reference';
import { networkRegistries } from '../registry/registries';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface BuildsFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

interface PruneFlags extends BuildsFlags {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const define: Define = (command, world) => {
  command
    .description('List the builds of an app in the cluster.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the builds as JSON or YAML'))
    .action(async (name: string | undefined, flags: BuildsFlags) => printBuilds(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  const prune = command.command('prune').copyInheritedSettings(command)
    .description(`Remove the builds that no release needs that the cluster keeps, and their images from the registry. Asks for confirmation.

The latest build stays. Do not prune where other clusters or namespaces run the same images: they could not pull them any more.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('--all', 'of an app that is gone: the latest build too, and what buildpacks keep in the registry for the next one')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'print what would be removed')
    .addOption(outputOption('print what was removed as JSON or YAML'))
    .action(async (name: string | undefined, flags: PruneFlags) => pruneApp(name, flags, world));
  addAppFlags(prune);
  addClusterFlags(prune);
  addExamples(prune,
    ['See what would be removed', 'webapp builds prune --dry-run'],
    ['Remove all builds and images of an app that is gone', 'webapp builds prune web --namespace shop --all'],
  );
  addExamples(command,
    ['List the builds of the app of webapp.yaml', 'webapp builds'],
    ['Remove those that no release needs any more, with their images', 'webapp builds prune'],
  );
};

async function printBuilds(name: string | undefined, flags: BuildsFlags, world: World): Promise<void> {
  const { cluster, app, place } = await connectToBuilds(flags, name, world);
  const builds = await withExplanation(listBuilds(cluster, app, place.namespace), app.namespace);
  const rows = builds.map(({ reference, ...build }) => ({ name: reference.name, ...build }));
  if (flags.output) return world.out(formatted(rows, flags.output));
  if (builds.length === 0) throw await noBuilds(cluster, app);
  world.out(table([['BUILD', 'STATE', 'STARTED', 'TOOK', 'SOURCE', 'IMAGE', 'RELEASES'], ...builds.map(row)]));
}

function row({ reference: { name }, state, started, seconds, source, image, releases, previews }: AppBuild): string[] {
  const users = [...releases, ...previews].join(', ');
  return [name, state, ago(started), seconds === undefined ? '' : `${seconds} s`, source, shownImage(image), users];
}

async function noBuilds({ objects }: Cluster, { name, namespace }: AppName): Promise<Failure> {
  if (await objects.knows(BUILD_RUN)) return new Failure(`${name} has no builds in the cluster, in namespace ${namespace}`);
  const { message, hint } = notInstalled(BUILD_RUN.apiVersion, BUILD_RUN.kind);
  return new Failure(`${message}\n  ${hint}`);
}

async function pruneApp(name: string | undefined, { all, yes, dryRun, output, ...flags }: PruneFlags, world: World): Promise<void> {
  const { cluster, app, place } = await connectToBuilds(flags, name, world);
  const builds = await withExplanation(listBuilds(cluster, app, place.namespace), app.namespace);
  const registries = world.registries ?? networkRegistries(world);
  if (all) await failIfDeployed(cluster, app);
  const plan = planPrune(builds, all);
  const ofGone = async () => builds.length > 0 ? cachesOf(cluster, builds) : cacheLeft(cluster, app, place, registries);
  const caches = all && plan.builds.length === builds.length ? await withExplanation(ofGone(), app.namespace) : [];
  if (builds.length + caches.length === 0) throw await noBuilds(cluster, app);
  const shownPlan = [...plan.builds.map(({ reference }) => shown(reference)), ...plan.images.map(shownImage), ...caches.map(shownCache)];
  const list = shownPlan.map(line => `  ${line}\n`).join('');
  if (dryRun && output) return world.out(formatted({ ...app, removed: shownPlan }, output));
  if (shownPlan.length === 0 && !output) return world.err(`All builds of ${app.name} are needed\n`);
  if (dryRun) return world.out(list);
  if (!yes && shownPlan.length > 0) await confirm({ ...REMOVAL, about: list, name: app.name }, world);
  const progress = new TerminalProgress(world);
  const removed = await interruptible(world, progress, async signal => [
    ...await pruneBuilds({ cluster, app, progress, signal }, plan, registries),
    ...await removeCaches({ progress }, caches, registries),
  ]);
  if (output) world.out(formatted({ ...app, removed }, output));
}

async function failIfDeployed(cluster: Cluster, app: AppName): Promise<void> {
  if (!currentRelease(await withExplanation(listReleases(cluster, app), app.namespace))) return;
  throw new Failure(`--all is for an app that is gone, and ${app.name} is deployed in namespace ${app.namespace}
  remove --all, or run webapp destroy first`);
}
