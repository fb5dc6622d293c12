import type { IConstruct } from 'constructs';
import type { Answers } from './answers';
import { findAnswers } from './answers';
import { callersByCallee, callProblems } from './calls';
import type { Certificates } from './certificates';
import { certificateProblems, findCertificates, keyOf } from './certificates';
import type { Claimed, RegisteredApp } from './registered-app';
import { claimedBy } from './registered-app';
import { Wakes } from './wakes';
import type { Certificate } from '../features/routing/certificate';
import type { AppModel } from '../model/app';
import { processesOf } from '../model/app';
import { isExclusive } from '../model/component';
import type { Caller } from '../model/connections';
import type { Backend, Route, RoutingRule } from '../model/route';
import { isBelow, pathMatches, withoutTrailingSlash } from '../model/route';
import type { CountedRoute } from '../model/scaling';
import type { Strings } from '../model/strings';
import { entryKind } from '../platform/entry-support';
import type { Problem } from '../validation/problem';
import { entry, quoted } from '../validation/problem';

/**
 * The apps of a tree, across all its charts and namespaces: which has which hosts and objects, and who calls whom. It is an error if two of
 * them claim the same: one app would take the other's traffic, or overwrite its objects.
 */
export class Registry {
  public static of(construct: IConstruct): Registry {
    const root = construct.node.root;
    const known = TREES.get(root) ?? new Registry();
    TREES.set(root, known);
    return known;
  }

  private readonly apps: RegisteredApp[] = [];
  private readonly wakes = new Wakes();
  private found?: Map<RegisteredApp, Problem[]>;
  private callers?: Map<string, Caller[]>;
  private claims?: readonly Claimed[];
  private answered?: Answers;
  private certificates?: Certificates;

  public add(app: RegisteredApp): void {
    this.apps.push(app);
    this.changed(app);
  }

  /** Must be called after a change of an app, as what was found before is kept. */
  public changed(app: RegisteredApp): void {
    this.found = undefined;
    this.callers = undefined;
    this.claims = undefined;
    this.answered = undefined;
    this.certificates = undefined;
    this.wakes.update(app);
  }

  /** The routes to other apps whose requests wake an app too. */
  public wakingRoutesTo(app: AppModel): readonly CountedRoute[] {
    return this.wakes.routesTo(app);
  }

  /** The apps that call an app. */
  public callersOf({ name, namespace = '' }: AppModel): readonly Caller[] {
    this.callers ??= callersByCallee(this.apps);
    return this.callers.get(`${namespace}/${name}`) ?? [];
  }

  /** Requests that a version of an app answers besides those of its own paths. */
  public furtherRulesOf({ name, namespace }: Backend): readonly RoutingRule[] {
    return this.answers().further.get(`${namespace}/${name}`) ?? [];
  }

  /** The certificate of an Ingress that has a clusterIssuer. */
  public certificateOf(route: Route): Certificate {
    this.certificates ??= findCertificates(this.answerable());
    return this.certificates.get(keyOf(route)) ?? {};
  }

  public problems(app: RegisteredApp): Problem[] {
    this.found ??= findProblems(this.apps, this.claimed(), this.answers().problems, this.wakes.problems());
    return this.found.get(app) ?? [];
  }

  private answers(): Answers {
    return this.answered ??= findAnswers(this.answerable());
  }

  /** All routes to the apps, in their order. */
  private claimed(): readonly Claimed[] {
    return this.claims ??= this.apps.flatMap(claimedBy);
  }

  /** Those whose requests an app answers. */
  private answerable(): Claimed[] {
    return this.claimed().filter(({ isRedirect }) => !isRedirect);
  }
}

const TREES = new WeakMap<IConstruct, Registry>();

function findProblems(
  apps: readonly RegisteredApp[],
  claimed: readonly Claimed[],
  ofAnswers: readonly [Claimed, Problem][],
  ofWakes: Iterable<[RegisteredApp, Problem]>,
): Map<RegisteredApp, Problem[]> {
  const found = new Map<RegisteredApp, Problem[]>();
  const claims = new Map<string, RegisteredApp>();
  const ofHosts = new Map<RegisteredApp, Problem[]>();
  for (const one of claimed) ofHosts.set(one.app, [...ofHosts.get(one.app) ?? [], ...hostProblems(one, claims)]);
  for (const app of apps) {
    const problems = [...nameProblems(app, claims), ...ofHosts.get(app) ?? [], ...volumeProblems(app, claims)];
    if (problems.length > 0) found.set(app, problems);
  }
  const about = [...ofAnswers, ...certificateProblems(claimed)].map(([{ app }, problem]): [RegisteredApp, Problem] => [app, problem]);
  const neighbors = [...neighborsOf(apps)];
  const more = [
    ...about, ...wildcardProblems(apps), ...accessProblems(neighbors), ...canaryProblems(neighbors), ...callProblems(apps),
    ...ofWakes,
  ];
  for (const [app, problem] of more) {
    found.set(app, [...found.get(app) ?? [], problem]);
  }
  return found;
}

