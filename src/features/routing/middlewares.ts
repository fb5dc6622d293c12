import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { MiddlewareSpec, MiddlewareSpecForwardAuth } from '../../../imports/traefik.io';
import { objectMetadata, orNone, orNothing } from '../../kube/metadata';
import type { Written } from '../../kube/written';
import type { RedirectModel, Route } from '../../model/route';
import { mainHost } from '../../model/route';

/** What Traefik does with a request before it passes it on, as an object of its own that routers refer to. */
interface Middleware {
  readonly name: string;
  readonly spec: Spec;
}

/** The generated type has another spelling of one field. */
type Spec = Omit<Written<MiddlewareSpec>, 'forwardAuth'> & {
  readonly forwardAuth?: Omit<Written<MiddlewareSpecForwardAuth>, 'authSigninUrl'> & { readonly authSigninURL?: string };
};

/** The annotation by which an Ingress refers to Middlewares, which Traefik applies in this order. */
export const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares';

/**
 * The Middlewares of an Ingress, in the order in which they apply. Preflight requests have no credentials, so they are answered before
 * anyone asks for them; a redirect tells nothing about the app.
 *
 * @see https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/
 */
function ofIngress(route: Route): Middleware[] {
  const { name, tls, http } = route;
  return [
    ...tls?.redirect ? [{ name: `${name}-https`, spec: { redirectScheme: { scheme: 'https', permanent: true } } }] : [],
    ...http.redirects.map((redirect, i) => ({ name: `${name}-redirect-${i + 1}`, spec: { redirectRegex: redirectRegex(redirect) } })),
    ...ofGateway(route, Object.keys(http.responseHeaders).length > 0 ? { customResponseHeaders: http.responseHeaders } : {}),
  ];
}

/** Those of them that an HTTPRoute needs, which can do the rest by itself. */
function ofGateway({ name, http: { cors, maxBodySize }, access }: Route, headers: Written<MiddlewareSpec>['headers'] = {}): Middleware[] {
  const { allow, passwordSecret, signIn } = access;
  const written: [suffix: string, spec: Spec | undefined][] = [
    ['allow', allow.length > 0 ? { ipAllowList: { sourceRange: allow } } : undefined],
    ['headers', cors || headers && orNothing(headers) ? { headers: { ...headers, ...cors && corsHeaders(cors) } } : undefined],
    ['password', passwordSecret === undefined ? undefined : { basicAuth: { secret: passwordSecret, removeHeader: true } }],
    ['sign-in', signIn && {
      forwardAuth: { address: signIn.url, authSigninURL: signIn.signInUrl, authResponseHeaders: orNone(signIn.responseHeaders) },
    }],
    ['body-size', maxBodySize === undefined ? undefined : { buffering: { maxRequestBodyBytes: maxBodySize } }],
  ];
  return written.flatMap(([suffix, spec]) => spec ? [{ name: `${name}-${suffix}`, spec }] : []);
}

function corsHeaders(cors: NonNullable<Route['http']['cors']>): Written<MiddlewareSpec>['headers'] {
  return {
    accessControlAllowOriginList: cors.allowOrigins,
    accessControlAllowMethods: cors.allowMethods,
    accessControlAllowHeaders: cors.allowHeaders,
    accessControlExposeHeaders: orNone(cors.exposeHeaders),
    accessControlAllowCredentials: cors.allowCredentials || undefined,
    accessControlMaxAge: cors.maxAge,
    addVaryHeader: true,
  };
}

/** The query stays. */
function redirectRegex({ from, path, server, permanent }: RedirectModel): Written<MiddlewareSpec>['redirectRegex'] {
  const origin = server ? `${server.scheme}://${server.host}${server.port === undefined ? '' : `:${server.port}`}` : '${1}';
  return { regex: `^(https?://[^/]+)${escaped(from)}(\\?.*)?$`, replacement: `${origin}${path}\${2}`, permanent };
}

/** What redirects the further hosts of an app. */
function ofRedirectFrom(route: Route): Middleware {
  const replacement = `${route.tls ? 'https' : '${1}'}://${mainHost(route)}/\${2}`;
  const redirect = { regex: '^(https?)://[^/]+/(.*)$', replacement, permanent: true };
  return { name: `${route.name}-redirect-from`, spec: { redirectRegex: redirect } };
}

function escaped(text: string): string {
  return text.replace(/[.~-]/g, '\\$&');
}

/** Creates the Middlewares of an Ingress. A router that refers to one that does not exist answers no request, so they come first. */
export function createMiddlewares(scope: Construct, route: Route): void {
  create(scope, route, [...ofIngress(route), ...route.http.redirectFrom.length > 0 ? [ofRedirectFrom(route)] : []]);
}

/** Creates those of an HTTPRoute. */
export function createGatewayMiddlewares(scope: Construct, route: Route): void {
  create(scope, route, ofGateway(route));
}

function create(scope: Construct, route: Route, middlewares: readonly Middleware[]): void {
  for (const { name, spec } of middlewares) {
    const metadata = objectMetadata(route, 'entry', name);
    new ApiObject(scope, name, { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', metadata, spec });
  }
}

/** The references to them, as an Ingress writes them. */
export function middlewareReferences(route: Route): string[] {
  return ofIngress(route).map(middleware => reference(route, middleware));
}

/** The reference of the Ingress that redirects the further hosts. */
export function redirectFromReference(route: Route): string {
  return reference(route, ofRedirectFrom(route));
}

function reference({ namespace }: Route, { name }: Middleware): string {
  return `${namespace}-${name}@kubernetescrd`;
}

/** The names of those of an HTTPRoute. */
export function gatewayMiddlewareNames(route: Route): string[] {
  return ofGateway(route).map(({ name }) => name);
}
