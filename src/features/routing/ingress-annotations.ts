import { backendOf } from './ingress-backend';
import { belowIngressRoute } from './ingress-route';
import { MIDDLEWARES, middlewareReferences } from './middlewares';
import type { RedirectModel, Route } from '../../model/route';
import { mainHost } from '../../model/route';
import type { Strings } from '../../model/strings';
import type { IngressModel } from '../../platform/resolve';

/** Domains of annotations that controllers read from an Ingress; `kubernetes.io/ingress.` has names such as `ingress.class`. */
const OF_INGRESS = /^(?:[^/]*ingress[^/]*\/|haproxy\.org\/|cert-manager\.io\/|kubernetes\.io\/ingress\.)/;

/** Traefik reads these from the Service: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/ */
const OF_TRAEFIK_SERVICE = /^traefik\.ingress\.kubernetes\.io\/service\./;

/** Whether an annotation is for an ingress controller: on other objects than the Ingress it means nothing. */
export function isForIngress(annotation: string): boolean {
  return OF_INGRESS.test(annotation) && !OF_TRAEFIK_SERVICE.test(annotation);
}

/**
 * What an ingress controller has to be told by annotations, which each reads its own: not to give up before a cold start is over, to
 * redirect to HTTPS, and to speak HTTP/2 to the app. The platform's annotations override them, and the app's override both. What the app
 * says by `http` and `access` is not to be overridden.
 */
export function ingressAnnotations(route: Route, entry: IngressModel): Strings {
  return {
    ...CONTROLLERS[entry.controller](route),
    ...route.ingressAnnotations,
    ...entry.controller === 'traefik' ? { ...withMiddlewares(route), ...belowIngressRoute(route) } : policyAnnotations(route, entry),
  };
}

/** The app's own Middlewares, after those that its annotations or the platform's name. */
function withMiddlewares(route: Route): Strings {
  const others = route.ingressAnnotations[MIDDLEWARES]?.split(',') ?? [];
  const references = [...others.map(name => name.trim()), ...middlewareReferences(route)];
  return references.length > 0 ? { [MIDDLEWARES]: references.join(',') } : {};
}

/** What the app says by `http` and `access`, in annotations. Traefik has it in Middlewares. */
export function policyAnnotations(route: Route, entry: IngressModel): Strings {
  return POLICIES[entry.controller](route);
}

type OfControllers = { readonly [controller in IngressModel['controller']]: (route: Route) => Strings };

const CONTROLLERS: OfControllers = { nginx, traefik: none, haproxy, alb, other: none };

const POLICIES: OfControllers = { nginx: nginxPolicies, traefik: none, haproxy: haproxyPolicies, alb: albPolicies, other: none };

const NGINX = 'nginx.ingress.kubernetes.io';

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/ */
function nginx({ tls, entryTimeout, http2, https }: Route): Strings {
  return {
    ...(entryTimeout === undefined ? {} : {
      [`${NGINX}/proxy-read-timeout`]: String(entryTimeout),
      [`${NGINX}/proxy-send-timeout`]: String(entryTimeout),
    }),
    ...(http2 ? { [`${NGINX}/backend-protocol`]: 'GRPC' } : {}),
    ...(https ? { [`${NGINX}/backend-protocol`]: 'HTTPS' } : {}),
    ...(tls?.redirect === undefined ? {} : { [`${NGINX}/ssl-redirect`]: String(tls.redirect) }),
  };
}

/** The controller takes each default for cross-origin requests from its own configuration, so all are written. */
function nginxPolicies({ http: { maxBodySize, redirectFrom, cors }, access: { allow, passwordSecret, signIn } }: Route): Strings {
  return prefixed(NGINX, {
    'proxy-body-size': maxBodySize === undefined ? undefined : String(maxBodySize),
    'from-to-www-redirect': redirectFrom.length > 0 ? 'true' : undefined,
    ...cors && {
      'enable-cors': 'true',
      'cors-allow-origin': cors.allowOrigins.join(', '),
      'cors-allow-methods': cors.allowMethods.join(', '),
      'cors-allow-headers': cors.allowHeaders.join(', '),
      'cors-expose-headers': cors.exposeHeaders.length > 0 ? cors.exposeHeaders.join(', ') : undefined,
      'cors-allow-credentials': String(cors.allowCredentials),
      'cors-max-age': String(cors.maxAge),
    },
    'whitelist-source-range': allow.length > 0 ? allow.join(',') : undefined,
    ...passwordSecret !== undefined && { 'auth-type': 'basic', 'auth-secret': passwordSecret },
    ...signIn && {
      'auth-url': signIn.url,
      'auth-signin': signIn.signInUrl,
      'auth-response-headers': signIn.responseHeaders.length > 0 ? signIn.responseHeaders.join(', ') : undefined,
    },
  });
}

/** What redirects one path, by an Ingress of its own. */
export function nginxRedirect({ to, permanent }: RedirectModel): Strings {
  return { [`${NGINX}/${permanent ? 'permanent' : 'temporal'}-redirect`]: to };
}

