import { Construct } from 'constructs';
import { ResolvedCanary } from './resolved-rollout';
import { ResolvedApp } from '../../model/app';
import { canaryHeader } from '../routing/canary-choice';
import { clusterHosts } from '../routing/hosts';
import { createInterceptorRoute, headerRule, publicRule, RouteRule } from '../routing/interceptor-route';
import { createProxyService } from '../routing/proxy-service';

/**
 * Tells the interceptor which requests are the canary's: those that the entry chose for it, those that have its headers, and those that call it by
 * the name that it has inside of the cluster. Of two rules for one host, that with more headers goes first.
 *
 * Nothing where requests go straight to the app.
 */
export function createCanaryRoute(place: Construct, app: ResolvedApp, canary: ResolvedCanary): void {
  if (!app.scaling.http) return;
  createInterceptorRoute(place, canary.app, canaryRules(app, canary));
  createProxyService(place, canary.app);
}

function canaryRules(app: ResolvedApp, { app: canary, headers: own }: ResolvedCanary): RouteRule[] {
  const { hosts, headers } = app.routing;
  const chosen = canaryHeader(canary);
  const asked = Object.keys(own).length > 0;
  return [
    ...chosen && hosts.length > 0 ? [publicRule(app, { ...headers, ...chosen })] : [],
    ...asked && hosts.length > 0 ? [publicRule(app, { ...headers, ...own })] : [],
    ...asked ? [{ hosts: clusterHosts(app), headers: headerRule(own) }] : [],
    { hosts: clusterHosts(canary) },
  ];
}
