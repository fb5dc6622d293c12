import type { Hosts } from './hosts';
import { isWithin } from './hosts';
import { furtherRules } from './interceptor-table';
import type { Claimed } from './registered-app';
import { exactHeader } from '../features/routing/headers';
import { compatible, sameHeaders } from '../model/headers';
import type { PathMatch, RoutingRule } from '../model/route';
import { isBelow, keyOf, pathMatches } from '../model/route';
import type { Problem } from '../validation/problem';
import { quoted } from '../validation/problem';

/** What has been found out about the apps that share hosts. */
export interface Answers {
  /** Rules that the interceptor needs besides an app's own, by the namespace and name of the version that answers. */
  readonly further: ReadonlyMap<string, readonly RoutingRule[]>;
  readonly problems: readonly [Claimed, Problem][];
}

/**
 * Who answers which request, among the apps of a tree that share a host: of those whose path and headers a request has, the one with the
 * longest path, and of these the one with most headers. A Gateway chooses so by itself. An Ingress knows only paths, and the interceptor
 * only the rules of the longest path: what an app answers below the path of another one, the interceptor has to be told.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export function findAnswers(claimed: readonly Claimed[], { shared, wildcards }: Hosts): Answers {
  const further = new Map<string, RoutingRule[]>();
  const problems: [Claimed, Problem][] = [];
  for (const [host, all] of shared) {
    const sharers = all.filter(isAnswered);
    if (sharers.length < 2) continue;
    problems.push(...ambiguities(host, sharers), ...unreachable(host, sharers), ...takenByExactPaths(host, sharers));
    const { rules, crowded } = furtherRules(host, sharers.map(({ route }) => route).filter(({ interceptor }) => interceptor));
    for (const rule of rules) {
      const owner = sharers.find(({ route }) => route.backends.includes(rule.backend))!;
      problems.push(...unwritable(host, rule.paths[0], owner, sharers));
      const key = `${rule.backend.namespace}/${rule.backend.name}`;
      further.set(key, [...further.get(key) ?? [], rule]);
    }
    if (crowded !== undefined) problems.push(tooMany(host, crowded, sharers[sharers.length - 1]));
  }
  return {
    further: new Map([...further].map(([key, rules]) => [key, merged(rules)])),
    problems: distinct([...problems, ...wildcards.length === 0 ? [] : uncovered(claimed.filter(isAnswered), wildcards)]),
  };
}

/** Each problem once: a canary has those of its app too. */
function distinct(problems: readonly [Claimed, Problem][]): [Claimed, Problem][] {
  return joined(problems, ([{ app }, { path, message }]) => [app.path, path, message], first => first);
}

/** Whether an app answers the requests. */
function isAnswered({ isRedirect }: Claimed): boolean {
  return !isRedirect;
}

/** Requests that have the headers of two apps of one path, of which neither has more. */
function ambiguities(host: string, sharers: readonly Claimed[]): [Claimed, Problem][] {
  return sharers.flatMap((one, i) => sharers.slice(0, i).flatMap((other): [Claimed, Problem][] => {
    const path = pathMatches(one.route).find(mine => pathMatches(other.route).some(theirs => isSame(mine, theirs)))?.path;
    if (path === undefined) return [];
    const rank = Math.sign(size(one.route.headers) - size(other.route.headers));
    const clash = one.variants.some(mine => other.variants.some(theirs => compatible(mine, theirs) && !sameHeaders(mine, theirs)
      && (rank === 0 || Math.sign(size(mine) - size(theirs)) !== rank)));
    if (!clash) return [];
    const message = `do not decide who answers: a request for ${quoted(host)} with path ${quoted(path)} may have these and those of `
      + `WebApp ${quoted(other.app.path)}`;
    const prop = size(one.route.headers) > 0 ? 'headers' : 'rollout.canary.headers';
    const hint = 'add the headers of one of them to the other, or use other paths';
    return [[one, { code: 'conflict', path: prop, message, hint }]];
  }));
}

function size(headers: object): number {
  return Object.keys(headers).length;
}

/**
 * Apps whose requests come to the interceptor by way of another app's Ingress, but which it does not know, because they are not scaled by
 * HTTP.
 */
function unreachable(host: string, sharers: readonly Claimed[]): [Claimed, Problem][] {
  const behindIngress = sharers.filter(({ route }) => route.platform.entry.kind === 'ingress');
  const direct = behindIngress.filter(({ route }) => !route.interceptor);
  if (direct.length === 0) return [];
  return behindIngress.filter(({ route }) => route.interceptor && size(route.headers) > 0).flatMap((one): [Claimed, Problem][] => {
    for (const match of pathMatches(one.route)) {
      const { path } = match;
      const longest = nearest(match, behindIngress.filter(({ route }) => size(route.headers) === 0));
      if (longest === undefined || longest.route.interceptor) continue;
      const other = `WebApp ${quoted(longest.app.path)}`;
      const message = `take the requests for ${quoted(host)} with path ${quoted(path)} from ${other}: an Ingress does not match headers, `
        + 'and the interceptor does not know an app that is not scaled by HTTP';
      const hint = `set scaling.concurrency in ${other}, or use another path here, or a platform with a gateway`;
      return [[one, { code: 'conflict', path: 'headers', message, hint }]];
    }
    return [];
  });
}

/** Whether two paths stand for the same requests. */
function isSame(one: PathMatch, other: PathMatch): boolean {
  return one.exact === other.exact && keyOf(one.path) === keyOf(other.path);
}

/** Whether all requests of a path are also those of another one. */
function isPartOf(one: PathMatch, other: PathMatch): boolean {
  return other.exact ? isSame(one, other) : isBelow(one.path, other.path);
}

