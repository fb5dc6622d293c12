import type { ArgoAnalysis, ArgoRollout, ArgoStep, BlueGreen, Canary, Rollout, RollingUpdate } from './props';
import type { AnalysisModel, ArgoModel } from '../../model/argo';
import type { UpdateStrategy, WebComponent } from '../../model/component';
import { namedOf } from '../../model/named';
import { COMPONENT, publicHosts } from '../../model/names';
import type { Backend, Route } from '../../model/route';
import type { ScalingModel } from '../../model/scaling';
import { milliseconds, seconds, secondsOf } from '../../validation/units';

/** An app with one version, from which its other versions are derived. */
export interface SingleVersion {
  readonly web: WebComponent;
  readonly route: Route;
}

/** The versions of an app, and the routes to them. */
export interface Versions extends SingleVersion {
  /** The version beside `web`. */
  readonly other?: { readonly name: 'canary' | 'green'; readonly component: WebComponent };
  /** The route to a version that gets no requests of `route`. */
  readonly preview?: Route;
  /** The version that gets the requests: `web`, or the one beside it. */
  readonly active: WebComponent;
}

/** What an app says about new versions. */
export function resolveVersions(app: SingleVersion, { canary, blueGreen, argo }: Rollout = {}): Versions {
  if (blueGreen) return resolveBlueGreen(app, blueGreen);
  if (argo) return resolveArgo(app, argo);
  if (canary) return resolveCanary(app, canary);
  return { ...app, active: app.web };
}

/** A canary is one more component, and a second backend of the route. */
function resolveCanary({ web, route }: SingleVersion, { image, weight = 0, headers = {} }: Canary): Versions {
  const component = besideVersion(web, 'canary', image);
  const [app] = route.backends;
  const backend: Backend = { ...namedOf(component), service: component.name, port: app.port, weight, headers };
  return {
    web,
    route: { ...route, backends: [{ ...app, weight: 100 - weight }, backend] },
    other: { name: 'canary', component },
    active: web,
  };
}

/**
 * An app in two colors. Blue is the app itself, whose objects keep their names, so that an app may start to use colors and stop again;
 * green is beside it.
 *
 * The app's route has the public hosts whatever the color, and routes to the Service of the active one: the switch is one field of one
 * object, and there is no moment in which nobody has the hosts. A second route has the hosts of the preview and routes to the idle one.
 * Each color scales by the requests of the route to it.
 */
function resolveBlueGreen({ web, route }: SingleVersion, { active, previewHosts, ...versions }: BlueGreen): Versions {
  const { image } = web.pod;
  const blue = { ...web, pod: { ...web.pod, image: versions.blue?.image ?? image } };
  const green = besideVersion(blue, 'green', versions.green?.image ?? image);
  const [live, idle] = active === 'blue' ? [blue, green] : [green, blue];
  const preview = resolvePreview(route, previewHosts, idle.name);
  const scaled = (color: WebComponent): WebComponent => ({
    ...color,
    scaling: color === live ? countedBy(color.scaling, route.name) : asleep(countedBy(color.scaling, preview.name)),
  });
  const [app] = route.backends;
  const [first, second] = [scaled(blue), scaled(green)];
  return {
    web: first,
    route: { ...route, backends: [{ ...app, service: live.name }] },
    other: { name: 'green', component: second },
    preview,
    active: live === blue ? first : second,
  };
}

/** Only requests for its preview URL wake the idle color. */
function asleep(scaling: ScalingModel): ScalingModel {
  return { ...scaling, min: 0, lowest: 0, schedule: [], limits: [], triggers: [] };
}

/** A component that scales by the requests of these routes. */
export function countedBy(scaling: ScalingModel, ...routes: readonly string[]): ScalingModel {
  return { ...scaling, http: scaling.http && { ...scaling.http, routes } };
}

