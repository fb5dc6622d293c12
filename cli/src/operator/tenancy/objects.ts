/**
 * What the objects of an app may be: of which kinds, where, with which names, and which of their fields may reach beyond the app.
 *
 * Props alone write no object that is refused here, but for those that the strict bounds refuse too; patches could.
 */
import type { Fields } from './fields';
import { at, isFields, listAt, stringsAt } from './fields';
import { podProblems, podsOf } from './pod-security';
import { STRICT } from './strict';
import type { PlatformModel, Problem } from '../../../../src/internal';
import { matches } from '../../../../src/internal';
import type { Reference } from '../../kube/objects';
import type { AppName } from '../../kube/types';
import { groupOf } from '../../kube/types';
import type { Manifest } from '../../render/synthesis';
import type { WebAppProps } from 'cdk8s-webapp';

/** Whose objects they are, and what the app may name. */
export interface Owner extends AppName {
  readonly props: WebAppProps;
  readonly platform: PlatformModel;
  readonly hosts: ReadonlyMap<string, string>;
}

type Check = (object: Fields, owner: Owner) => Refused[];

/** A field that an app must not have so. */
interface Refused {
  readonly path: string;
  readonly message: string;
}

interface KindOfApp {
  /** Checks besides those of all kinds. */
  readonly check?: Check;

  /** The other namespace that it may be in. */
  readonly elsewhere?: (owner: Owner) => string | undefined;
}

const addon = ({ platform: { httpAddon } }: Owner) => httpAddon.namespace;
const builds = ({ platform }: Owner) => platform.builds.namespace;

/** The kinds of an app's objects, with their API groups. */
const KINDS: { readonly [groupAndKind: string]: KindOfApp } = {
  '/ServiceAccount': {},
  '/ConfigMap': {},
  '/Service': { check: serviceProblems },
  '/PersistentVolumeClaim': { check: object => absent(object, ['volumeName', 'selector', 'dataSource', 'dataSourceRef']) },
  'apps/Deployment': {},
  'batch/Job': {},
  'batch/CronJob': {},
  'policy/PodDisruptionBudget': {},
  'networking.k8s.io/NetworkPolicy': { check: policyProblems },
  'networking.k8s.io/Ingress': { check: ingressProblems, elsewhere: owner => isBesideInterceptor(owner) ? addon(owner) : undefined },
  'gateway.networking.k8s.io/HTTPRoute': { check: routeProblems },
  'gateway.networking.k8s.io/ReferenceGrant': { check: grantProblems, elsewhere: addon },
  'gateway.envoyproxy.io/SecurityPolicy': {},
  'gateway.envoyproxy.io/BackendTrafficPolicy': {},
  'traefik.io/Middleware': {},
  'traefik.io/IngressRoute': { check: ingressRouteProblems },
  'traefik.io/ServersTransport': {},
  'http.keda.sh/InterceptorRoute': {
    check: (object, owner) => hostProblems(owner, listAt(object, 'spec.rules').flatMap(rule => stringsAt(rule, 'hosts'))),
  },
  'http.keda.sh/HTTPScaledObject': { check: (object, owner) => hostProblems(owner, stringsAt(object, 'spec.hosts')) },
  'keda.sh/ScaledObject': { check: scalingProblems },
  'keda.sh/TriggerAuthentication': { check: authenticationProblems },
  'argoproj.io/Rollout': { check: object => absent(object, ['workloadRef']) },
  'argoproj.io/AnalysisTemplate': { check: analysisProblems },
  'monitoring.coreos.com/PodMonitor': { check: object => absent(object, ['namespaceSelector']) },
  'postgresql.cnpg.io/Cluster': {
    check: object => absent(object, ['superuserSecret', 'externalClusters', 'bootstrap', 'projectedVolumeTemplate']),
  },
  'postgresql.cnpg.io/ScheduledBackup': {},
  'postgresql.cnpg.io/Database': { elsewhere: ({ props, platform }) => databaseNamespace(props, platform) },
  'external-secrets.io/ExternalSecret': {},
  'shipwright.io/Build': { elsewhere: builds },
  'shipwright.io/BuildRun': { elsewhere: builds },
};

