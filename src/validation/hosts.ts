import type { Problem } from './problem';
import { quoted } from './problem';
import { problem, when } from './rule';
import type { Route } from '../model/route';
import type { PlatformModel } from '../platform/resolve';

export function repeated(values: readonly string[], prop: string): Problem[] {
  return values.flatMap((value, i) => values.indexOf(value) < i ? [problem(`${prop}[${i}]`, `is ${quoted(value)} once more`, 'leave it away', 'duplicate')] : []);
}

export function clusterHostProblems(platform: PlatformModel, hosts: readonly string[], path: string): Problem[] {
  return hosts.flatMap((host, i) => inCluster(host, platform.clusterDomain)
    ? [problem(`${path}[${i}]`, `is ${quoted(host)}, which is or can be a name inside of the cluster, that of another app's callers perhaps`, 'write a public name; callers inside of the cluster have internalUrl')]
    : []);
}

/** `web-proxy.shop`, `web-proxy.shop.svc` and all below the cluster's own domain belong to the apps of their namespaces. */
function inCluster(host: string, clusterDomain: string): boolean {
  return /(^|\.)svc$/.test(host) || `.${host}`.endsWith(`.${clusterDomain}`) || /^([^.]+-proxy|\*)\.[^.]+$/.test(host);
}

/**
 * What is wrong with the hosts of a version that is not active.
 *
 * @param active what answers at the app's own hosts
 */
export function previewHostProblems(route: Route, hosts: readonly string[] | undefined, path: string, active: string): Problem[] {
  const { internal, hosts: own } = route;
  return [
    ...when(
      [hosts !== undefined && internal, path, 'is set, but the app is internal', 'leave it away'],
      [hosts?.length === 0 && !internal, path, 'is empty', 'name at least one host, or leave it away', 'range'],
    ),
    ...repeated(hosts ?? [], path),
    ...clusterHostProblems(route.platform, hosts ?? [], path),
    ...(hosts ?? []).filter(host => own.includes(host)).map(host => problem(path, `have ${quoted(host)}, at which the ${active} answers`, 'write another one')),
  ];
}
