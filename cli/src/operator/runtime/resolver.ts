/**
 * Resolves names as the pods of the cluster do, and without the few threads of Node.js that `getaddrinfo` blocks.
 *
 * Names are absolute: the search domains of a pod are for Services.
 */
import { promises } from 'node:dns';
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
    const answers = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
    const found = answers.flatMap(answer => answer.status === 'fulfilled' ? answer.value : []);
    const failed = answers.find(answer => answer.status === 'rejected' && !isNoSuchHost(answer.reason));
    if (found.length === 0 && failed) throw (failed as PromiseRejectedResult).reason;
    return found;
  };
}