/** The namespace of a database that a connection or the platform's type of it names: bounds say whether it may. */
function databaseNamespace({ connections = {} }: WebAppProps, { connections: types }: PlatformModel): string | undefined {
  return Object.values(connections).map(({ type, postgres }) => (
    (Object.hasOwn(types, type) ? types[type].postgres?.clusterNamespace : undefined) ?? postgres?.clusterNamespace)).find(Boolean);
}

function isBesideInterceptor({ platform: { entry } }: Owner): boolean {
  return entry.kind === 'ingress' && entry.besideInterceptor;
}

/** What is wrong with an object, which a patch may have given any shape. */
export function objectProblems(object: Manifest, owner: Owner): Problem[] {
  const { apiVersion, kind } = object;
  const id = `${groupOf(String(apiVersion))}/${kind}`;
  if (!Object.hasOwn(KINDS, id)) {
    return [refused(object, { path: 'kind', message: `is ${quoted(kind)}, which is not a kind that apps have` })];
  }
  const known = KINDS[id];
  const [name, namespace] = [at(object, 'metadata.name'), at(object, 'metadata.namespace')];
  const elsewhere = namespace !== owner.namespace;
  if (elsewhere && (namespace === undefined || namespace !== known.elsewhere?.(owner))) {
    const message = `is ${quoted(namespace)}, and the app is in ${quoted(owner.namespace)}`;
    return [refused(object, { path: 'metadata.namespace', message })];
  }
  const found = [
    ...nameProblems(String(name), kind, owner, elsewhere),
    ...metadataProblems(kind, at(object, 'metadata') as Fields, owner),
    ...podsOf(object).flatMap(({ path, pod }) => ofPod(pod, owner).map(one => ({ ...one, path: `${path}.${one.path}` }))),
    ...known.check?.(object, owner) ?? [],
  ];
  return [...new Map(found.map(one => [`${one.path} ${one.message}`, one])).values()].map(one => refused(object, one));
}

/**
 * Whether an object, by its kind and its name, can be one of an app: in its namespace, or where apps of others have some too. What an app
 * has stored of itself is not the word of the operator.
 */
export function canBeOf(reference: Reference, app: AppName): boolean {
  if (reference.namespace === app.namespace) return true;
  const known = KINDS[`${groupOf(reference.apiVersion)}/${reference.kind}`];
  return known?.elsewhere !== undefined && nameProblems(reference.name, reference.kind, app, true).length === 0;
}

function refused(object: Manifest, { path, message }: Refused): Problem {
  const hint = 'remove the patch or the prop that sets it, or ask your platform team to create such an object';
  return { code: 'unsupported', path: `${String(object.kind)} ${String(at(object, 'metadata.name'))}: ${path}`, message, hint };
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? 'missing';
}

/** Objects of an app have its name, and those in a namespace that apps of others use too have that of its namespace as well. */
function nameProblems(name: string, kind: string, { name: app, namespace }: AppName, elsewhere: boolean): Refused[] {
  const isOf = (whole: string) => name === whole || name.startsWith(`${whole}-`);
  const isOwn = {
    Ingress: () => name === `${app}.${namespace}` || (isOf(app) && (!elsewhere || name.endsWith(`.${namespace}`))),
    ReferenceGrant: () => name === `http-routes-from-${namespace}`,
    // Its name ends with a hash of all that it builds, the namespace included.
    BuildRun: () => isOf(app),
  }[kind] ?? (() => isOf(elsewhere ? `${namespace}-${app}` : app));
  return isOwn() ? [] : [{ path: 'metadata.name', message: `is ${quoted(name)}, which does not begin with the name of the app` }];
}

const METADATA = ['name', 'namespace', 'labels', 'annotations'];

function metadataProblems(kind: string, metadata: Fields, { name }: Owner): Refused[] {
  const label = isFields(metadata.labels) ? metadata.labels['app.kubernetes.io/name'] : undefined;
  return [
    ...Object.keys(metadata).filter(field => !METADATA.includes(field) && metadata[field] !== undefined)
      .map(field => ({ path: `metadata.${field}`, message: 'is set, which only the cluster and the operator do' })),
    ...kind === 'ReferenceGrant' || label === name ? []
      : [{ path: 'metadata.labels["app.kubernetes.io/name"]', message: `is ${quoted(label)}, which is not the name of the app` }],
  ];
}

