import { ApiObject, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { canaryHeader, headerPairs } from './headers';
import type { HttpRouteSpec, HttpRouteSpecRulesBackendRefs, ReferenceGrantSpec } from '../../../imports/gateway.networking.k8s.io';
import { inSeconds, objectMetadata, orNone } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { Backend, Route } from '../../model/route';
import type { Strings } from '../../model/strings';
import type { GatewayModel } from '../../platform/resolve';

const GROUP = 'gateway.networking.k8s.io';

type BackendRef = Written<HttpRouteSpecRulesBackendRefs>;

/**
 * Exposes an app through a Gateway. The HTTPRoute routes to the interceptor if the app is scaled by HTTP, otherwise to the app.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
export function createHttpRoute(scope: Construct, route: Route, entry: GatewayModel): ApiObject {
  const grant = route.interceptor && shareReferenceGrant(scope, route);
  const httpRoute = new ApiObject(scope, 'http-route', {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: objectMetadata(route, 'entry'),
    spec: httpRouteSpec(route, entry),
  });
  if (grant) httpRoute.node.addDependency(grant);
  if (entry.httpSectionName && route.tls && route.tls.redirect !== false) createRedirect(scope, route, entry);
  return httpRoute;
}

function httpRouteSpec(route: Route, entry: GatewayModel): Written<HttpRouteSpec> {
  const { hosts, headers, interceptor, backends: [app, canary] } = route;
  // The interceptor knows the canary's own headers if requests pass it.
  const chosen = canary && !interceptor && Object.keys(canary.headers).length > 0;
  return {
    parentRefs: [parent(entry, entry.sectionName)],
    hostnames: hosts,
    rules: [
      ...chosen ? [rule(route, { ...headers, ...canary.headers }, [backendRef(route, canary)])] : [],
      rule(route, headers, canary ? weighted(route, app, canary) : [backendRef(route, app)]),
    ],
  };
}

function rule(route: Route, headers: Strings, backendRefs: BackendRef[]) {
  return {
    matches: route.paths.map(value => ({ path: { type: 'PathPrefix' as const, value }, headers: orNone(headerPairs(headers)) })),
    backendRefs,
    timeouts: timeouts(route),
  };
}

/**
 * The requests of both versions go to the interceptor if the app is scaled by HTTP: those of the canary get a header by which it knows
 * them. Not every gateway can set a header for one of two backends.
 *
 * @see https://gateway-api.sigs.k8s.io/guides/traffic-splitting/
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httpbackendref
 */
function weighted(route: Route, app: Backend, canary: Backend): BackendRef[] {
  const set = headerPairs(canaryHeader(canary) ?? {});
  const filters = [{ type: 'RequestHeaderModifier' as const, requestHeaderModifier: { set } }];
  return [
    { ...backendRef(route, app), weight: app.weight },
    { ...backendRef(route, canary), weight: canary.weight, filters: route.interceptor && filters },
  ];
}

/**
 * A gateway counts until the end of a response, and would cut one that streams. If the app sets no limit of its own, the interceptor bounds
 * what waits, and the gateway is told not to.
 *
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1742/
 */
function timeouts({ interceptor, timeouts: { request } }: Route) {
  if (request === undefined && !interceptor) return undefined;
  return { request: inSeconds(request ?? 0) };
}

function parent(entry: GatewayModel, sectionName: string | undefined) {
  return { name: entry.name, namespace: entry.namespace, sectionName };
}

function backendRef({ interceptor, platform: { httpAddon } }: Route, { service, port }: Backend): BackendRef {
  if (!interceptor) return { name: service, port: port.number };
  return { name: httpAddon.interceptorService, namespace: httpAddon.namespace, port: httpAddon.interceptorPort };
}

/** Redirects plain HTTP to HTTPS. */
function createRedirect(scope: Construct, route: Route, entry: GatewayModel): void {
  const spec: Written<HttpRouteSpec> = {
    parentRefs: [parent(entry, entry.httpSectionName)],
    hostnames: route.hosts,
    rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
  };
  const metadata = objectMetadata(route, 'entry', `${route.name}-redirect`);
  new ApiObject(scope, 'redirect', { apiVersion: `${GROUP}/v1`, kind: 'HTTPRoute', metadata, spec });
}

/**
 * Lets HTTPRoutes of the app's namespace route to the interceptor in its own. One is enough for all apps of the namespace: the first of
 * them creates it.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/referencegrant/
 */
function shareReferenceGrant(scope: Construct, { namespace, platform: { httpAddon, syncWaves } }: Route): ApiObject | undefined {
  const name = `http-routes-from-${namespace}`;
  const created = GRANTS.get(scope.node.root) ?? new Set<string>();
  const key = `${httpAddon.namespace}/${name}`;
  if (created.has(key)) return undefined;
  GRANTS.set(scope.node.root, created.add(key));
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
      annotations: syncWaves ? { 'argocd.argoproj.io/sync-wave': '0' } : undefined,
    },
    spec,
  });
}

/** The grants that the apps of one tree have created. */
const GRANTS = new WeakMap<IConstruct, Set<string>>();
