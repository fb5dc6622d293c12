/** Routers: https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md#routers */
import type { Project } from './program';
import { known } from './program';
import { appName } from '../../draft';
import type { Reader } from '../../reader';

interface Route {
  readonly at: Reader;
  readonly path: string;
  readonly service: string;
  readonly port?: number;
  readonly isExact: boolean;
}

/** The routes of a router: a map by path, or a list. */
function routesOf(router: Reader): Route[] {
  const routes = router.field('routes');
  const all: [string | undefined, Reader][] = routes?.isMap
    ? known(routes)
    : (routes?.items ?? []).map(at => [at.field('path')?.text, at]);
  return all.flatMap(([path, at]): Route[] => {
    const [, short, shortPort] = /^([^:]+)(?::(\d+))?$/.exec(at.text ?? '') ?? [];
    const service = at.field('targetServiceName')?.text ?? short;
    if (path === undefined || service === undefined) return [];
    const port = at.field('targetPort')?.number ?? (shortPort === undefined ? undefined : Number(shortPort));
    return [{ at, path, service, port, isExact: at.field('pathType')?.text === 'exact' }];
  });
}

/** The containers that a router sends requests to. */
export function routedNames(root: Reader): Set<string> {
  return new Set(known(root.field('routers')).flatMap(([, router]) => routesOf(router).map(({ service }) => service)));
}

/** Gives the apps of a router the same host, and each its paths. */
export function setRouters({ root, programs }: Project): void {
  for (const [name, router] of known(root.field('routers'))) {
    const host = `${appName(name)}.example.com`;
    for (const key of ['name', 'description']) router.field(key)?.taken('it is a description');
    for (const key of ['labels', 'annotations']) router.field(key)?.none('a router has no object of its own', `write ${key} of the apps`);
    for (const route of routesOf(router)) setRoute(route, host, programs.get(route.service));
  }
}

function setRoute({ at, path, service, port, isExact }: Route, host: string, program: ReturnType<Project['programs']['get']>): void {
  const app = program?.app;
  if (!program || !app || program.process.length > 0) {
    at.none(`there is no app ${service}`, 'write paths of the app that answers there');
    return;
  }
  const asked = program.ports.find(one => one.port === port)?.target ?? port;
  if (asked !== undefined && asked !== (app.props.port ?? 8080)) {
    at.none(`requests reach the port ${String(app.props.port ?? 8080)} of ${app.name}`, `make the port ${asked} an app of its own`);
    return;
  }
  const prop = isExact ? 'exactPaths' : 'paths';
  const clean = path.replace(/(?<=.)\/$/, '');
  if (!app.has(['hosts'])) app.set(['hosts'], [host], 'Write your host name, the same one for all apps of the router.');
  app.take(at, [prop], [...new Set([...(app.props[prop] as string[] | undefined) ?? [], clean])]);
  for (const [, field] of at.fields) field.taken(app.shown([prop]));
}