function ofPod(pod: Fields, { props, platform, name, namespace }: Owner): Refused[] {
  const level = platform.podSecurity;
  const accounts = [name, `${name}-release`, ...props.serviceAccount?.name === undefined ? [] : [props.serviceAccount.name]];
  const named = ['serviceAccountName', 'serviceAccount'].filter(field => pod[field] !== undefined);
  const priority = pod.priorityClassName;
  return [
    ...podProblems(pod, level)
      .map(({ path, value }) => ({ path, message: `is ${quoted(value)}, which Pod Security ${level} does not allow` })),
    ...named.length === 0 ? [{ path: 'serviceAccountName', message: 'is missing, so the pod would run as another ServiceAccount' }] : [],
    ...named.filter(field => !accounts.includes(String(pod[field])) && !allows(platform, 'serviceAccounts', String(pod[field]), namespace))
      .map(field => ({ path: field, message: `is ${quoted(pod[field])}, which is not the ServiceAccount of the app` })),
    ...pod.nodeName === undefined ? [] : [{ path: 'nodeName', message: 'is set, which bypasses the scheduler' }],
    ...priority !== undefined && ![platform.scheduling.priorityClass, props.scheduling?.priorityClass].includes(String(priority))
      && !allows(platform, 'priorityClasses', String(priority), namespace)
      ? [{ path: 'priorityClassName', message: `is ${quoted(priority)}, which is not that of the platform` }] : [],
  ];
}

/** Whether the platform, or else the operator, allows apps to name something. */
function allows({ bounds }: PlatformModel, bound: keyof typeof STRICT, name: string, namespace: string): boolean {
  return (bounds?.[bound] ?? STRICT[bound]).some(pattern => matches(name, pattern.replaceAll('<namespace>', namespace)));
}

/** Fields of the spec that must not be there. */
function absent(object: Fields, fields: readonly string[]): Refused[] {
  return fields.filter(field => at(object, `spec.${field}`) !== undefined)
    .map(field => ({ path: `spec.${field}`, message: 'is set, which may give the app what belongs to others' }));
}

/** @see https://kubernetes.io/docs/concepts/services-networking/service/ */
function serviceProblems(object: Fields, { name, props, platform: { httpAddon, clusterDomain } }: Owner): Refused[] {
  const type = at(object, 'spec.type') ?? 'ClusterIP';
  const interceptor = `${httpAddon.interceptorService}.${httpAddon.namespace}.svc.${clusterDomain}`;
  const balancers = Object.entries(props.ports ?? {}).filter(([, { loadBalancer }]) => loadBalancer).map(([port]) => `${name}-${port}`);
  const external = at(object, 'spec.externalName');
  const isType = type === 'ClusterIP' || type === 'ExternalName'
    || (type === 'LoadBalancer' && balancers.includes(String(at(object, 'metadata.name'))));
  return [
    ...isType ? [] : [{ path: 'spec.type', message: `is ${quoted(type)}, which no prop of the app asks for` }],
    ...external === undefined || external === interceptor ? []
      : [{ path: 'spec.externalName', message: `is ${quoted(external)}, which is not the interceptor` }],
    ...absent(object, ['externalIPs', 'loadBalancerIP', 'loadBalancerClass']),
    ...listAt(object, 'spec.ports').filter(port => port.nodePort !== undefined)
      .map(() => ({ path: 'spec.ports', message: 'have a nodePort, a port of every node' })),
  ];
}

/** A policy may open the pods of the app, and of its databases, to others, and no other pods. */
function policyProblems(object: Fields, { name }: Owner): Refused[] {
  const labels = at(object, 'spec.podSelector.matchLabels');
  const selected = isFields(labels) ? labels : {};
  const cluster = selected['cnpg.io/cluster'];
  const isOwn = selected['app.kubernetes.io/name'] === name || (typeof cluster === 'string' && cluster.startsWith(`${name}-`));
  return [
    ...isOwn ? [] : [{ path: 'spec.podSelector', message: 'selects pods of others' }],
    ...absent(object, ['egress']),
  ];
}

