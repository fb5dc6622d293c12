import type { Claimed, RegisteredApp } from './registered-app';
import type { AppModel } from '../model/app';
import { processesOf } from '../model/app';
import { isExclusive } from '../model/component';
import { generatedSecret } from '../model/generated';
import { pathMatches, withoutTrailingSlash } from '../model/route';
import type { Strings } from '../model/strings';
import type { Problem } from '../validation/problem';
import { entry, quoted } from '../validation/problem';

/** What only one app can have, and which one has it. */
export type Claims = Map<string, RegisteredApp>;

/** Takes a claim, unless another app has it: returns that app then. */
function take(claims: Claims, claim: string, app: RegisteredApp): RegisteredApp | undefined {
  const other = claims.get(claim);
  if (other === undefined) claims.set(claim, app);
  return other === app ? undefined : other;
}

/** Names of apps and objects that another app of the namespace has too. */
export function nameProblems(app: RegisteredApp, claims: Claims): Problem[] {
  const { name, namespace = '' } = app.model();
  const other = take(claims, `app ${namespace}/${name}`, app);
  const hint = 'choose another name';
  if (other) {
    const message = `is ${quoted(name)}, which WebApp ${quoted(other.path)} in the same namespace has too`;
    return [{ code: 'duplicate', path: 'name', message, hint }];
  }
  const named = (group: string, kind: string, where: string, object: string): Problem[] => {
    const taken = take(claims, `${group} ${kind} ${where}/${object}`, app);
    if (!taken) return [];
    const message = `creates a ${kind} ${quoted(object)}, which WebApp ${quoted(taken.path)} creates too`;
    return [{ code: 'duplicate', path: 'name', message, hint }];
  };
  return [
    ...app.objects().flatMap(({ apiGroup, kind, name: object, metadata }) => (
      typeof object === 'string' ? named(apiGroup, kind, metadata.namespace ?? '', object) : [])),
    ...secretsOf(app.model()).flatMap(secret => named('', 'Secret', namespace, secret)),
  ];
}

/** The Secrets that are created for an app and are none of its objects: no YAML has the values. */
function secretsOf({ name, generated, connections: { externalSecrets } }: AppModel): string[] {
  const own = Object.keys(generated).length > 0 ? [generatedSecret(name)] : [];
  return [...own, ...externalSecrets.map(secret => secret.name)];
}

/** Volumes that only one app can mount: pods of the other would wait for ever on another node. */
export function volumeProblems(app: RegisteredApp, claims: Claims): Problem[] {
  return mountsOf(app.model()).flatMap(mount => {
    const other = mount.keys.map(key => take(claims, key, app)).find(Boolean);
    return other ? [exclusiveProblem(mount, other.path)] : [];
  });
}

/** The claims that one node can mount, of all pods of an app. */
export function mountsOf(model: AppModel): Exclusive[] {
  const { namespace = '', volumes } = model;
  const mounts = [
    ...volumes.map(volume => ({ volume, path: 'volumes' })),
    ...processesOf(model).flatMap(({ pods, path }) => pods.pod.volumes.map(volume => ({ volume, path: `${path}.volumes` }))),
  ];
  return mounts.flatMap(({ volume, path }): Exclusive[] => {
    const { name, source } = volume;
    if (source.kind !== 'claim' || !isExclusive(volume)) return [];
    return [{
      code: 'duplicate',
      path: entry(path, name),
      keys: [`volume ${namespace}/${source.claim}`],
      message: [`is the claim ${quoted(source.claim)}, which`, ` mounts too, and its accessMode is ${source.accessMode}`],
      hint: 'use a claim of its own, or accessMode: read-write-many in both if the claim has it',
    }];
  });
}

/** What only one app can have, and what another one is told that wants it too. */
export interface Exclusive extends Omit<Problem, 'message'> {
  readonly keys: readonly string[];
  /** The message, before and after the name of the app that has it. */
  readonly message: readonly [before: string, after: string];
  /** What is exclusive too, if this is not taken. */
  readonly otherwise?: Exclusive;
}

/** The problem of an app that wants what another one has. */
export function exclusiveProblem({ code, path, message: [before, after], hint }: Exclusive, other: string): Problem {
  return { code, path, message: `${before} WebApp ${quoted(other)}${after}`, hint };
}

/** The requests of a route, by host, path and headers. */
export function placesOf({ prop, route, variants }: Omit<Claimed, 'app'>): Exclusive[] {
  const conditions = variants.map(condition);
  const { entry: way } = route.platform;
  const isNginx = way.kind === 'ingress' && way.controller === 'nginx';
  return route.hosts.flatMap(host => pathMatches(route).map(({ path, exact }): Exclusive => {
    const place = `${host}${withoutTrailingSlash(path)}`;
    const shown = `${quoted(host)} with ${exact ? 'exact path' : 'path'} ${quoted(path)}`;
    const neighbor: Exclusive = {
      code: 'duplicate',
      path: 'headers',
      keys: [`nginx ${place}`],
      message: [`are the only difference between ${shown} of this app and that of`, ', but ingress-nginx rejects two Ingresses for it'],
      hint: 'use another host or path, or a platform with a gateway',
    };
    return {
      code: 'duplicate',
      path: prop,
      keys: conditions.map(text => `${place} ${exact ? 'exact' : ''} ${text}`),
      message: [`have ${shown}, which`, ' has too'],
      hint: 'use another host, path or header in one of them',
      otherwise: isNginx ? neighbor : undefined,
    };
  }));
}

/** Requests that another app has too: those for the same host, path and headers. */
export function hostProblems(claimed: Claimed, claims: Claims): Problem[] {
  const { app } = claimed;
  const taken = ({ keys }: Exclusive) => keys.map(key => take(claims, key, app)).find(Boolean);
  return placesOf(claimed).flatMap(place => {
    const { otherwise } = place;
    const other = taken(place);
    const neighbor = otherwise && taken(otherwise);
    if (other) return [exclusiveProblem(place, other.path)];
    return neighbor ? [exclusiveProblem(otherwise!, neighbor.path)] : [];
  });
}

function condition(headers: Strings): string {
  return Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}=${value}`).sort().join('&');
}
