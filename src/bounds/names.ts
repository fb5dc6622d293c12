import { inNamespace, isAmong } from './patterns';
import type { Bounds } from './props';
import { withPlatform } from '../features/connections/platform-type';
import type { Trigger } from '../features/scaling/props';
import type { Named } from '../model/named';
import { isMap } from '../validation/is-map';
import type { Problem } from '../validation/problem';
import { entry, quoted } from '../validation/problem';
import { problem } from '../validation/rule';
import type { WebAppProps } from '../web-app-props';

/** The bounds that list names. */
export type NameBound = Exclude<keyof Bounds, 'hosts' | 'size' | 'resources' | 'scaling'>;

/** A name in the props of an app that a bound is about. */
interface Use {
  readonly bound: NameBound;
  readonly path: string;
  readonly name: string;
  /** What the prop says; by default that it is this name. */
  readonly message?: string;
}

/** What names of a bound are, in a sentence. */
const WORDS: { readonly [bound in NameBound]: string } = {
  patches: 'patches',
  serviceAccounts: 'existing ServiceAccounts',
  annotations: 'annotations',
  labels: 'labels',
  triggers: 'KEDA scalers',
  triggerAuthentications: 'identities of KEDA',
  clusterIssuers: 'ClusterIssuers',
  buildSecrets: 'Secrets of builds',
  buildImages: 'repositories',
  externalKeys: 'keys of ClusterSecretStores',
  clusterNamespaces: 'namespaces of Clusters',
  priorityClasses: 'PriorityClasses',
};

/** Names that a problem lists. */
const MOST_SHOWN = 8;

/** Who an app is, and where. */
export type NamedApp = Pick<Named, 'name' | 'namespace' | 'platform'>;

/**
 * Names that the platform does not allow to apps.
 *
 * @param isFree whether a name is allowed whatever the bounds say
 */
export function nameProblems(
  bounds: Bounds, app: NamedApp, props: WebAppProps, isFree: (bound: NameBound, name: string) => boolean = () => false,
): Problem[] {
  return uses(app, props).flatMap(({ bound, path, name, message }) => {
    const allowed = bounds[bound];
    if (allowed === undefined || isFree(bound, name) || isAmong(name, allowed, app.namespace)) return [];
    const few = allowed.length > MOST_SHOWN ? [...allowed.slice(0, MOST_SHOWN), `${allowed.length - MOST_SHOWN} others`] : allowed;
    const shown = few.map(pattern => inNamespace(pattern, app.namespace));
    const which = shown.length === 0 ? `the platform allows no ${WORDS[bound]}`
      : `the platform allows only these ${WORDS[bound]}: ${shown.join(', ')}`;
    const hint = `remove it, or ask your platform team to add ${quoted(name)} to bounds.${bound}`;
    return [problem(path, `${message ?? `is ${quoted(name)}`}, but ${which}`, hint, 'unsupported')];
  });
}

function uses(app: NamedApp, props: WebAppProps): Use[] {
  const { serviceAccount, annotations, labels, scaling, workers = {}, ports = {}, tls, scheduling, patches = [] } = props;
  const { platform } = app;
  const known = (bound: NameBound, path: string, name: string | undefined, fixed?: string): Use[] => (
    name === undefined || name === fixed ? [] : [{ bound, path, name }]);
  return [
    ...patches.flatMap((patch, i): Use[] => [
      { bound: 'patches', path: `patches[${i}]`, name: patch.kind, message: `changes a ${patch.kind}` },
      ...keysBelow('annotations', `patches[${i}].merge`, patch.merge),
      ...keysBelow('labels', `patches[${i}].merge`, patch.merge),
    ]),
    ...known('serviceAccounts', 'serviceAccount.name', serviceAccount?.name),
    ...keys('annotations', 'annotations', annotations),
    ...keys('annotations', 'serviceAccount.annotations', serviceAccount?.annotations),
    ...Object.entries(ports).flatMap(([name, { loadBalancer }]) => (
      keys('annotations', `${entry('ports', name)}.loadBalancer.annotations`, loadBalancer?.annotations))),
    ...keys('labels', 'labels', labels),
    ...ofTriggers(app, 'scaling', scaling?.triggers, props),
    ...Object.entries(workers).flatMap(([name, worker]) => (
      ofTriggers(app, `${entry('workers', name)}.scaling`, worker.scaling?.triggers, props))),
    ...known('clusterIssuers', 'tls.clusterIssuer', tls?.clusterIssuer, platform.tls?.clusterIssuer),
    ...known('priorityClasses', 'scheduling.priorityClass', scheduling?.priorityClass, platform.scheduling.priorityClass),
    ...ofBuild(app, props),
    ...ofConnections(app, props),
  ];
}

