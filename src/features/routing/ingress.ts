import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Certificate } from './certificate';
import { ingressPlace } from './certificate';
import { ingressAnnotations } from './ingress-annotations';
import { chunks, numbered } from '../../kube/chunks';
import { annotated, objectMetadata, orNone } from '../../kube/metadata';
import { SERVICE_PORT } from '../../kube/ports';
import { clusterHosts, proxyName } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import { pathMatches } from '../../model/route';
import type { Strings } from '../../model/strings';
import type { IngressModel } from '../../platform/resolve';
import { CATCH_ALL } from '../../validation/hosts';

const API = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };

/**
 * Exposes an app through an Ingress. It routes to the interceptor if the app is scaled by HTTP, otherwise to the app.
 *
 * @param certificate what is known when all apps of a host are created
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export function createIngress(scope: Construct, route: Route, entry: IngressModel, certificate: () => Certificate): ApiObject {
  const { hosts, tls, platform: { httpAddon }, backends: [app] } = route;
  const { name, namespace, besideInterceptor } = ingressPlace(route);
  const service = besideInterceptor
    ? { name: httpAddon.interceptorService, port: { number: httpAddon.interceptorPort } }
    : serviceOf(route, app);
  const issuer = tls?.clusterIssuer !== undefined && { [ISSUER]: Lazy.any({ produce: () => certificate().clusterIssuer }) };
  return new ApiObject(scope, 'ingress', {
    ...API,
    metadata: {
      ...annotated(objectMetadata(route, 'entry', name), { ...issuer, ...ingressAnnotations(route, entry) }),
      namespace: besideInterceptor ? namespace : undefined,
    },
    spec: {
      ingressClassName: entry.className,
      rules: ingressRules(route, { service }),
      tls: tls?.clusterIssuer === undefined
        ? tls && [{ hosts: orNone(hosts.filter(nameOf)), secretName: tls.secretName }]
        : Lazy.any({ produce: () => certificates(hosts, certificate()) }),
    },
  });
}

const ISSUER = 'cert-manager.io/cluster-issuer';

/** Names of a certificate of Let's Encrypt, and of most issuers: https://letsencrypt.org/docs/rate-limits/#identifiers-per-certificate */
const MOST_NAMES = 100;

/** One certificate has all the hosts, unless that is more than an issuer allows: cert-manager asks for one for each entry. */
function certificates(hosts: readonly string[], { secretName }: Certificate): object[] {
  // Apps that share certificates may have their hosts in another order.
  const names = hosts.length > MOST_NAMES ? [...hosts].sort() : hosts;
  return chunks(names, MOST_NAMES).map((part, i) => ({ hosts: part, secretName: numbered(secretName!, i) }));
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

function ingressRules(route: Route, backend: object): object[] {
  const paths = pathMatches(route).map(({ path, exact }) => ({ path, pathType: exact ? 'Exact' : 'Prefix', backend }));
  return route.hosts.map(host => ({ host: nameOf(host), http: { paths } }));
}

/** A rule without a host is for all that no other rule has. */
function nameOf(host: string): string | undefined {
  return host === CATCH_ALL ? undefined : host;
}

function serviceOf({ interceptor, platform: { httpAddon } }: Route, backend: Backend): object {
  if (!interceptor) return { name: backend.service, port: { number: SERVICE_PORT } };
  return { name: proxyName(backend), port: { number: httpAddon.interceptorPort } };
}
