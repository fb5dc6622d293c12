import type { Command } from 'commander';
import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags } from './shared/file-flags';
import type { PinFlags } from './shared/pin-flags';
import { addPinFlags } from './shared/pin-flags';
import type { BuildFlags, BuildOptions, Planning } from './shared/planning';
import { buildIfNeeded, planningFor, planPinned, planUnbuilt } from './shared/planning';
import { sideBySide } from './shared/side-by-side';
import type { DeployFlags } from './shared/values';
import { concurrencyOption, duration, forceOption, outputOption, percentage, rebuildOption, timeoutOption } from './shared/values';
import type { AppPlan } from '../config/app-plan';
import { appOf, draftOf, printWarnings, specOf } from '../config/app-plan';
import { canaryProps, propsWithCanary } from '../config/canary';
import type { Config, Overrides } from '../config/config';
import type { ConfigDocument } from '../config/document';
import type { Fields } from '../config/merge';
import { isFields } from '../config/merge';
import { isUnbuilt } from '../config/unbuilt';
import { isNewVersion } from '../engine/canary-health';
import type { GradualRollout } from '../engine/gradual';
import { deployGradually } from '../engine/gradual';
import { ensureNamespace } from '../engine/namespace';
import type { DeployOperation } from '../engine/operation';
import { withExplanation } from '../engine/operation';
import { dryRun } from '../engine/preflight';
import type { Release } from '../engine/release-store';
import { currentRelease, isDeployed, listReleases } from '../engine/release-store';
import type { PlanWithCanary } from '../engine/take-over';
import { deployWithTakeOver } from '../engine/take-over';
import { addMissingTriggers, isRoute } from '../engine/waking-routes';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import type { AppName } from '../kube/types';
import { deployResource, findResource } from '../operator/client';
import type { WebAppResource } from '../operator/resources';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface Flags extends FileFlags, ClusterFlags, DeployFlags, PinFlags, BuildFlags {
  readonly createNamespace?: boolean;

  /** How many apps are deployed at the same time. */
  readonly concurrency: number;
  readonly dryRun?: boolean;
  readonly output?: Format;

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
  const plans = await planPinned(planning, names, await overridesOf(planning, names, flags));
  printWarnings(plans, world);
  const planned = await Promise.all(plans.map(async (plan): Promise<PlannedApp> => (
    { ...plan, resource: await withExplanation(findResource(cluster, plan.app), plan.app.namespace) })));
  const context = { cluster, planning, flags, world };
  const results = await (flags.dryRun ? dryRunAll : deployAll)(planned, context);
  if (flags.output) world.out(formatted(results, flags.output));
}

/** A plan, and the app's resource if the operator deploys it. */
interface PlannedApp extends AppPlan {
  readonly resource?: WebAppResource;
}

interface Context {
  readonly cluster: Cluster;
  readonly planning: Planning;
  readonly flags: Flags;
  readonly world: World;
}

