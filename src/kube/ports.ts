import { ResolvedApp } from '../model/app';

/**
 * How the way to an app's port is named and spoken, by all that lead there.
 */

/** Name of the app's port, in its container and in its Service: so that the number can change from one version to the next. */
export const PORT_NAME = 'http';

/** Port of an app's Service. */
export const SERVICE_PORT = 80;

/**
 * Tells the interceptor, and gateways, to speak HTTP/2 to the app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
 */
export function appProtocol(app: ResolvedApp): string | undefined {
  return app.process.http2 ? 'kubernetes.io/h2c' : undefined;
}

/**
 * Traefik takes the protocol of what stands behind an Ingress from an annotation of the Service.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
 */
export function traefikScheme(app: ResolvedApp): { readonly [annotation: string]: string } {
  const { entry } = app.platform;
  const applies = app.process.http2 && !app.routing.internal && entry.kind === 'ingress' && entry.controller === 'traefik';
  return applies ? { 'traefik.ingress.kubernetes.io/service.serversscheme': 'h2c' } : {};
}