/** Takes a claim, unless another app has it: returns that app then. */
function take(claims: Map<string, RegisteredApp>, claim: string, app: RegisteredApp): RegisteredApp | undefined {
  const other = claims.get(claim);
  if (other === undefined) claims.set(claim, app);
  return other === app ? undefined : other;
}

function nameProblems(app: RegisteredApp, claims: Map<string, RegisteredApp>): Problem[] {
  const { name, namespace = '' } = app.model();
  const other = take(claims, `app ${namespace}/${name}`, app);
  const hint = 'choose another name';
  if (other) {
    const message = `is ${quoted(name)}, which WebApp ${quoted(other.path)} in the same namespace has too`;
    return [{ code: 'duplicate', path: 'name', message, hint }];
  }
  return app.objects().flatMap(object => {
    if (typeof object.name !== 'string') return [];
    const taken = take(claims, `${object.apiGroup} ${object.kind} ${object.metadata.namespace ?? ''}/${object.name}`, app);
    const message = `creates a ${object.kind} ${quoted(object.name)}, which WebApp ${quoted(taken?.path)} creates too`;
    return taken ? [{ code: 'duplicate', path: 'name', message, hint }] : [];
  });
}

/** Volumes that only one app can mount: pods of the other would wait for ever on another node. */
function volumeProblems(app: RegisteredApp, claims: Map<string, RegisteredApp>): Problem[] {
  const model = app.model();
  const { namespace = '', volumes } = model;
  const mounts = [
    ...volumes.map(volume => ({ volume, path: 'volumes' })),
    ...processesOf(model).flatMap(({ pods, path }) => pods.pod.volumes.map(volume => ({ volume, path: `${path}.volumes` }))),
  ];
  return mounts.flatMap(({ volume, path }) => {
    const { name, source } = volume;
    if (source.kind !== 'claim' || !isExclusive(volume)) return [];
    const other = take(claims, `volume ${namespace}/${source.claim}`, app);
    const message = `is the claim ${quoted(source.claim)}, which WebApp ${quoted(other?.path)} mounts too, `
      + `and its accessMode is ${source.accessMode}`;
    const hint = 'use a claim of its own, or accessMode: read-write-many in both if the claim has it';
    return other ? [{ code: 'duplicate', path: entry(path, name), message, hint }] : [];
  });
}

function hostProblems({ app, prop, route, variants }: Claimed, claims: Map<string, RegisteredApp>): Problem[] {
  const { hosts } = route;
  const conditions = variants.map(condition);
  const problems: Problem[] = [];
  for (const host of hosts) {
    for (const { path, exact } of pathMatches(route)) {
      const place = `${host}${withoutTrailingSlash(path)}`;
      const shown = `${quoted(host)} with ${exact ? 'exact path' : 'path'} ${quoted(path)}`;
      const other = conditions.map(text => take(claims, `${place} ${exact ? 'exact' : ''} ${text}`, app)).find(Boolean);
      if (other) {
        const message = `have ${shown}, which WebApp ${quoted(other.path)} has too`;
        problems.push({ code: 'duplicate', path: prop, message, hint: 'use another host, path or header in one of them' });
      }
      const neighbor = onNginx(app) ? take(claims, `nginx ${place}`, app) : undefined;
      if (neighbor && !other) {
        const message = `are the only difference between ${shown} of this app and that of WebApp ${quoted(neighbor.path)}, `
          + 'but ingress-nginx rejects two Ingresses for it';
        const hint = 'use another host or path, or a platform with a gateway';
        problems.push({ code: 'duplicate', path: 'headers', message, hint });
      }
    }
  }
  return problems;
}

