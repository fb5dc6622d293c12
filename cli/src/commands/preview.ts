import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { confirm, REMOVAL } from './shared/confirm';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags, addFileFlags, configOptions } from './shared/file-flags';
import type { PinFlags } from './shared/pin-flags';
import { addPinFlags, pinsFor } from './shared/pin-flags';
import type { BuildFlags } from './shared/planning';
import { planningFor } from './shared/planning';
import type { DeployFlags } from './shared/values';
import { forceOption, lifetime, outputOption, rebuildOption, timeoutOption } from './shared/values';
import { secondsOf } from '../../../src/internal';
import type { AppPlan } from '../config/app-plan';
import { appOf, loadFor, pinApps, planApps, PREVIEW_ENVIRONMENT } from '../config/app-plan';
import type { Config, Overrides } from '../config/config';
import { fieldsOf } from '../config/merge';
import { folderOf, hasPlaceholders } from '../config/unbuilt';
import { ensureNamespace } from '../engine/namespace';
import type { DeployOperation } from '../engine/operation';
import { withExplanation } from '../engine/operation';
import type { Pins } from '../engine/pin';
import { addMissingTriggers } from '../engine/waking-routes';
import { timestamp } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { clusterPlatform } from '../operator/cluster-platform';
import { WEB_APP } from '../operator/resources';
import type { PreviewDeploy } from '../preview/deploy';
import { deployPreview, deployPreviewResource } from '../preview/deploy';
import type { Preview, PreviewSearch } from '../preview/list';
import { expiredPreviews, listPreviews } from '../preview/list';
import { previewName } from '../preview/names';
import type { PreviewedApp, PreviewPlan } from '../preview/plan';
import { planPreview } from '../preview/plan';
import { removePreview } from '../preview/remove';
import { shownImage } from '../registry/reference';
import { span } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface UpFlags extends FileFlags, ClusterFlags, DeployFlags, PinFlags, BuildFlags {
  readonly ttl?: number;

  /** Whether the operator deploys it where that is installed. */
  readonly resource: boolean;
  readonly createNamespace?: boolean;
  readonly output?: Format;
}

interface FindFlags extends FileFlags, ClusterFlags {
  readonly allNamespaces?: boolean;
}

interface ListFlags extends FindFlags {
  readonly output?: Format;
}

interface DownFlags extends ListFlags {
  readonly yes?: boolean;
}

interface PruneFlags extends DownFlags {
  readonly dryRun?: boolean;
}

/** How long a preview lives, in seconds: a week. While it is asleep, it costs nothing but the storage of its data. */
const DEFAULT_TTL = 7 * 86_400;

export const define: Define = (command, world) => {
  command.description(`Deploy previews: copies of the apps of webapp.yaml, for example one for each pull request.

A preview has its own host and databases, and is scaled to zero while nobody uses it. Some days after its last deploy, it is removed.

What differs in previews is written in the environment named preview of the file.`);
  addExamples(command,
    ['Deploy a preview of the apps of webapp.yaml, or update it', 'webapp preview up pr-12 --image ghcr.io/acme/web:pr-12'],
    ['List the previews', 'webapp preview ls'],
    ['Remove one', 'webapp preview down pr-12'],
    ['Remove those that are older than their --ttl', 'webapp preview prune'],
  );
  defineUp(command.command('up'), world);
  defineList(command.command('ls'), world);
  defineDown(command.command('down'), world);
  definePrune(command.command('prune'), world);
};

function defineUp(command: Command, world: World): void {
  command
    .summary('deploy a preview, or update it')
    .description(`Deploy a preview of the apps of webapp.yaml, and wait until it is ready.

If there is one of that name, it is updated, and its time begins anew.`)
    .argument('<name>', 'the name of the preview, such as pr-12 or the name of a branch')
    .argument('[app...]', 'the apps to deploy (default: all apps of the file)')
    .addOption(new Option('--ttl <duration>', 'how long it lives without another deploy (default: 7d)').argParser(lifetime))
    .addOption(timeoutOption())
    .addOption(forceOption())
    .option('--build', 'build the folder of an app that has an image in the file, too')
    .addOption(rebuildOption())
    .option('--no-resource', 'deploy the objects from here, also where the operator is installed')
    .option('--create-namespace', 'create the namespace if it does not exist')
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (name: string, apps: string[], flags: UpFlags) => up(name, apps, flags, world));
  addPinFlags(command);
  addFileFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Deploy the folder as a preview, or update it', 'webapp preview up pr-12'],
    ['Deploy an image that CI has built, for three days', 'webapp preview up pr-12 --image ghcr.io/acme/web:pr-12 --ttl 3d'],
    ['Deploy it from here, although the operator is installed', 'webapp preview up pr-12 --no-resource'],
    ['Print its URL, for a comment on the pull request', "webapp preview up pr-12 --output json | jq -r '.[].url'"],
  );
}

