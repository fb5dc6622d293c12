import { proxyName } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import type { Strings } from '../../model/strings';

/** Headers as routes of all kinds write them. */
export function headerPairs(headers: Strings): { name: string; value: string }[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

/** What a gateway writes into the requests that it chose for the canary. */
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
  if (entry.kind === 'gateway') return { [TRACK_HEADER]: 'canary' };
  if (entry.upstreamHeader === undefined) return undefined;
  return { [entry.upstreamHeader]: `${canary.namespace}-${proxyName(canary)}-${httpAddon.interceptorPort}` };
}

/** Headers of the requests for an app's hosts that are a canary's: those that the entry chose for it, and those that ask for it. */
export function canaryRequests({ hosts, headers }: Route, canary: Backend): Strings[] {
  if (hosts.length === 0) return [];
  const chosen = canaryHeader(canary);
  return [
    ...chosen ? [{ ...headers, ...chosen }] : [],
    ...Object.keys(canary.headers).length > 0 ? [{ ...headers, ...canary.headers }] : [],
  ];
}
