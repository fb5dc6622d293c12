import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { headerPairs } from './header-pairs';
import { clusterHosts } from './hosts';
import { createBody, staticResponse } from './static-response';
import type { InterceptorRouteSpec, InterceptorRouteSpecRules } from '../../../imports/http.keda.sh';
import { objectMetadata, orNone } from '../../kube/metadata';
import { PORT_NAME } from '../../kube/ports';
import type { Written } from '../../kube/written';
import { ResolvedApp, Texts } from '../../model/app';

/**
 * Tells the add-on's interceptor which requests are the app's, how many of them one replica answers, and what to do while it starts.
 *
 * @see https://github.com/kedacore/http-add-on
 */
export function createInterceptorRoute(scope: Construct, app: ResolvedApp, rules = ownRules(app)): ApiObject {
  const { placeholder, maintenance } = app.routing;
  if (placeholder) createBody(scope, app, 'placeholder', placeholder);
  if (maintenance) createBody(scope, app, 'maintenance', maintenance);
  const spec: Written<InterceptorRouteSpec> = {
    target: { service: app.routing.service, portName: PORT_NAME },
    rules,
    scalingMetric: scalingMetric(app),
    timeouts: timeouts(app),
    coldStart: coldStart(app),
    staticRoutes: maintenance && [{ rules, responseMode: 'Always', response: staticResponse(app, 'maintenance', maintenance) }],
  };
  return new ApiObject(scope, 'interceptor-route', {
    apiVersion: 'http.keda.sh/v1beta1',
    kind: 'InterceptorRoute',
    metadata: objectMetadata(app, 'route'),
    spec,
  });
}

/** Which requests a route is for. */
export type RouteRule = Written<InterceptorRouteSpecRules>;

/** The public hosts may be shared with other apps, by path and headers; the names inside of the cluster are the app's alone. */
function ownRules(app: ResolvedApp): RouteRule[] {
  const { hosts, paths, headers } = app.routing;
  if (hosts.length === 0) return [{ hosts: clusterHosts(app) }];
  if (paths.includes('/') && Object.keys(headers).length === 0) return [{ hosts: [...hosts, ...clusterHosts(app)] }];
  return [publicRule(app, headers), { hosts: clusterHosts(app) }];
}

/** Requests for an app's public hosts and paths that have certain headers. */
export function publicRule({ routing: { hosts, paths } }: ResolvedApp, headers: Texts): RouteRule {
  return { hosts, paths: paths.includes('/') ? undefined : paths.map(value => ({ value })), headers: headerRule(headers) };
}

export function headerRule(headers: Texts): RouteRule['headers'] {
  return orNone(headerPairs(headers));
}

/** What one replica is for, in requests at a time, in a second, or both. */
export function scalingMetric({ scaling: { http } }: ResolvedApp): Written<InterceptorRouteSpec>['scalingMetric'] {
  const { concurrency, requestRate, window } = http!;
  return {
    concurrency: concurrency === undefined ? undefined : { targetValue: concurrency },
    requestRate: requestRate === undefined ? undefined : { targetValue: requestRate, window: `${window}s` },
  };
}

function timeouts({ routing }: ResolvedApp): Written<InterceptorRouteSpec>['timeouts'] {
  const { request, responseHeader, readiness } = routing.timeouts;
  return { request: inSeconds(request), readiness: inSeconds(readiness), responseHeader: inSeconds(responseHeader) };
}

/** Fields of the add-on since 0.16, which the generated types do not have yet. */
interface PendingLimit {
  readonly maxPendingRequests?: number;
  readonly overflow?: 'Reject' | 'Placeholder';
}

function coldStart(app: ResolvedApp): Written<InterceptorRouteSpec>['coldStart'] & PendingLimit | undefined {
  const { placeholder, fallback, maxPending } = app.routing;
  if (!placeholder && !fallback && !maxPending) return undefined;
  return {
    placeholder: placeholder && { response: staticResponse(app, 'placeholder', placeholder, { 'Retry-After': '1' }) },
    fallback: fallback && { service: { name: fallback.service, port: fallback.port } },
    maxPendingRequests: maxPending?.requests,
    overflow: maxPending && (maxPending.overflow === 'placeholder' ? 'Placeholder' : 'Reject'),
  };
}

export function inSeconds(duration: number | undefined): string | undefined {
  return duration === undefined ? undefined : `${duration}s`;
}
