import type { Claimed, RegisteredApp } from './registered-app';
import { processesOf } from '../model/app';
import { isExclusive } from '../model/component';
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
  return app.objects().flatMap(object => {
    if (typeof object.name !== 'string') return [];
    const taken = take(claims, `${object.apiGroup} ${object.kind} ${object.metadata.namespace ?? ''}/${object.name}`, app);
    if (!taken) return [];
    const message = `creates a ${object.kind} ${quoted(object.name)}, which WebApp ${quoted(taken.path)} creates too`;
    return [{ code: 'duplicate', path: 'name', message, hint }];
  });
}

/** Volumes that only one app can mount: pods of the other would wait for ever on another node. */
export function volumeProblems(app: RegisteredApp, claims: Claims): Problem[] {
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
    if (!other) return [];
    const message = `is the claim ${quoted(source.claim)}, which WebApp ${quoted(other.path)} mounts too, `
      + `and its accessMode is ${source.accessMode}`;
    const hint = 'use a claim of its own, or accessMode: read-write-many in both if the claim has it';
    return [{ code: 'duplicate', path: entry(path, name), message, hint }];
  });
}

/** Requests that another app has too: those for the same host, path and headers. */
export function hostProblems({ app, prop, route, variants }: Claimed, claims: Claims): Problem[] {
  const { hosts } = route;
  const conditions = variants.map(condition);
  const { entry: way } = route.platform;
  const isNginx = way.kind === 'ingress' && way.controller === 'nginx';
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
      const neighbor = isNginx ? take(claims, `nginx ${place}`, app) : undefined;
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
