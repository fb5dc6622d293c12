import type { Component } from './model/component';
import type { Route } from './model/route';
import type { Exclusive } from './registry/collisions';
import { mountsOf, placesOf } from './registry/collisions';
import { claimedBy } from './registry/registered-app';
import type { Place } from './resolve-app';
import { resolveApp } from './resolve-app';
import { SHAPES } from './shapes';
import { sift } from './validation/sift';
import type { WebAppProps } from './web-app-props';

/** What the other apps of a cluster have to know of an app. It is small: thousands of apps are remembered by it. */
export interface Footprint {
  /** Public hosts, each once, with the prop that has it. */
  readonly hosts: ReadonlyMap<string, string>;

  /** What only one app of the namespace can have: requests, and volumes that one node can mount. */
  readonly exclusive: readonly Exclusive[];

  /** The apps of the same namespace that it calls. */
  readonly calls: readonly { readonly app: string; readonly wake: boolean }[];

  /** Whatever else the objects or the problems of another app may depend on: the same text means that nothing has changed for others. */
  readonly text: string;
}

/** The footprint of an app. Props that are wrong are left out, as they are where the app itself is checked. */
export function footprintOf(props: WebAppProps, place: Place): Footprint {
  const { sound } = sift(SHAPES, 'WebAppProps', props);
  const app = resolveApp({ ...sound, name: place.id } as WebAppProps, place);
  const claimed = app.runsWeb ? claimedBy({ path: app.name, model: () => app, objects: () => [], onWaken: () => {} }) : [];
  const hosts = new Map<string, string>();
  for (const { prop, route } of claimed) for (const host of route.hosts) if (!hosts.has(host)) hosts.set(host, prop);
  const calls = app.connections.calls.filter(({ namespace }) => namespace === app.namespace)
    .map(call => ({ app: call.app, wake: call.wake }));
  const routes = claimed.map(({ prop, route, variants, isRedirect }) => ({ prop, variants, isRedirect, ...essence(route) }));
  const { web, active, versions, runsWeb } = app;
  const components = [active, web, ...versions.map(({ component }) => component)].map(scalingOf);
  return {
    hosts,
    calls,
    exclusive: [...claimed.flatMap(placesOf), ...mountsOf(app)],
    text: JSON.stringify([runsWeb, essence(app.route), routes, components, calls]),
  };
}

/** What of a route the routes of others depend on: not what the app answers, and how long it takes. */
function essence(route: Route): object {
  const { name, hosts, paths, exactPaths, replacePrefixMatch, headers, ingressAnnotations, tls, http, access, https, backends } = route;
  return {
    name,
    hosts,
    paths,
    exactPaths,
    replacePrefixMatch,
    headers,
    ingressAnnotations,
    tls,
    access,
    https,
    redirectFrom: http.redirectFrom,
    isRouted: route.interceptor !== undefined,
    isDown: route.maintenance !== undefined,
    backends: backends.map(backend => backend && { name: backend.name, weight: backend.weight, headers: backend.headers }),
  };
}

/** What of its scaling another app may wake or be woken by. */
function scalingOf({ name, scaling: { http, entries } }: Component) {
  return { name, http, entries };
}
