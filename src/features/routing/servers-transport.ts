import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { Route } from '../../model/route';

/**
 * Tells Traefik to take the certificate of an app that speaks HTTPS as it is, as ingress-nginx and AWS load balancers do: Traefik would
 * refuse one that no known authority has signed. The annotations of the Service refer to it.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/serverstransport/
 */
export function createServersTransport(scope: Construct, route: Route): void {
  const { https, internal, platform: { entry } } = route;
  if (!https || internal || entry.kind !== 'ingress' || entry.controller !== 'traefik') return;
  new ApiObject(scope, 'servers-transport', {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'ServersTransport',
    metadata: objectMetadata(route, 'entry'),
    spec: { insecureSkipVerify: true },
  });
}
