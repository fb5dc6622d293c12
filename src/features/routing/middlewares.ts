import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { MiddlewareSpec } from '../../../imports/traefik.io';
import { objectMetadata } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { Route } from '../../model/route';

/** What Traefik does with a request before it passes it on, as an object of its own that routers refer to. */
interface Middleware {
  readonly name: string;
  readonly spec: Written<MiddlewareSpec>;
}

/** The annotation by which an Ingress refers to Middlewares, which Traefik applies in this order. */
export const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';

/**
 * The Middlewares of a route, in the order in which they apply.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
 */
function middlewaresOf({ name, tls }: Route): Middleware[] {
  return [
    ...tls?.redirect ? [{ name: `${name}-https`, spec: { redirectScheme: { scheme: 'https', permanent: true } } }] : [],
  ];
}

/** Creates them. A router that refers to one that does not exist answers no request, so they come first. */
export function createMiddlewares(scope: Construct, route: Route): void {
  for (const { name, spec } of middlewaresOf(route)) {
    const metadata = objectMetadata(route, 'entry', name);
    new ApiObject(scope, name, { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', metadata, spec });
  }
}

/** The references to them, as an Ingress writes them. */
export function middlewareReferences(route: Route): string[] {
  return middlewaresOf(route).map(({ name }) => `${route.namespace}-${name}@kubernetescrd`);
}
