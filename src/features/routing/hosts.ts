import { ResolvedApp } from '../../model/app';

/** Name of the Service through which callers inside of the cluster reach the interceptor, and so wake the app. */
export function proxyName(app: ResolvedApp): string {
  return `${app.name}-proxy`;
}

/**
 * The hosts that callers inside of the cluster name. The add-on's table of hosts is one for the whole cluster: a bare `web-proxy` would
 * be claimed by every app of that name, whatever its namespace.
 */
export function clusterHosts(app: ResolvedApp): string[] {
  const name = `${proxyName(app)}.${app.namespace}`;
  return [name, `${name}.svc`, `${name}.svc.${app.platform.clusterDomain}`];
}

/** Where the interceptor is, for DNS. */
export function interceptorHost({ platform: { httpAddon, clusterDomain } }: ResolvedApp): string {
  return `${httpAddon.interceptorService}.${httpAddon.namespace}.svc.${clusterDomain}`;
}

/** Where a browser finds the app; undefined for an internal app. A wildcard host has no address of its own. */
export function publicUrl({ routing: { hosts, paths, tls } }: ResolvedApp): string | undefined {
  const host = hosts.find(name => !name.startsWith('*'));
  if (host === undefined) return undefined;
  return `${tls ? 'https' : 'http'}://${host}${paths.includes('/') ? '' : paths[0]}`;
}

/** Where callers inside of the cluster find the app: through the interceptor where it may sleep. */
export function clusterUrl(app: ResolvedApp): string {
  return clusterUrlOf(app, app.scaling.http !== undefined);
}

/** The same for an app of which only its name is known, and whether it may sleep. */
export function clusterUrlOf({ name, namespace, platform }: Pick<ResolvedApp, 'name' | 'namespace' | 'platform'>, sleeps: boolean): string {
  const domain = platform.clusterDomain;
  if (sleeps) return `http://${name}-proxy.${namespace}.svc.${domain}:${platform.httpAddon.interceptorPort}`;
  return namespace ? `http://${name}.${namespace}.svc.${domain}` : `http://${name}`;
}
