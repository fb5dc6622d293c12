import { Chart } from 'cdk8s';
import type { ApiObject } from 'cdk8s';
import type { RegisteredApp } from './registered-app';
import type { AppModel } from '../model/app';
import type { CountedRoute } from '../model/scaling';
import type { Problem } from '../validation/problem';
import { quoted } from '../validation/problem';

/** Which apps of a tree wake which: requests for an app wake those that it names, those that these name, and so on. */
export class Wakes {
  private readonly apps = new Map<string, RegisteredApp>();
  private readonly waking = new Set<RegisteredApp>();

  /** Takes in an app that is new or has changed, and tells those that are woken by it, or through it. */
  public update(app: RegisteredApp): void {
    const model = app.model();
    const key = keyOf(model);
    if (!this.apps.has(key)) this.apps.set(key, app);
    if (model.connections.calls.some(({ wake }) => wake)) this.waking.add(app);
    if (this.waking.size === 0) return;
    for (const one of [app, ...this.wokenBy(app)]) {
      const by = this.wakersOf(one.model());
      if (by.length === 0) continue;
      one.onWaken();
      for (const waker of by) writeAfterRoutes(one, waker);
    }
  }

  /** The routes whose requests wake an app besides its own. */
  public routesTo(app: AppModel): readonly CountedRoute[] {
    // It answers with a page then, for which it need not run.
    if (app.route.maintenance) return [];
    return this.wakersOf(app).flatMap(waker => {
      const { active, web, versions, platform: { httpAddon } } = waker.model();
      // Whichever color is active, the order is the same.
      const components = [active, web, ...versions.map(({ component }) => component)];
      const counted = components.flatMap(({ scaling: { http } }) => http?.routes.map(route => ({ route, http, httpAddon })) ?? []);
      return [...new Map(counted.map(one => [one.route, one])).values()];
    });
  }

  /**
   * Apps whose number of replicas is limited at certain times by a formula, which cannot tell the two metrics of one trigger apart.
   *
   * @see https://keda.sh/docs/latest/concepts/scaling-deployments/#scaling-modifiers
   */
  public* problems(): Iterable<[RegisteredApp, Problem]> {
    if (this.waking.size === 0) return;
    for (const app of this.apps.values()) {
      const limited = app.model().active.scaling.entries.findIndex(({ max }) => max !== undefined);
      if (limited < 0) continue;
      for (const waker of this.wakersOf(app.model())) {
        const { name, active: { scaling: { http } } } = waker.model();
        if (http?.concurrency === undefined || http.requestRate === undefined) continue;
        const path = `scaling.schedule[${limited}].max`;
        const message = `cannot be combined with both concurrency and requestRate of ${quoted(name)}, whose requests wake this app`;
        const hint = `set scaling.concurrency or scaling.requestRate alone in ${quoted(name)}`;
        yield [app, { code: 'unsupported', path, message, hint }];
      }
    }
  }

  private wakersOf(model: AppModel): readonly RegisteredApp[] {
    if (this.waking.size === 0) return [];
    const app = this.apps.get(keyOf(model));
    return app ? [...this.waking].filter(waker => waker !== app && this.wokenBy(waker).has(app)) : [];
  }

  /** The apps that an app wakes, and itself where they wake it in turn. */
  private wokenBy(app: RegisteredApp): Set<RegisteredApp> {
    const found = new Set<RegisteredApp>();
    const visit = (waker: RegisteredApp) => {
      for (const call of waker.model().connections.calls) {
        const callee = call.wake ? this.apps.get(keyOf({ ...call, name: call.app })) : undefined;
        if (!callee || found.has(callee)) continue;
        found.add(callee);
        visit(callee);
      }
    };
    visit(app);
    return found;
  }
}

function keyOf({ name, namespace = '' }: Pick<AppModel, 'name' | 'namespace'>): string {
  return `${namespace}/${name}`;
}

const ROUTES = ['InterceptorRoute', 'HTTPScaledObject'];

/**
 * Puts the ScaledObjects of an app and its waker behind the routes that they name: KEDA cannot read any metric of a ScaledObject of which
 * one route does not exist. Objects of other charts are in other files, for which cdk8s would need an order of the charts.
 */
function writeAfterRoutes(app: RegisteredApp, waker: RegisteredApp): void {
  const ofKind = (kinds: readonly string[], objects: readonly ApiObject[]) => objects.filter(({ kind }) => kinds.includes(kind));
  const routes = ofKind(ROUTES, waker.objects());
  for (const scaledObject of ofKind(['ScaledObject'], [...waker.objects(), ...app.objects()])) {
    for (const route of routes) if (Chart.of(route) === Chart.of(scaledObject)) scaledObject.node.addDependency(route);
  }
}
