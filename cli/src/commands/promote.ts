import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import type { PlannedApp } from './shared/deploy-app';
import { deployApp, rejectOperatorFields } from './shared/deploy-app';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFilesFlags, configOptions } from './shared/file-flags';
import type { ShownChange } from './shared/object-diff';
import { shownChange, textOf } from './shared/object-diff';
import type { PinFlags } from './shared/pin-flags';
import { addPinFlags, pinsFor } from './shared/pin-flags';
import type { Planning } from './shared/planning';
import { planPinned } from './shared/planning';
import type { SideBySideFlags } from './shared/side-by-side';
import { deploySideBySide } from './shared/side-by-side';
import { concurrencyOption, forceOption, outputOption, timeoutOption } from './shared/values';
import { nearest } from '../../../src/internal';
import { appOf, loadFor, printWarnings } from '../config/app-plan';
import type { Config } from '../config/config';
import { fieldsOf } from '../config/merge';
import { withPlaceholders } from '../config/unbuilt';
import { withExplanation } from '../engine/operation';
import { compareWithCluster } from '../engine/preflight';
import type { Release } from '../engine/release-store';
import { currentRelease, listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import { findResource } from '../operator/client';
import { imagesIn, takenFrom } from '../promote/images';
import type { Source } from '../promote/source';
import { sourcesOf } from '../promote/source';
import { parseReference, shownImage } from '../registry/reference';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';

interface Flags extends Omit<FileFlags, 'env' | 'image'>, ClusterFlags, SideBySideFlags, PinFlags {
  readonly fromContext?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** What the values of the file outside its environments are called here. */
const BASE = 'default';

export const define: Define = (command, world) => {
  command
    .description(`Deploy the images that one environment runs to another one, by their digests. Nothing is built.

The configuration is that of the other environment in the file: nothing of it is copied. First the differences are shown; then it asks.
"${BASE}" stands for the file without an environment. It refuses while an app of the first environment is failing, is being deployed, or has
a canary.`)
    .argument('<from>', 'the environment whose images are taken')
    .argument('<to>', 'the environment that they are deployed to')
    .argument('[app...]', 'the apps (default: all apps of the file)')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'show the differences, and change nothing')
    .addOption(timeoutOption())
    .addOption(concurrencyOption())
    .addOption(forceOption())
    .option('--create-namespace', 'create the namespace if it does not exist')
    .addOption(outputOption('print the result as JSON or YAML'));
  addPinFlags(command);
  addFilesFlags(command);
  addClusterFlags(command);
  command
    .addOption(new Option('--from-context <name>', 'the context of the first environment, if it is in another cluster'))
    .action(async (from: string, to: string, names: string[], flags: Flags) => promote({ from, to, names }, flags, world));
  addExamples(command,
    ['Deploy to production what staging runs, where both are environments of the file', 'webapp promote staging production'],
    ['Likewise, where production is what the file says outside its environments', `webapp promote staging ${BASE}`],
    ['From one cluster to another, in a pipeline', 'webapp promote staging production --from-context staging --context production --yes'],
    ['Show what would change', 'webapp promote staging production --dry-run'],
  );
};

interface Wanted {
  readonly from: string;
  readonly to: string;
  readonly names: readonly string[];
}

/** An app that is promoted. */
interface Promotion extends PlannedApp {
  readonly source: Source;
  readonly changes: readonly ShownChange[];
}

async function promote(wanted: Wanted, flags: Flags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const { from, to } = wanted;
  const { planning, plans } = await planPromotions(wanted, cluster, flags, world);
  const promotions = plans.filter(({ changes }) => changes.length > 0);
  if (!flags.output) for (const plan of plans) printPromotion(plan, wanted, world);
  let releases: Release[] = [];
  if (promotions.length > 0 && !flags.dryRun) {
    if (!flags.yes) await confirm(promotions, wanted, cluster, world);
    releases = await deploySideBySide({
      cluster,
      config: planning.config,
      plans: promotions,
      flags,
      world,
      act: async (operation, plan) => (
        deployApp(operation, { planning, plan, inSteps: true, action: `promoted from ${from} release ${plan.source.release.number}` })),
    });
  }
  if (!flags.output) return;
  world.out(formatted(await Promise.all(plans.map(async ({ app, source, changes, synthesized: { url } }) => {
    const current = currentRelease(await withExplanation(listReleases(cluster, app), app.namespace));
    const { number: release, image } = releases[promotions.findIndex(one => one.app === app)] ?? current ?? {};
    const promoted = { environment: from, ...source.app, release: source.release.number, image: source.release.image };
    const changed = changes.map(({ change, kind, name }) => ({ change, kind, name }));
    return { environment: to, ...app, release, image, url, from: promoted, changes: changed };
  })), flags.output));
}

async function planPromotions(
  { from, to, names }: Wanted, cluster: Cluster, flags: Flags, world: World,
): Promise<{ readonly planning: Planning; readonly plans: Promotion[] }> {
  const fromCluster = await connectToCluster({ ...flags, context: flags.fromContext ?? flags.context }, world);
  const files = await loadFor(cluster, configOptions(flags), world);
  if (from === to) throw new Failure(`${from} cannot be promoted to itself`);
  const [fromEnv, toEnv] = [from, to].map(name => environmentOf(files, name));
  const source = await loadFor(fromCluster, { ...configOptions(flags), env: fromEnv }, world);
  const target = await files.inEnvironment(toEnv);
  for (const config of [source, target]) config.failIfUnreadable();
  const documents = target.apps.map((document, i) => ({ document, app: appOf(target, document), of: appOf(source, source.apps[i]) }))
    .filter(({ app }) => names.length === 0 || names.includes(app.name));
  for (const { app, of } of documents) {
    if (fromCluster.context !== cluster.context || of.name !== app.name || of.namespace !== app.namespace) continue;
    throw new Failure(`${app.name} is the same app in ${from} and ${to}: namespace ${app.namespace} of ${cluster.context}
  give one of the environments a namespace in the file, or name its cluster with --from-context`);
  }
  for (const { document } of documents) rejectOwnImages(document.props.rollout, String(document.name), to);

  const sources = await sourcesOf(fromCluster, from, documents.map(({ of }) => of));
  const taken = documents.map(({ document }, i) => takenFrom(sources[i].release, sources[i].app, document.written));
  for (const { warning } of sources) if (warning !== undefined) world.err(`warning: ${warning}\n`);
  for (const image of new Set(taken.flatMap(imagesIn))) {
    if (parseReference(image)?.digest !== undefined) continue;
    world.err(`warning: ${from} runs ${image} by its tag, which may refer to another image by now\n`);
  }
  const config = withPlaceholders(target).withTaken(Object.fromEntries(documents.map(({ app }, i) => [app.name, taken[i]])));
  const planning: Planning = { config, cluster, pins: pinsFor(flags, cluster, world) };
  const plans = await planPinned(planning, names);
  printWarnings(plans, world);
  const promotions = await Promise.all(plans.map(async (plan): Promise<Promotion> => {
    const { app, synthesized: { objects, generated, secretStore } } = plan;
    const resource = await withExplanation(findResource(cluster, app), app.namespace);
    rejectOperatorFields(config, app, resource);
    const { createNamespace } = flags;
    const options = { cluster, app, objects, generated, secretStore, force: true, compare: true, createNamespace };
    const all = await withExplanation(compareWithCluster(options), app.namespace, 'nothing was changed');
    const changes = all.filter(({ change }) => change !== 'unchanged' && change !== 'run').map(shownChange);
    return { ...plan, resource, changes, source: sources[documents.findIndex(one => one.app.name === app.name)] };
  }));
  return { planning, plans: promotions };
}

/** The environment of a name; undefined for the values outside all of them. */
function environmentOf({ environments }: Config, name: string): string | undefined {
  if (environments.includes(name)) return name;
  if (name === BASE) return undefined;
  const near = nearest(name, [...environments, BASE]);
  const hint = near ? `did you mean ${near}?` : `choose one of ${[...environments, BASE].join(', ')}`;
  throw new Failure(`the file has no environment ${name}; ${hint}
  ${BASE} stands for the values outside the environments`);
}

/** Versions that the file names by their images cannot be those of another environment. */
function rejectOwnImages(rollout: unknown, app: string, environment: string): void {
  const { blueGreen, canary } = fieldsOf(rollout);
  const own = blueGreen !== undefined ? 'rollout.blueGreen' : fieldsOf(canary).image !== undefined ? 'rollout.canary.image' : undefined;
  if (own === undefined) return;
  const hint = 'change these, and run webapp deploy';
  throw new Failure(`${app} has ${own} in ${environment}, so that the file names the images of its versions; ${hint}`);
}

function printPromotion({ app, source, changes }: Promotion, { from, to }: Wanted, world: World): void {
  const colors = paint(world.color.err);
  const { release } = source;
  if (changes.length === 0) return world.err(`${app.name}: ${to} already runs release ${release.number} of ${from}\n`);
  world.err(`${colors.bold(app.name)}: release ${release.number} of ${from}, ${shownImage(release.image)}\n`);
  for (const change of changes) world.err(textOf(change, colors));
}

async function confirm(plans: readonly Promotion[], { to }: Wanted, { context }: Cluster, world: World): Promise<void> {
  if (!world.interactive) throw new Failure('there is no terminal to ask for confirmation; pass --yes');
  const names = plans.map(({ app }) => app.name).join(', ');
  const answer = await world.ask(`Deploy ${names} to ${to} (namespace ${plans[0].app.namespace} of ${context})? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('not confirmed; nothing was changed');
}
