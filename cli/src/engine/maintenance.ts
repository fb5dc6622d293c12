/**
 * Maintenance that a command has switched on: as on Heroku, it stays on through deploys and rollbacks until it is switched off. Releases
 * say whether it is on, and their routes have the page.
 */
import type { Maintenance } from './release-store';
import { contentHash } from '../../../src/internal';
import { CONFIG_MAP, INTERCEPTOR_ROUTE, isKind } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** What the add-on's route takes as a body of its own, in bytes; a larger one is in a ConfigMap. */
const LARGEST_INLINE = 32_768;

/** The header by which the page is told from static responses of the file. */
const MARK = 'X-Maintenance';

/** When clients may try again, in seconds: nobody knows how long the maintenance takes. */
const RETRY_AFTER = '120';

interface StaticRoute {
  readonly rules?: readonly object[];
  readonly responseMode?: string;
  readonly response?: { readonly headers?: { readonly [name: string]: string } };
}

interface Route extends Manifest {
  readonly spec: { readonly rules: readonly object[]; readonly staticRoutes?: readonly StaticRoute[] };
}

function isRoute(object: Manifest): object is Route {
  return isKind(object, INTERCEPTOR_ROUTE);
}

/** What a release does that only begins or ends maintenance. */
export function maintenanceAction(isOn: boolean): string {
  return `maintenance ${isOn ? 'on' : 'off'}`;
}

/** Whether the interceptor routes requests to an app, so that it can answer them with a page. */
export function canAnswer(objects: readonly Manifest[]): boolean {
  return objects.some(isRoute);
}

/** Whether all requests of a route are answered with a page, whether a command or the file has said so. */
export function isAnsweredWithPage(route: Manifest): boolean {
  const { rules, staticRoutes = [] } = (route as Route).spec;
  return staticRoutes.some(({ rules: own, responseMode, response }) => responseMode === 'Always'
    && (response?.headers?.[MARK] !== undefined || coversAll(own, rules)));
}

/** Whether all requests of an app are answered so. */
export function isInMaintenance(objects: readonly Manifest[]): boolean {
  return objects.some(object => isRoute(object) && isAnsweredWithPage(object));
}

/** Whether a page of the file is for all requests of its app: the route may have further rules, for paths that other apps leave to it. */
function coversAll(own: readonly object[] = [], rules: readonly object[]): boolean {
  return own.length > 0 && JSON.stringify(own) === JSON.stringify(rules.slice(0, own.length));
}

/**
 * The objects of an app with the page in all of its routes, except that by which its next version is looked at before it is public.
 *
 * @param maintenance undefined for none: a page of before is removed
 */
export function withMaintenance(objects: readonly Manifest[], app: string, maintenance: Maintenance | undefined): Manifest[] {
  const clean = objects.filter(object => !isPageOf(object, app)).map(object => isRoute(object) ? withoutPage(object) : object);
  if (!maintenance) return clean;
  const { page } = maintenance;
  const configMap = Buffer.byteLength(page) > LARGEST_INLINE ? `${app}-${PAGE_NAME}-${contentHash(page)}` : undefined;
  return clean.flatMap(object => {
    if (!isRoute(object) || object.metadata.name === `${app}-preview`) return [object];
    const { spec } = object;
    const response = {
      statusCode: 503,
      headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Retry-After': RETRY_AFTER, [MARK]: 'on' },
      ...configMap === undefined ? { body: page } : { bodyFromConfigMap: { name: configMap, key: KEY } },
    };
    const staticRoutes = [{ rules: spec.rules, responseMode: 'Always', response }, ...spec.staticRoutes ?? []];
    const route = { ...object, spec: { ...spec, staticRoutes } };
    return configMap !== undefined && object.metadata.name === app ? [bodyOf(object, configMap, page), route] : [route];
  });
}

const PAGE_NAME = 'maintenance-page';
const KEY = 'body';

/** A ConfigMap that the add-on finds by its label: https://keda.sh/http-add-on/latest/reference/interceptorroute/ */
function bodyOf({ metadata }: Manifest, name: string, page: string): Manifest {
  const { labels } = metadata as { readonly labels?: object };
  return {
    ...{ apiVersion: CONFIG_MAP.apiVersion, kind: CONFIG_MAP.kind },
    metadata: { name, namespace: metadata.namespace, labels: { ...labels, 'http.keda.sh/response-body': 'true' } },
    immutable: true,
    data: { [KEY]: page },
  };
}

function isPageOf(object: Manifest, app: string): boolean {
  return isKind(object, CONFIG_MAP) && object.metadata.name.startsWith(`${app}-${PAGE_NAME}-`);
}

function withoutPage(route: Route): Route {
  const { staticRoutes, ...spec } = route.spec;
  const left = staticRoutes?.filter(({ response }) => response?.headers?.[MARK] === undefined) ?? [];
  return { ...route, spec: left.length === 0 ? spec : { ...spec, staticRoutes: left } };
}
