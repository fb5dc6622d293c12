import { ApiObject, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { createEnvoyPolicies } from './envoy-policies';
import { canaryHeader, exactHeader, headerPairs, rewriteHeader } from './headers';
import { createGatewayMiddlewares, gatewayMiddlewareNames } from './middlewares';
import type {
  HttpRouteSpec, HttpRouteSpecRules, HttpRouteSpecRulesBackendRefs, HttpRouteSpecRulesFilters, HttpRouteSpecRulesFiltersCorsAllowMethods,
  ReferenceGrantSpec,
} from '../../../imports/gateway.networking.k8s.io';
import { chunks, numbered } from '../../kube/chunks';
import { HTTP_ROUTE_BOUNDS } from '../../kube/http-route-bounds';
import { inSeconds, objectMetadata, orNone } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { Backend, CorsModel, PathMatch, RedirectModel, Route } from '../../model/route';
import { mainHost, pathMatches } from '../../model/route';
import type { Strings } from '../../model/strings';
import type { GatewayModel } from '../../platform/resolve';
import { CATCH_ALL } from '../../validation/hosts';

const GROUP = 'gateway.networking.k8s.io';

type BackendRef = Written<HttpRouteSpecRulesBackendRefs>;
type Rule = Written<HttpRouteSpecRules>;
type Filter = Written<HttpRouteSpecRulesFilters>;
type Method = `${HttpRouteSpecRulesFiltersCorsAllowMethods}`;

/**
 * Exposes an app through a Gateway. An HTTPRoute routes to the interceptor if the app is scaled by HTTP, otherwise to the app.
 *
 * @see https://gateway-api.sigs.k8s.io/api-types/httproute/
 */
export function createHttpRoute(scope: Construct, route: Route, entry: GatewayModel): ApiObject {
  const grant = route.interceptor && shareReferenceGrant(scope, route);
  if (entry.controller === 'traefik') createGatewayMiddlewares(scope, route);
  const parts = partsOf(route);
  const [httpRoute, ...rest] = parts.map((part, i) => new ApiObject(scope, numbered('http-route', i), {
    apiVersion: `${GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: objectMetadata(route, 'entry', i === 0 ? route.name : numbered(`${route.name}-route`, i)),
    spec: httpRouteSpec(part, entry),
  }));
  const all = [httpRoute, ...rest];
  if (grant) for (const object of all) object.node.addDependency(grant);
  if (entry.controller === 'envoy-gateway') createEnvoyPolicies(scope, route, all.map(({ name }) => name));
  if (entry.httpSectionName && route.tls && route.tls.redirect !== false) createRedirects(scope, route, entry);
  if (route.http.redirectFrom.length > 0) createRedirectFrom(scope, route, entry);
  return httpRoute;
}

/**
 * The route in parts that an HTTPRoute each can have, which mean the same together. The first of each group of hosts has the redirects.
 *
 * A rule that replaces a prefix has a single path, and a canary may need as many rules.
 */
function partsOf(route: Route): Route[] {
  const { http, replacePrefixMatch } = route;
  const rewritten = Math.floor((HTTP_ROUTE_BOUNDS.rules - http.redirects.length) / 2);
  const most = replacePrefixMatch === undefined ? HTTP_ROUTE_BOUNDS.matches : Math.max(1, rewritten);
  return hostGroups(route).flatMap(hosts => chunks(pathMatches(route), most).map((part, i): Route => (
    { ...route, hosts, ...pathsOf(part), http: i === 0 ? http : { ...http, redirects: [] } })));
}

/** The hosts of each HTTPRoute. One for all that nobody has names none, and so is apart. */
function hostGroups({ hosts }: Route): string[][] {
  const named = hosts.filter(host => host !== CATCH_ALL);
  return [...chunks(named, HTTP_ROUTE_BOUNDS.hosts), ...named.length < hosts.length ? [[CATCH_ALL]] : []];
}

function hostnames(hosts: readonly string[]): readonly string[] | undefined {
  return hosts.includes(CATCH_ALL) ? undefined : hosts;
}

function httpRouteSpec(route: Route, entry: GatewayModel): Written<HttpRouteSpec> {
  const { hosts, headers, http: { redirects }, interceptor, backends: [app, canary] } = route;
  const filters = filtersOf(route, entry);
  // The interceptor knows the canary's own headers if requests pass it.
  const chosen = canary && !interceptor && Object.keys(canary.headers).length > 0;
  return {
    parentRefs: [parent(entry, entry.sectionName)],
    hostnames: hostnames(hosts),
    rules: [
      ...redirects.map(redirect => redirectRule(headers, redirect)),
      ...chosen ? rules(route, { ...headers, ...canary.headers }, { backendRefs: [backendRef(route, canary)], filters }) : [],
      ...rules(route, headers, { backendRefs: canary ? weighted(route, app, canary) : [backendRef(route, app)], filters }),
    ],
  };
}

/** One rule for all paths, unless the interceptor has to be told which requests have exactly one of them. */
function rules(route: Route, headers: Strings, { backendRefs, filters }: { backendRefs: BackendRef[]; filters: Filter[] }): Rule[] {
  const all = pathMatches(route);
  const rewritten = rewriteHeader(route);
  const marked = route.interceptor && (rewritten ?? exactHeader(route));
  const groups = rewritten ? all.map(one => [one]) : marked ? [all.filter(({ exact }) => !exact), all.filter(({ exact }) => exact)] : [all];
  return groups.filter(({ length }) => length > 0).map(group => ({
    matches: group.map(({ path: value, exact }) => ({
      path: { type: exact ? 'Exact' as const : 'PathPrefix' as const, value }, headers: orNone(headerPairs(headers)),
    })),
    filters: orNone([
      ...filters,
      ...route.replacePrefixMatch === undefined ? [] : [rewrite(route.replacePrefixMatch)],
      ...marked && (rewritten ?? group[0].exact) ? [setHeaders(marked)] : [],
    ]),
    backendRefs,
    timeouts: timeouts(route),
  }));
}

function rewrite(replacePrefixMatch: string) {
  return { type: 'URLRewrite' as const, urlRewrite: { path: { type: 'ReplacePrefixMatch' as const, replacePrefixMatch } } };
}

function setHeaders(headers: Strings) {
  return { type: 'RequestHeaderModifier' as const, requestHeaderModifier: { set: headerPairs(headers) } };
}

function pathsOf(matches: readonly PathMatch[]): Pick<Route, 'paths' | 'exactPaths'> {
  const of = (exact: boolean) => matches.filter(match => match.exact === exact).map(({ path }) => path);
  return { paths: of(false), exactPaths: of(true) };
}

/** An exact path comes before all prefixes, wherever its rule stands. */
function redirectRule(headers: Strings, { from, path, server, permanent }: RedirectModel): Rule {
  const target = server && { scheme: server.scheme as 'http' | 'https', hostname: server.host, port: server.port };
  return {
    matches: [{ path: { type: 'Exact', value: from }, headers: orNone(headerPairs(headers)) }],
    filters: [{
      type: 'RequestRedirect',
      requestRedirect: { ...target, path: { type: 'ReplaceFullPath', replaceFullPath: path }, statusCode: permanent ? 301 : 302 },
    }],
  };
}

/** What happens to the requests of an app and their responses. Traefik has Middlewares for what the Gateway API does not have. */
function filtersOf(route: Route, entry: GatewayModel): Filter[] {
  const { cors, responseHeaders } = route.http;
  const names = entry.controller === 'traefik' ? gatewayMiddlewareNames(route) : [];
  const set = headerPairs(responseHeaders);
  return [
    ...cors && entry.controller !== 'traefik' ? [{ type: 'CORS' as const, cors: corsFilter(cors) }] : [],
    ...names.map(name => ({ type: 'ExtensionRef' as const, extensionRef: { group: 'traefik.io', kind: 'Middleware', name } })),
    ...set.length > 0 ? [{ type: 'ResponseHeaderModifier' as const, responseHeaderModifier: { set } }] : [],
  ];
}

function corsFilter(cors: CorsModel): Filter['cors'] {
  return {
    allowOrigins: cors.allowOrigins,
    allowMethods: cors.allowMethods as Method[],
    allowHeaders: orNone(cors.allowHeaders),
    exposeHeaders: orNone(cors.exposeHeaders),
    allowCredentials: cors.allowCredentials || undefined,
    maxAge: cors.maxAge,
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
  const filters = [setHeaders(canaryHeader(canary) ?? {})];
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
function createRedirects(scope: Construct, route: Route, entry: GatewayModel): void {
  for (const [i, hosts] of hostGroups(route).entries()) {
    createRedirect(scope, route, {
      name: numbered('redirect', i),
      parentRefs: [parent(entry, entry.httpSectionName)],
      hostnames: hostnames(hosts),
      requestRedirect: { scheme: 'https', statusCode: 301 },
    });
  }
}

/** Redirects the further hosts of an app, over HTTPS at once if it has it. */
function createRedirectFrom(scope: Construct, route: Route, entry: GatewayModel): void {
  const listeners = entry.httpSectionName === undefined ? [entry.sectionName] : [entry.sectionName, entry.httpSectionName];
  createRedirect(scope, route, {
    name: 'redirect-from',
    parentRefs: listeners.map(name => parent(entry, name)),
    hostnames: route.http.redirectFrom,
    requestRedirect: { scheme: route.tls ? 'https' : undefined, hostname: mainHost(route), statusCode: 301 },
  });
}

interface Redirect extends Pick<Written<HttpRouteSpec>, 'parentRefs' | 'hostnames'> {
  /** What its name ends with. */
  readonly name: string;
  readonly requestRedirect: Filter['requestRedirect'];
}

function createRedirect(scope: Construct, route: Route, { name, parentRefs, hostnames: names, requestRedirect }: Redirect): void {
  const metadata = objectMetadata(route, 'entry', `${route.name}-${name}`);
  const rule: Rule = { filters: [{ type: 'RequestRedirect', requestRedirect }] };
  const spec: Written<HttpRouteSpec> = { parentRefs, hostnames: names, rules: [rule] };
  new ApiObject(scope, name, { apiVersion: `${GROUP}/v1`, kind: 'HTTPRoute', metadata, spec });
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
