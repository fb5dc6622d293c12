import type { Kind } from '../kube/types';
import { HTTP_ROUTE, INGRESS, isKind } from '../kube/types';

/** Kinds through which requests reach an app from outside. */
const ENTRANCES = [INGRESS, HTTP_ROUTE, { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute' }];

export function isEntrance(object: Kind): boolean {
  return ENTRANCES.some(kind => isKind(object, kind));
}
