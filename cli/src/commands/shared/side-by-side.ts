/** Deploys the apps of a file at the same time, each after those that it needs. */
import type { DeployFlags } from './values';
import type { AppPlan } from '../../config/app-plan';
import type { Config } from '../../config/config';
import { needsOf } from '../../config/needs';
import { frontDoorProblem } from '../../diagnose/front-door';
import { generatedReference } from '../../engine/generated';
import { ensureNamespace } from '../../engine/namespace';
import type { DeployOperation, Operation } from '../../engine/operation';
import { count, withExplanation } from '../../engine/operation';
import { createdSecrets } from '../../engine/references';
import type { Release } from '../../engine/release-store';
import type { Outcome } from '../../engine/side-by-side';
import { doSideBySide } from '../../engine/side-by-side';
import { addMissingTriggers, isRoute } from '../../engine/waking-routes';
import type { Cluster } from '../../kube/connect';
import type { Reference } from '../../kube/objects';
import { referenceTo } from '../../kube/objects';
import type { AppName } from '../../kube/types';
import type { Block } from '../../ui/blocks';
import { Blocks } from '../../ui/blocks';
import { Failure } from '../../ui/failure';
import type { Format } from '../../ui/format';
import { interruptible } from '../../ui/interruptible';
import { paint } from '../../ui/paint';
import { TerminalProgress } from '../../ui/terminal-progress';
import type { World } from '../../ui/world';

/** The flags of commands that deploy several apps. */
export interface SideBySideFlags extends DeployFlags {
  readonly createNamespace?: boolean;

  /** How many apps are deployed at the same time. */
  readonly concurrency: number;
  readonly output?: Format;
}

export interface SideBySideDeploy<P extends AppPlan> {
  readonly cluster: Cluster;
  readonly config: Config;
  readonly plans: readonly P[];
  readonly flags: SideBySideFlags;
  readonly world: World;

  /** @param world where its output goes */
  readonly act: (operation: DeployOperation, plan: P, world: World) => Promise<Release>;
}

/**
 * Deploys the apps of a file.
 *
 * @returns the releases, in the order of the plans
 * @throws Failure where one failed; those that do not need it are deployed nevertheless
 */
export async function deploySideBySide<P extends AppPlan>(
  { cluster, config, plans, flags, world, act }: SideBySideDeploy<P>,
): Promise<Release[]> {
  const { timeout, force, createNamespace, output, concurrency } = flags;
  const isOne = plans.length === 1;
  if (!isOne && createNamespace) await createNamespaces(plans, cluster, world);
  const later = plans.flatMap(laterOf);
  return sideBySide({
    config,
    plans,
    concurrency,
    world,
    verb: 'Deployed',
    act: async (plan: P, { world: own, progress }, signal) => {
      const { app } = plan;
      // A program that reads the result of one app knows which one it is.
      if (!output || !isOne) printTitle(app, cluster, '', own);
      const release = await act({ cluster, app, progress, signal, timeout, force, createNamespace, later }, plan, own);
      if (!output) {
        await checkFrontDoor({ cluster, app, progress, signal }, release, own);
        printUrls(plan, own);
      }
      return release;
    },
    finish: async (deployed, signal) => finishWakes(deployed, { later, cluster, signal, progress: new TerminalProgress(world) }),
  });
}

/** What an app has that others of the same file may name before it exists: routes, and Secrets that are created for it. */
export function laterOf({ app, synthesized: { objects, generated } }: AppPlan): Reference[] {
  const routes = objects.filter(isRoute).map(object => referenceTo(object));
  const hasValues = Object.keys(generated).length > 0;
  return [...routes, ...createdSecrets(objects, app.namespace), ...hasValues ? [generatedReference(app)] : []];
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
  plans: readonly AppPlan[], operation: Pick<DeployOperation, 'later' | 'cluster' | 'progress' | 'signal'>,
): Promise<void> {
  for (const { app, synthesized: { objects } } of plans) {
    await withExplanation(addMissingTriggers({ ...operation, app }, objects, operation.later), app.namespace);
  }
}

export function printTitle({ name, namespace }: AppName, { context }: Cluster, note: string, world: World): void {
  world.err(`${paint(world.color.err).bold(name)} in namespace ${namespace} of ${context}${note}\n`);
}

