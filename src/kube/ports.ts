import type { UpdateStrategy } from '../model/component';
import type { PlatformModel } from '../platform/resolve';

/** Name of the port of a web process, in its container and in its Service: so that the number can change from one version to the next. */
export const PORT_NAME = 'http';

/** Port of the Service of an app. */
export const SERVICE_PORT = 80;

/**
 * Tells the interceptor, and gateways, to speak HTTP/2 to the app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol
 */
export function appProtocol(http2: boolean): string | undefined {
  return http2 ? 'kubernetes.io/h2c' : undefined;
}

/**
 * Traefik takes the protocol of the backend of an Ingress from an annotation of the Service.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
 */
export function traefikScheme(platform: PlatformModel, http2: boolean, isPublic: boolean): { readonly [annotation: string]: string } {
  const { entry } = platform;
  const applies = http2 && isPublic && entry.kind === 'ingress' && entry.controller === 'traefik';
  return applies ? { 'traefik.ingress.kubernetes.io/service.serversscheme': 'h2c' } : {};
}

/** The kind of object that runs a component. */
export function workloadKind({ type }: UpdateStrategy): { readonly apiVersion: string; readonly kind: string } {
  return type === 'argo' ? { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' } : { apiVersion: 'apps/v1', kind: 'Deployment' };
}
