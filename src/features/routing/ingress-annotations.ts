import { ResolvedApp, Texts } from '../../model/app';
import { ResolvedIngressEntry } from '../../platform/resolve';

/**
 * What an ingress controller has to be told by annotations, which each reads its own: not to give up before a cold start is over, to redirect
 * to HTTPS, and to speak HTTP/2 to the app. What the platform's own annotations say wins.
 */
export function ingressAnnotations(app: ResolvedApp, entry: ResolvedIngressEntry): Texts {
  const { tls } = app.routing;
  return {
    ...(tls?.clusterIssuer ? { 'cert-manager.io/cluster-issuer': tls.clusterIssuer } : {}),
    ...CONTROLLERS[entry.controller](app),
    ...entry.annotations,
  };
}

const CONTROLLERS: { readonly [controller in ResolvedIngressEntry['controller']]: (app: ResolvedApp) => Texts } = { nginx, traefik: none, alb, other: none };

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/ */
function nginx({ routing: { tls, patience }, process }: ResolvedApp): Texts {
  return {
    ...(patience === undefined ? {} : {
      'nginx.ingress.kubernetes.io/proxy-read-timeout': String(patience),
      'nginx.ingress.kubernetes.io/proxy-send-timeout': String(patience),
    }),
    ...(process.http2 ? { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' } : {}),
    ...(tls?.redirect === undefined ? {} : { 'nginx.ingress.kubernetes.io/ssl-redirect': String(tls.redirect) }),
  };
}

/** Traefik waits for an answer as long as it takes, and has its redirects in its own configuration or in Middlewares. */
function none(): Texts {
  return {};
}

/** @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/ */
function alb({ routing: { tls, patience }, process, scaling }: ResolvedApp): Texts {
  return {
    'alb.ingress.kubernetes.io/target-type': 'ip',
    ...(patience === undefined ? {} : { 'alb.ingress.kubernetes.io/load-balancer-attributes': `idle_timeout.timeout_seconds=${Math.min(patience, 4000)}` }),
    ...(process.http2 ? { 'alb.ingress.kubernetes.io/backend-protocol-version': 'HTTP2' } : {}),
    // The interceptor answers 404 to a health check, whose Host is no app's: its admin port knows whether it is well.
    ...(scaling.http ? { 'alb.ingress.kubernetes.io/healthcheck-port': '9090', 'alb.ingress.kubernetes.io/healthcheck-path': '/readyz' } : {}),
    ...(!scaling.http && process.health.path ? { 'alb.ingress.kubernetes.io/healthcheck-path': process.health.path } : {}),
    ...(tls ? { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]' } : {}),
    ...(tls && tls.redirect !== false ? { 'alb.ingress.kubernetes.io/ssl-redirect': '443' } : {}),
  };
}
