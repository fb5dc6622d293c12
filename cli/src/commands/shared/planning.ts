import type { ClusterFlags } from './cluster-flags';
import type { FileFlags } from './file-flags';
import { configOptions } from './file-flags';
import type { PinFlags } from './pin-flags';
import { pinsFor } from './pin-flags';
import type { AppPlan } from '../../config/app-plan';
import { loadFor, pinApps, planApps } from '../../config/app-plan';
import type { Config, Overrides } from '../../config/config';
import { folderOf, hasPlaceholders, isUnbuilt, withPlaceholders } from '../../config/unbuilt';
import { ensureNamespace } from '../../engine/namespace';
import type { DeployOperation, Operation } from '../../engine/operation';
import { withExplanation } from '../../engine/operation';
import type { Pins } from '../../engine/pin';
import { preflight } from '../../engine/preflight';
import type { Cluster } from '../../kube/connect';
import type { Reference } from '../../kube/objects';
import { placeholderOf } from '../../registry/reference';
import { Failure } from '../../ui/failure';
import type { World } from '../../ui/world';

/** What plans are made of: the files as they were at the start, the digests that images had then, and the images that were built since. */
export interface Planning {
  readonly config: Config;
  readonly cluster: Cluster;
  readonly pins: Pick<Pins, 'pin'>;

  /** Whether folders are built even if they have been. */
  readonly rebuild?: boolean;

  /** The builds in the cluster of images that were built from a folder, by the app's name. */
  readonly builds?: { readonly [app: string]: readonly Reference[] | undefined };

  /** Images that do not exist yet. */
  readonly unbuilt?: readonly string[];
}

/** What flags may say about builds. */
export interface BuildFlags {
  /** Whether apps with an image are built as well. */
  readonly build?: boolean;

  /** Whether folders are built even if they have been. */
  readonly rebuild?: boolean;
}

/**
 * Loads the files. Apps whose folder is to be built have a placeholder for their image until then.
 *
 * @param names which apps the command is for; none means all
 */
export async function planningFor(
  cluster: Cluster, names: readonly string[], flags: FileFlags & ClusterFlags & PinFlags & BuildFlags, world: World,
): Promise<Planning> {
  const { build, rebuild } = flags;
  const config = withPlaceholders(await loadFor(cluster, configOptions(flags), world), names, build);
  if (rebuild && !hasPlaceholders(config, names)) {
    throw new Failure('--rebuild builds folders, but these apps have images, or are built from git; remove it, or add --build');
  }
  return { cluster, config, rebuild, pins: pinsFor(flags, cluster, world) };
}

/** The plans of apps, with the digests of those images that exist. */
export async function planPinned(
  { config, pins, builds = {}, unbuilt = [] }: Planning, names: readonly string[], overrides?: Overrides,
): Promise<AppPlan[]> {
  const plans = await pinApps(await planApps(config, names, overrides), pins, unbuilt);
  return plans.map(plan => ({ ...plan, builds: builds[plan.app.name] }));
}

export interface BuildOptions {
  /** Is called with a line that says what is being built. */
  readonly announce: (line: string) => void;

  /** A further line of the message if the build fails. */
  readonly note?: string;

  /** Whether the operator applies the objects, which may do what the user may not: then they are not checked. */
  readonly byOperator?: boolean;
}

/**
 * Builds an app's folder if a plan needs it. Before a build, which may take minutes, the cluster checks all objects of the plan.
 *
 * @returns the same planning if nothing had to be built
 */
export async function buildIfNeeded(
  operation: DeployOperation, planning: Planning, plan: AppPlan, world: World, { announce, note, byOperator }: BuildOptions,
): Promise<Planning> {
  if (!isUnbuilt(plan)) return planning;
  const { config, builds, rebuild } = planning;
  const { app: { name, namespace } } = plan;
  const { buildFolder } = await import('../../build/build-folder');
  // A build may be in it.
  if (operation.createNamespace) await withExplanation(ensureNamespace(operation, namespace), namespace, note);
  const beforeBuild = byOperator ? undefined : async () => checkUnbuilt(operation, plan);
  const options = { announce, rebuild, beforeBuild };
  const built = await withExplanation(buildFolder(operation, folderOf(config, name), world, options), namespace, note);
  return { ...planning, config: config.withImages({ [name]: built.image }), builds: { ...builds, [name]: built.builds } };
}

/** @throws Failure with all that the cluster would reject whatever the image is; once that exists, a deploy checks everything again */
async function checkUnbuilt(
  { cluster, app, progress, force, later }: DeployOperation, { synthesized: { objects, generated } }: AppPlan,
): Promise<void> {
  progress.waiting('checking all objects with a dry run');
  await preflight({ cluster, app, objects, generated, later, force, placeholder: placeholderOf(app.name) });
}

/**
 * The plan of an app as a deploy would make it: with the image that a build of its folder has, or would have.
 *
 * @param overridesOf what else a deploy would change with that image
 */
export async function planUnbuilt(
  operation: Operation, planning: Planning, plan: AppPlan, world: World, overridesOf?: (planning: Planning) => Promise<Overrides>,
): Promise<AppPlan> {
  if (!isUnbuilt(plan)) return plan;
  const { config, rebuild } = planning;
  const { app: { name } } = plan;
  const { findBuilt } = await import('../../build/build-folder');
  const { image, isBuilt } = await findBuilt(operation, folderOf(config, name), world, { rebuild });
  if (!isBuilt) operation.progress.warn(`${name} would be built: ${image} stands for its new image`);
  const found = { ...planning, config: config.withImages({ [name]: image }), unbuilt: [image] };
  return (await planPinned(found, [name], await overridesOf?.(found)))[0];
}
