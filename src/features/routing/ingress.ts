import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ingressAnnotations } from './ingress-annotations';
import { annotated, objectMetadata } from '../../kube/metadata';
import { clusterHosts, proxyName } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import type { Strings } from '../../model/strings';
import type { IngressModel } from '../../platform/resolve';

const API = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };

/**
 * Exposes an app through an Ingress. It routes to the interceptor if the app is scaled by HTTP, otherwise to the app.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export function createIngress(scope: Construct, route: Route, entry: IngressModel): ApiObject {
  const { hosts, tls, namespace, platform: { httpAddon }, backends: [app] } = route;
  const besideInterceptor = route.interceptor !== undefined && entry.besideInterceptor;
  const name = besideInterceptor ? `${route.name}.${namespace}` : route.name;
  const service = besideInterceptor
    ? { name: httpAddon.interceptorService, port: { number: httpAddon.interceptorPort } }
    : serviceOf(route, app);
  return new ApiObject(scope, 'ingress', {
    ...API,
    metadata: {
      ...annotated(objectMetadata(route, 'entry', name), ingressAnnotations(route, entry)),
      namespace: besideInterceptor ? httpAddon.namespace : undefined,
    },
    spec: {
      ingressClassName: entry.className,
      rules: ingressRules(route, { service }),
      tls: tls && [{ hosts, secretName: tls.secretName ?? (tls.clusterIssuer ? `${name}-tls` : undefined) }],
    },
  });
}

const NGINX = 'nginx.ingress.kubernetes.io';

/**
 * Gives the canary its weight, as ingress-nginx does it: by a second Ingress of the same hosts and paths, which has the rest from the
 * first.
 *
 * Both route to the interceptor, under Services of different names, as ingress-nginx tells upstreams apart by those. The interceptor knows
 * the canary's requests by a header (`ingress.upstreamHeader`); a controller that takes `upstream-vhost` from the canary's Ingress, as
 * ingress-nginx does not, tells it by the Host as well.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
 */
export function createCanaryIngress(scope: Construct, route: Route, canary: Backend, entry: IngressModel): ApiObject {
  return new ApiObject(scope, 'canary-ingress', {
    ...API,
    metadata: annotated(objectMetadata(canary, 'entry'), { ...route.ingressAnnotations, ...canaryAnnotations(route, canary) }),
    spec: {
      ingressClassName: entry.className,
      rules: ingressRules(route, { service: serviceOf(route, canary) }),
    },
  });
}

function canaryAnnotations({ interceptor }: Route, canary: Backend): Strings {
  const { weight, headers } = canary;
  const split = { [`${NGINX}/canary`]: 'true', [`${NGINX}/canary-weight`]: String(weight) };
  // The interceptor knows the headers of requests that pass it.
  if (interceptor) return { ...split, [`${NGINX}/upstream-vhost`]: clusterHosts(canary).at(-1)! };
  const [header] = Object.entries(headers);
  return header ? { ...split, [`${NGINX}/canary-by-header`]: header[0], [`${NGINX}/canary-by-header-value`]: header[1] } : split;
}

function ingressRules({ hosts, paths }: Route, backend: object): object[] {
  return hosts.map(host => ({ host, http: { paths: paths.map(path => ({ path, pathType: 'Prefix', backend })) } }));
}

function serviceOf({ interceptor, platform: { httpAddon } }: Route, backend: Backend): object {
  if (!interceptor) return { name: backend.service, port: { number: backend.port.number } };
  return { name: proxyName(backend), port: { number: httpAddon.interceptorPort } };
}
