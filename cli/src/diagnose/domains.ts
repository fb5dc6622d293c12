import { isIP } from 'node:net';
import type { DnsRecord } from './dns';
import { isNoSuchHost, nameToResolve, recordsFor } from './dns';
import { notDeployed } from '../engine/operation';
import { currentRelease, listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { AppName } from '../kube/types';
import { addressesOf, CERTIFICATE, conditionOf, GATEWAY, holds, HTTP_ROUTE, INGRESS, ofKind } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** How far a host of an app is from answering its users. */
export interface Domain {
  readonly host: string;

  /**
   * `ok`; `missing`: it does not resolve; `elsewhere`: it resolves to other addresses than those of the ingress or gateway, such as those
   * of a CDN in front of it; `unknown`: the ingress or gateway reports no address that it could be compared with, or this computer cannot
   * resolve names.
   */
  readonly dns: 'ok' | 'missing' | 'elsewhere' | 'unknown';

  /** What it resolves to on this computer. */
  readonly resolvesTo: readonly string[];

  /** The records to create, any of which will do; none where the ingress or gateway reports no address. */
  readonly records: readonly DnsRecord[];

  /** `none`: there is no TLS, or its certificate is not one of cert-manager. */
  readonly certificate: 'ok' | 'pending' | 'none' | 'unknown';

  /** Until when the certificate is valid, or why there is none yet. */
  readonly detail?: string;
}

export interface DomainsRequest {
  readonly cluster: Cluster;
  readonly app: AppName;

  /** The addresses of a host, as this computer resolves them. */
  readonly lookUp: (host: string) => Promise<readonly string[]>;
}

/** The hosts of an app's current release. */
export async function domainsOf({ cluster, app, lookUp }: DomainsRequest): Promise<Domain[]> {
  const current = currentRelease(await listReleases(cluster, app));
  if (!current) throw notDeployed(app);
  const entries = [...await ingressesOf(cluster, current.objects), ...await routesOf(cluster, current.objects)];
  const hosts = [...new Set(entries.flatMap(entry => entry.hosts))].sort();
  return Promise.all(hosts.map(async host => {
    const own = entries.filter(entry => entry.hosts.includes(host));
    const addresses = [...new Set(own.flatMap(entry => entry.addresses))];
    const certificates = [...new Set(own.flatMap(entry => entry.certificates(host)))];
    return { host, ...await dnsOf(host, addresses, lookUp), ...await certificateOf(cluster, app.namespace, certificates) };
  }));
}

/** An Ingress or an HTTPRoute. */
interface Entry {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];

  /** The names of the certificates of a host. */
  readonly certificates: (host: string) => readonly string[];
}

async function ingressesOf({ objects }: Cluster, applied: readonly Manifest[]): Promise<Entry[]> {
  return Promise.all(ofKind(applied, INGRESS).map(async ({ metadata: { name, namespace }, spec: { rules = [], tls = [] } }) => {
    const live = await objects.get({ ...INGRESS, namespace, name });
    return {
      hosts: rules.flatMap(({ host }) => host ?? []),
      addresses: live ? addressesOf(live) : [],
      certificates: host => tls.filter(({ hosts = [] }) => hosts.includes(host)).flatMap(({ secretName }) => secretName ?? []),
    };
  }));
}

/** The certificate of a Gateway is the platform's. */
async function routesOf({ objects }: Cluster, applied: readonly Manifest[]): Promise<Entry[]> {
  const routes = await objects.knows(GATEWAY) ? ofKind(applied, HTTP_ROUTE) : [];
  return Promise.all(routes.map(async ({ metadata, spec: { hostnames = [], parentRefs = [] } }) => {
    const gateways = await Promise.all(parentRefs.map(async ({ name, namespace = metadata.namespace }) => (
      unlessForbidden(async () => objects.get({ ...GATEWAY, namespace, name })))));
    const addresses = gateways.flatMap(gateway => gateway === FORBIDDEN ? [] : gateway?.status?.addresses ?? []);
    return { hosts: hostnames, addresses: addresses.map(({ value }) => value), certificates: () => [] };
  }));
}

async function dnsOf(
  host: string, addresses: readonly string[], lookUp: DomainsRequest['lookUp'],
): Promise<Pick<Domain, 'dns' | 'resolvesTo' | 'records'>> {
  const records = recordsFor(host, addresses);
  const resolvesTo = await resolve(nameToResolve(host), lookUp);
  if (resolvesTo?.length === 0) return { dns: 'missing', resolvesTo, records };
  const wanted = (await Promise.all(addresses.map(async value => (
    isIP(value) === 0 ? await resolve(value, lookUp) ?? [] : [value])))).flat();
  if (!resolvesTo) return { dns: 'unknown', resolvesTo: [], records };
  if (wanted.length === 0) return { dns: 'unknown', resolvesTo, records };
  return { dns: resolvesTo.some(address => wanted.includes(address)) ? 'ok' : 'elsewhere', resolvesTo, records };
}

/** The addresses of a host, none if there is no such host; undefined where this computer cannot ask, as it has no network. */
async function resolve(host: string, lookUp: DomainsRequest['lookUp']): Promise<readonly string[] | undefined> {
  try {
    return await lookUp(host);
  } catch (error) {
    return isNoSuchHost(error) ? [] : undefined;
  }
}

/** The certificates that cert-manager issues have the names of their Secrets: https://cert-manager.io/docs/usage/ingress/ */
async function certificateOf(
  { objects }: Cluster, namespace: string, names: readonly string[],
): Promise<Pick<Domain, 'certificate' | 'detail'>> {
  if (names.length === 0 || !await objects.knows(CERTIFICATE)) return { certificate: 'none' };
  const found = await Promise.all(names.map(async name => unlessForbidden(async () => objects.get({ ...CERTIFICATE, namespace, name }))));
  if (found.includes(FORBIDDEN)) return { certificate: 'unknown', detail: 'you are not allowed to get certificates.cert-manager.io' };
  const certificates = found.flatMap(one => one === FORBIDDEN || one === undefined ? [] : [one]);
  if (certificates.length === 0) return { certificate: 'none' };
  const pending = certificates.find(one => !holds(one, 'Ready'));
  if (!pending) return { certificate: 'ok', detail: certificates[0].status?.notAfter };
  return { certificate: 'pending', detail: conditionOf(pending, 'Ready')?.message ?? 'cert-manager has not reported anything yet' };
}

/** Whether users get an answer, as far as it can be seen. */
export function isReachable({ dns, certificate }: Domain): boolean {
  return dns !== 'missing' && certificate !== 'pending';
}
