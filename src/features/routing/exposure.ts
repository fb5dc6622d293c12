import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { createHttpRoute } from './http-route';
import { createHttpScaledObject } from './http-scaled-object';
import { createCanaryIngress, createIngress } from './ingress';
import { createInterceptorRoute } from './interceptor-route';
import { createProxyService } from './proxy-service';
import { createServersTransport } from './servers-transport';
import type { Component } from '../../model/component';
import type { Backend, Route } from '../../model/route';
import { splitsTraffic } from '../../platform/resolve';

/** What tells the interceptor which requests are an app's; nothing if its requests do not pass it. */
export interface InterceptorObjects {
  readonly interceptorRoute?: ApiObject;
  readonly httpScaledObject?: ApiObject;
}

/**
 * Creates it. It must exist before the ScaledObject that refers to it.
 *
 * @param component what the requests go to, for the older API of the add-on, which scales it too
 */
export function createInterceptorObjects(scope: Construct, route: Route, component: () => Component): InterceptorObjects {
  if (!route.interceptor) return {};
  return route.platform.httpAddon.api === 'v1alpha1'
    ? { httpScaledObject: createHttpScaledObject(scope, route, component) }
    : { interceptorRoute: createInterceptorRoute(scope, route, route.backends[0]) };
}

/** The same for a canary, which callers inside of the cluster can reach by a name of its own. */
export function createCanaryRoute(scope: Construct, route: Route, canary: Backend): void {
  if (!route.interceptor) return;
  createInterceptorRoute(scope, route, canary);
  createProxyService(scope, canary, route);
}

/** The objects that route requests to an app. */
export interface EntryObjects {
  readonly ingress?: ApiObject;
  readonly httpRoute?: ApiObject;
}

/** Creates them: one for callers inside of the cluster if the app may sleep, and, unless it is internal, one for requests from outside. */
export function createEntry(scope: Construct, route: Route): EntryObjects {
  const { entry } = route.platform;
  if (route.interceptor) createProxyService(scope, route, route);
  if (route.hosts.length === 0) return {};
  createServersTransport(scope, route);
  if (entry.kind === 'gateway') return { httpRoute: createHttpRoute(scope, route, entry) };
  const ingress = createIngress(scope, route, entry);
  const [, canary] = route.backends;
  if (canary && splitsTraffic(entry)) createCanaryIngress(scope, route, canary, entry);
  return { ingress };
}
