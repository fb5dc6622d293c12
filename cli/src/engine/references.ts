/** Whether the Secrets and ConfigMaps exist without which the pods of an app do not start, nobody is let in, or nothing is built. */
import type { ObjectUse } from './object-uses';
import { objectUses } from './object-uses';
import type { GeneratedLengths } from '../../../src/internal';
import { generatedSecret } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { referenceTo, sameObject } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, ConfigMap, KubernetesObject, Secret } from '../kube/types';
import { isKind, POSTGRES_CLUSTER, SECRET } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** An app that is to be deployed. */
export interface ReferencesInput {
  readonly app: AppName;
  readonly objects: readonly Manifest[];

  /** Those of the objects that have to find what they use; by default, all. */
  readonly users?: readonly Manifest[];

  /** Those of the objects that stay as they are, so that what they lack stops nothing. */
  readonly staying?: readonly Manifest[];

  /** The values that a deploy generates. */
  readonly generated?: GeneratedLengths;

  /** What is deployed at the same time, and need not exist yet. */
  readonly later?: readonly Reference[];
}

/** What was found out. */
export interface MissingReferences {
  /** What is missing, each with what uses it and what to run. */
  readonly problems: readonly string[];

  /** The same for what stops nothing. */
  readonly warnings: readonly string[];

  /** Objects in the namespace of the app that the user is not allowed to see. Of other namespaces, a build says itself what it lacks. */
  readonly hidden: readonly Reference[];
}

/** Looks for every Secret and ConfigMap, and every key, that an app names. */
export async function missingReferences(cluster: Pick<Cluster, 'objects'>, input: ReferencesInput): Promise<MissingReferences> {
  const { app, objects, later = [] } = input;
  const created = [...createdSecrets(objects, app.namespace), ...later];
  const problems: string[] = [];
  const warnings: string[] = [];
  const hidden: Reference[] = [];
  const used = usedObjects(input).filter(({ reference }) => !created.some(one => sameObject(one, reference)));
  const sources = await Promise.all(used.map(async ({ reference }): Promise<Source | typeof FORBIDDEN | undefined> => {
    const own = objects.find(object => sameObject(referenceTo(object), reference)) as unknown as Source | undefined;
    return own ?? unlessForbidden(async () => cluster.objects.get(reference));
  }));
  for (const [i, { reference, uses }] of used.entries()) {
    const source = sources[i];
    if (source === FORBIDDEN) {
      if (reference.namespace === app.namespace) hidden.push(reference);
      continue;
    }
    const keys = source && { ...source.data, ...'binaryData' in source ? source.binaryData : {} };
    const lacking = uses.filter(({ key }) => !keys || (key !== undefined && !Object.hasOwn(keys, key)));
    if (lacking.length === 0) continue;
    const problem = problemOf(app, reference, lacking, keys ? `has no ${keysText(lacking)}` : 'does not exist');
    (lacking.every(({ mayBeMissing }) => mayBeMissing) ? warnings : problems).push(problem);
  }
  return { problems, warnings, hidden };
}

type Source = Secret | ConfigMap;

/** An object that an app uses, and for what. */
interface Used {
  readonly reference: Reference<Source>;
  readonly uses: readonly ObjectUse[];
}

/** The objects that an app names, without those that it can do without, and values that are generated. */
function usedObjects({ app, objects, users = objects, staying = [], generated = {} }: ReferencesInput): Used[] {
  const all = new Map<string, { reference: Reference<Source>; uses: ObjectUse[] }>();
  const isGenerated = ({ kind, name, key }: ObjectUse) => (
    isKind(kind, SECRET) && name === generatedSecret(app.name) && key !== undefined && Object.hasOwn(generated, key));
  const add = (object: Manifest, isStaying: boolean) => {
    const { namespace } = object.metadata;
    for (const use of objectUses(app, object)) {
      if (use.isOptional || isGenerated(use)) continue;
      const { kind: { apiVersion, kind }, name } = use;
      const id = `${kind}/${namespace}/${name}`;
      const known = all.get(id) ?? { reference: { apiVersion, kind, namespace, name }, uses: [] };
      const isKnown = known.uses.some(one => one.key === use.key && one.variable === use.variable && one.purpose === use.purpose);
      if (!isKnown) known.uses.push(isStaying ? { ...use, mayBeMissing: true } : use);
      all.set(id, known);
    }
  };
  for (const object of users) add(object, false);
  for (const object of staying) add(object, true);
  return [...all.values()];
}