function keys(bound: 'annotations' | 'labels', path: string, map: unknown): Use[] {
  if (!isMap(map)) return [];
  return Object.keys(map).map(name => ({ bound, path: entry(path, name), name, message: 'is set' }));
}

/** The keys of all maps of annotations, or of labels, in a part of an object. */
function keysBelow(bound: 'annotations' | 'labels', path: string, value: unknown): Use[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => keysBelow(bound, `${path}[${i}]`, item));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) => field === bound
    ? keys(bound, `${path}.${field}`, inner) : keysBelow(bound, entry(path, field), inner));
}

/** Fields of scalers that say where KEDA connects to. */
const ADDRESS = /host|address|server|broker|url|endpoint/i;

/** The add-on's own trigger counts requests for a route of the namespace; one on a connection takes the address from its Secret. */
function ofTriggers(
  { platform }: NamedApp, path: string, triggers: readonly Trigger[] = [], { connections = {} }: WebAppProps,
): Use[] {
  const { httpAddon, connections: types } = platform;
  return triggers.flatMap(({ type, connection, metadata = {}, authentication = {} }, i): Use[] => {
    const here = `${path}.triggers[${i}]`;
    const own = connection === undefined || !Object.hasOwn(connections, connection) ? undefined : connections[connection];
    const addresses = own === undefined ? [] : Object.keys(metadata).filter(field => ADDRESS.test(field));
    const isRequests = type === 'external-push' && metadata.scalerAddress === httpAddon.scalerAddress;
    const { existingInCluster, podIdentity } = authentication;
    const identity = (name: string, field: string, message?: string): Use => (
      { bound: 'triggerAuthentications', path: `${here}.${field}`, name, message });
    return [
      ...type === undefined || connection !== undefined || isRequests
        ? [] : [{ bound: 'triggers' as const, path: `${here}.type`, name: type }],
      ...addresses.map((field): Use => (
        { bound: 'triggers', path: entry(`${here}.metadata`, field), name: withPlatform(own!, types).type, message: 'is set' })),
      ...existingInCluster === undefined ? [] : [identity(existingInCluster, 'authentication.existingInCluster')],
      ...podIdentity === undefined || podIdentity === 'none' ? [] : [identity(podIdentity, 'authentication.podIdentity')],
      // KEDA's own rights in AWS: https://keda.sh/docs/latest/scalers/aws-sqs/
      ...metadata.identityOwner === 'operator'
        ? [identity('aws', 'metadata.identityOwner', 'is operator, the identity of KEDA in AWS')] : [],
    ];
  });
}

/** What a build in a namespace of builds has from there. */
function ofBuild({ name, namespace, platform: { builds } }: NamedApp, { buildFrom: build }: WebAppProps): Use[] {
  if (build === undefined || builds.namespace === undefined || builds.namespace === namespace) return [];
  const { image, gitSecret, pushSecret } = build;
  const usual = builds.registry === undefined ? undefined : `${builds.registry}/${name}`;
  return [
    ...image === undefined || image === usual ? [] : [{ bound: 'buildImages' as const, path: 'buildFrom.image', name: image }],
    ...gitSecret === undefined ? [] : [{ bound: 'buildSecrets' as const, path: 'buildFrom.gitSecret', name: gitSecret }],
    ...pushSecret === undefined || pushSecret === builds.pushSecret
      ? [] : [{ bound: 'buildSecrets' as const, path: 'buildFrom.pushSecret', name: pushSecret }],
  ];
}

/** What connections have from outside of the namespace, where the platform's type does not say it. */
function ofConnections({ namespace, platform: { connections: types } }: NamedApp, { connections = {} }: WebAppProps): Use[] {
  return Object.entries(connections).flatMap(([name, connection]): Use[] => {
    const path = entry('connections', name);
    const fixed = Object.hasOwn(types, connection.type) ? types[connection.type] : undefined;
    const { type, external = {}, store, postgres } = withPlatform(connection, types);
    if (type === 'external-secret' && store?.kind !== 'secret-store') {
      return Object.entries(external).filter(([variable, { key }]) => fixed?.external?.[variable]?.key !== key)
        .map(([variable, { key }]) => ({ bound: 'externalKeys', path: `${entry(`${path}.external`, variable)}.key`, name: key }));
    }
    const elsewhere = postgres?.clusterNamespace;
    const isFixed = fixed?.postgres?.clusterNamespace !== undefined && fixed.postgres.cluster !== undefined;
    if (elsewhere === undefined || elsewhere === namespace || isFixed) return [];
    return [{ bound: 'clusterNamespaces', path: `${path}.postgres.clusterNamespace`, name: elsewhere }];
  });
}
