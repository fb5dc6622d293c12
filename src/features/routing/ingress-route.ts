import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { canaryHeader } from './headers';
import { serviceOf } from './ingress-backend';
import { MIDDLEWARES, middlewareReferences } from './middlewares';
import type { IngressRouteSpec, IngressRouteSpecRoutesMiddlewares, IngressRouteSpecRoutesServices } from '../../../imports/traefik.io';
import { objectMetadata, orNone } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { Backend, Route } from '../../model/route';
import { pathMatches } from '../../model/route';
import type { Strings } from '../../model/strings';
import { CATCH_ALL } from '../../validation/hosts';

const API = 'traefik.io/v1alpha1';
const ROUTER = 'traefik.ingress.kubernetes.io/router.';

/** Annotations of an Ingress that an IngressRoute has as fields. */
const AS_FIELDS = ['entrypoints', 'middlewares', 'priority', 'tls', 'tls.certresolver'].map(name => `${ROUTER}${name}`);

/** A port is a number or a name, which the generated type wraps. */
type Service = Omit<Written<IngressRouteSpecRoutesServices>, 'port'> & { readonly port: number };
type Services = Service[];
type MiddlewareRefs = Written<IngressRouteSpecRoutesMiddlewares>[];

/** Whether Traefik has to choose between the versions of an app, which it cannot do for an Ingress. */
export function needsIngressRoute({ interceptor, backends: [, canary] }: Route): boolean {
  if (!canary) return false;
  return canary.weight > 0 || (interceptor === undefined && Object.keys(canary.headers).length > 0);
}

/** What makes the Ingress come second to the IngressRoute, which has the same requests, while there is one. */
export function belowIngressRoute(route: Route): Strings {
  return needsIngressRoute(route) ? { [`${ROUTER}priority`]: '1' } : {};
}

/**
 * Divides the requests of an app between two versions. The Ingress stays, with a lower priority: so no request is lost when a canary begins
 * or ends, in whatever order Traefik reads the changes.
 *
 * Both versions are the interceptor to Traefik, so it writes a header into the canary's requests. A Middleware of one of several services,
 * rather than of a router, exists since Traefik 3.7.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/
 */
export function createIngressRoute(scope: Construct, route: Route, canary: Backend): void {
  const { hosts, interceptor, ingressAnnotations } = route;
  const [app] = route.backends;
  if (interceptor) createTrack(scope, canary);
  const chosen = interceptor ? [] : Object.entries(canary.headers).map(([name, value]) => `Header(\`${name}\`, \`${value}\`)`);
  const middlewares = orNone(middlewaresOf(route));
  const priority = ingressAnnotations[`${ROUTER}priority`];
  const paths = pathMatches(route);
  const rule = (services: Services, conditions: readonly string[] = []) => hosts.flatMap(host => paths.map(({ path, exact }) => ({
    kind: 'Rule' as const,
    match: [
      ...host === CATCH_ALL ? [] : [`Host(\`${host}\`)`],
      exact ? `Path(\`${path}\`)` : `PathPrefix(\`${path}\`)`,
      ...conditions,
    ].join(' && '),
    priority: priority === undefined ? undefined : Number(priority) + conditions.length,
    middlewares,
    services,
  })));
  const spec = {
    entryPoints: ingressAnnotations[`${ROUTER}entrypoints`]?.split(',').map(name => name.trim()),
    routes: [
      ...chosen.length > 0 ? rule([service(route, canary)], chosen) : [],
      ...rule([
        { ...service(route, app), weight: app.weight },
        { ...service(route, canary), weight: canary.weight, middlewares: interceptor ? [{ name: trackName(canary) }] : undefined },
      ]),
    ],
    tls: tls(ingressAnnotations),
  };
  new ApiObject(scope, 'ingress-route', { apiVersion: API, kind: 'IngressRoute', metadata: objectMetadata(route, 'entry'), spec });
}

function service(route: Route, backend: Backend): Service {
  const { name, port: { number: port } } = serviceOf(route, backend);
  return { name, port, scheme: route.http2 ? 'h2c' : undefined };
}

function trackName(canary: Backend): string {
  return `${canary.name}-track`;
}

function createTrack(scope: Construct, canary: Backend): void {
  new ApiObject(scope, 'track', {
    apiVersion: API,
    kind: 'Middleware',
    metadata: objectMetadata(canary, 'entry', trackName(canary)),
    spec: { headers: { customRequestHeaders: canaryHeader(canary) } },
  });
}

/** Those that the Ingress names. */
function middlewaresOf(route: Route): MiddlewareRefs {
  const others = route.ingressAnnotations[MIDDLEWARES]?.split(',').map(name => name.trim()) ?? [];
  return [...others, ...middlewareReferences(route)].map(reference => ({ name: ownName(route, reference) ?? reference }));
}

/** The name of a Middleware in the app's namespace; undefined for another one. */
function ownName({ namespace }: Route, reference: string): string | undefined {
  const [name, provider] = reference.split('@');
  return provider === 'kubernetescrd' && name.startsWith(`${namespace}-`) ? name.slice(`${namespace}-`.length) : undefined;
}

function tls(annotations: Strings): Written<IngressRouteSpec>['tls'] {
  const certResolver = annotations[`${ROUTER}tls.certresolver`];
  return annotations[`${ROUTER}tls`] === 'true' || certResolver !== undefined ? { certResolver } : undefined;
}

/** Annotations that an IngressRoute cannot have, or not without a setting of Traefik. */
export function lostAnnotations(route: Route): string[] {
  return Object.entries(route.ingressAnnotations).filter(([name, value]) => {
    if (name === MIDDLEWARES) {
      const references = value.split(',').map(reference => reference.trim());
      return references.some(reference => reference.endsWith('@kubernetescrd') && ownName(route, reference) === undefined);
    }
    return name.startsWith(ROUTER) && !AS_FIELDS.includes(name);
  }).map(([name]) => name);
}
