import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigOptions, Overrides } from './config';
import { Config } from './config';
import type { ConfigDocument } from './document';
import { readPlatform } from './files';
import type { Fields } from './merge';
import { stringsOf } from './merge';
import { nearest } from '../../../src/internal';
import type { Draft } from '../engine/lock';
import type { Pins } from '../engine/pin';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { referenceTo } from '../kube/objects';
import type { AppName } from '../kube/types';
import { HTTP_ROUTE, ofKind } from '../kube/types';
import { activeImage } from '../kube/workload';
import type { Manifest, SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** The environment of previews, if the file has one of that name. */
export const PREVIEW_ENVIRONMENT = 'preview';

/** An app of the config, as it is to be deployed. */
export interface AppPlan {
  readonly app: AppName;
  readonly synthesized: SynthesizedApp;

  /** The build in the cluster that its image is from, if the folder was built. */
  readonly builds?: readonly Reference[];
}

/** Loads the files for a cluster, whose namespace is that of apps that do not name one. */
export async function loadFor(cluster: Cluster, options: ConfigOptions, world: World): Promise<Config> {
  return Config.load({ ...options, namespace: options.namespace ?? cluster.namespace }, world);
}

/**
 * The plans of apps.
 *
 * @param names which ones; none means all
 */
export async function planApps(config: Config, names: readonly string[], overrides: Overrides = {}): Promise<AppPlan[]> {
  const apps = withShared(await config.plan(overrides));
  const known = apps.map(({ name }) => name);
  for (const name of names) if (!known.includes(name)) throw unknownApp(name, known);
  return apps.filter(({ name }) => names.length === 0 || names.includes(name))
    .map(synthesized => ({ synthesized, app: { name: synthesized.name, namespace: synthesized.namespace! } }));
}

/** The apps with what they share with another app of their namespace, which has it already: each may be deployed without the other. */
function withShared(apps: readonly SynthesizedApp[]): SynthesizedApp[] {
  return apps.map(app => {
    const backends = ofKind(app.objects, HTTP_ROUTE).flatMap(({ spec }) => spec.rules.flatMap(({ backendRefs = [] }) => backendRefs));
    const isNeeded = ({ metadata }: Manifest) => backends.some(({ namespace }) => namespace === metadata.namespace);
    const neighbors = apps.filter(other => other !== app && other.namespace === app.namespace);
    const others = neighbors.flatMap(({ shared }) => shared).filter(isNeeded);
    return others.length === 0 ? app : { ...app, shared: [...app.shared, ...others], objects: [...others, ...app.objects] };
  });
}

/**
 * The plans with pinned images.
 *
 * @param unbuilt images that do not exist yet
 */
export async function pinApps(plans: readonly AppPlan[], pins: Pick<Pins, 'pin'>, unbuilt: readonly string[] = []): Promise<AppPlan[]> {
  const pinned = await pins.pin(plans.map(({ synthesized }) => synthesized), unbuilt);
  return plans.map((plan, i) => ({ ...plan, synthesized: pinned[i] }));
}

/** The name by which the cluster knows an app of the config. */
export function appOf(config: Config, document: ConfigDocument): AppName {
  return { name: String(document.name), namespace: String(config.namespaceOf(document)) };
}

/**
 * The app of a name.
 *
 * @throws Failure where the file has none, or cannot be read
 */
export function appInFile(config: Config, name: string): AppName {
  config.failIfUnreadable();
  const document = config.apps.find(app => app.name === name);
  if (!document) throw unknownApp(name, config.apps.map(app => String(app.name)));
  return appOf(config, document);
}

function unknownApp(name: string, known: readonly string[]): Failure {
  const near = nearest(name, known);
  return new Failure(`the file has no app ${name}; ${near ? `did you mean ${near}?` : `its apps are ${known.join(', ')}`}`);
}

/** The spec of a WebApp resource that says what the config says of an app. */
export function specOf({ apps }: Config, { name }: AppName, overrides: Overrides = {}): Fields {
  const document = apps.find(app => String(app.name) === name)!;
  const { [name]: props } = overrides;
  const { name: _, ...spec } = (props ? document.with({ props }) : document).spec;
  return spec;
}

/** The release that deploys a plan. */
export function draftOf({ app, builds, synthesized }: AppPlan): Draft {
  const { objects, shared, url, canary, generated, secretStore = null } = synthesized;
  const action = canary ? `canary at ${canary.weight}%` : 'deploy';
  const image = activeImage(objects, app.name);
  const isGenerated = Object.keys(generated).length > 0;
  const planned = { action, url, objects, builds, shared: shared.map(referenceTo), image, canary, secretStore };
  return isGenerated ? { ...planned, generated } : planned;
}

/** Prints the warnings of plans. */
export function printWarnings(plans: readonly AppPlan[], world: World): void {
  for (const { synthesized: { name, warnings } } of plans) for (const warning of warnings) world.err(`warning: ${name}: ${warning}\n`);
}

/**
 * The app that a command about the cluster is for: the one of the name, or the only one of the file. Where a name is given, a file is not
 * needed.
 */
export async function findApp(options: ConfigOptions, cluster: Cluster, name: string | undefined, world: World): Promise<AppName> {
  const inCluster = { name: name ?? '', namespace: cluster.namespace };
  if (name !== undefined && !existsSync(resolve(world.cwd, options.file))) return inCluster;
  const config = await loadFor(cluster, { ...options, images: [] }, world);
  const apps = config.apps.map(document => appOf(config, document));
  // An app may be in the cluster alone, and a preview is.
  if (name !== undefined) return apps.find(app => app.name === name) ?? await previewOf(config, options, name) ?? inCluster;
  if (apps.length !== 1) throw new Failure(`${options.file} has ${apps.length} apps; name one of ${apps.map(app => app.name).join(', ')}`);
  return apps[0];
}

/** The preview of an app of the file that has a name. It is where the environment of previews says, unless the command line does. */
async function previewOf(config: Config, { env, namespace }: ConfigOptions, name: string): Promise<AppName | undefined> {
  if (namespace !== undefined) return undefined;
  const hasOwn = env === undefined && config.environments.includes(PREVIEW_ENVIRONMENT);
  const previews = hasOwn ? await config.inEnvironment(PREVIEW_ENVIRONMENT) : config;
  const document = previews.apps.find(app => name.startsWith(`${String(app.name)}-`));
  return document && { name, namespace: appOf(previews, document).namespace };
}

/** Where the files have the builds of an app. */
export interface BuildPlace {
  /** The namespace of builds; undefined if that is the app's. */
  readonly namespace?: string;

  /** The repository to which its images are pushed, if they say that. */
  readonly repository?: string;
}

/** Where the builds of an app are, which need not be in the file any more. */
export async function buildPlaceOf(options: ConfigOptions, app: string, world: World): Promise<BuildPlace> {
  const config = existsSync(resolve(world.cwd, options.file)) ? await Config.load({ ...options, images: [] }, world) : undefined;
  const platform = config ? config.platform : (await readPlatform(options.platform, world))?.in(options.env);
  const { namespace, registry } = stringsOf(platform?.props.builds);
  const { image } = stringsOf(config?.apps.find(({ name }) => name === app)?.props.buildFrom);
  return { namespace, repository: image ?? (registry === undefined ? undefined : `${registry}/${app}`) };
}
