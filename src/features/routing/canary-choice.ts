import { proxyName } from './hosts';
import type { ResolvedApp, Texts } from '../../model/app';

/** What a gateway writes into the requests that it chose for the canary. */
const TRACK_HEADER = 'X-Webapp-Track';

/**
 * The header by which the interceptor, that gets the requests of both versions, knows that the entry chose the canary for one. Undefined where the
 * entry says it otherwise, or does not choose.
 *
 * ingress-nginx writes one header into all requests that it passes on, when it is told to once for all (`proxy-set-headers`), and names in it the
 * upstream that it chose: namespace, Service and port.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#proxy-set-headers
 * @see https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/controller/util.go `upstreamName`
 */
export function canaryHeader(canary: ResolvedApp): Texts | undefined {
  const { entry, httpAddon } = canary.platform;
  if (entry.kind === 'gateway') return { [TRACK_HEADER]: 'canary' };
  if (entry.upstreamHeader === undefined) return undefined;
  return { [entry.upstreamHeader]: `${canary.namespace}-${proxyName(canary)}-${httpAddon.interceptorPort}` };
}
