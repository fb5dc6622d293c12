/**
 * Values that an app needs and no file has, as `generate` of `secretEnv` asks for them. They are keys of one Secret, which is created
 * before anything that uses it. A deploy only ever adds keys to it: what depends on a value, such as data that is encrypted with it, would
 * be lost with that. So the Secret is kept as data is.
 */
import type { Operation } from './operation';
import { randomValue } from './settings-change';
import type { GeneratedLengths } from '../../../src/internal';
import { generatedSecret } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import { isConflict, isNotFound } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { MANAGER } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import { encoded } from '../kube/secret-data';
import type { AppName, KubernetesObject, Secret } from '../kube/types';
import { isKind, SECRET } from '../kube/types';
import { MANAGED_BY } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** The type of the Secrets, by which they are told from those of others. */
export const GENERATED_TYPE = 'cdk8s-webapp.dev/generated';

/** The Secret with the generated values of an app. */
export function generatedReference({ name, namespace }: AppName): Reference<Secret> {
  return { ...SECRET, namespace, name: generatedSecret(name) };
}

/** Whether an object is the Secret with the generated values of some app: no other Secret of an app has such a name. */
export function isGenerated(reference: Reference): boolean {
  return isKind(reference, SECRET) && reference.name.endsWith(generatedSecret(''));
}

/** Whether it is the Secret of an app, and no Secret of others that has its name. */
export function isOfApp({ type, metadata: { labels } }: Secret, { name }: Pick<AppName, 'name'>): boolean {
  return type === GENERATED_TYPE && labels?.['app.kubernetes.io/name'] === name;
}

/** What is there of the values of an app. */
export interface GeneratedState {
  /** The Secret; undefined if it does not exist. */
  readonly live?: Secret;

  /** The keys that it does not have. */
  readonly missing: readonly string[];
}

/**
 * What is there of the values of an app.
 *
 * @throws Failure where some are missing, and the Secret is not one of the app, so that nothing is added to it
 */
export async function generatedState(
  { objects }: Pick<Cluster, 'objects'>, app: AppName, lengths: GeneratedLengths,
): Promise<GeneratedState> {
  const live = await objects.get(generatedReference(app));
  const missing = Object.keys(lengths).filter(key => !Object.hasOwn(live?.data ?? {}, key)).sort();
  if (live && missing.length > 0 && !isOfApp(live, app)) throw ofOthers(live, missing.join(', '));
  return { live, missing };
}

function ofOthers({ metadata: { name, namespace } }: Secret, keys: string): Failure {
  return new Failure(`Secret ${name} in namespace ${namespace} has no key ${keys}, and was created by others, so webapp adds nothing to it
  add the key where the Secret comes from, or delete the Secret if nothing else uses it`);
}

/** The Secret as it is created. */
export function generatedManifest(app: AppName, values: { readonly [key: string]: string }, owner?: object): Manifest {
  const { apiVersion, kind, namespace, name } = generatedReference(app);
  const labels = { 'app.kubernetes.io/name': app.name, 'app.kubernetes.io/managed-by': MANAGED_BY };
  const metadata = { name, namespace, labels, ...owner ? { ownerReferences: [owner] } : {} };
  return { apiVersion, kind, metadata, type: GENERATED_TYPE, data: encoded(values) };
}

function generate(lengths: GeneratedLengths, keys: readonly string[]): { [key: string]: string } {
  return Object.fromEntries(keys.map(key => [key, randomValue(lengths[key])]));
}

/** Who writes the Secret. */
export interface Writer {
  /**
   * The field manager.
   *
   * @default MANAGER
   */
  readonly manager?: string;

  /** What the Secret is deleted with; undefined to keep it. */
  readonly owner?: object;
}

/** What was done. */
export interface Generated {
  /** The Secret as it was before; undefined if it did not exist, or was not needed. */
  readonly before?: Secret;

  /** The keys that were added. */
  readonly created: readonly string[];
}

/**
 * Creates the values of an app that do not exist. Each gets one value, which stays, however many processes do so at the same time: a
 * Secret is created by one process, and changed only as it was read.
 *
 * @throws Failure where the Secret belongs to others
 */
export async function createMissing(
  cluster: Pick<Cluster, 'objects'>, app: AppName, lengths: GeneratedLengths, { manager = MANAGER, owner }: Writer = {},
): Promise<Generated> {
  if (Object.keys(lengths).length === 0) return { created: [] };
  for (;;) {
    const { live, missing } = await generatedState(cluster, app, lengths);
    if (missing.length === 0) return { before: live, created: [] };
    const values = generate(lengths, missing);
    try {
      if (live) await addKeys(cluster, live, values, manager);
      else await cluster.objects.create(generatedManifest(app, values, owner), { manager });
      return { before: live, created: missing };
    } catch (error) {
      // Another process has created some of them, or deleted the Secret.
      if (!isConflict(error) && !(live && isNotFound(error))) throw error;
    }
  }
}

/** @throws ApiError 409 where the Secret is not as it was read */
async function addKeys(
  { objects }: Pick<Cluster, 'objects'>, { metadata: { name, namespace, resourceVersion } }: Secret,
  values: { readonly [key: string]: string }, manager: string,
): Promise<void> {
  await objects.merge({ ...SECRET, namespace, name }, { metadata: { resourceVersion }, data: encoded(values) }, manager);
}

/** Values whose length is not the one that the file has now. */
export function otherLengths({ data = {} }: Pick<Secret, 'data'>, lengths: GeneratedLengths): string[] {
  return Object.entries(lengths).flatMap(([key, length]) => {
    if (!Object.hasOwn(data, key)) return [];
    const { length: actual } = Buffer.from(data[key], 'base64').toString('utf8');
    if (actual === length) return [];
    return [`${key} has ${actual} characters, and not ${length}, as a generated value stays; webapp secrets generate ${key} replaces it`];
  });
}

/**
 * Replaces values of an app by others. Pods that run keep the old ones.
 *
 * @throws Failure where the Secret does not exist, or belongs to others
 */
export async function replaceValues({ cluster, app }: Pick<Operation, 'cluster' | 'app'>, lengths: GeneratedLengths): Promise<void> {
  const keys = Object.keys(lengths);
  for (;;) {
    const live = await cluster.objects.get(generatedReference(app));
    if (!live) throw new Failure(`Secret ${generatedSecret(app.name)} does not exist in namespace ${app.namespace}; run webapp deploy`);
    if (!isOfApp(live, app)) throw replacedElsewhere(live, keys);
    try {
      return await addKeys(cluster, live, generate(lengths, keys), MANAGER);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

function replacedElsewhere({ metadata: { name, namespace } }: Secret, keys: readonly string[]): Failure {
  return new Failure(`${keys.join(', ')} cannot be replaced, as Secret ${name} in namespace ${namespace} was created by others
  change the values where the Secret comes from, and run webapp restart`);
}

/** The Secret of an app, if there is one that is its own; none where the user is not allowed to see it. */
export async function findGenerated({ objects }: Pick<Cluster, 'objects'>, app: AppName): Promise<Reference[]> {
  const live = await unlessForbidden(async () => objects.get(generatedReference(app)));
  return live !== undefined && live !== FORBIDDEN && isOfApp(live, app) ? [generatedReference(app)] : [];
}

/** The Secret as it is, and as it would be with values for the missing keys. */
export function withMissing(app: AppName, { live, missing }: GeneratedState): KubernetesObject {
  const added = Object.fromEntries(missing.map(key => [key, '']));
  if (!live) return generatedManifest(app, added) as unknown as KubernetesObject;
  return { ...live, ...{ data: { ...live.data, ...added } } };
}
