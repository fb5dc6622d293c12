import type { Command } from 'commander';
import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import type { PlannedApp } from './shared/deploy-app';
import { deployApp, documentsOf, gradualRollout, rejectOperatorFields } from './shared/deploy-app';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags } from './shared/file-flags';
import type { PinFlags } from './shared/pin-flags';
import { addPinFlags } from './shared/pin-flags';
import type { BuildFlags, BuildOptions, Planning } from './shared/planning';
import { buildIfNeeded, planningFor, planPinned, planUnbuilt } from './shared/planning';
import type { SideBySideFlags } from './shared/side-by-side';
import { deploySideBySide, laterOf, printTitle, printUrls } from './shared/side-by-side';
import { concurrencyOption, duration, forceOption, outputOption, percentage, rebuildOption, timeoutOption } from './shared/values';
import type { AppPlan } from '../config/app-plan';
import { appOf, draftOf, printWarnings } from '../config/app-plan';
import { canaryProps } from '../config/canary';
import type { Config, Overrides } from '../config/config';
import type { Fields } from '../config/merge';
import { isFields } from '../config/merge';
import { isUnbuilt } from '../config/unbuilt';
import { deployGradually } from '../engine/gradual';
import type { DeployOperation } from '../engine/operation';
import { withExplanation } from '../engine/operation';
import { dryRun } from '../engine/preflight';
import type { Release } from '../engine/release-store';
import { currentRelease, listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import type { AppName } from '../kube/types';
import { findResource } from '../operator/client';
import { Failure } from '../ui/failure';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface Flags extends FileFlags, ClusterFlags, SideBySideFlags, PinFlags, BuildFlags {
  readonly dryRun?: boolean;

  /** Percentages of the traffic that the new version gets, one after the other; undefined where it gets all at once. */
  readonly canary?: readonly number[];

  /** How long each of them is watched, in seconds; undefined where the user decides when to continue. */
  readonly every?: number;
  readonly maxErrors?: number;
}

export const define: Define = (command, world) => {
  command
    .description(`Deploy the apps of webapp.yaml, and wait until they are ready.

The release command runs first. If the new version fails to start, the error says why, and the current version keeps serving traffic.

Apps that do not need each other are deployed at the same time; those that an app connects to come before it.`)
    .argument('[app...]', 'the apps to deploy (default: all apps of the file)')
    .option('--dry-run', 'print what would be created, changed and removed; the cluster checks the objects, and stores nothing')
    .addOption(timeoutOption())
    .addOption(concurrencyOption())
    .addOption(new Option('--canary <percent>', 'send this percentage of the traffic to the new image, and the rest to the current one')
      .argParser((text: string) => text.split(',').map(percentage)))
    .addOption(new Option('--every <duration>', 'continue automatically: keep each percentage of --canary for this long, then go to 100')
      .argParser(duration))
    .addOption(new Option('--max-errors <percent>', 'with --every, the percentage of responses that may be errors (default: 5)')
      .argParser(percentage))
    .addOption(forceOption())
    .option('--build', 'build the folder of an app that has an image in the file, too')
    .addOption(rebuildOption())
    .option('--create-namespace', 'create the namespace if it does not exist')
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (names: string[], flags: Flags) => {
      rejectIncomplete(flags, command);
      await (flags.every === undefined ? deploy : deployStepByStep)(names, flags, world);
    });
  addPinFlags(command);
  addFileFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Deploy webapp.yaml', 'webapp deploy'],
    ['Deploy to the staging environment, in its cluster', 'webapp deploy --env staging --context staging'],
    ['Deploy an image that CI has built', 'webapp deploy --image ghcr.io/acme/web:$TAG'],
    ['Show what would happen', 'webapp deploy --dry-run'],
    ['Send 10% of the traffic to a new version, then 50%',
      'webapp deploy --image ghcr.io/acme/web:1.5.0 --canary 10',
      'webapp deploy --image ghcr.io/acme/web:1.5.0 --canary 50'],
    ['Do the same automatically, and roll back if there are errors',
      'webapp deploy --image ghcr.io/acme/web:1.5.0 --canary 10,50 --every 10m'],
    ['Roll back already if 1% of the responses are errors',
      'webapp deploy --image ghcr.io/acme/web:1.5.0 --canary 10,50 --every 10m --max-errors 1'],
  );
};

