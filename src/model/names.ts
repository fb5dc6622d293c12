import type { Named } from './named';
import type { Route } from './route';
import { mainHost } from './route';
import type { PlatformModel } from '../platform/resolve';

/** The label of a build or a database that is not in the namespace of its app, with that namespace. */
export const APP_NAMESPACE = 'cdk8s-webapp.dev/app-namespace';

/** Tells the components of an app apart: the web process is `web`; a worker and a job have the name that the app gives them. */
export const COMPONENT = 'app.kubernetes.io/component';

/** Name of the Service through which callers inside of the cluster reach the interceptor, and so wake the app. */
export function proxyName({ name }: Pick<Named, 'name'>): string {
  return `${name}-proxy`;
}

/**
 * The hosts that callers inside of the cluster use. The add-on has one routing table for the whole cluster: a bare `web-proxy` would
 * be claimed by every app of that name, whatever its namespace.
 */
export function clusterHosts({ name, namespace, platform }: Pick<Named, 'name' | 'namespace' | 'platform'>): string[] {
  const host = `${proxyName({ name })}.${namespace}`;
  return [host, `${host}.svc`, `${host}.svc.${platform.clusterDomain}`];
}

/** The hosts that the props name, or else one below the platform's domain. */
export function publicHosts(hosts: readonly string[] | undefined, { name, platform: { domain } }: Pick<Named, 'name' | 'platform'>) {
  return hosts ?? (domain ? [`${name}.${domain}`] : []);
}

/** DNS name of the interceptor. */
export function interceptorHost({ httpAddon, clusterDomain }: PlatformModel): string {
  return `${httpAddon.interceptorService}.${httpAddon.namespace}.svc.${clusterDomain}`;
}

/** URL for a browser; undefined for an internal app. A wildcard host has no address of its own. */
export function publicUrl({ hosts, paths, exactPaths, tls }: Route): string | undefined {
  const host = mainHost({ hosts });
  if (host === undefined) return undefined;
  const path = paths.includes('/') ? '/' : [...paths, ...exactPaths][0];
  return `${tls ? 'https' : 'http'}://${host}${path === '/' ? '' : path}`;
}

/** URL for callers inside of the cluster: through the interceptor if the app may sleep. */
export function clusterUrl(
  named: Pick<Named, 'name' | 'namespace' | 'platform'>, throughInterceptor: boolean, scheme: 'http' | 'https' = 'http',
): string {
  const { name, namespace, platform } = named;
  const domain = platform.clusterDomain;
  if (throughInterceptor) return `http://${proxyName(named)}.${namespace}.svc.${domain}:${platform.httpAddon.interceptorPort}`;
  return namespace ? `${scheme}://${name}.${namespace}.svc.${domain}` : `${scheme}://${name}`;
}