/** The app with the longest path that a path is part of. */
function nearest(match: PathMatch, candidates: readonly Claimed[]): Claimed | undefined {
  const rank = ({ path, exact }: PathMatch) => keyOf(path).length + (exact ? 0.5 : 0);
  const reaches = ({ route }: Claimed) => Math.max(-1, ...pathMatches(route).filter(own => isPartOf(match, own)).map(rank));
  return candidates.filter(one => reaches(one) >= 0).sort((a, b) => reaches(b) - reaches(a))[0];
}

/**
 * Exact paths of apps that the interceptor would take for prefixes, as no gateway tells it otherwise: below them it would find this app
 * instead of the one that has a shorter path.
 */
function takenByExactPaths(host: string, sharers: readonly Claimed[]): [Claimed, Problem][] {
  return sharers.filter(({ route }) => route.interceptor && !exactHeader(route)).flatMap((one): [Claimed, Problem][] => {
    for (const path of one.route.exactPaths) {
      const others = sharers.filter(other => other !== one);
      const below = nearest({ path, exact: false }, sharers.filter(({ route }) => size(route.headers) === 0));
      const other = below && !below.route.interceptor
        ? undefined : others.find(({ route }) => route.interceptor && route.paths.some(own => isBelow(path, own)));
      if (!other) continue;
      const message = `have ${quoted(path)}, but the interceptor matches prefixes, and would take requests for ${quoted(host)} below it `
        + `from WebApp ${quoted(other.app.path)}`;
      const hint = 'use paths, which take them too, or a platform with a gateway and the add-on\'s API v1beta1';
      return [[one, { code: 'unsupported', path: 'exactPaths', message, hint }]];
    }
    return [];
  });
}

/** What keeps a rule that an app needs from being written, or from doing what it says. */
function unwritable(host: string, path: string, owner: Claimed, sharers: readonly Claimed[]): [Claimed, Problem][] {
  const { platform: { entry, httpAddon }, backends: [, canary] } = owner.route;
  const isThere = ({ route }: Claimed) => pathMatches(route).some(own => keyOf(own.path) === keyOf(path));
  const others = sharers.filter(one => one !== owner);
  const other = `WebApp ${quoted((others.find(isThere) ?? others[0]).app.path)}`;
  const place = `${quoted(host)} with path ${quoted(path)}`;
  if (httpAddon.api === 'v1alpha1') {
    const message = `have ${place} in common with ${other}, and the add-on's API v1alpha1 cannot tell their requests apart by headers`;
    const hint = 'use another host, or set the platform\'s httpAddon.api to v1beta1';
    return [[owner, { code: 'unsupported', path: owner.prop, message, hint }]];
  }
  if (entry.kind === 'ingress' && canary && canary.weight > 0 && !isThere(owner)) {
    const message = `is ${canary.weight}, but requests for ${place} come by way of the Ingress of ${other}, which does not split them`;
    const hint = 'set rollout.canary.headers, or use another host or a platform with a gateway';
    return [[owner, { code: 'conflict', path: 'rollout.canary.weight', message, hint }]];
  }
  return [];
}

function tooMany(host: string, path: string, last: Claimed): [Claimed, Problem] {
  const message = `have ${quoted(host)} with path ${quoted(path)}, where too many apps are told apart by headers`;
  return [last, { code: 'unsupported', path: last.prop, message, hint: 'use fewer headers or other hosts' }];
}

/**
 * Requests for a host that none of its apps answers, but that an app of a wildcard does: some ingress controllers and gateways pass them
 * on to the wildcard, others do not.
 */
function uncovered(claimed: readonly Claimed[], wildcards: Hosts['wildcards']): [Claimed, Problem][] {
  return claimed.flatMap(one => one.route.hosts.flatMap((host): [Claimed, Problem][] => {
    const sharers = claimed.filter(({ route }) => route.hosts.includes(host));
    const always = sharers.filter(({ route }) => size(route.headers) === 0).flatMap(({ route }) => pathMatches(route));
    // One of another namespace is an error whatever it has.
    const over = wildcards.find(wildcard => wildcard.host !== host && isWithin(host, wildcard.host)
      && wildcard.one.route.namespace === one.route.namespace && !wildcard.one.route.hosts.includes(host)
      && pathMatches(wildcard.one.route).some(path => !always.some(own => isPartOf(path, own))));
    if (!over || sharers[0] !== one) return [];
    const message = `have ${quoted(host)}, but not all requests for it: whether the others reach WebApp ${quoted(over.one.app.path)}, `
      + `which has ${quoted(over.host)}, depends on the ingress controller or gateway`;
    const hint = `add ${quoted(host)} to the hosts of that app, or give it other paths`;
    return [[one, { code: 'conflict', path: one.prop, message, hint }]];
  }));
}

/** The rules with the hosts of equal paths and headers in one, and then the paths of equal hosts. */
function merged(rules: readonly RoutingRule[]): RoutingRule[] {
  const byPath = joined(rules, ({ paths, headers }) => [paths, headers], (a, b) => ({ ...a, hosts: [...a.hosts, ...b.hosts] }));
  return joined(byPath, ({ hosts, headers }) => [hosts, headers], (a, b) => ({ ...a, paths: [...a.paths, ...b.paths] }));
}

function joined<T>(items: readonly T[], keyOfItem: (item: T) => unknown, join: (a: T, b: T) => T): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = JSON.stringify(keyOfItem(item));
    const before = found.get(key);
    found.set(key, before ? join(before, item) : item);
  }
  return [...found.values()];
}