function rejectIncomplete({ canary = [], every, maxErrors, dryRun: isDryRun }: Flags, command: Command): void {
  if (every !== undefined && canary.length === 0) command.error('error: --every requires --canary');
  if (every === undefined && canary.length > 1) command.error('error: several percentages of --canary require --every');
  if (every === undefined && maxErrors !== undefined) command.error('error: --max-errors requires --every');
  if (every !== undefined && isDryRun) command.error('error: --dry-run cannot be combined with --every; remove --every to see one step');
}

/** Deploys the apps, those that do not need each other at the same time. */
async function deploy(names: readonly string[], flags: Flags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const planning = await planningFor(cluster, names, flags, world);
  const overrides = await overridesOf(planning, names, flags);
  const plans = await planPinned(planning, names, overrides);
  printWarnings(plans, world);
  const planned = await Promise.all(plans.map(async (plan): Promise<PlannedApp> => (
    { ...plan, resource: await withExplanation(findResource(cluster, plan.app), plan.app.namespace) })));
  const context = { cluster, planning, overrides, flags, world };
  const results = await (flags.dryRun ? dryRunAll : deployAll)(planned, context);
  if (flags.output) world.out(formatted(results, flags.output));
}

interface Context {
  readonly cluster: Cluster;
  readonly planning: Planning;
  readonly overrides: Overrides;
  readonly flags: Flags;
  readonly world: World;
}

async function deployAll(plans: readonly PlannedApp[], context: Context): Promise<object[]> {
  const { cluster, planning: { config }, flags, world } = context;
  for (const { app, resource } of plans) rejectOperatorFields(config, app, resource);
  const inTurn = oneByOne();
  const releases = await deploySideBySide({
    cluster,
    config,
    plans,
    flags,
    world,
    act: async (operation, plan, own) => deployOne(operation, plan, { ...context, world: own }, inTurn),
  });
  return plans.map(({ app }, i) => resultOf(app, releases[i]));
}

async function deployOne(operation: DeployOperation, plan: PlannedApp, context: Context, inTurn: Turns): Promise<Release> {
  const { planning, flags, world } = context;
  const { app, resource } = plan;
  // What the operator applied is replaced by what it applies next.
  const force = flags.force || resource !== undefined;
  const options = { ...messagesOf(flags, world), byOperator: resource !== undefined };
  const build = async () => buildIfNeeded({ ...operation, force }, planning, plan, world, options);
  const built = isUnbuilt(plan) ? await inTurn(build, () => operation.progress.waiting('waiting for the builds of other apps')) : planning;
  const overrides = built === planning ? context.overrides : await overridesOf(built, [app.name], flags);
  const [ready] = built === planning || resource ? [plan] : await planPinned(built, [app.name], overrides);
  return deployApp(operation, { planning: built, plan: { ...ready, resource }, overrides, inSteps: flags.canary === undefined });
}

async function dryRunAll(plans: readonly PlannedApp[], context: Context): Promise<object[]> {
  const { cluster, planning, flags, world } = context;
  const results: object[] = [];
  const later = plans.flatMap(laterOf);
  for (const plan of plans) {
    const { app, resource } = plan;
    if (!flags.output) printTitle(app, cluster, ' (dry run)', world);
    const ready = await operate({ cluster, app, flags, world }, async operation => (
      planUnbuilt(operation, planning, plan, world, async found => overridesOf(found, [app.name], flags))));
    const force = flags.force || resource !== undefined;
    results.push({ ...app, changes: await printDryRun(ready, cluster, { ...flags, force, later }, world) });
  }
  return results;
}

/** Does one thing after the other: many builds at once would need more memory than a small cluster or this computer has. */
type Turns = <T>(act: () => Promise<T>, onWait: () => void) => Promise<T>;

function oneByOne(): Turns {
  let last: Promise<unknown> | undefined;
  return async (act, onWait) => {
    if (last) onWait();
    const turn = (last ?? Promise.resolve()).then(act, act);
    last = turn;
    return turn;
  };
}

