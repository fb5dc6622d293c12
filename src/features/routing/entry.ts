import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { createCanaryIngress } from './canary-ingress';
import { createHttpRoute } from './gateway';
import { createHttpScaledObject } from './http-scaled-object';
import { createIngress } from './ingress';
import { createInterceptorRoute } from './interceptor-route';
import { createProxyService } from './proxy-service';
import { ResolvedApp } from '../../model/app';
import { ResolvedPlatform } from '../../platform/resolve';

/** What tells the interceptor which requests are an app's; nothing where its requests do not pass there. */
export interface InterceptorEntry {
  readonly interceptorRoute?: ApiObject;
  readonly httpScaledObject?: ApiObject;
}

/** Makes it. It must exist before the ScaledObject that refers to it. */
export function createInterceptorEntry(scope: Construct, app: ResolvedApp): InterceptorEntry {
  if (!app.scaling.http) return {};
  return app.platform.httpAddon.api === 'v1alpha1'
    ? { httpScaledObject: createHttpScaledObject(scope, app) }
    : { interceptorRoute: createInterceptorRoute(scope, app) };
}

/** The objects that lead requests to an app. */
export interface Entry {
  readonly ingress?: ApiObject;
  readonly httpRoute?: ApiObject;
}

/** Makes them: a way for callers inside of the cluster where the app may sleep, and, unless it is internal, one for the world. */
export function createEntry(scope: Construct, app: ResolvedApp): Entry {
  const { entry } = app.platform;
  if (app.scaling.http) createProxyService(scope, app);
  if (app.routing.hosts.length === 0) return {};
  if (entry.kind === 'gateway') return { httpRoute: createHttpRoute(scope, app, entry) };
  const ingress = createIngress(scope, app, entry);
  const { canary } = app.rollout;
  if (canary && splits(entry)) createCanaryIngress(scope, app, entry, canary);
  return { ingress };
}

/** Whether an entry can give a second version its share. Of ingress controllers, ingress-nginx can by what an Ingress says. */
export function splits(entry: ResolvedPlatform['entry']): boolean {
  return entry.kind === 'gateway' || entry.controller === 'nginx';
}