/** Hosts that are not the app's: neither public ones that its props say, nor its names inside of the cluster. */
function hostProblems(
  { name, namespace, hosts, platform: { clusterDomain } }: Owner, found: readonly string[], path = 'spec.rules',
): Refused[] {
  const isInside = (host: string) => {
    const [service, ...rest] = host.split('.');
    const isProxy = service === `${name}-proxy` || (service.startsWith(`${name}-`) && service.endsWith('-proxy'));
    return isProxy && [namespace, `${namespace}.svc`, `${namespace}.svc.${clusterDomain}`].includes(rest.join('.'));
  };
  return found.filter(host => !hosts.has(host) && !isInside(host))
    .map(host => ({ path, message: `has the host ${quoted(host)}, which the props of the app do not say` }));
}

function ingressProblems(object: Fields, owner: Owner): Refused[] {
  const { entry } = owner.platform;
  const rules = listAt(object, 'spec.rules');
  const hosts = rules.map(({ host }) => host === undefined ? '*' : String(host));
  const className = at(object, 'spec.ingressClassName');
  const backends = rules.flatMap(rule => listAt(rule, 'http.paths')).map(({ backend }) => backend);
  return [
    ...hostProblems(owner, hosts),
    ...hostProblems(owner, listAt(object, 'spec.tls').flatMap(tls => stringsAt(tls, 'hosts')), 'spec.tls'),
    ...absent(object, ['defaultBackend']),
    ...entry.kind === 'ingress' && className === entry.className ? []
      : [{ path: 'spec.ingressClassName', message: `is ${quoted(className)}, which is not that of the platform` }],
    ...backends.some(backend => at(backend, 'resource') !== undefined)
      ? [{ path: 'spec.rules', message: 'have a backend that is not a Service' }] : [],
  ];
}

/** The rules that apps have: a host, unless it is any, a path, and headers of a canary. Traefik has others, and operators between them. */
const TRAEFIK_RULE = /^(?:Host\(`([^`]*)`\) && )?Path(?:Prefix)?\(`[^`]*`\)(?: && Header\(`[^`]*`, `[^`]*`\))*$/;

/** @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/ */
function ingressRouteProblems(object: Fields, owner: Owner): Refused[] {
  const routes = listAt(object, 'spec.routes');
  const services = routes.flatMap(route => listAt(route, 'services'));
  const middlewares = [...routes, ...services].flatMap(one => listAt(one, 'middlewares'));
  const isOwn = ({ namespace, kind = 'Service' }: Fields) => (
    (namespace === undefined || namespace === owner.namespace) && kind === 'Service');
  return [
    ...routes.flatMap(({ match }, i): Refused[] => {
      const path = `spec.routes[${i}].match`;
      const rule = TRAEFIK_RULE.exec(String(match));
      if (!rule) return [{ path, message: `is ${quoted(match)}, which is not a rule that apps have` }];
      return hostProblems(owner, [rule[1] ?? '*'], path);
    }),
    ...services.every(isOwn) ? [] : [{ path: 'spec.routes', message: 'have a service that is not a Service of the namespace' }],
    ...middlewares.every(({ namespace }) => namespace === undefined || namespace === owner.namespace)
      ? [] : [{ path: 'spec.routes', message: 'have a Middleware of another namespace' }],
  ];
}

/** @see https://gateway-api.sigs.k8s.io/reference/spec/#httproutefilter */
function routeProblems(object: Fields, owner: Owner): Refused[] {
  const { namespace, platform: { entry, httpAddon } } = owner;
  const hosts = at(object, 'spec.hostnames') === undefined ? ['*'] : stringsAt(object, 'spec.hostnames');
  const rules = listAt(object, 'spec.rules');
  const backends = rules.flatMap(rule => listAt(rule, 'backendRefs'));
  const filters = [...rules, ...backends].flatMap(rule => listAt(rule, 'filters'));
  const isGateway = (ref: Fields) => entry.kind === 'gateway' && ref.name === entry.name && ref.namespace === entry.namespace
    && (ref.kind ?? 'Gateway') === 'Gateway';
  const isOwn = (ref: Fields) => (ref.namespace === undefined || ref.namespace === namespace
    || (ref.namespace === httpAddon.namespace && ref.name === httpAddon.interceptorService)) && (ref.kind ?? 'Service') === 'Service';
  const headers = filters.flatMap(filter => ['set', 'add'].flatMap(verb => listAt(filter, `requestHeaderModifier.${verb}`)));
  return [
    ...hostProblems(owner, hosts, 'spec.hostnames'),
    ...listAt(object, 'spec.parentRefs').every(isGateway)
      ? [] : [{ path: 'spec.parentRefs', message: 'name another parent than the Gateway of the platform' }],
    ...backends.every(isOwn) ? [] : [{ path: 'spec.rules', message: 'have a backend of another namespace' }],
    ...filters.some(({ type }) => type === 'RequestMirror') ? [{ path: 'spec.rules', message: 'have a filter RequestMirror' }] : [],
    ...filters.some(filter => at(filter, 'urlRewrite.hostname') !== undefined) || headers.some(({ name }) => /^host$/i.test(String(name)))
      ? [{ path: 'spec.rules', message: 'change the host, by which the interceptor would find apps of others' }] : [],
  ];
}

