import { canaryRequests } from '../features/routing/headers';
import { compatible, implies, union } from '../model/headers';
import type { Backend, Route, RoutingRule } from '../model/route';
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

/** A path as the interceptor's table has it: the root is the empty one. */
export function keyOf(path: string): string {
  return path.replace(/\/$/, '');
}

/** Whether a path is another one or below it. */
export function isBelow(path: string, other: string): boolean {
  return `${keyOf(path)}/`.startsWith(`${keyOf(other)}/`);
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
  for (const path of new Set(routes.flatMap(({ paths }) => paths.map(one => keyOf(one) || '/')))) {
    const own = routes.filter(route => route.paths.some(one => keyOf(one) === keyOf(path))).flatMap(rowsOf);
    const table = rulesAt(ranked(path, routes));
    if (!table) return { rules, crowded: path };
    const missing = table.filter(({ backend, headers }) => !own.some(row => row.backend === backend && row.headers === headers));
    rules.push(...missing.map(({ backend, headers }) => ({ backend, hosts: [host], paths: [path], headers })));
  }
  return { rules };
}

/** All that may answer requests for a path, the first of which a request has the headers does. */
function ranked(path: string, routes: readonly Route[]): Row[] {
  const lengthOf = ({ paths }: Route) => Math.max(-1, ...paths.filter(own => isBelow(path, own)).map(own => keyOf(own).length));
  const before = (a: Route, b: Route) => lengthOf(b) - lengthOf(a) || Object.keys(b.headers).length - Object.keys(a.headers).length;
  return routes.filter(route => lengthOf(route) >= 0).sort(before).flatMap(rowsOf);
}

/** Each version's requests; a canary's come first, as they are among those of the app. */
const rowsOf = memoized((route: Route): readonly Row[] => {
  const [app, canary] = route.backends;
  const of = (backend: Backend) => (headers: Strings): Row => ({ backend, headers });
  return [...canary ? canaryRequests(route, canary).map(of(canary)) : [], of(app)(route.headers)];
});

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
