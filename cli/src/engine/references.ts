/** Whether the Secrets and ConfigMaps exist without which the pods of an app do not start, or nobody is let in. */
import type { GeneratedLengths } from '../../../src/internal';
import { generatedSecret } from '../../../src/internal';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { referenceTo, sameObject } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName, ConfigMap, KubernetesObject, PodTemplate, Secret } from '../kube/types';
import { isKind, POSTGRES_CLUSTER, SECRET } from '../kube/types';
import type { Use } from '../kube/uses';
import { usesOf } from '../kube/uses';
import type { Manifest } from '../render/synthesis';

/** An app that is to be deployed. */
export interface ReferencesInput {
  readonly app: AppName;
  readonly objects: readonly Manifest[];

  /** Those of the objects whose needs are looked at; by default, all. */
  readonly users?: readonly Manifest[];

  /** The values that a deploy generates. */
  readonly generated?: GeneratedLengths;

  /** What is deployed at the same time, and need not exist yet. */
  readonly later?: readonly Reference[];
}

/** What was found out. */
export interface MissingReferences {
  /** What is missing, each with what uses it and what to run. */
  readonly problems: readonly string[];

  /** Objects that the user is not allowed to see. */
  readonly hidden: readonly Reference[];
}

/** Looks for every Secret and ConfigMap, and every key, that an app names. */
export async function missingReferences(cluster: Pick<Cluster, 'objects'>, input: ReferencesInput): Promise<MissingReferences> {
  const { app, objects, later = [] } = input;
  const created = [...createdSecrets(objects, app.namespace), ...later];
  const problems: string[] = [];
  const hidden: Reference[] = [];
  const used = usedObjects(input).filter(({ reference }) => !created.some(one => sameObject(one, reference)));
  const sources = await Promise.all(used.map(async ({ reference }): Promise<Source | typeof FORBIDDEN | undefined> => {
    const own = objects.find(object => sameObject(referenceTo(object), reference)) as unknown as Source | undefined;
    return own ?? unlessForbidden(async () => cluster.objects.get(reference));
  }));
  for (const [i, { reference, uses }] of used.entries()) {
    const source = sources[i];
    if (source === FORBIDDEN) {
      hidden.push(reference);
    } else if (!source) {
      problems.push(problemOf(app, reference, uses, 'does not exist'));
    } else {
      const keys = { ...source.data, ...'binaryData' in source ? source.binaryData : {} };
      const lacking = uses.filter(({ key }) => key !== undefined && !Object.hasOwn(keys, key));
      if (lacking.length > 0) problems.push(problemOf(app, reference, lacking, `has no ${keysText(lacking)}`));
    }
  }
  return { problems, hidden };
}

type Source = Secret | ConfigMap;

/** An object that pods need, and for what. */
interface Used {
  readonly reference: Reference<Source>;
  readonly uses: readonly Use[];
}

/** The objects that an app names, without those that it can do without, and values that are generated. */
function usedObjects({ app: { name: app, namespace }, objects, users = objects, generated = {} }: ReferencesInput): Used[] {
  const all = new Map<string, { reference: Reference<Source>; uses: Use[] }>();
  const isGenerated = ({ kind, name, key }: Use) => (
    isKind(kind, SECRET) && name === generatedSecret(app) && key !== undefined && Object.hasOwn(generated, key));
  const needs = users.filter(({ metadata }) => metadata.namespace === namespace)
    .flatMap(object => [...templateOf(object).flatMap(usesOf), ...triggerUses(object), ...passwordUses(object)]);
  for (const use of needs) {
    if (use.isOptional || isGenerated(use)) continue;
    const { kind, name } = use;
    const id = `${kind.kind}/${name}`;
    const known = all.get(id) ?? { reference: { apiVersion: kind.apiVersion, kind: kind.kind, namespace, name }, uses: [] };
    const isKnown = known.uses.some(({ key, variable }) => key === use.key && variable === use.variable);
    if (!isKnown) known.uses.push(use);
    all.set(id, known);
  }
  return [...all.values()];
}

function templateOf(object: Manifest): PodTemplate[] {
  const { spec } = object as {
    readonly spec?: { readonly template?: PodTemplate; readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } } };
  };
  const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
  return template?.spec?.containers ? [template] : [];
}