/**
 * What a Cluster's name is followed by in the names of its Secrets.
 *
 * @see https://cloudnative-pg.io/documentation/current/applications/#secrets
 */
const OF_CLUSTER = ['app', 'superuser', 'ca', 'server', 'replication'];

/** The Secrets that others create for the objects of an app. */
export function createdSecrets(objects: readonly Manifest[], namespace: string): Reference[] {
  const names = objects.flatMap((object): readonly string[] => {
    const { kind, metadata: { name }, spec = {} } = object;
    const { target, tls } = spec as { readonly target?: { readonly name?: string }; readonly tls?: readonly { secretName: string }[] };
    if (isKind(object, POSTGRES_CLUSTER)) return OF_CLUSTER.map(suffix => `${name}-${suffix}`);
    if (kind === 'ExternalSecret') return [target?.name ?? name];
    // cert-manager creates those that a user does not.
    return kind === 'Ingress' ? tls?.map(({ secretName }) => secretName) ?? [] : [];
  });
  return names.map(name => ({ apiVersion: SECRET.apiVersion, kind: SECRET.kind, namespace, name }));
}

function keysText(uses: readonly ObjectUse[]): string {
  const keys = keysOf(uses);
  return `${keys.length === 1 ? 'key' : 'keys'} ${keys.join(', ')}`;
}

function keysOf(uses: readonly ObjectUse[]): string[] {
  return [...new Set(uses.flatMap(({ key }) => key ?? []))];
}

function problemOf(app: AppName, reference: Reference<KubernetesObject>, uses: readonly ObjectUse[], fault: string): string {
  const { kind, name, namespace } = reference;
  return `${kind} ${name} ${fault} in namespace ${namespace}; ${usersOf(uses)}\n  ${commandFor(app, reference, uses)}`;
}

/** What needs it, in the words of the file. */
function usersOf(uses: readonly ObjectUse[]): string {
  const variables = uses.flatMap(({ variable }) => variable ?? []);
  const hasAll = uses.some(({ asVariables }) => asVariables);
  const purposes = [...new Set(uses.flatMap(({ purpose }) => purpose ?? []))];
  const files = keysOf(uses.filter(({ variable, purpose }) => variable === undefined && purpose === undefined));
  const parts = [
    ...variables.length > 0 ? [`the ${variables.length === 1 ? 'variable' : 'variables'} ${variables.join(', ')}`] : [],
    ...hasAll ? ['variables of all its keys'] : [],
    ...purposes,
    ...files.length > 0 ? [`its ${files.length === 1 ? 'key' : 'keys'} ${files.join(', ')}`] : [],
  ];
  return `the app needs ${parts.length > 0 ? `it for ${parts.join(', and ')}` : 'it'}`;
}

/** The command that creates it. A value on the command line would stay in the history of a shell. */
function commandFor(app: AppName, { kind, name, namespace }: Reference, uses: readonly ObjectUse[]): string {
  const special = uses.find(({ command }) => command !== undefined)?.command;
  if (special !== undefined) return special;
  const keys = keysOf(uses);
  const words = keys.length > 0 ? keys : ['KEY'];
  const object = `${name} --namespace ${namespace}`;
  if (kind !== SECRET.kind) return `kubectl create configmap ${object} ${words.map(key => `--from-literal=${key}=VALUE`).join(' ')}`;
  if (namespace === app.namespace) {
    return `webapp secrets set ${words.join(' ')} --secret ${name} --app ${app.name} --namespace ${namespace}`;
  }
  // The command changes Secrets in the namespace of the app only. This keeps other keys, as apply does.
  return `kubectl create secret generic ${object} ${words.map(key => `--from-file=${key}=FILE`).join(' ')} --dry-run=client -o yaml `
    + '| kubectl apply --server-side -f -';
}