function defineList(command: Command, world: World): void {
  command
    .summary('list the previews')
    .description('List the previews of the apps of webapp.yaml, or, without a file, all previews of the namespace.')
    .argument('[app...]', 'the apps (default: all apps of the file)')
    .addOption(allNamespacesOption())
    .addOption(outputOption('print the previews as JSON or YAML'))
    .action(async (apps: string[], flags: ListFlags) => list(apps, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['List the previews of the apps of webapp.yaml', 'webapp preview ls'],
    ['List those of all apps of the cluster', 'webapp preview ls -A'],
  );
}

function defineDown(command: Command, world: World): void {
  command
    .summary('remove a preview, with its data')
    .description('Remove a preview, with its data. Asks for confirmation. There need not be any.')
    .argument('<name>', 'the name of the preview')
    .argument('[app...]', 'the apps (default: all apps of the file)')
    .option('-y, --yes', 'do not ask for confirmation')
    .addOption(outputOption('print what was removed as JSON or YAML'))
    .action(async (name: string, apps: string[], flags: DownFlags) => down(name, apps, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Remove a preview', 'webapp preview down pr-12'],
    ['Remove it in a pipeline', 'webapp preview down pr-12 --yes'],
  );
}

function definePrune(command: Command, world: World): void {
  command
    .summary('remove the previews whose time is over')
    .description(`Remove the previews whose time is over, with their data. Asks for confirmation. For a pipeline or a CronJob, pass --yes.

Where the operator runs, it removes those that are WebApp resources by itself.`)
    .argument('[app...]', 'the apps (default: all apps of the file)')
    .addOption(allNamespacesOption())
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'print what would be removed')
    .addOption(outputOption('print what was removed as JSON or YAML'))
    .action(async (apps: string[], flags: PruneFlags) => prune(apps, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['See which previews have expired', 'webapp preview prune --dry-run'],
    ['Remove those of all apps of the cluster, in a CronJob', 'webapp preview prune -A --yes'],
  );
}

function allNamespacesOption(): Option {
  return new Option('-A, --all-namespaces', 'those of all apps in all namespaces');
}

/** Deploys the previews of apps, one after another. */
async function up(given: string, names: readonly string[], flags: UpFlags, world: World): Promise<void> {
  const name = previewName(given);
  const cluster = await connectToCluster(flags, world);
  const base = await loadFor(cluster, { ...configOptions(flags), env: undefined }, world);
  const env = environmentOf(base, flags);
  const { config, rebuild } = await planningFor(cluster, names, { ...flags, env }, world);
  const byOperator = flags.resource && await cluster.objects.knows(WEB_APP);
  const [first] = config.apps;
  const ofCluster = byOperator && first ? await clusterPlatform(cluster, appOf(config, first).namespace) : undefined;
  const platform = fieldsOf(ofCluster ?? config.platform?.props);
  const plan = await planPreview({ config, base, env, names, preview: name, platform });
  if (!byOperator) {
    rejectOperatorFields(plan);
    await config.plan(plan.overrides);
  }
  for (const app of plan.skipped) world.err(`${app} is not part of the preview: it would have no processes\n`);
  const pins = pinsFor(flags, cluster, world);
  const results: object[] = [];
  const deployed: AppPlan[] = [];
  for (const previewed of plan.apps) {
    const { of, app, document, leftOut } = previewed;
    const ttl = flags.ttl ?? secondsOf(document.spec.ttl as string | undefined) ?? DEFAULT_TTL;
    if (!flags.output) printTitle(app, cluster, world);
    const environment = `environments.${env ?? PREVIEW_ENVIRONMENT}`;
    if (leftOut.length > 0) world.err(`Not included: ${leftOut.join(', ')}; to include them, name them in ${environment}\n`);
    const progress = new TerminalProgress(world);
    const release = await interruptible(world, progress, async signal => {
      const operation = { cluster, app, progress, signal, ...deployOptions(flags) };
      const { image, builds } = await buildIfNeeded(operation, previewed, { config, rebuild, flags, world });
      const built = image === undefined ? config : config.withImages({ [of.name]: image });
      const options: PreviewDeploy = { previewed, name, ttl, builds };
      if (byOperator) return deployPreviewResource(operation, built, plan, options);
      const found = await planned(built, app, plan.overrides, pins);
      deployed.push(found);
      return deployPreview(operation, found, options);
    });
    const { number, image, url } = release;
    const expires = timestamp(cluster.clock.now() + ttl * 1000);
    results.push({ preview: name, of: of.name, ...app, release: number, image, url, expires });
    if (flags.output) continue;
    if (url) world.err(`URL: ${paint(world.color.err).cyan(url)}\n`);
    world.err(`It is removed in ${span(ttl)}, unless it is deployed again; webapp preview down ${name} removes it now\n`);
  }
  await finishWakes(cluster, deployed, world);
  if (flags.output) world.out(formatted(results, flags.output));
}

/** A field that only the operator obeys must not be lost. */
function rejectOperatorFields({ apps }: PreviewPlan): void {
  const found = apps.find(({ document }) => document.operatorFields.includes('rollback'));
  if (!found) return;
  throw new Failure(`rollback of ${found.of.name} is for the operator, which this cluster does not have; remove it from the file`);
}

function deployOptions({ timeout, force, createNamespace }: UpFlags): Pick<DeployOperation, 'timeout' | 'force' | 'createNamespace'> {
  return { timeout, force, createNamespace };
}

/** The environment of previews: the one of the command line, or the one of that name if the file has it. */
function environmentOf({ environments }: Config, { env }: FileFlags): string | undefined {
  return env ?? (environments.includes(PREVIEW_ENVIRONMENT) ? PREVIEW_ENVIRONMENT : undefined);
}

interface Context {
  readonly config: Config;
  readonly rebuild?: boolean;
  readonly flags: UpFlags;
  readonly world: World;
}

/** Builds the folder of an app, as the image of the app itself: a deploy of the same files need not build them again. */
async function buildIfNeeded(
  operation: DeployOperation, { of }: PreviewedApp, { config, rebuild, flags, world }: Context,
): Promise<Pick<PreviewDeploy, 'builds'> & { readonly image?: string }> {
  if (!hasPlaceholders(config, [of.name])) return {};
  const { buildFolder } = await import('../build/build-folder');
  if (operation.createNamespace) await withExplanation(ensureNamespace(operation, of.namespace), of.namespace);
  const announce = (line: string) => flags.output || world.err(`${line}\n`);
  const built = buildFolder({ ...operation, app: of }, folderOf(config, of.name), world, { announce, rebuild });
  return withExplanation(built, of.namespace, 'nothing was changed');
}

/** The objects of a preview, with pinned images. The warnings of the app, such as those of missing backups, are for its own deploy. */
async function planned(config: Config, { name }: AppName, overrides: Overrides, pins: Pick<Pins, 'pin'>): Promise<AppPlan> {
  return (await pinApps(await planApps(config, [name], overrides), pins))[0];
}

/** Completes the ScaledObjects of previews that were deployed before those that wake them. */
async function finishWakes(cluster: Cluster, deployed: readonly AppPlan[], world: World): Promise<void> {
  const progress = new TerminalProgress(world);
  for (const { app, synthesized: { objects } } of deployed) {
    await interruptible(world, progress, async signal => (
      withExplanation(addMissingTriggers({ cluster, app, progress, signal }, objects), app.namespace)));
  }
}

function printTitle({ name, namespace }: AppName, { context }: Cluster, world: World): void {
  world.err(`${paint(world.color.err).bold(name)} in namespace ${namespace} of ${context}\n`);
}

async function list(names: readonly string[], flags: ListFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const search = await searchFor(cluster, names, flags, world);
  const previews = await find(cluster, search);
  if (flags.output) {
    const rows = previews.map(({ app, preview, url, image, created, expires }) => (
      { preview: preview.name, of: preview.of, ...app, url, image, created, expires: expires && timestamp(expires) }));
    return world.out(formatted(rows, flags.output));
  }
  if (previews.length === 0) return world.err(`There are no previews ${inNamespaces(search)}\n`);
  const now = cluster.clock.now();
  world.out(table([
    ['PREVIEW', 'APP', ...flags.allNamespaces ? ['NAMESPACE'] : [], 'URL', 'IMAGE', 'AGE', 'EXPIRES'],
    ...previews.map(one => row(one, now, flags.allNamespaces)),
  ]));
}

function row({ app, preview, url = '', image = '', created, expires }: Preview, now: number, withNamespace = false): string[] {
  const left = expires === undefined ? '' : expires <= now ? 'expired' : `in ${span((expires - now) / 1000, Math.round)}`;
  const age = span(Math.round((now - Date.parse(created)) / 1000));
  return [preview.name, app.name, ...withNamespace ? [app.namespace] : [], url, shownImage(image), age, left];
}

async function down(given: string, names: readonly string[], flags: DownFlags, world: World): Promise<void> {
  const name = previewName(given);
  const cluster = await connectToCluster(flags, world);
  const search = await searchFor(cluster, names, flags, world);
  const found = (await find(cluster, search)).filter(({ preview }) => preview.name === name);
  const apps = [...new Set(found.map(({ preview }) => preview.of))];
  if (!search.of && apps.length > 1) throw new Failure(`${name} is a preview of ${apps.join(' and of ')}; name the apps to remove it of`);
  if (found.length === 0) world.err(`There is no preview ${name} ${inNamespaces(search)}\n`);
  else await removeAll(cluster, found, { ...flags, name }, world);
  if (flags.output) world.out(formatted(found.map(removedOf), flags.output));
}

async function prune(names: readonly string[], flags: PruneFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const search = await searchFor(cluster, names, flags, world);
  const previews = await find(cluster, search);
  const expired = await withExplanation(expiredPreviews(cluster, previews), previews[0]?.app.namespace ?? cluster.namespace);
  if (expired.length === 0) world.err(`No preview ${inNamespaces(search)} has expired\n`);
  else if (!flags.dryRun) await removeAll(cluster, expired, { ...flags, name: 'prune' }, world);
  else if (!flags.output) world.out(expired.map(({ app, preview }) => `${app.name} (${preview.name})\n`).join(''));
  if (flags.output) world.out(formatted(expired.map(removedOf), flags.output));
}

function removedOf({ app, preview }: Preview): object {
  return { preview: preview.name, of: preview.of, ...app };
}

/**
 * Removes previews, also those after one that cannot be removed.
 *
 * @param name what the user types to confirm it
 */
async function removeAll(
  cluster: Cluster, previews: readonly Preview[], { yes, name }: { readonly yes?: boolean; readonly name: string }, world: World,
): Promise<void> {
  const about = previews.map(({ app }) => `  ${app.name} in namespace ${app.namespace} of ${cluster.context}, with its data\n`).join('');
  if (!yes) await confirm({ ...REMOVAL, about, name }, world);
  const failures: string[] = [];
  for (const { app } of previews) {
    const progress = new TerminalProgress(world);
    try {
      await interruptible(world, progress, async signal => (
        withExplanation(removePreview({ cluster, app, progress, signal }), app.namespace)));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new Failure(failures.join('\n'));
}

async function find(cluster: Cluster, search: PreviewSearch): Promise<Preview[]> {
  return withExplanation(listPreviews(cluster, search), search.namespaces?.[0] ?? cluster.namespace);
}

/** Where the previews of the file's apps are, or, without a file, those of the namespace. */
async function searchFor(cluster: Cluster, names: readonly string[], flags: FindFlags, world: World): Promise<PreviewSearch> {
  const of = names.length > 0 ? names : undefined;
  if (flags.allNamespaces) return { of };
  if (!existsSync(resolve(world.cwd, flags.file))) return { namespaces: [cluster.namespace], of };
  const base = await loadFor(cluster, { ...configOptions(flags), env: undefined, images: [] }, world);
  const config = await base.inEnvironment(environmentOf(base, flags));
  config.failIfUnreadable();
  const apps = config.apps.map(document => appOf(config, document));
  return { namespaces: [...new Set(apps.map(({ namespace }) => namespace))], of: of ?? apps.map(({ name }) => name) };
}

function inNamespaces({ namespaces, of }: PreviewSearch): string {
  const where = namespaces ? `in namespace ${namespaces.join(' and ')}` : 'in any namespace';
  return of ? `of ${of.join(', ')} ${where}` : where;
}