/**
 * Another version of an app: it has all that the app has, but for the image. Its objects are named `<app>-<version>`, and its pods are told
 * from the app's by their component.
 */
function besideVersion(web: WebComponent, version: 'canary' | 'green', image: string): WebComponent {
  const name = `${web.name}-${version}`;
  const selector = { ...web.selector, [COMPONENT]: version };
  return {
    ...web,
    name,
    selector,
    labels: { ...web.labels, ...selector },
    pod: { ...web.pod, image },
    scaling: countedBy(web.scaling, name),
  };
}

/** The route of an app once more, with other hosts and to another Service. */
function resolvePreview(route: Route, hosts: string[] | undefined, service: string): Route {
  const named = { ...namedOf(route), name: previewName(route), labels: { ...route.labels, [COMPONENT]: 'preview' } };
  return {
    ...route,
    ...named,
    hosts: route.internal ? [] : publicHosts(hosts, named),
    paths: ['/'],
    exactPaths: [],
    replacePrefixMatch: undefined,
    headers: {},
    maintenance: undefined,
    http: { ...route.http, redirectFrom: [], redirects: [] },
    backends: [{ ...named, service, port: route.backends[0].port, weight: 100, headers: {} }],
  };
}

function previewName({ name }: Route): string {
  return `${name}-preview`;
}

/** Slow enough to see something, and over within minutes. */
const STEPS: readonly ArgoStep[] = [{ setWeight: 20 }, { pause: { duration: '5m' } }, { setWeight: 50 }, { pause: { duration: '5m' } }];

/**
 * Argo Rollouts replaces the versions of one workload. It gives the version that is not promoted yet as many replicas, which its requests
 * need too.
 */
function resolveArgo({ web, route }: SingleVersion, props: ArgoRollout): Versions {
  const { strategy = 'canary', analysis } = props;
  const preview = strategy === 'blue-green' ? resolvePreview(route, props.previewHosts, previewName(route)) : undefined;
  const argo: ArgoModel = {
    strategy,
    steps: props.steps ?? STEPS,
    autoPromotion: secondsOf(props.autoPromotion),
    scaleDownDelay: secondsOf(props.scaleDownDelay),
    preview,
    analysis: analysis && resolveAnalysis(web, analysis),
  };
  const component: WebComponent = {
    ...web,
    strategy: { type: 'argo', argo },
    scaling: preview ? countedBy(web.scaling, route.name, preview.name) : web.scaling,
  };
  return { web: component, route, preview, active: component };
}

function resolveAnalysis({ scaling, platform: { monitoring } }: WebComponent, analysis: ArgoAnalysis): AnalysisModel {
  return {
    source: analysis.source ?? (scaling.http ? 'interceptor' : 'entry'),
    prometheus: monitoring?.prometheus ?? '',
    successRate: analysis.successRate,
    latencyMs: analysis.latency === undefined ? undefined : milliseconds(analysis.latency)!,
    percentile: analysis.percentile ?? 95,
    interval: seconds(analysis.interval ?? '1m')!,
    failureLimit: analysis.failureLimit ?? 2,
    count: analysis.count ?? 5,
  };
}

/** How the pods of a Deployment are replaced: one after the other, or, if only one can mount a volume, the old one first. */
export function resolveStrategy(singleReplica: boolean, rollingUpdate: RollingUpdate | undefined): UpdateStrategy {
  return singleReplica ? { type: 'recreate' } : { type: 'rolling-update', ...resolveRollingUpdate(rollingUpdate) };
}

export function resolveRollingUpdate({ maxSurge = '25%', maxUnavailable = '0' }: RollingUpdate = {}) {
  return { maxSurge: numberOrPercent(maxSurge), maxUnavailable: numberOrPercent(maxUnavailable) };
}

/** Kubernetes takes a number of replicas as one only if it is not a string. */
function numberOrPercent(value: string): number | string {
  return value.endsWith('%') ? value : Number(value);
}
