import type { Route } from '../../model/route';
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
 * redirect to HTTPS, and to speak HTTP/2 to the app. The platform's annotations override them, and the app's override both.
 */
export function ingressAnnotations(route: Route, entry: IngressModel): Strings {
  const { tls } = route;
  return {
    ...(tls?.clusterIssuer ? { 'cert-manager.io/cluster-issuer': tls.clusterIssuer } : {}),
    ...CONTROLLERS[entry.controller](route),
    ...route.ingressAnnotations,
  };
}

const CONTROLLERS: { readonly [controller in IngressModel['controller']]: (route: Route) => Strings } = {
  nginx,
  traefik: none,
  alb,
  other: none,
};

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/ */
function nginx({ tls, entryTimeout, http2, https }: Route): Strings {
  return {
    ...(entryTimeout === undefined ? {} : {
      'nginx.ingress.kubernetes.io/proxy-read-timeout': String(entryTimeout),
      'nginx.ingress.kubernetes.io/proxy-send-timeout': String(entryTimeout),
    }),
    ...(http2 ? { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' } : {}),
    ...(https ? { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' } : {}),
    ...(tls?.redirect === undefined ? {} : { 'nginx.ingress.kubernetes.io/ssl-redirect': String(tls.redirect) }),
  };
}

/** Traefik waits for a response as long as it takes, and has its redirects in its own configuration or in Middlewares. */
function none(): Strings {
  return {};
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
