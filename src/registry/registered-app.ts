import type { ApiObject } from 'cdk8s';
import type { AppModel } from '../model/app';
import type { Route } from '../model/route';
import type { Strings } from '../model/strings';
import { entry } from '../validation/problem';

/** An app of the tree, as far as it may collide with others. */
export interface RegisteredApp {
  /** Path of its construct, which tells two of one name apart. */
  readonly path: string;
  /** The app as methods have amended it by now. */
  readonly model: () => AppModel;
  readonly objects: () => ApiObject[];
  /** Called when requests for other apps wake it. */
  readonly onWaken: () => void;
}

/** A route to an app. */
export interface Claimed {
  readonly app: RegisteredApp;
  /** The prop that has the hosts. */
  readonly prop: string;
  readonly route: Route;
  /** Headers of the requests of each of its versions. */
  readonly variants: readonly Strings[];
  /** Whether the entry redirects its requests, which no app answers then. */
  readonly isRedirect?: boolean;
}

/** All routes to an app. */
export function claimedBy(app: RegisteredApp): Claimed[] {
  const { web, route, portRoutes, preview } = app.model();
  const [, canary] = route.backends;
  const variants = canary ? [route.headers, { ...route.headers, ...canary.headers }] : [route.headers];
  const form = web.strategy.type === 'argo' ? 'argo' : 'blueGreen';
  return [
    { app, prop: 'hosts', route, variants },
    ...route.http.redirectFrom.length > 0
      ? [{ app, prop: 'http.redirectFrom', route: redirected(route), variants: [{}], isRedirect: true }] : [],
    ...portRoutes.map(other => (
      { app, prop: `${entry('ports', other.name.slice(route.name.length + 1))}.hosts`, route: other, variants: [other.headers] })),
    ...preview ? [{ app, prop: `rollout.${form}.previewHosts`, route: preview, variants: [{}] }] : [],
  ];
}

/** Requests for the further hosts of an app. */
function redirected(route: Route): Route {
  return { ...route, hosts: route.http.redirectFrom, paths: ['/'], exactPaths: [] };
}