function condition(headers: Strings): string {
  return Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}=${value}`).sort().join('&');
}

function onNginx({ model }: RegisteredApp): boolean {
  const { platform } = model();
  return platform.entry.kind === 'ingress' && platform.entry.controller === 'nginx';
}

function hostsOf({ model }: RegisteredApp): readonly string[] {
  const { route, portRoutes, preview } = model();
  return [...route.hosts, ...portRoutes.flatMap(({ hosts }) => hosts), ...route.http.redirectFrom, ...preview?.hosts ?? []];
}

/** Two apps that share a host, through Ingresses and the interceptor. */
interface Neighbors {
  readonly app: RegisteredApp;
  readonly other: RegisteredApp;
  readonly host: string;
  /** Whether they differ by headers, which an Ingress does not match. */
  readonly byHeaders: boolean;
}

function* neighborsOf(apps: readonly RegisteredApp[]): Iterable<Neighbors> {
  // By host, as of many apps nearly none share one.
  const earlier = new Map<string, RegisteredApp[]>();
  for (const app of apps) {
    const { route } = app.model();
    if (!route.interceptor) continue;
    const found = new Set<RegisteredApp>();
    for (const host of route.platform.entry.kind === 'ingress' ? route.hosts : []) {
      for (const other of earlier.get(host) ?? []) {
        if (found.has(other)) continue;
        found.add(other);
        const headers = [route, other.model().route].flatMap(one => Object.keys(one.headers));
        yield { app, other, host, byHeaders: headers.length > 0 };
      }
    }
    for (const host of route.hosts) earlier.set(host, [...earlier.get(host) ?? [], app]);
  }
}

/**
 * Requests for one app may come through the Ingress of the other: who is let in must be the same then. The interceptor reads `//admin` and
 * `/%61dmin` as `/admin`, and so do Traefik and ingress-nginx, but not what compares paths as they are written.
 */
function* accessProblems(neighbors: readonly Neighbors[]): Iterable<[RegisteredApp, Problem]> {
  for (const { app, other, host, byHeaders } of neighbors) {
    const [{ route }, { route: neighbor }] = [app.model(), other.model()];
    const byText = ['alb', 'haproxy'].includes(entryKind(route.platform.entry));
    const theirs = pathMatches(neighbor).map(({ path }) => path);
    const overlap = pathMatches(route).some(({ path }) => theirs.some(one => isBelow(path, one) || isBelow(one, path)));
    if (!overlap || !(byHeaders || byText) || JSON.stringify(route.access) === JSON.stringify(neighbor.access)) continue;
    const message = `is not that of WebApp ${quoted(other.path)}, which has the host ${quoted(host)} too, ${byHeaders
      ? 'and an Ingress does not match headers, by which they differ'
      : 'and this ingress controller does not read an encoded path as the interceptor does'}`;
    const hint = 'use the same access in both, another host, or a platform with a gateway';
    yield [app, { code: 'conflict', path: 'access', message, hint }];
  }
}

/** What Traefik chooses for the canary of one app may be a request for the other, which has a header as well. */
function* canaryProblems(neighbors: readonly Neighbors[]): Iterable<[RegisteredApp, Problem]> {
  for (const { app, other, host, byHeaders } of neighbors) {
    if (!byHeaders) continue;
    const routes = [app.model().route, other.model().route];
    const paths = routes.map(route => pathMatches(route).map(({ path }) => withoutTrailingSlash(path)));
    if (!paths[0].some(path => paths[1].includes(path))) continue;
    for (const [splitting, neighbor, { backends: [, canary] }] of [[app, other, routes[0]], [other, app, routes[1]]] as const) {
      if (!canary || canary.weight === 0) continue;
      const message = `is ${canary.weight}, but WebApp ${quoted(neighbor.path)} has the host ${quoted(host)} and the same path too, `
        + 'and an Ingress does not match headers, by which they differ';
      const hint = 'use rollout.canary.headers, another host or path, or a platform with a gateway';
      yield [splitting, { code: 'conflict', path: 'rollout.canary.weight', message, hint }];
    }
  }
}

/** Within a namespace a host may be an exception to a wildcard; another namespace's wildcard belongs to another team. */
function* wildcardProblems(apps: readonly RegisteredApp[]): Iterable<[RegisteredApp, Problem]> {
  const wildcards = apps.flatMap(app => hostsOf(app).filter(host => host.startsWith('*.')).map(host => ({ app, host })));
  if (wildcards.length === 0) return;
  for (const app of apps) {
    for (const host of hostsOf(app)) {
      const over = wildcards.find(other => other.host !== host && host.endsWith(other.host.slice(1))
        && other.app.model().namespace !== app.model().namespace);
      if (!over) continue;
      const owner = `WebApp ${quoted(over.app.path)} in another namespace`;
      const message = `have ${quoted(host)}, a part of ${quoted(over.host)}, which ${owner} has`;
      yield [app, { code: 'conflict', path: 'hosts', message, hint: 'use a host outside it' }];
    }
  }
}
