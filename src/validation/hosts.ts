import type { Problem } from './problem';
import { quoted } from './problem';
import { problem, when } from './rule';
import type { Route } from '../model/route';
import type { PlatformModel } from '../platform/resolve';

export function repeated(values: readonly string[], prop: string): Problem[] {
  return values.flatMap((value, i) => values.indexOf(value) < i ? [problem(
    `${prop}[${i}]`, `is ${quoted(value)} twice`, 'remove it', 'duplicate',
  )] : []);
}

export function clusterHostProblems(platform: PlatformModel, hosts: readonly string[], path: string): Problem[] {
  return hosts.flatMap((host, i) => inCluster(host, platform.clusterDomain)
    ? [problem(
      `${path}[${i}]`,
      `is ${quoted(host)}, which is or may be a name inside the cluster`,
      'use a public name; callers inside the cluster have internalUrl',
    )]
    : []);
}

/** The host of all requests for hosts that nobody has. */
export const CATCH_ALL = '*';

/** Apps may take such requests only where the platform says so. */
export function catchAllProblems(allowed: boolean, hosts: readonly string[], path: string): Problem[] {
  const i = hosts.indexOf(CATCH_ALL);
  if (i < 0 || allowed) return [];
  return [problem(
    `${path}[${i}]`,
    'is "*", which would take the traffic of every host that no other app has',
    'use a bare DNS name, such as shop.example.com, or ask your platform team to set allowCatchAll: true', 'unsupported',
  )];
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
      [hosts !== undefined && internal, path, 'cannot be combined with internal', 'remove it'],
      [hosts?.length === 0 && !internal, path, 'is empty', 'add at least one host, or remove it', 'range'],
    ),
    ...repeated(hosts ?? [], path),
    ...(hosts ?? []).includes(CATCH_ALL)
      ? [problem(path, `have ${quoted(CATCH_ALL)}, but a version that is not active cannot have all hosts`, 'use a name', 'unsupported')]
      : [],
    ...clusterHostProblems(route.platform, hosts ?? [], path),
    ...(hosts ?? []).filter(host => own.includes(host)).map(host => problem(
      path, `have ${quoted(host)}, which is a host of the ${active}`, 'use another one',
    )),
  ];
}
