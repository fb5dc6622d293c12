import type { Entry } from './entry';
import { PUBLIC_GATEWAY } from './objects';
import type { Cluster } from '../kube/connect';
import type { Service } from '../kube/types';
import { GATEWAY, SERVICE } from '../kube/types';

/** Where clients outside of the cluster reach the entry. */
export interface Address {
  readonly ip?: string;

  /** The name of a load balancer that has no fixed IP address, such as those of AWS. */
  readonly hostname?: string;
}

/** The external address of the entry; undefined while it has none, or where it is not clear which Service is the entry's. */
export async function entryAddress({ objects }: Cluster, entry: Entry): Promise<Address | undefined> {
  if (entry.kind === 'gateway' || (entry.kind === 'installed' && entry.name === 'envoy-gateway')) {
    const { name, namespace } = entry.kind === 'gateway' ? entry.gateway.metadata : PUBLIC_GATEWAY;
    const gateway = await objects.get({ ...GATEWAY, name, namespace });
    const [address] = gateway?.status?.addresses ?? [];
    return address && (address.type === 'Hostname' ? { hostname: address.value } : { ip: address.value });
  }
  if (entry.kind === 'installed') {
    const service = await objects.get({ ...SERVICE, name: 'traefik', namespace: 'traefik' });
    return service && addressOf(service);
  }
  const services = (await objects.list(SERVICE, {})).filter(isEntry);
  return services.length === 1 ? addressOf(services[0]) : undefined;
}

function isEntry({ spec: { type, ports = [] } }: Service): boolean {
  return type === 'LoadBalancer' && ports.some(({ port }) => port === 80 || port === 443);
}

function addressOf({ status }: Service): Address | undefined {
  const [first] = status?.loadBalancer?.ingress ?? [];
  return first && { ip: first.ip, hostname: first.hostname };
}

/**
 * The domain of sslip.io whose names all resolve to an IP address. In a name, the colons of an IPv6 address are dashes, and no label can
 * begin or end with one.
 *
 * @see https://sslip.io/
 */
export function sslipDomain(ip: string): string {
  const name = ip.includes(':') ? ip.replace(/^::/, '0::').replace(/::$/, '::0').replace(/:/g, '-') : ip;
  return `${name}.sslip.io`;
}