/** Traefik waits for a response as long as it takes, and the rest is in Middlewares. */
function none(): Strings {
  return {};
}

const HAPROXY = 'haproxy.org';

/** @see https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/annotations.md */
function haproxy({ tls, entryTimeout, http2 }: Route): Strings {
  return prefixed(HAPROXY, {
    'timeout-server': entryTimeout === undefined ? undefined : `${entryTimeout}s`,
    'server-proto': http2 ? 'h2' : undefined,
    ...tls?.redirect !== undefined && { 'ssl-redirect': String(tls.redirect) },
    ...tls?.redirect && { 'ssl-redirect-code': '301', 'ssl-redirect-port': '443' },
  });
}

function haproxyPolicies({ http: { cors, responseHeaders }, access: { allow, passwordSecret } }: Route): Strings {
  const headers = Object.entries(responseHeaders).map(([name, value]) => `${name} "${value}"`);
  return prefixed(HAPROXY, {
    ...cors && {
      'cors-enable': 'true',
      'cors-allow-origin': originPattern(cors.allowOrigins),
      'cors-allow-methods': cors.allowMethods.join(', '),
      'cors-allow-headers': cors.allowHeaders.join(', '),
      'cors-allow-credentials': String(cors.allowCredentials),
      'cors-max-age': `${cors.maxAge}s`,
    },
    'response-set-header': headers.length > 0 ? headers.join('\n') : undefined,
    'allow-list': allow.length > 0 ? allow.join(', ') : undefined,
    ...passwordSecret !== undefined && { 'auth-type': 'basic-auth', 'auth-secret': passwordSecret },
  });
}

/** All origins, or a regular expression that matches those that are named. */
function originPattern(origins: readonly string[]): string {
  return origins.includes('*') ? '*' : `^(${origins.map(origin => origin.replaceAll('.', '\\.')).join('|')})$`;
}

/** What redirects other hosts to an app's, by an Ingress of its own. */
export function haproxyRedirectFrom(route: Route): Strings {
  return { [`${HAPROXY}/request-redirect`]: mainHost(route)!, [`${HAPROXY}/request-redirect-code`]: '301' };
}

const ALB = 'alb.ingress.kubernetes.io';

/** @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/ */
function alb({ tls, entryTimeout, http2, https, interceptor, healthPath }: Route): Strings {
  return {
    [`${ALB}/target-type`]: 'ip',
    ...(entryTimeout === undefined ? {} : {
      [`${ALB}/load-balancer-attributes`]: `idle_timeout.timeout_seconds=${Math.min(entryTimeout, 4000)}`,
    }),
    ...(http2 ? { [`${ALB}/backend-protocol-version`]: 'HTTP2' } : {}),
    ...(https ? { [`${ALB}/backend-protocol`]: 'HTTPS', [`${ALB}/healthcheck-protocol`]: 'HTTPS' } : {}),
    // The interceptor answers 404 to a health check, whose Host belongs to no app: its admin port knows whether it is healthy.
    ...(interceptor ? { [`${ALB}/healthcheck-port`]: '9090', [`${ALB}/healthcheck-path`]: '/readyz' } : {}),
    ...(!interceptor && healthPath ? { [`${ALB}/healthcheck-path`]: healthPath } : {}),
    ...(tls ? { [`${ALB}/listen-ports`]: '[{"HTTP": 80}, {"HTTPS": 443}]' } : {}),
    ...(tls && tls.redirect !== false ? { [`${ALB}/ssl-redirect`]: '443' } : {}),
  };
}

/** Its rules, by the name that an Ingress has for what they do in place of a Service. A Service's conditions are those of its rules. */
function albPolicies(route: Route): Strings {
  const { http: { redirects, redirectFrom }, access: { allow } } = route;
  const conditions = [{ field: 'source-ip', sourceIpConfig: { values: allow } }];
  return prefixed(ALB, {
    ...Object.fromEntries(redirects.map((redirect, i) => [`actions.redirect-${i + 1}`, albRedirect(redirect)])),
    'actions.redirect-from': redirectFrom.length > 0 ? albAction({ host: mainHost(route), statusCode: 'HTTP_301' }) : undefined,
    [`conditions.${backendOf(route).name}`]: allow.length > 0 ? JSON.stringify(conditions) : undefined,
  });
}

function albRedirect({ path, server, permanent }: RedirectModel): string {
  const port = server?.port ?? { http: 80, https: 443 }[server?.scheme ?? ''];
  return albAction({
    ...server && { protocol: server.scheme.toUpperCase(), host: server.host, port: String(port) },
    path,
    statusCode: permanent ? 'HTTP_301' : 'HTTP_302',
  });
}

function albAction(redirectConfig: object): string {
  return JSON.stringify({ type: 'redirect', redirectConfig });
}

/** Annotations of a domain; those that are not needed are undefined. */
function prefixed(domain: string, annotations: { readonly [name: string]: string | undefined }): Strings {
  const written = Object.entries(annotations).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(written.map(([name, value]) => [`${domain}/${name}`, value]));
}
