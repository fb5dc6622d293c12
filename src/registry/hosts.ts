import type { Claimed } from './registered-app';
import type { Problem } from '../validation/problem';
import { quoted } from '../validation/problem';

/** The hosts of a tree that checks look at: of many apps nearly none share one. */
export interface Hosts {
  /** Those that several routes have, each with these, in their order. */
  readonly shared: ReadonlyMap<string, readonly Claimed[]>;
  /** The routes that share one, in their order. */
  readonly sharers: readonly Claimed[];
  /** Those that stand for others. */
  readonly wildcards: readonly { readonly host: string; readonly one: Claimed }[];
}

export function findHosts(claimed: readonly Claimed[]): Hosts {
  const all = new Map<string, Claimed[]>();
  const wildcards: { host: string; one: Claimed }[] = [];
  for (const one of claimed) {
    for (const host of one.route.hosts) {
      const sharers = all.get(host);
      if (sharers) sharers.push(one);
      else all.set(host, [one]);
      if (host.startsWith('*')) wildcards.push({ host, one });
    }
  }
  const shared = new Map([...all].filter(([, sharers]) => sharers.length > 1));
  const sharers = shared.size === 0 ? [] : claimed.filter(({ route }) => route.hosts.some(host => shared.has(host)));
  return { shared, sharers, wildcards };
}

/** Whether a host, or all that a wildcard stands for, is part of a wildcard. */
export function isWithin(host: string, wildcard: string): boolean {
  return wildcard === '*' || host.endsWith(wildcard.slice(1));
}

/** Within a namespace a host may be an exception to a wildcard; another namespace's wildcard belongs to another team. */
export function wildcardProblems(claimed: readonly Claimed[], { wildcards }: Hosts): [Claimed, Problem][] {
  const named = wildcards.filter(({ host }) => host !== '*');
  if (named.length === 0) return [];
  const known = new Set<string>();
  return claimed.flatMap(one => one.route.hosts.flatMap((host): [Claimed, Problem][] => {
    const over = named.find(other => other.host !== host && isWithin(host, other.host)
      && other.one.route.namespace !== one.route.namespace);
    const key = JSON.stringify([one.app.path, host]);
    if (!over || known.has(key)) return [];
    known.add(key);
    const owner = `WebApp ${quoted(over.one.app.path)} in another namespace`;
    const message = `have ${quoted(host)}, a part of ${quoted(over.host)}, which ${owner} has`;
    return [[one, { code: 'conflict', path: one.prop, message, hint: 'use a host outside it' }]];
  }));
}
