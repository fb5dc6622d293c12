/** What is said of the DNS of a host, in the same words by the command and by the operator. */
import { isIP, isIPv6 } from 'node:net';

/** https://www.rfc-editor.org/rfc/rfc1035 */
export interface DnsRecord {
  readonly type: 'A' | 'AAAA' | 'CNAME';
  readonly name: string;
  readonly value: string;
}

/** The records that a host may have, any of which will do: one for each address of the ingress or gateway. */
export function recordsFor(host: string, addresses: readonly string[]): DnsRecord[] {
  return addresses.map(value => ({ type: isIP(value) === 0 ? 'CNAME' : isIPv6(value) ? 'AAAA' : 'A', name: host, value }));
}

/** The name to resolve for a host: a wildcard stands for any name. */
export function nameToResolve(host: string): string {
  return host.replace(/^\*/, 'webapp');
}

/** Whether an error of Node.js says that there is no such host, and not that nobody answered. */
export function isNoSuchHost(error: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA'].includes((error as NodeJS.ErrnoException).code!);
}

/** What to do for a host that does not resolve. */
export function adviceOnMissing(host: string, records: readonly DnsRecord[]): string {
  return records.length > 0
    ? `create the DNS record ${shown(records)}`
    : `create a DNS record for ${host}; the ingress or gateway reports no address yet, so ask your platform team where it has to point`;
}

/** What to do for a host that resolves to other addresses than those of the ingress or gateway. */
export function adviceOnElsewhere(host: string, records: readonly DnsRecord[]): string {
  return `${host} resolves to other addresses; unless a CDN or proxy is in front, it has to be ${shown(records)}`;
}

function shown(records: readonly DnsRecord[]): string {
  return records.map(({ type, name, value }) => `${name} ${type} ${value}`).join(' or ');
}
