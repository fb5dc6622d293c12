import type { Operation } from './operation';
import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { referenceTo, shown, without } from '../kube/objects';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { ScaledObject } from '../kube/types';
import { HTTP_SCALED_OBJECT, INTERCEPTOR_ROUTE, isKind, ofKind, SCALED_OBJECT } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/**
 * Routes of other apps, whose requests wake an app too. While one that its ScaledObject names does not exist, KEDA gets no metric of the
 * whole ScaledObject: the app neither sleeps nor scales. With a fallback, KEDA does not notice either when the route exists.
 *
 * @see https://github.com/kedacore/http-add-on/blob/main/scaler/handlers.go
 */

type Trigger = NonNullable<ScaledObject['spec']['triggers']>[number];

function routeOf({ type, metadata = {} }: Trigger, namespace: string | undefined): Reference | undefined {
  const { interceptorRoute, httpScaledObject } = metadata;
  if (type !== 'external-push') return undefined;
  if (interceptorRoute !== undefined) return { ...INTERCEPTOR_ROUTE, namespace, name: interceptorRoute };
  return httpScaledObject === undefined ? undefined : { ...HTTP_SCALED_OBJECT, namespace, name: httpScaledObject };
}

/** Whether an object is a route whose requests can wake an app. */
export function isRoute(object: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return isKind(object, INTERCEPTOR_ROUTE) || isKind(object, HTTP_SCALED_OBJECT);
}

function routesOf({ metadata: { namespace }, spec: { triggers = [] } }: ScaledObject): Reference[] {
  return triggers.map(trigger => routeOf(trigger, namespace)).filter(route => route !== undefined);
}

/**
 * The routes that a ScaledObject names and that do not exist.
 *
 * @param known objects that exist, as they are applied before
 */
export async function missingRoutes(
  { objects }: Cluster, scaledObject: ScaledObject, known: readonly Manifest[] = [],
): Promise<Reference[]> {
  const routes = without(routesOf(scaledObject), known.map(referenceTo));
  const answers = await Promise.all(routes.map(async route => (
    await objects.knows(route) && await unlessForbidden(async () => objects.get(route)) !== undefined)));
  return routes.filter((_, i) => !answers[i]);
}

/** An object of a release as it can be applied: a ScaledObject without the triggers whose routes are missing, which then count 0. */
export async function withoutMissingRoutes(
  cluster: Cluster, object: Manifest, release: readonly Manifest[],
): Promise<{ readonly object: Manifest; readonly missing: readonly Reference[] }> {
  const [scaledObject] = ofKind([object], SCALED_OBJECT);
  const missing = scaledObject ? await missingRoutes(cluster, scaledObject, release) : [];
  if (missing.length === 0) return { object, missing };
  const { metadata: { namespace }, spec } = scaledObject;
  const isMissing = (trigger: Trigger) => {
    const route = routeOf(trigger, namespace);
    return route !== undefined && without([route], missing).length === 0;
  };
  const triggers = spec.triggers!.filter(trigger => !isMissing(trigger));
  // KEDA rejects a ScaledObject without triggers.
  if (triggers.length === 0) return { object, missing: [] };
  const omitted = spec.triggers!.filter(isMissing).map(({ name }) => name);
  return { object: { ...object, spec: { ...spec, triggers, advanced: withoutNames(spec.advanced, omitted) } }, missing };
}

/** KEDA also rejects a formula with the name of a trigger that does not exist. */
function withoutNames(advanced: ScaledObject['spec']['advanced'], names: readonly (string | undefined)[]) {
  const { scalingModifiers } = advanced ?? {};
  if (scalingModifiers?.formula === undefined) return advanced;
  const formula = scalingModifiers.formula.replace(/\b[A-Za-z_]\w*/g, word => names.includes(word) ? '0' : word);
  return { ...advanced, scalingModifiers: { ...scalingModifiers, formula } };
}

export function warnOfMissingRoute({ app, progress }: Operation, scaledObject: Manifest, route: Reference): void {
  const hint = `run webapp deploy ${app.name} again when it does`;
  progress.warn(`${shown(scaledObject)} ignores ${shown(route)}, which does not exist; ${hint}`);
}

/**
 * Adds the triggers that the ScaledObjects of a release were applied without, if their routes exist by now.
 *
 * @param expected routes that should
 */
export async function addMissingTriggers(
  operation: Operation, release: readonly Manifest[], expected: readonly Reference[] = [],
): Promise<void> {
  const { cluster, progress } = operation;
  for (const wanted of release) {
    const routes = without(ofKind([wanted], SCALED_OBJECT).flatMap(routesOf), release.map(referenceTo));
    const live = routes.length > 0 ? await cluster.objects.get(referenceTo<ScaledObject>(wanted)) : undefined;
    if (!live || without(routes, routesOf(live)).length === 0) continue;
    const { object, missing } = await withoutMissingRoutes(cluster, wanted, release);
    for (const route of without(missing, without(missing, expected))) warnOfMissingRoute(operation, object, route);
    const added = without(without(routes, routesOf(live)), missing);
    if (added.length === 0) continue;
    await cluster.objects.apply(object);
    progress.done(`${shown(object)} now counts the requests of ${added.map(shown).join(', ')}`);
  }
}

/** Warns of ScaledObjects of other apps that name routes which were removed. */
export async function warnOfRemovedRoutes({ cluster, app, progress }: Operation, removed: readonly Reference[]): Promise<void> {
  const { objects } = cluster;
  const routesRemoved = removed.some(({ kind }) => kind === INTERCEPTOR_ROUTE.kind || kind === HTTP_SCALED_OBJECT.kind);
  if (!routesRemoved || !await objects.knows(SCALED_OBJECT)) return;
  const all = await unlessForbidden(async () => objects.list(SCALED_OBJECT, { namespace: app.namespace }));
  for (const scaledObject of all === FORBIDDEN ? [] : all) {
    const routes = routesOf(scaledObject);
    const [named] = without(routes, without(routes, removed));
    if (!named) continue;
    const { name, labels } = scaledObject.metadata;
    const hint = `run webapp deploy ${labels?.['app.kubernetes.io/name'] ?? name}`;
    progress.warn(`ScaledObject ${name} names ${shown(named)}, which was removed, so KEDA cannot scale it; ${hint}`);
  }
}
