import type { Hosts } from './hosts';
import type { Claimed } from './registered-app';
import type { Route } from '../model/route';
import { isBelow, pathMatches, withoutTrailingSlash } from '../model/route';
import { entryKind } from '../platform/entry-support';
import type { Problem } from '../validation/problem';
import { quoted } from '../validation/problem';

/** Routes of two apps that share a host, so that requests for one of them may come through the Ingress of the other. */
interface Neighbors {
  readonly one: Claimed;
  readonly other: Claimed;
  readonly host: string;
  /** Whether they differ by headers, which an Ingress does not match; otherwise only by paths. */
  readonly byHeaders: boolean;
}

/** What is wrong between two apps of one host: of each kind the first. */
export function neighborProblems({ shared }: Hosts): [Claimed, Problem][] {
  const neighbors = [...shared].flatMap(([host, sharers]) => {
    const asked = sharers.filter(({ route, isRedirect }) => route.interceptor && !isRedirect);
    // A host may have hundreds of apps, which nearly always differ by paths that all read alike.
    if (!asked.some(one => hasHeaders(one) || comparesText(one))) return [];
    return asked.flatMap((one, i) => asked.slice(0, i).flatMap(other => neighborsOf(one, other, host)));
  });
  const known = new Set<string>();
  return [...neighbors.flatMap(accessProblems), ...neighbors.flatMap(canaryProblems)].flatMap(({ one, other, problem }) => {
    const key = JSON.stringify([one.app.path, other.app.path, problem.path]);
    if (known.has(key)) return [];
    known.add(key);
    return [[one, problem]];
  });
}

/** Two routes that the interceptor tells apart, but an Ingress does not. */
function neighborsOf(one: Claimed, other: Claimed, host: string): Neighbors[] {
  const both = [one, other];
  if (one.app === other.app || !both.some(({ route }) => route.platform.entry.kind === 'ingress')) return [];
  const byHeaders = both.some(hasHeaders);
  return byHeaders || both.some(comparesText) ? [{ one, other, host, byHeaders }] : [];
}

function hasHeaders({ route }: Claimed): boolean {
  return Object.keys(route.headers).length > 0;
}

/**
 * Whether the controller compares paths as they are written. The interceptor reads `//admin` and `/%61dmin` as `/admin`, and so do Traefik
 * and ingress-nginx.
 */
function comparesText({ route }: Claimed): boolean {
  return ['alb', 'haproxy'].includes(entryKind(route.platform.entry));
}

/** A problem of one app with another one. */
interface Found {
  readonly one: Claimed;
  readonly other: Claimed;
  readonly problem: Problem;
}

/** Who is let in must be the same then. */
function accessProblems({ one, other, host, byHeaders }: Neighbors): Found[] {
  if (!overlap(one.route, other.route) || JSON.stringify(one.route.access) === JSON.stringify(other.route.access)) return [];
  const message = `is not that of WebApp ${quoted(other.app.path)}, which has the host ${quoted(host)} too, ${byHeaders
    ? 'and an Ingress does not match headers, by which they differ'
    : 'and this ingress controller does not read an encoded path as the interceptor does'}`;
  const hint = 'use the same access in both, another host, or a platform with a gateway';
  return [{ one, other, problem: { code: 'conflict', path: 'access', message, hint } }];
}

/** Whether a path of one route is a path of the other, or below one. */
function overlap(one: Route, other: Route): boolean {
  const theirs = pathMatches(other);
  return pathMatches(one).some(({ path }) => theirs.some(match => isBelow(path, match.path) || isBelow(match.path, path)));
}

/** What Traefik chooses for the canary of one app may be a request for the other, which has a header as well. */
function canaryProblems({ one, other, host, byHeaders }: Neighbors): Found[] {
  if (!byHeaders) return [];
  const [mine, theirs] = [one, other].map(({ route }) => pathMatches(route).map(({ path }) => withoutTrailingSlash(path)));
  if (!mine.some(path => theirs.includes(path))) return [];
  return [{ one, other }, { one: other, other: one }].flatMap((pair): Found[] => {
    const [, canary] = pair.one.route.backends;
    if (!canary || canary.weight === 0) return [];
    const message = `is ${canary.weight}, but WebApp ${quoted(pair.other.app.path)} has the host ${quoted(host)} and the same path too, `
      + 'and an Ingress does not match headers, by which they differ';
    const hint = 'use rollout.canary.headers, another host or path, or a platform with a gateway';
    return [{ ...pair, problem: { code: 'conflict', path: 'rollout.canary.weight', message, hint } }];
  });
}
