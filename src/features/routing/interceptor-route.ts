import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { canaryRequests, exactHeader, headerPairs, rewriteHeader } from './headers';
import { createBody, staticResponse } from './static-response';
import type { InterceptorRouteSpec, InterceptorRouteSpecRules } from '../../../imports/http.keda.sh';
import { inSeconds, objectMetadata, orNone } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import { clusterHosts } from '../../model/names';
import type { Backend, Route, RoutingRule, StaticResponse, StaticRouteModel } from '../../model/route';
import { pathMatches } from '../../model/route';
import type { HttpScalingModel } from '../../model/scaling';
import type { Strings } from '../../model/strings';

/** What a version of an app answers besides the requests for its own hosts and paths. */
export type FurtherRules = (backend: Backend) => readonly RoutingRule[];

/** Which requests an InterceptorRoute is for. */
type RouteRule = Written<InterceptorRouteSpecRules>;

/**
 * Tells the add-on's interceptor which requests go to a backend of a route, how many of them one replica answers, and what to do while it
 * starts.
 *
 * @param further rules at the paths of other apps of a host, which are known when all are created
 * @see https://github.com/kedacore/http-add-on
 */
export function createInterceptorRoute(scope: Construct, route: Route, backend: Backend, further: FurtherRules): ApiObject {
  const { placeholder, maintenance, staticRoutes } = route;
  if (placeholder) createBody(scope, backend, 'placeholder', placeholder);
  if (maintenance) createBody(scope, backend, 'maintenance', maintenance);
  for (const one of staticRoutes) createBody(scope, backend, 'static', one);
  const rules = backend === route.backends[0] ? ownRules(route) : canaryRules(route, backend);
  const spec: Written<InterceptorRouteSpec> = {
    target: { service: backend.service, portName: backend.port.name },
    rules: Lazy.any({ produce: () => [...rules, ...further(backend).map(furtherRule)] }),
    scalingMetric: scalingMetric(route.interceptor!),
    timeouts: timeouts(route),
    coldStart: coldStart(route, backend),
    staticRoutes: orNone([
      ...maintenance
        ? [{ rules, responseMode: RESPONSE_MODE.always, response: maintenanceResponse(backend, maintenance) }] : [],
      ...staticRoutes.map(one => staticRoute(one, backend)),
    ]),
  };
  return new ApiObject(scope, 'interceptor-route', {
    apiVersion: 'http.keda.sh/v1beta1',
    kind: 'InterceptorRoute',
    metadata: objectMetadata(backend, 'route'),
    spec,
  });
}

/** Clients that are told that the app will be back are told when to try again. How long the maintenance takes is not known. */
function maintenanceResponse(backend: Backend, maintenance: StaticResponse) {
  return staticResponse(backend, 'maintenance', maintenance, maintenance.status === 503 ? { 'Retry-After': '120' } : {});
}

/** The public hosts may be shared with other apps, by path and headers; the names inside of the cluster are the app's alone. */
function ownRules(route: Route): RouteRule[] {
  const { hosts, headers } = route;
  if (hosts.length === 0) return [{ hosts: clusterHosts(route) }];
  if (pathsOf(route) === undefined && Object.keys({ ...headers, ...rewriteHeader(route) }).length === 0) {
    return [{ hosts: [...hosts, ...clusterHosts(route)] }];
  }
  return [...publicRules(route, own => [own]), { hosts: clusterHosts(route) }];
}

/**
 * Requests that the entry chose for the canary, those that have its headers, and those that call it by the name that it has inside of the
 * cluster. Of two rules for one host, the add-on prefers that with more headers.
 */
function canaryRules(route: Route, canary: Backend): RouteRule[] {
  return [
    ...publicRules(route, own => canaryRequests(route, canary, own)),
    ...Object.keys(canary.headers).length > 0 ? [{ hosts: clusterHosts(route), headers: headerRule(canary.headers) }] : [],
    { hosts: clusterHosts(canary) },
  ];
}

/**
 * Requests for an app's public hosts and paths that have certain headers. Those with one of its exact paths have one more, if the entry
 * writes it.
 *
 * @param headersOf the headers of each rule, by those that all requests of the app have
 */
function publicRules(route: Route, headersOf: (own: Strings) => Strings[]): RouteRule[] {
  const { hosts, exactPaths, headers } = route;
  const marked = exactHeader(route);
  const rule = (paths: readonly string[] | undefined) => (conditions: Strings): RouteRule => ({
    hosts, paths: paths?.map(value => ({ value })), headers: headerRule(conditions),
  });
  const rewritten = rewriteHeader(route);
  if (rewritten) return headersOf({ ...headers, ...rewritten }).map(rule(undefined));
  if (!marked || exactPaths.length === 0) return headersOf(headers).map(rule(pathsOf(route)));
  return [
    ...route.paths.length > 0 ? headersOf(headers).map(rule(pathsOf({ ...route, exactPaths: [] }))) : [],
    ...headersOf({ ...headers, ...marked }).map(rule(exactPaths)),
  ];
}

/** The paths that the add-on is told: none for an app of all of them. Beside the root, others are those that no other app's path takes. */
export function pathsOf(route: Pick<Route, 'paths' | 'exactPaths'>): readonly string[] | undefined {
  const all = pathMatches(route);
  return all.every(({ path, exact }) => path === '/' && !exact) ? undefined : all.map(({ path }) => path);
}

function furtherRule({ hosts, paths, headers }: RoutingRule): RouteRule {
  return { hosts, paths: paths.map(value => ({ value })), headers: headerRule(headers) };
}

export function headerRule(headers: Strings): RouteRule['headers'] {
  return orNone(headerPairs(headers));
}

/** What one replica is for, in requests at a time, per second, or both. */
export function scalingMetric({ concurrency, requestRate, window }: HttpScalingModel): Written<InterceptorRouteSpec>['scalingMetric'] {
  return {
    concurrency: concurrency === undefined ? undefined : { targetValue: concurrency },
    requestRate: requestRate === undefined ? undefined : { targetValue: requestRate, window: inSeconds(window) },
  };
}

const RESPONSE_MODE = { 'when-unavailable': 'WhenUnavailable', 'always': 'Always' } as const;

function staticRoute(model: StaticRouteModel, backend: Backend) {
  const { paths, headers, responseMode } = model;
  return {
    rules: [{ paths: paths?.map(value => ({ value })), headers: headerRule(headers) }],
    responseMode: RESPONSE_MODE[responseMode],
    response: staticResponse(backend, 'static', model),
  };
}

function timeouts(route: Route): Written<InterceptorRouteSpec>['timeouts'] {
  const { request, responseHeader, readiness } = route.timeouts;
  return { request: inSeconds(request), readiness: inSeconds(readiness), responseHeader: inSeconds(responseHeader) };
}

const OVERFLOW = { placeholder: 'Placeholder', reject: 'Reject' } as const;

function coldStart({ placeholder, fallback, maxPending }: Route, backend: Backend): Written<InterceptorRouteSpec>['coldStart'] {
  if (!placeholder && !fallback && !maxPending) return undefined;
  return {
    placeholder: placeholder && { response: staticResponse(backend, 'placeholder', placeholder, { 'Retry-After': '1' }) },
    fallback: fallback && { service: { name: fallback.service, port: fallback.port } },
    maxPendingRequests: maxPending?.requests,
    overflow: maxPending && OVERFLOW[maxPending.overflow],
  };
}
