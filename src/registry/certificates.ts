import type { Hosts } from './hosts';
import type { Claimed } from './registered-app';
import type { Certificate } from '../features/routing/certificate';
import { ingressPlace, secretFor } from '../features/routing/certificate';
import type { Route } from '../model/route';
import type { Problem } from '../validation/problem';
import { quoted } from '../validation/problem';

/** The certificates of Ingresses, by the namespaces and names of their routes. */
export type Certificates = ReadonlyMap<string, Certificate>;

/**
 * Apps of one namespace with the same hosts have one certificate, as issuers limit how many they issue for the same names. The app that
 * has all paths, or else the first one, asks for it, and the others use its Secret.
 *
 * @see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers
 */
export function findCertificates(claimed: readonly Claimed[]): Certificates {
  const bySet = new Map<string, Route[]>();
  for (const { route, isRedirect } of claimed) {
    if (isRedirect || route.platform.entry.kind !== 'ingress' || route.tls?.clusterIssuer === undefined) continue;
    const hosts = [...route.hosts, ...route.http.redirectFrom].sort();
    const set = JSON.stringify([ingressPlace(route).namespace, route.tls.clusterIssuer, hosts, ownWishes(route)]);
    bySet.set(set, [...bySet.get(set) ?? [], route]);
  }
  return new Map([...bySet.values()].flatMap(routes => {
    const first = routes.find(hasAll) ?? routes[0];
    const certificate = { secretName: secretFor(first) };
    return routes.map(route => [
      keyOf(route), route === first ? { ...certificate, clusterIssuer: first.tls!.clusterIssuer } : certificate,
    ] as const);
  }));
}

export function keyOf({ namespace, name }: Pick<Route, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function hasAll({ paths, headers }: Route): boolean {
  return paths.includes('/') && Object.keys(headers).length === 0;
}

/** What an app tells cert-manager by itself, such as the duration: it would have no effect on a certificate that another app asks for. */
function ownWishes({ ingressAnnotations }: Route): [string, string][] {
  return Object.entries(ingressAnnotations).filter(([name]) => name.startsWith('cert-manager.io/')).sort();
}

/** Apps of one host that have different certificates, or of which some have none: which one clients get is up to the controller. */
export function certificateProblems({ shared, sharers }: Hosts): [Claimed, Problem][] {
  return sharers.flatMap((one): [Claimed, Problem][] => {
    for (const host of one.route.hosts) {
      const [other = one] = shared.get(host) ?? [];
      const [mine, theirs] = [describe(one.route), describe(other.route)];
      if (mine === theirs) continue;
      const message = `means ${mine} for ${quoted(host)}, but WebApp ${quoted(other.app.path)} has ${theirs} for it`;
      return [[one, { code: 'conflict', path: 'tls', message, hint: 'use the same tls in both, or another host' }]];
    }
    return [];
  });
}

function describe({ tls }: Route): string {
  if (!tls) return 'no TLS';
  if (tls.clusterIssuer !== undefined) return `a certificate of the clusterIssuer ${quoted(tls.clusterIssuer)}`;
  if (tls.secretName !== undefined) return `the certificate of the Secret ${quoted(tls.secretName)}`;
  return 'the certificate of the ingress controller or gateway';
}