/** Deploys the apps, one after another, each as a canary that gets more and more traffic and is watched. */
async function deployStepByStep(names: readonly string[], flags: Flags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const planning = await planningFor(cluster, names, flags, world);
  const { canary: weights = [], every: interval = 0, maxErrors } = flags;
  rejectOwnCanary(planning.config, names);
  const plans = await planPinned(planning, names, await canaryOverrides(planning, names, weights[0]));
  printWarnings(plans, world);
  const results: object[] = [];
  for (const plan of plans) {
    const { app } = plan;
    if (await withExplanation(findResource(cluster, app), app.namespace)) {
      throw new Failure(`${app.name} has a WebApp resource, which the operator deploys: set rollout.canary.steps in place of --every`);
    }
    printTitle(app, cluster, ', step by step', world);
    const release = await operate({ cluster, app, flags, world }, async operation => {
      const built = await buildIfNeeded(operation, planning, plan, world, messagesOf(flags, world));
      const propsAt = async (weight: number) => (await canaryOverrides(built, [app.name], weight))[app.name]!;
      const [{ synthesized: { canary } }] = built === planning ? [plan]
        : await planPinned(built, [app.name], { [app.name]: await propsAt(weights[0]) });
      const steps = weights.map(weight => ({ weight, seconds: interval }));
      return deployGradually(operation, gradualRollout(built, app, { image: canary!.image, steps, maxErrors, propsAt }));
    });
    results.push(resultOf(app, release));
    if (!flags.output) printUrls(plan, world);
  }
  if (flags.output) world.out(formatted(results, flags.output));
}

/** What a build prints, unless a program reads the result. */
function messagesOf({ output }: Flags, world: World): BuildOptions {
  return { announce: line => output || world.err(`${line}\n`), note: 'nothing was changed' };
}

function rejectOwnCanary(config: Config, names: readonly string[]): void {
  for (const { name, props: { rollout } } of documentsOf(config, names)) {
    if (!isFields(rollout) || rollout.canary === undefined) continue;
    throw new Failure(`--every cannot be combined with rollout.canary, which ${name} has in the file`);
  }
}

/** What --canary changes. */
async function overridesOf(planning: Planning, names: readonly string[], { canary: [weight] = [] }: Flags): Promise<Overrides> {
  return weight === undefined ? {} : canaryOverrides(planning, names, weight);
}

/** The props that make the new versions canaries. */
async function canaryOverrides(planning: Planning, names: readonly string[], weight: number): Promise<Overrides> {
  const { config, cluster } = planning;
  config.failIfUnreadable();
  const overrides: { [app: string]: Fields } = {};
  for (const document of documentsOf(config, names)) {
    const app = appOf(config, document);
    const current = async () => currentRelease(await withExplanation(listReleases(cluster, app), app.namespace));
    const pinned = async () => {
      if (document.imageFlag === undefined) return undefined;
      const [plan] = await planPinned(planning, [app.name]);
      return draftOf(plan).image;
    };
    overrides[app.name] = await canaryProps(app, document, weight, { current, pinned });
  }
  return overrides;
}

/** An app to deploy, where, and the flags of the command. */
interface DeployRequest {
  readonly cluster: Cluster;
  readonly app: AppName;
  readonly flags: Flags;
  readonly world: World;
}

async function operate<T>(
  { cluster, app, flags, world }: DeployRequest, act: (operation: DeployOperation) => Promise<T>,
): Promise<T> {
  const { timeout, force, createNamespace } = flags;
  const progress = new TerminalProgress(world);
  return interruptible(world, progress, async signal => act({ cluster, app, progress, signal, timeout, force, createNamespace }));
}

async function printDryRun(
  { app, synthesized: { objects, generated, secretStore } }: AppPlan, cluster: Cluster,
  { force, createNamespace, output, later }: Flags & { readonly later: readonly Reference[] }, world: World,
): Promise<object[]> {
  const warn = (text: string) => new TerminalProgress(world).warn(text);
  const plan = { cluster, app, objects, generated, secretStore, later, warn, force, createNamespace };
  const changes = await withExplanation(dryRun(plan), app.namespace);
  for (const { change, kind, name } of changes) if (change !== 'unchanged' && !output) world.out(`${change} ${kind} ${name}\n`);
  return changes;
}

function resultOf(app: AppName, { number, image, canary, url }: Release): object {
  return { ...app, release: number, image, canary, url };
}
