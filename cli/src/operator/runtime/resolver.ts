/**
 * Resolves names as the pods of the cluster do, and without the few threads of Node.js that `getaddrinfo` blocks.
 *
 * Names are absolute: the search domains of a pod are for Services.
 */
import { NOTFOUND, promises } from 'node:dns';
import { isNoSuchHost } from '../../diagnose/dns';

/** How long one server may take for the first attempt, in milliseconds, and how many attempts there are. */
const LIMITS = { timeout: 2_000, tries: 2 };

/**
 * What looks up the IPv4 and IPv6 addresses of a name.
 *
 * @param servers by default those of the pod
 */
export function resolver(servers?: readonly string[]): (name: string) => Promise<readonly string[]> {
  const dns = new promises.Resolver(LIMITS);
  if (servers) dns.setServers(servers);
  return async name => {
    const known = await addressesIn(dns.resolve4(name));
    if (!known) return [];
    const others = await addressesIn(dns.resolve6(name)).catch(error => {
      if (known.length === 0) throw error;
    });
    return [...known, ...others ?? []];
  };
}

/**
 * The addresses that an answer has; undefined where the name does not exist, so that it has no records of any other type either:
 * https://www.rfc-editor.org/rfc/rfc8020#section-2
 */
async function addressesIn(answer: Promise<readonly string[]>): Promise<readonly string[] | undefined> {
  return answer.catch((error: NodeJS.ErrnoException) => {
    if (!isNoSuchHost(error)) throw error;
    return error.code === NOTFOUND ? undefined : [];
  });
}
