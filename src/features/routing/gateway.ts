import { ApiObject, Chart } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { canaryHeader } from './canary-choice';
import { headerPairs } from './header-pairs';
import { inSeconds } from './interceptor-route';
import type { HttpRouteSpec, HttpRouteSpecRulesBackendRefs, ReferenceGrantSpec } from '../../../imports/gateway.networking.k8s.io';
import { objectMetadata, orNone } from '../../kube/metadata';
import { SERVICE_PORT } from '../../kube/ports';
import type { Written } from '../../kube/written';
import { ResolvedApp, Texts } from '../../model/app';
import { ResolvedGatewayEntry } from '../../platform/resolve';
import { ResolvedCanary } from '../rollout/resolved-rollout';

const GROUP = 'gateway.networking.k8s.io';

type BackendRef = Written<HttpRouteSpecRulesBackendRefs>;

/**
 * Opens an app to the world through a Gateway. The way goes to the interceptor where the app is scaled by HTTP, otherwise to the app.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
export function createHttpRoute(scope: Construct, app: ResolvedApp, entry: ResolvedGatewayEntry): ApiObject {
  const grant = app.scaling.http && shareReferenceGrant(scope, app);
  const route = new ApiObject(scope, 'http-route', {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: objectMetadata(app, 'entry'),
    spec: httpRouteSpec(app, entry),
  });
  if (grant) route.node.addDependency(grant);
  if (entry.httpSectionName && app.routing.tls && app.routing.tls.redirect !== false) createRedirect(scope, app, entry);
  return route;
}

function httpRouteSpec(app: ResolvedApp, entry: ResolvedGatewayEntry): Written<HttpRouteSpec> {
  const { hosts, headers } = app.routing;
  const { canary } = app.rollout;
  // The interceptor knows the canary's own headers where requests pass there.
  const chosen = canary && !app.scaling.http && Object.keys(canary.headers).length > 0;
  return {
    parentRefs: [parent(entry, entry.sectionName)],
    hostnames: hosts,
    rules: [
      ...chosen ? [rule(app, { ...headers, ...canary.headers }, [backend(canary.app)])] : [],
      rule(app, headers, canary ? shares(app, canary) : [backend(app)]),
    ],
  };
}

function rule(app: ResolvedApp, headers: Texts, backendRefs: BackendRef[]) {
  return {
    matches: app.routing.paths.map(value => ({ path: { type: 'PathPrefix' as const, value }, headers: orNone(headerPairs(headers)) })),
    backendRefs,
    timeouts: timeouts(app),
  };
}

/**
 * The requests of both versions go to the interceptor where the app is scaled by HTTP: those of the canary get a header by which it knows them. Not
 * every gateway can do so for one of two backends.
 *
 * @see https://gateway-api.sigs.k8s.io/guides/traffic-splitting/
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref
 */
function shares(app: ResolvedApp, { app: canary, weight }: ResolvedCanary): BackendRef[] {
  const set = headerPairs(canaryHeader(canary) ?? {});
  const filters = [{ type: 'RequestHeaderModifier' as const, requestHeaderModifier: { set } }];
  return [
    { ...backend(app), weight: 100 - weight },
    { ...backend(canary), weight, filters: app.scaling.http && filters },
  ];
}

/**
 * A gateway counts until the end of an answer, and would cut one that streams. Where the app sets no limit of its own, the interceptor bounds
 * what waits, and the gateway is told not to.
 *
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1742/
 */
function timeouts({ scaling, routing }: ResolvedApp) {
  const { request } = routing.timeouts;
  if (request === undefined && !scaling.http) return undefined;
  return { request: inSeconds(request ?? 0) };
}

function parent(entry: ResolvedGatewayEntry, sectionName: string | undefined) {
  return { name: entry.name, namespace: entry.namespace, sectionName };
}

function backend({ routing, scaling, platform: { httpAddon } }: ResolvedApp): BackendRef {
  if (!scaling.http) return { name: routing.service, port: SERVICE_PORT };
  return { name: httpAddon.interceptorService, namespace: httpAddon.namespace, port: httpAddon.interceptorPort };
}

/** Sends those who come by plain HTTP to HTTPS. */
function createRedirect(scope: Construct, app: ResolvedApp, entry: ResolvedGatewayEntry): ApiObject {
  const spec: Written<HttpRouteSpec> = {
    parentRefs: [parent(entry, entry.httpSectionName)],
    hostnames: app.routing.hosts,
    rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
  };
  return new ApiObject(scope, 'redirect', { apiVersion: `${GROUP}/v1`, kind: 'HTTPRoute', metadata: objectMetadata(app, 'entry', `${app.name}-redirect`), spec });
}

/**
 * Lets HTTPRoutes of the app's namespace lead to the interceptor in its own. One does for all apps of the namespace: the first of them makes it.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/referencegrant/
 */
function shareReferenceGrant(scope: Construct, { namespace, platform: { httpAddon, wait } }: ResolvedApp): ApiObject | undefined {
  const name = `http-routes-from-${namespace}`;
  const made = GRANTS.get(scope.node.root) ?? new Set<string>();
  const key = `${httpAddon.namespace}/${name}`;
  if (made.has(key)) return undefined;
  GRANTS.set(scope.node.root, made.add(key));
  const spec: Written<ReferenceGrantSpec> = {
    from: [{ group: GROUP, kind: 'HTTPRoute', namespace: namespace! }],
    to: [{ group: '', kind: 'Service', name: httpAddon.interceptorService }],
  };
  return new ApiObject(Chart.of(scope), name, {
    apiVersion: `${GROUP}/v1beta1`,
    kind: 'ReferenceGrant',
    metadata: {
      name,
      namespace: httpAddon.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'cdk8s-webapp' },
      annotations: wait ? { 'argocd.argoproj.io/sync-wave': '0' } : undefined,
    },
    spec,
  });
}

/** The grants that the apps of one tree have made. */
const GRANTS = new WeakMap<IConstruct, Set<string>>();
