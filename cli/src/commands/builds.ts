import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToBuilds } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import type { AppBuild } from '../build/list';
import { listBuilds } from '../build/list';
import { planPrune, pruneBuilds } from '../build/prune-builds';
import { withExplanation } from '../engine/operation';
import { shown } from '../kube/objects';
import type { AppName } from '../kube/types';
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

interface PruneFlags extends FileFlags, ClusterFlags {
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
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'print what would be removed')
    .action(async (name: string | undefined, flags: PruneFlags) => pruneApp(name, flags, world));
  addAppFlags(prune);
  addClusterFlags(prune);
  addExamples(command,
    ['List the builds of the app of webapp.yaml', 'webapp builds'],
    ['Remove those that no release needs any more, with their images', 'webapp builds prune'],
  );
};

async function printBuilds(name: string | undefined, flags: BuildsFlags, world: World): Promise<void> {
  const { cluster, app, buildNamespace } = await connectToBuilds(flags, name, world);
  const builds = await withExplanation(listBuilds(cluster, app, buildNamespace), app.namespace);
  const rows = builds.map(({ reference, ...build }) => ({ name: reference.name, ...build }));
  if (flags.output) return world.out(formatted(rows, flags.output));
  if (builds.length === 0) throw noBuilds(app);
  world.out(table([['BUILD', 'STATE', 'STARTED', 'TOOK', 'SOURCE', 'IMAGE', 'RELEASES'], ...builds.map(row)]));
}

function row({ reference: { name }, state, started, seconds, source, image, releases, previews }: AppBuild): string[] {
  const users = [...releases, ...previews].join(', ');
  return [name, state, ago(started), seconds === undefined ? '' : `${seconds} s`, source, shownImage(image), users];
}

function noBuilds({ name, namespace }: AppName): Failure {
  return new Failure(`${name} has no builds in the cluster, in namespace ${namespace}`);
}

async function pruneApp(name: string | undefined, { yes, dryRun, ...flags }: PruneFlags, world: World): Promise<void> {
  const { cluster, app, buildNamespace } = await connectToBuilds(flags, name, world);
  const builds = await withExplanation(listBuilds(cluster, app, buildNamespace), app.namespace);
  if (builds.length === 0) throw noBuilds(app);
  const plan = planPrune(builds);
  if (plan.builds.length === 0) return world.err(`All builds of ${app.name} are needed\n`);
  const lines = [...plan.builds.map(({ reference }) => shown(reference)), ...plan.images.map(shownImage)];
  const list = lines.map(line => `  ${line}\n`).join('');
  if (dryRun) return world.out(list);
  if (!yes) await confirm(app, list, world);
  const progress = new TerminalProgress(world);
  await interruptible(world, progress, async signal => (
    pruneBuilds({ cluster, app, progress, signal }, plan, world.registries ?? networkRegistries(world))));
}

async function confirm({ name }: AppName, list: string, world: World): Promise<void> {
  if (!world.interactive) throw new Failure('there is no terminal to ask for confirmation; pass --yes');
  const answer = await world.ask(`${list}To remove all of this, type ${name}: `);
  if (answer.trim() !== name) throw new Failure('not confirmed; nothing was removed');
}