/** What KEDA reads: https://keda.sh/docs/latest/concepts/authentication/ */
function triggerUses({ kind, spec }: Manifest): Use[] {
  if (kind !== 'TriggerAuthentication') return [];
  const { secretTargetRef = [] } = spec as { readonly secretTargetRef?: readonly { readonly name: string; readonly key: string }[] };
  return secretTargetRef.map(({ name, key }) => ({ kind: SECRET, name, key, isOptional: false }));
}

/** Annotations of an Ingress that name the Secret with the passwords of visitors, with the key that it must have, if there is one. */
const PASSWORDS = [
  // https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#authentication
  { annotation: 'nginx.ingress.kubernetes.io/auth-secret', key: 'auth' },
  // Each user is a key: https://www.haproxy.com/documentation/kubernetes-ingress/ingress-configuration-reference/annotations/
  { annotation: 'haproxy.org/auth-secret', key: undefined },
];

/** What asks visitors for a password, which lets nobody in without its Secret. */
function passwordUses({ kind, metadata: { annotations = {} }, spec = {} }: Manifest): Use[] {
  const { basicAuth } = spec as { readonly basicAuth?: { readonly secret?: string; readonly users?: { readonly name: string } } };
  const needed = (name: string | undefined, key?: string): Use[] => (
    name === undefined ? [] : [{ kind: SECRET, name, key, prop: 'access.password', isOptional: false }]);
  if (kind === 'Ingress') {
    return PASSWORDS.flatMap(({ annotation, key }) => needed((annotations as { readonly [name: string]: string })[annotation], key));
  }
  // https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/basicauth/
  if (kind === 'Middleware') return needed(basicAuth?.secret);
  // https://gateway.envoyproxy.io/docs/api/extension_types/#basicauth
  return kind === 'SecurityPolicy' ? needed(basicAuth?.users?.name, '.htpasswd') : [];
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

function keysText(uses: readonly Use[]): string {
  const keys = keysOf(uses);
  return `${keys.length === 1 ? 'key' : 'keys'} ${keys.join(', ')}`;
}

function keysOf(uses: readonly Use[]): string[] {
  return [...new Set(uses.flatMap(({ key }) => key ?? []))];
}

function problemOf(app: AppName, reference: Reference<KubernetesObject>, uses: readonly Use[], fault: string): string {
  const { kind, name, namespace } = reference;
  return `${kind} ${name} ${fault} in namespace ${namespace}; ${usersOf(uses)}\n  ${commandFor(app, reference, uses)}`;
}

/** What needs it, in the words of the file. */
function usersOf(uses: readonly Use[]): string {
  const variables = uses.flatMap(({ variable }) => variable ?? []);
  const hasAll = uses.some(({ asVariables }) => asVariables);
  const props = [...new Set(uses.flatMap(({ prop }) => prop ?? []))];
  const files = keysOf(uses.filter(({ variable, prop }) => variable === undefined && prop === undefined));
  const parts = [
    ...variables.length > 0 ? [`the ${variables.length === 1 ? 'variable' : 'variables'} ${variables.join(', ')}`] : [],
    ...hasAll ? ['variables of all its keys'] : [],
    ...props,
    ...files.length > 0 ? [`its ${files.length === 1 ? 'key' : 'keys'} ${files.join(', ')}`] : [],
  ];
  return `the app needs ${parts.length > 0 ? `it for ${parts.join(', and ')}` : 'it'}`;
}

/** The command that creates it. A value on the command line would stay in the history of a shell. */
function commandFor({ name: app, namespace }: AppName, { kind, name }: Reference, uses: readonly Use[]): string {
  const keys = keysOf(uses);
  if (kind !== SECRET.kind) {
    const literals = (keys.length > 0 ? keys : ['KEY']).map(key => `--from-literal=${key}=VALUE`);
    return `kubectl create configmap ${name} --namespace ${namespace} ${literals.join(' ')}`;
  }
  const words = keys.length > 0 ? keys.join(' ') : 'KEY';
  return `webapp secrets set ${words} --secret ${name} --app ${app} --namespace ${namespace}`;
}
