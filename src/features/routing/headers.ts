import { proxyName } from '../../model/names';
import type { Backend, PathMatch, Route } from '../../model/route';
import { pathMatches } from '../../model/route';
import type { Strings } from '../../model/strings';

/** Headers as routes of all kinds write them. */
export function headerPairs(headers: Strings): { name: string; value: string }[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

/** What a gateway or Traefik writes into the requests that it chose for the canary. */
const TRACK_HEADER = 'X-Webapp-Track';

/**
 * The header by which the interceptor, which gets the requests of both versions, knows that the entry chose the canary. Undefined if the
 * entry has another way to say it, or does not choose.
 *
 * ingress-nginx writes one header into all requests that it passes on, when it is configured so once for all (`proxy-set-headers`), with
 * the name of the upstream that it chose: namespace, Service and port.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-set-headers
 * @see https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/util.go `upstreamName`
 */
export function canaryHeader(canary: Backend): Strings | undefined {
  const { entry, httpAddon } = canary.platform;
  if (entry.kind === 'gateway' || (entry.controller === 'traefik' && canary.weight > 0)) return { [TRACK_HEADER]: 'canary' };
  if (entry.upstreamHeader === undefined) return undefined;
  return { [entry.upstreamHeader]: `${canary.namespace}-${proxyName(canary)}-${httpAddon.interceptorPort}` };
}

/**
 * What a gateway writes into requests that have exactly a path of an app. Undefined if none can tell the interceptor, whose rules match
 * prefixes.
 */
export function exactHeader({ platform: { entry, httpAddon } }: Route): Strings | undefined {
  return entry.kind === 'gateway' && httpAddon.api === 'v1beta1' ? { 'X-Webapp-Path': 'exact' } : undefined;
}

/**
 * What a gateway writes into requests whose paths it changes for an app: the interceptor, which sees the new path, would take them for
 * those of other apps. Undefined if paths stay as they are.
 */
export function rewriteHeader({ name, namespace, replacePrefixMatch }: Route): Strings | undefined {
  return replacePrefixMatch === undefined ? undefined : { 'X-Webapp-Route': `${namespace}/${name}` };
}

/** The paths of an app's requests as the interceptor sees them. */
export function interceptorMatches(route: Route): PathMatch[] {
  return rewriteHeader(route) ? [{ path: '/', exact: false }] : pathMatches(route);
}

/** Headers of the requests for an app's hosts that are a canary's: those that the entry chose for it, and those that ask for it. */
export function canaryRequests({ hosts }: Route, canary: Backend, headers: Strings): Strings[] {
  if (hosts.length === 0) return [];
  const chosen = canaryHeader(canary);
  return [
    ...chosen ? [{ ...headers, ...chosen }] : [],
    ...Object.keys(canary.headers).length > 0 ? [{ ...headers, ...canary.headers }] : [],
  ];
}
