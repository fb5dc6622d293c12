import { HTTP_ROUTE_BOUNDS } from '../../kube/http-route-bounds';
import type { Route } from '../../model/route';
import { isBelow, mainHost, pathMatches } from '../../model/route';
import { entryKind, supports, unsupported } from '../../platform/entry-support';
import { clusterHostProblems, repeated } from '../../validation/hosts';
import type { Problem } from '../../validation/problem';
import { entry as entryOf, quoted } from '../../validation/problem';
import { about, problem, when } from '../../validation/rule';

const PROPS = ['maxBodySize', 'redirectFrom', 'redirects', 'cors', 'responseHeaders'] as const;

/** Whether the entry can do what the app asks for, and what of it fits together. */
export const httpRules = about(['http'], ({ route, platform }, { http = {} }) => {
  if (route.internal) {
    return [problem('http', 'cannot be combined with internal: only an ingress controller or gateway does what it says',
      'remove one of them')];
  }
  const { entry } = platform;
  const checks: { readonly [prop in typeof PROPS[number]]?: (route: Route) => Problem[] } = {
    redirectFrom: redirectFromProblems, redirects: redirectProblems, cors: corsProblems, responseHeaders: headerProblems,
  };
  return PROPS.filter(prop => http[prop] !== undefined).flatMap(prop => supports(entry, `http.${prop}`)
    ? checks[prop]?.(route) ?? []
    : unsupported(entry, `http.${prop}`));
});

function redirectFromProblems(route: Route): Problem[] {
  const { hosts, http: { redirectFrom }, platform } = route;
  const path = 'http.redirectFrom';
  const target = mainHost(route);
  return [
    ...when(
      [redirectFrom.length === 0, path, 'is empty', 'add at least one host, or remove it', 'range'],
      [platform.entry.kind === 'gateway' && redirectFrom.length > HTTP_ROUTE_BOUNDS.hosts, path,
        `has ${redirectFrom.length} entries, but an HTTPRoute has at most ${HTTP_ROUTE_BOUNDS.hosts}`, 'use fewer', 'range'],
      [target === undefined && hosts.length > 0, path,
        'has no host to redirect to, because hosts has only wildcards', 'add a host to hosts'],
    ),
    ...repeated(redirectFrom, path),
    ...clusterHostProblems(platform, redirectFrom, path),
    ...redirectFrom.flatMap((host, i) => when(
      [host.startsWith('*'), `${path}[${i}]`, `is ${quoted(host)}, but wildcards cannot be redirected`, 'name each host'],
      [hosts.includes(host), `${path}[${i}]`, `is ${quoted(host)}, which is one of hosts`, 'remove it from one of them'],
      [!host.startsWith('*') && entryKind(platform.entry) === 'nginx' && target !== undefined && !areWww(target, host), `${path}[${i}]`,
        `is ${quoted(host)}, but ingress-nginx redirects only between a host and the same host with www, such as www.${target}`,
        'remove it, or ask your platform team for Traefik, HAProxy, AWS load balancers or a Gateway', 'unsupported'],
    )),
  ];
}

/** Whether one host is the other with `www.` before it. */
function areWww(one: string, other: string): boolean {
  return one === `www.${other}` || other === `www.${one}`;
}

function redirectProblems(route: Route): Problem[] {
  const { http: { redirects }, backends: [, canary], platform: { entry } } = route;
  const path = 'http.redirects';
  const hasTwoKinds = route.exactPaths.length > 0 || route.replacePrefixMatch !== undefined;
  const most = HTTP_ROUTE_BOUNDS.rules - (canary ? 2 : 1) * (hasTwoKinds ? 2 : 1);
  return [
    ...when(
      [redirects.length === 0, path, 'is empty', 'add at least one redirect, or remove it', 'range'],
      [entry.kind === 'gateway' && redirects.length > most, path,
        `has ${redirects.length} entries, but an HTTPRoute has space for ${most}`, 'use fewer', 'range'],
    ),
    ...redirects.flatMap(({ from, to }, i) => when(
      [redirects.findIndex(other => other.from === from) < i, `${path}[${i}].from`,
        `is ${quoted(from)} twice`, 'remove one of them', 'duplicate'],
      [!pathMatches(route).some(({ path: own, exact }) => exact ? from === own : isBelow(from, own)), `${path}[${i}].from`,
        `is ${quoted(from)}, which is not within the app's paths`, 'add the path to paths, or remove it'],
      [from === to, `${path}[${i}].to`, 'is the same as from, so browsers would be redirected forever', 'use another path'],
    )),
  ];
}

function corsProblems({ http, platform: { entry } }: Route): Problem[] {
  const { allowOrigins, allowCredentials, exposeHeaders } = http.cors!;
  const path = 'http.cors';
  return when(
    [allowOrigins.length === 0, `${path}.allowOrigins`, 'is empty', 'add at least one origin, or remove cors', 'range'],
    [allowOrigins.length > 1 && allowOrigins.includes('*'), `${path}.allowOrigins`,
      'has *, which is all origins, and others', 'remove the others'],
    [allowCredentials && allowOrigins.includes('*'), `${path}.allowCredentials`,
      'cannot be combined with the origin *, as browsers send credentials only to origins that are named',
      'name the origins in allowOrigins'],
    [exposeHeaders.length > 0 && entryKind(entry) === 'haproxy', `${path}.exposeHeaders`,
      'is not supported by HAProxy', 'remove it, or set the header Access-Control-Expose-Headers in the app', 'unsupported'],
  );
}

/** Headers that the servers of a connection set, and that differ from one response to the next. */
const NOT_TO_SET = /^(connection|content-length|date|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

function headerProblems({ http, platform: { entry } }: Route): Problem[] {
  const names = Object.keys(http.responseHeaders);
  const path = 'http.responseHeaders';
  return [
    ...when([entry.kind === 'gateway' && names.length > HTTP_ROUTE_BOUNDS.headers, path,
      `has ${names.length} entries, but an HTTPRoute has at most ${HTTP_ROUTE_BOUNDS.headers}`, 'use fewer', 'range']),
    ...repeated(names.map(name => name.toLowerCase()), path),
    ...names.flatMap(name => when(
      [NOT_TO_SET.test(name), entryOf(path, name), 'is set for each response by servers and proxies', 'remove it'],
      [/^access-control-/i.test(name), entryOf(path, name), 'is a header of cross-origin requests', 'use http.cors'],
      [entryKind(entry) === 'haproxy' && /["\\%]/.test(http.responseHeaders[name]), entryOf(path, name),
        `is ${quoted(http.responseHeaders[name])}, but HAProxy does not take the characters ", \\ and % as they are`,
        'set the header in the app', 'unsupported'],
    )),
  ];
}

