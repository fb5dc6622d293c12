import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Certificate } from './certificate';
import { createHttpRoute } from './http-route';
import { createHttpScaledObject } from './http-scaled-object';
import { createCanaryIngress, createIngress, createRedirectIngress } from './ingress';
import { haproxyRedirectFrom, nginxRedirect } from './ingress-annotations';
import { createIngressRoute, needsIngressRoute } from './ingress-route';
import type { FurtherRules } from './interceptor-route';
import { createInterceptorRoute } from './interceptor-route';
import { createMiddlewares, MIDDLEWARES, redirectFromReference } from './middlewares';
import { createProxyService } from './proxy-service';
import { createServersTransport } from './servers-transport';
import type { Component } from '../../model/component';
import type { Backend, Route } from '../../model/route';
import type { IngressModel } from '../../platform/resolve';

/** What tells the interceptor which requests are an app's; nothing if its requests do not pass it. */
export interface InterceptorObjects {
  readonly interceptorRoute?: ApiObject;
  readonly httpScaledObject?: ApiObject;
}

/** What is known of an app when the tree is written: methods may amend it, and other apps join it. */
export interface RouteContext {
  /** What the requests go to, for the older API of the add-on, which scales it too. */
  readonly component: () => Component;
  readonly further: FurtherRules;
  readonly certificate: (route: Route) => Certificate;
}

/** Creates it. It must exist before the ScaledObject that refers to it. */
export function createInterceptorObjects(scope: Construct, route: Route, { component, further }: RouteContext): InterceptorObjects {
  if (!route.interceptor) return {};
  return route.platform.httpAddon.api === 'v1alpha1'
    ? { httpScaledObject: createHttpScaledObject(scope, route, component) }
    : { interceptorRoute: createInterceptorRoute(scope, route, route.backends[0], further) };
}

/** The same for a canary, which callers inside of the cluster can reach by a name of its own. */
export function createCanaryRoute(scope: Construct, route: Route, canary: Backend, further: FurtherRules): void {
  if (!route.interceptor) return;
  createInterceptorRoute(scope, route, canary, further);
  createProxyService(scope, canary, route);
}

/** The objects that route requests to an app. */
export interface EntryObjects {
  readonly ingress?: ApiObject;
  readonly httpRoute?: ApiObject;
}

/** Creates them: one for callers inside of the cluster if the app may sleep, and, unless it is internal, one for requests from outside. */
export function createEntry(scope: Construct, route: Route, { certificate }: RouteContext): EntryObjects {
  const { entry } = route.platform;
  if (route.interceptor) createProxyService(scope, route, route);
  if (route.hosts.length === 0) return {};
  createServersTransport(scope, route);
  if (entry.kind === 'gateway') return { httpRoute: createHttpRoute(scope, route, entry) };
  if (entry.controller === 'traefik') createMiddlewares(scope, route);
  const [, canary] = route.backends;
  if (canary && entry.controller === 'traefik' && needsIngressRoute(route)) createIngressRoute(scope, route, canary);
  const ingress = createIngress(scope, route, entry, () => certificate(route));
  createRedirects(scope, route, entry);
  if (canary && entry.controller === 'nginx') createCanaryIngress(scope, route, canary, entry);
  return { ingress };
}

/** Creates the Ingresses that only redirect, for controllers that need them. ingress-nginx redirects other hosts by an annotation. */
function createRedirects(scope: Construct, route: Route, entry: IngressModel): void {
  const { hosts, http: { redirects, redirectFrom } } = route;
  if (entry.controller === 'nginx') {
    for (const [i, redirect] of redirects.entries()) {
      const path = { path: redirect.from, pathType: 'Exact' as const };
      createRedirectIngress(scope, route, entry, { suffix: `redirect-${i + 1}`, hosts, path, annotations: nginxRedirect(redirect) });
    }
  }
  if (redirectFrom.length === 0 || (entry.controller !== 'traefik' && entry.controller !== 'haproxy')) return;
  const annotations = entry.controller === 'traefik' ? { [MIDDLEWARES]: redirectFromReference(route) } : haproxyRedirectFrom(route);
  const path = { path: '/', pathType: 'Prefix' as const };
  createRedirectIngress(scope, route, entry, { suffix: 'redirect-from', hosts: redirectFrom, path, annotations });
}