/** Opens the URL as visitors do. What keeps them out does not fail the deploy: it may be a DNS record that another team creates. */
async function checkFrontDoor({ cluster, app, progress, signal }: Operation, { url, objects }: Release, world: World): Promise<void> {
  // The proxy would have to be asked in place of the app.
  const isProxied = ['http_proxy', 'https_proxy'].some(name => world.env[name] || world.env[name.toUpperCase()]);
  if (url === undefined || isProxied) return;
  progress.waiting(`opening ${url}`);
  const { visit, lookUp } = world;
  const problem = await frontDoorProblem({ cluster, app, url, objects, signal, visit, lookUp });
  if (problem !== undefined) progress.warn(problem);
}

export function printUrls({ synthesized: { url, internalUrl, previewUrl } }: AppPlan, world: World): void {
  const { cyan } = paint(world.color.err);
  if (url) world.err(`URL: ${cyan(url)}\n`);
  else if (internalUrl) world.err(`In-cluster URL: ${cyan(internalUrl)}\n`);
  if (previewUrl) world.err(`Preview URL: ${cyan(previewUrl)}\n`);
}

interface AppsRequest<P extends AppPlan, T> {
  readonly config: Config;
  readonly plans: readonly P[];
  readonly concurrency: number;
  readonly world: World;

  /** What happened to an app if all went well: `Deployed`. */
  readonly verb: string;

  /** @param block where its output goes */
  readonly act: (plan: P, block: Pick<Block, 'world' | 'progress'>, signal: AbortSignal) => Promise<T>;

  /** What follows for the apps with which all went well. */
  readonly finish: (plans: readonly P[], signal: AbortSignal) => Promise<void>;
}

/**
 * Does it with all apps. If it fails for one, those that need it are left out, and the others are completed.
 *
 * @returns the results, in the order of the plans
 * @throws Failure where it failed for one
 */
async function sideBySide<P extends AppPlan, T>(
  { config, plans, concurrency, world, verb, act, finish }: AppsRequest<P, T>,
): Promise<T[]> {
  const names = config.apps.map(({ name }) => String(name));
  const inFile = [...plans].sort((a, b) => names.indexOf(a.app.name) - names.indexOf(b.app.name));
  const blocks = new Blocks(world);
  return interruptible(world, blocks, async signal => {
    const actInBlock = async (i: number) => {
      const block = blocks.open();
      try {
        return await act(inFile[i], block, signal);
      } catch (error) {
        if (plans.length > 1) printFailure(error, signal, block);
        throw error;
      } finally {
        block.close();
      }
    };
    const outcomes = await doSideBySide({ needs: needsOf(inFile), concurrency, signal, act: actInBlock });
    const results = new Map(outcomes.flatMap((outcome, i) => outcome.state === 'done' ? [[inFile[i], outcome.result] as const] : []));
    if (!signal.aborted) await finish([...results.keys()], signal);
    failIfAnyFailed(outcomes, inFile, verb);
    return plans.map(plan => results.get(plan)!);
  });
}

function printFailure(error: unknown, signal: AbortSignal, { world }: Pick<Block, 'world'>): void {
  const message = error instanceof Failure ? error.message : signal.aborted ? 'interrupted' : undefined;
  if (message !== undefined) world.err(`${paint(world.color.err).red('✗')} ${message}\n`);
}

function failIfAnyFailed(outcomes: readonly Outcome<unknown>[], plans: readonly AppPlan[], verb: string): void {
  const failed = outcomes.flatMap(outcome => outcome.state === 'failed' ? [outcome.error] : []);
  const done = outcomes.filter(({ state }) => state === 'done').length;
  if (done === outcomes.length) return;
  // What is not a failure is a fault of the program, which has to be seen as it is.
  const fault = failed.find(error => !(error instanceof Failure));
  if (fault !== undefined || plans.length === 1) throw fault ?? failed[0] ?? new Failure('interrupted');
  const lines = outcomes.flatMap((outcome, i) => {
    const text = describe(outcome, plans, verb);
    return text === undefined ? [] : [`  ${plans[i].app.name}: ${text}`];
  });
  throw new Failure([`${verb} ${done} of ${count(plans.length, 'app')}`, ...lines].join('\n'));
}

function describe(outcome: Outcome<unknown>, plans: readonly AppPlan[], verb: string): string | undefined {
  switch (outcome.state) {
    case 'failed': return 'failed';
    case 'skipped': return `not ${verb.toLowerCase()}, because it needs ${plans[outcome.because].app.name}`;
    case 'not-started': return `not ${verb.toLowerCase()}, because of the interruption`;
    default: return undefined;
  }
}
