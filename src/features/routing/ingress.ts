import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Certificate } from './certificate';
import { ingressPlace } from './certificate';
import { ingressAnnotations } from './ingress-annotations';
import { backendOf, serviceOf } from './ingress-backend';
import { chunks, numbered } from '../../kube/chunks';
import { annotated, objectMetadata, orNone } from '../../kube/metadata';
import { clusterHosts } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import { pathMatches } from '../../model/route';
import type { Strings } from '../../model/strings';
import type { IngressModel } from '../../platform/resolve';
import { CATCH_ALL } from '../../validation/hosts';

/** A path of an Ingress, and which requests for it are meant. */
interface IngressPath {
  readonly path: string;
  readonly pathType: 'Prefix' | 'Exact';
  readonly backend: object;
}

/**
 * Exposes an app through an Ingress. It routes to the interceptor if the app is scaled by HTTP, otherwise to the app.
 *
 * @param certificate what is known when all apps of a host are created
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export function createIngress(scope: Construct, route: Route, entry: IngressModel, certificate: () => Certificate): ApiObject {
  const { hosts, tls, http: { redirectFrom } } = route;
  const own = pathsOf(route, { service: backendOf(route) });
  const issuer = tls?.clusterIssuer !== undefined && { [ISSUER]: Lazy.any({ produce: () => certificate().clusterIssuer }) };
  // The certificate is also for the hosts that are redirected.
  const names = [...hosts, ...redirectFrom];
  return newIngress(scope, 'ingress', annotated(ingressMetadata(route), { ...issuer, ...ingressAnnotations(route, entry) }), {
    ingressClassName: entry.className,
    rules: entry.controller === 'alb'
      ? [...rulesOf(hosts, [...albRedirects(route), ...own]), ...rulesOf(redirectFrom, [ALB_REDIRECT_FROM])]
      : rulesOf(hosts, own),
    tls: tls?.clusterIssuer === undefined
      ? tls && [{ hosts: orNone(names.filter(nameOf)), secretName: tls.secretName }]
      : Lazy.any({ produce: () => certificates(names, certificate()) }),
  });
}

function newIngress(scope: Construct, id: string, metadata: ApiObjectMetadata, spec: object): ApiObject {
  return new ApiObject(scope, id, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec });
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

interface RedirectIngress {
  /** What its name ends with. */
  readonly suffix: string;
  readonly hosts: readonly string[];
  readonly path: Omit<IngressPath, 'backend'>;
  readonly annotations: Strings;
}

/** An Ingress that redirects, for controllers that do it by an annotation, which is for a whole Ingress. No request reaches its backend. */
export function createRedirectIngress(
  scope: Construct, route: Route, entry: IngressModel, { suffix, hosts, path, annotations }: RedirectIngress,
): void {
  const rules = rulesOf(hosts, [{ ...path, backend: { service: backendOf(route) } }]);
  newIngress(scope, suffix, annotated(ingressMetadata(route, suffix), annotations), { ingressClassName: entry.className, rules });
}

/** Name and place of an Ingress. In the namespace of the interceptor its name has that of the app. */
function ingressMetadata(route: Route, suffix?: string): ApiObjectMetadata {
  const own = suffix === undefined ? route : { ...route, name: `${route.name}-${suffix}` };
  const { name, namespace, besideInterceptor } = ingressPlace(own);
  return { ...objectMetadata(route, 'entry', name), namespace: besideInterceptor ? namespace : undefined };
}

/** What the controller of AWS takes from an annotation, in place of a Service. */
function albAction(name: string): object {
  return { service: { name, port: { name: 'use-annotation' } } };
}

const ALB_REDIRECT_FROM: IngressPath = { path: '/', pathType: 'Prefix', backend: albAction('redirect-from') };

function albRedirects({ http: { redirects } }: Route): IngressPath[] {
  return redirects.map(({ from }, i) => ({ path: from, pathType: 'Exact', backend: albAction(`redirect-${i + 1}`) }));
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
  const annotations = { ...route.ingressAnnotations, ...canaryAnnotations(route, canary) };
  return newIngress(scope, 'canary-ingress', annotated(objectMetadata(canary, 'entry'), annotations), {
    ingressClassName: entry.className,
    rules: rulesOf(route.hosts, pathsOf(route, { service: serviceOf(route, canary) })),
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

function pathsOf(route: Route, backend: object): IngressPath[] {
  return pathMatches(route).map(({ path, exact }) => ({ path, pathType: exact ? 'Exact' : 'Prefix', backend }));
}

function rulesOf(hosts: readonly string[], paths: readonly IngressPath[]): object[] {
  return hosts.map(host => ({ host: nameOf(host), http: { paths } }));
}

/** A rule without a host is for all that no other rule has. */
function nameOf(host: string): string | undefined {
  return host === CATCH_ALL ? undefined : host;
}
