import type { ServerModel, UpdateStrategy } from '../model/component';
import type { Named } from '../model/named';

/** Name of the port of a web process, in its container and in its Service: so that the number can change from one version to the next. */
export const PORT_NAME = 'http';

/** Port of the Service of an app. */
export const SERVICE_PORT = 80;

/** The same of an app that speaks HTTPS, so that its URL in the cluster needs no port. */
export const TLS_SERVICE_PORT = 443;

export function servicePort(https: boolean): number {
  return https ? TLS_SERVICE_PORT : SERVICE_PORT;
}

/**
 * Tells the interceptor, and gateways, to speak HTTP/2 to the app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
 */
export function appProtocol({ http2, https }: Pick<ServerModel, 'http2' | 'https'>): string | undefined {
  return http2 ? 'kubernetes.io/h2c' : https ? 'https' : undefined;
}

/**
 * Traefik takes the protocol of the backend of an Ingress from an annotation of the Service.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
 */
export function traefikScheme(
  { name, namespace, platform: { entry } }: Pick<Named, 'name' | 'namespace' | 'platform'>,
  { http2, https }: Pick<ServerModel, 'http2' | 'https'>,
  isPublic: boolean,
): { readonly [annotation: string]: string } {
  if (!isPublic || entry.kind !== 'ingress' || entry.controller !== 'traefik') return {};
  if (http2) return { [`${TRAEFIK_SERVICE}.serversscheme`]: 'h2c' };
  if (!https) return {};
  const transport = [...namespace === undefined ? [] : [namespace], name].join('-');
  return { [`${TRAEFIK_SERVICE}.serversscheme`]: 'https', [`${TRAEFIK_SERVICE}.serverstransport`]: `${transport}@kubernetescrd` };
}

const TRAEFIK_SERVICE = 'traefik.ingress.kubernetes.io/service';

/** The kind of object that runs a component. */
export function workloadKind({ type }: UpdateStrategy): { readonly apiVersion: string; readonly kind: string } {
  return type === 'argo' ? { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' } : { apiVersion: 'apps/v1', kind: 'Deployment' };
}
