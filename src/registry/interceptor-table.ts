import { canaryRequests, exactHeader, interceptorMatches, rewriteHeader } from '../features/routing/headers';
import { compatible, implies, union } from '../model/headers';
import type { Backend, PathMatch, Route, RoutingRule } from '../model/route';
import { isBelow, keyOf } from '../model/route';
import type { Strings } from '../model/strings';

/** A rule that makes the interceptor choose a version of an app at a path of another one. */
export interface FurtherRule extends RoutingRule {
  readonly backend: Backend;
}

/** Requests with certain headers that a version of an app answers. */
interface Row {
  readonly backend: Backend;
  readonly headers: Strings;
}

/** More rules than anybody means: each further app at a path may double them. */
const MOST_RULES = 64;

/**
 * What the rules of the apps of one host lack. The interceptor finds the longest path that has rules, and of these rules the one with most
 * headers; a request that has the headers of none is answered with 404, also where an app with a shorter path means it.
 *
 * @returns the rules, and a path at which there would be too many
 * @see https://github.com/kedacore/http-add-on/blob/main/pkg/routing/tablememory.go
 */
export function furtherRules(host: string, routes: readonly Route[]): { readonly rules: FurtherRule[]; readonly crowded?: string } {
  const rules: FurtherRule[] = [];
  for (const path of new Set(routes.flatMap(interceptorMatches).map(match => keyOf(match.path) || '/'))) {
    const ranked = rankedAt(path, routes);
    const own = ranked.filter(({ match }) => keyOf(match.path) === keyOf(path)).flatMap(rowsOf);
    const table = rulesAt(ranked.flatMap(rowsOf));
    if (!table) return { rules, crowded: path };
    const missing = table.filter(({ backend, headers }) => !own.some(row => row.backend === backend && row.headers === headers));
    rules.push(...missing.map(({ backend, headers }) => ({ backend, hosts: [host], paths: [path], headers })));
  }
  return { rules };
}

interface Candidate {
  readonly route: Route;
  readonly match: PathMatch;
}

/** All that may answer requests for a path or below it, the first of which a request has the path and headers does. */
function rankedAt(path: string, routes: readonly Route[]): Candidate[] {
  const candidates = routes.flatMap(route => interceptorMatches(route)
    .filter(match => match.exact ? keyOf(match.path) === keyOf(path) : isBelow(path, match.path)).map(match => ({ route, match })));
  const isRewritten = ({ route }: Candidate) => rewriteHeader(route) !== undefined;
  return candidates.sort((a, b) => Number(isRewritten(b)) - Number(isRewritten(a))
    || Number(b.match.exact) - Number(a.match.exact)
    || keyOf(b.match.path).length - keyOf(a.match.path).length
    || Object.keys(b.route.headers).length - Object.keys(a.route.headers).length);
}

/** The requests of each version; a canary's come first, as they are among those of the app. */
function rowsOf({ route, match: { exact } }: Candidate): readonly Row[] {
  return (exact ? exactRows : prefixRows)(route);
}

const prefixRows = memoized((route: Route) => rowsWith(route, { ...route.headers, ...rewriteHeader(route) }));
const exactRows = memoized((route: Route) => rowsWith(route, { ...route.headers, ...exactHeader(route) }));

function rowsWith(route: Route, headers: Strings): readonly Row[] {
  const [app, canary] = route.backends;
  const of = (backend: Backend) => (conditions: Strings): Row => ({ backend, headers: conditions });
  return [...canary ? canaryRequests(route, canary, headers).map(of(canary)) : [], of(app)(headers)];
}

function memoized<K extends object, V>(find: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return key => {
    const value = known.get(key) ?? find(key);
    known.set(key, value);
    return value;
  };
}

/**
 * Rules of which that with most headers is the first of the rows whose headers a request has. Where a row has no more headers than a rule
 * after it, it needs a rule with the headers of both.
 */
function rulesAt(rows: readonly Row[]): readonly Row[] | undefined {
  const asked = rows.filter(({ headers }, i) => !rows.slice(0, i).some(row => implies(headers, row.headers)));
  let rules: Row[] = [];
  for (const row of asked.reverse()) {
    const count = Object.keys(row.headers).length;
    const after = rules.filter(({ headers }) => !implies(headers, row.headers));
    const both = after.filter(({ headers }) => Object.keys(headers).length >= count && compatible(row.headers, headers))
      .map(({ headers }) => ({ backend: row.backend, headers: union(row.headers, headers) }));
    rules = [row, ...both, ...after];
    if (rules.length > MOST_RULES) return undefined;
  }
  return rules;
}