/** It opens the interceptor to the HTTPRoutes of the app's namespace, and nothing else. */
function grantProblems(object: Fields, { namespace, platform: { httpAddon } }: Owner): Refused[] {
  const expected = {
    from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace }],
    to: [{ group: '', kind: 'Service', name: httpAddon.interceptorService }],
  };
  return JSON.stringify(object.spec) === JSON.stringify(expected)
    ? [] : [{ path: 'spec', message: 'opens more than the interceptor to the namespace of the app' }];
}

/** What apps scale on by props that are no triggers, and by triggers on connections. */
const OWN_SCALERS = ['cpu', 'memory', 'cron'];
const OF_CONNECTIONS = ['rabbitmq', 'kafka', 'redis'];

function scalingProblems(object: Fields, { name, namespace, props, platform }: Owner): Refused[] {
  const target = at(object, 'spec.scaleTargetRef.name');
  const isOwnTarget = target === name || String(target).startsWith(`${name}-`);
  const triggers = [props, ...Object.values(props.workers ?? {})].flatMap(({ scaling }) => scaling?.triggers ?? []);
  const scalers = [...OWN_SCALERS, ...triggers.some(({ connection }) => connection !== undefined) ? OF_CONNECTIONS : []];
  return [
    ...isOwnTarget ? [] : [{ path: 'spec.scaleTargetRef.name', message: `is ${quoted(target)}, which is not the app` }],
    ...listAt(object, 'spec.triggers').flatMap((trigger, i): Refused[] => {
      const { type } = trigger;
      const isRequests = type === 'external-push' && at(trigger, 'metadata.scalerAddress') === platform.httpAddon.scalerAddress;
      const [kind, authentication] = ['kind', 'name'].map(field => at(trigger, `authenticationRef.${field}`));
      return [
        ...isRequests || scalers.includes(String(type)) || allows(platform, 'triggers', String(type), namespace)
          ? [] : [{ path: `spec.triggers[${i}].type`, message: `is ${quoted(type)}, which is not allowed to apps` }],
        ...kind === 'ClusterTriggerAuthentication' && !allows(platform, 'triggerAuthentications', String(authentication), namespace)
          ? [{ path: `spec.triggers[${i}].authenticationRef`, message: `is the ClusterTriggerAuthentication ${quoted(authentication)}` }]
          : [],
      ];
    }),
  ];
}

/** @see https://keda.sh/docs/latest/concepts/authentication/ */
function authenticationProblems(object: Fields, { namespace, platform }: Owner): Refused[] {
  const spec = isFields(object.spec) ? object.spec : {};
  const provider = at(spec, 'podIdentity.provider');
  return [
    ...absent(object, Object.keys(spec).filter(field => !['secretTargetRef', 'podIdentity'].includes(field))),
    ...provider === undefined || provider === 'none' || allows(platform, 'triggerAuthentications', String(provider), namespace)
      ? [] : [{ path: 'spec.podIdentity.provider', message: `is ${quoted(provider)}, an identity of KEDA` }],
  ];
}

/** Argo Rollouts can also run Jobs and ask any server: https://argo-rollouts.readthedocs.io/en/stable/features/analysis/ */
function analysisProblems(object: Fields, { platform: { monitoring } }: Owner): Refused[] {
  return listAt(object, 'spec.metrics').flatMap((metric, i): Refused[] => {
    const provider = isFields(metric.provider) ? metric.provider : {};
    const isOwn = Object.keys(provider).every(name => name === 'prometheus')
      && at(provider, 'prometheus.address') === monitoring?.prometheus;
    return isOwn ? [] : [{ path: `spec.metrics[${i}].provider`, message: 'is not the Prometheus of the platform' }];
  });
}
