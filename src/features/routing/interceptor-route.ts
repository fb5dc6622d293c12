import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { canaryHeader, headerPairs } from './headers';
import { createBody, staticResponse } from './static-response';
import type { InterceptorRouteSpec, InterceptorRouteSpecRules } from '../../../imports/http.keda.sh';
import { inSeconds, objectMetadata, orNone } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import { clusterHosts } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import type { HttpScalingModel } from '../../model/scaling';
import type { Strings } from '../../model/strings';

/** Which requests an InterceptorRoute is for. */
type RouteRule = Written<InterceptorRouteSpecRules>;

/**
 * Tells the add-on's interceptor which requests go to a backend of a route, how many of them one replica answers, and what to do while it
 * starts.
 *
 * @see https://github.com/kedacore/http-add-on
 */
export function createInterceptorRoute(scope: Construct, route: Route, backend: Backend): ApiObject {
  const { placeholder, maintenance } = route;
  if (placeholder) createBody(scope, backend, 'placeholder', placeholder);
  if (maintenance) createBody(scope, backend, 'maintenance', maintenance);
  const rules = backend === route.backends[0] ? ownRules(route) : canaryRules(route, backend);
  const spec: Written<InterceptorRouteSpec> = {
    target: { service: backend.service, portName: backend.port.name },
    rules,
    scalingMetric: scalingMetric(route.interceptor!),
    timeouts: timeouts(route),
    coldStart: coldStart(route, backend),
    staticRoutes: maintenance && [{ rules, responseMode: 'Always', response: staticResponse(backend, 'maintenance', maintenance) }],
  };
  return new ApiObject(scope, 'interceptor-route', {
    apiVersion: 'http.keda.sh/v1beta1',
    kind: 'InterceptorRoute',
    metadata: objectMetadata(backend, 'route'),
    spec,
  });
}

/** The public hosts may be shared with other apps, by path and headers; the names inside of the cluster are the app's alone. */
function ownRules(route: Route): RouteRule[] {
  const { hosts, paths, headers } = route;
  if (hosts.length === 0) return [{ hosts: clusterHosts(route) }];
  if (paths.includes('/') && Object.keys(headers).length === 0) return [{ hosts: [...hosts, ...clusterHosts(route)] }];
  return [publicRule(route, headers), { hosts: clusterHosts(route) }];
}

/**
 * Requests that the entry chose for the canary, those that have its headers, and those that call it by the name that it has inside of the
 * cluster. Of two rules for one host, the add-on prefers that with more headers.
 */
function canaryRules(route: Route, canary: Backend): RouteRule[] {
  const { hosts, headers } = route;
  const chosen = canaryHeader(canary);
  const asked = Object.keys(canary.headers).length > 0;
  return [
    ...chosen && hosts.length > 0 ? [publicRule(route, { ...headers, ...chosen })] : [],
    ...asked && hosts.length > 0 ? [publicRule(route, { ...headers, ...canary.headers })] : [],
    ...asked ? [{ hosts: clusterHosts(route), headers: headerRule(canary.headers) }] : [],
    { hosts: clusterHosts(canary) },
  ];
}

/** Requests for an app's public hosts and paths that have certain headers. */
function publicRule({ hosts, paths }: Route, headers: Strings): RouteRule {
  return { hosts, paths: paths.includes('/') ? undefined : paths.map(value => ({ value })), headers: headerRule(headers) };
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