async function deployAll(plans: readonly PlannedApp[], context: Context): Promise<object[]> {
  const { cluster, planning, flags, world } = context;
  for (const { app, resource } of plans) rejectOperatorFields(planning.config, app, resource);
  const isOne = plans.length === 1;
  if (!isOne && flags.createNamespace) await createNamespaces(plans, cluster, world);
  const later = plans.flatMap(({ synthesized: { objects } }) => objects).filter(isRoute).map(object => referenceTo(object));
  const inTurn = oneByOne();
  const releases = await sideBySide({
    config: planning.config,
    plans,
    concurrency: flags.concurrency,
    world,
    verb: 'Deployed',
    act: async (plan: PlannedApp, { world: own, progress }, signal) => {
      const { app } = plan;
      // A program that reads the result of one app knows which one it is.
      if (!flags.output || !isOne) printTitle(app, cluster, '', own);
      const { timeout, force, createNamespace } = flags;
      const operation = { cluster, app, progress, signal, timeout, force, createNamespace, later };
      const release = await deployOne(operation, plan, { ...context, world: own }, inTurn);
      if (!flags.output) printUrls(plan, own);
      return release;
    },
    finish: async (deployed, signal) => finishWakes(deployed, { later, cluster, world, signal }),
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
  if (resource) {
    if (built.config.platform) operation.progress.warn('the Platform of the cluster applies, and not the one of your files');
    return deployResource(operation, specOf(built.config, app, await overridesOf(built, [app.name], flags)));
  }
  const [ready] = built === planning ? [plan] : await planPinned(built, [app.name], await overridesOf(built, [app.name], flags));
  const rollout = flags.canary === undefined ? await rolloutOfFile(built, ready) : undefined;
  if (rollout) return deployGradually(operation, rollout);
  return deployWithTakeOver(operation, draftOf(ready), planWithCanary(built, app));
}

async function dryRunAll(plans: readonly PlannedApp[], context: Context): Promise<object[]> {
  const { cluster, planning, flags, world } = context;
  const results: object[] = [];
  for (const plan of plans) {
    const { app, resource } = plan;
    if (!flags.output) printTitle(app, cluster, ' (dry run)', world);
    const ready = await operate({ cluster, app, flags, world }, async operation => (
      planUnbuilt(operation, planning, plan, world, async found => overridesOf(found, [app.name], flags))));
    const force = flags.force || resource !== undefined;
    results.push({ ...app, changes: await printDryRun(ready, cluster, { ...flags, force }, world) });
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

/** Creates the namespaces before the apps, so that each is created once. */
async function createNamespaces(plans: readonly AppPlan[], cluster: Cluster, world: World): Promise<void> {
  const progress = new TerminalProgress(world);
  for (const namespace of new Set(plans.map(({ app }) => app.namespace))) {
    await withExplanation(ensureNamespace({ cluster, progress }, namespace), namespace);
  }
}

/** Completes the ScaledObjects of apps that were deployed before those that wake them. */
async function finishWakes(
  plans: readonly AppPlan[],
  { later, cluster, signal, world }: Pick<DeployOperation, 'later' | 'cluster' | 'signal'> & Pick<Context, 'world'>,
): Promise<void> {
  const progress = new TerminalProgress(world);
  for (const { app, synthesized: { objects } } of plans) {
    await withExplanation(addMissingTriggers({ cluster, app, progress, signal }, objects, later), app.namespace);
  }
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

/** The rollout that the file has steps for; undefined where all traffic goes to the image at once. */
async function rolloutOfFile(planning: Planning, plan: AppPlan): Promise<GradualRollout | undefined> {
  const { app } = plan;
  const [document] = documentsOf(planning.config, [app.name]);
  const { image } = draftOf(plan);
  if (!document.canaryPlan || image === undefined) return undefined;
  const releases = (await withExplanation(listReleases(planning.cluster, app), app.namespace)).map(({ release }) => release);
  if (!isNewVersion(image, releases)) return undefined;
  const current = releases.find(isDeployed)!.image!;
  const propsAt = async (weight: number) => propsWithCanary(document, current, { image, weight });
  return gradualRollout(planning, app, { ...document.canaryPlan, image, propsAt });
}

/** @param rollout what is deployed step by step; `propsAt` returns the props of a step, in which it is the canary */
function gradualRollout(
  planning: Planning, app: AppName,
  { image, propsAt, ...steps }: Pick<GradualRollout, 'steps' | 'maxErrors'> & {
    readonly image: string;
    readonly propsAt: (weight: number) => Promise<Fields>;
  },
): GradualRollout {
  const planOf = async (props: Fields) => draftOf((await planPinned(planning, [app.name], { [app.name]: props }))[0]);
  return {
    ...steps,
    planCanary: async weight => planOf(await propsAt(weight)),
    planFinal: async () => planOf({ image }),
    planWithCanary: planWithCanary(planning, app),
  };
}

/** Fields of a resource that only the operator obeys must not be lost. */
function rejectOperatorFields(config: Config, app: AppName, resource: WebAppResource | undefined): void {
  const [field] = documentsOf(config, [app.name]).flatMap(document => document.operatorFields);
  if (field === undefined || resource) return;
  throw new Failure(`${field} is for the operator, and ${app.name} has no WebApp resource in namespace ${app.namespace}
  create it with kubectl apply${field === 'ttl' ? ', or with webapp preview up' : ''}, or remove ${field} from the file`);
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

/** The documents of the apps to deploy; no names means all. */
function documentsOf({ apps }: Config, names: readonly string[]): readonly ConfigDocument[] {
  return apps.filter(({ name }) => names.length === 0 || names.includes(String(name)));
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

/** Plans a release with an image and the canary as it is, for an app that has a canary. */
function planWithCanary(planning: Planning, { name }: AppName): PlanWithCanary {
  return async (image, canary) => {
    const document = planning.config.apps.find(app => app.name === name)!;
    const [plan] = await planPinned(planning, [name], { [name]: propsWithCanary(document, image, canary) });
    return draftOf(plan);
  };
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
  { app, synthesized: { objects } }: AppPlan, cluster: Cluster, { force, createNamespace, output }: Flags, world: World,
): Promise<object[]> {
  const changes = await withExplanation(dryRun({ cluster, app, objects, force, createNamespace }), app.namespace);
  for (const { change, kind, name } of changes) if (change !== 'unchanged' && !output) world.out(`${change} ${kind} ${name}\n`);
  return changes;
}

function printTitle({ name, namespace }: AppName, { context }: Cluster, note: string, world: World): void {
  world.err(`${paint(world.color.err).bold(name)} in namespace ${namespace} of ${context}${note}\n`);
}

function printUrls({ synthesized: { url, internalUrl, previewUrl } }: AppPlan, world: World): void {
  const { cyan } = paint(world.color.err);
  if (url) world.err(`URL: ${cyan(url)}\n`);
  else if (internalUrl) world.err(`In-cluster URL: ${cyan(internalUrl)}\n`);
  if (previewUrl) world.err(`Preview URL: ${cyan(previewUrl)}\n`);
}

function resultOf(app: AppName, { number, image, canary, url }: Release): object {
  return { ...app, release: number, image, canary, url };
}
