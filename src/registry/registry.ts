import type { IConstruct } from 'constructs';
import { callersByCallee, callProblems } from './calls';
import type { RegisteredApp } from './registered-app';
import type { AppModel } from '../model/app';
import { processesOf } from '../model/app';
import { isExclusive } from '../model/component';
import type { Caller } from '../model/connections';
import type { Route } from '../model/route';
import { withoutTrailingSlash } from '../model/route';
import type { Strings } from '../model/strings';
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
  private found?: Map<RegisteredApp, Problem[]>;
  private callers?: Map<string, Caller[]>;

  public add(app: RegisteredApp): void {
    this.apps.push(app);
    this.changed();
  }

  /** Must be called after a change of an app, as what was found before is kept. */
  public changed(): void {
    this.found = undefined;
    this.callers = undefined;
  }

  /** The apps that call an app. */
  public callersOf({ name, namespace = '' }: AppModel): readonly Caller[] {
    this.callers ??= callersByCallee(this.apps);
    return this.callers.get(`${namespace}/${name}`) ?? [];
  }

  public problems(app: RegisteredApp): Problem[] {
    this.found ??= findCollisions(this.apps);
    return this.found.get(app) ?? [];
  }
}

const TREES = new WeakMap<IConstruct, Registry>();

function findCollisions(apps: readonly RegisteredApp[]): Map<RegisteredApp, Problem[]> {
  const found = new Map<RegisteredApp, Problem[]>();
  const claims = new Map<string, RegisteredApp>();
  for (const app of apps) {
    const problems = [...nameProblems(app, claims), ...hostProblems(app, claims), ...volumeProblems(app, claims)];
    if (problems.length > 0) found.set(app, problems);
  }
  for (const [app, problem] of [...wildcardProblems(apps), ...callProblems(apps)]) found.set(app, [...found.get(app) ?? [], problem]);
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

function hostProblems(app: RegisteredApp, claims: Map<string, RegisteredApp>): Problem[] {
  const { web, route, portRoutes, preview } = app.model();
  const [, canary] = route.backends;
  const variants = canary ? [route.headers, { ...route.headers, ...canary.headers }] : [route.headers];
  const form = web.strategy.type === 'argo' ? 'argo' : 'blueGreen';
  return [
    ...routeProblems(app, claims, { prop: 'hosts', route, variants }),
    ...portRoutes.flatMap(other => {
      const prop = `${entry('ports', other.name.slice(route.name.length + 1))}.hosts`;
      return routeProblems(app, claims, { prop, route: other, variants: [other.headers] });
    }),
    ...preview ? routeProblems(app, claims, { prop: `rollout.${form}.previewHosts`, route: preview, variants: [{}] }) : [],
  ];
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

interface Claimed {
  /** The prop that has the hosts. */
  readonly prop: string;
  readonly route: Route;
  /** Headers of the requests of each of its versions. */
  readonly variants: readonly Strings[];
}

function routeProblems(app: RegisteredApp, claims: Map<string, RegisteredApp>, { prop, route, variants }: Claimed): Problem[] {
  const { hosts, paths } = route;
  const conditions = variants.map(condition);
  const problems: Problem[] = [];
  for (const host of hosts) {
    for (const path of paths) {
      const place = `${host}${withoutTrailingSlash(path)}`;
      const shown = `${quoted(host)} with path ${quoted(path)}`;
      const other = conditions.map(text => take(claims, `${place} ${text}`, app)).find(Boolean);
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
  return [...route.hosts, ...portRoutes.flatMap(({ hosts }) => hosts), ...preview?.hosts ?? []];
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
