import { inNamespace, isAmong, matches } from './patterns';
import type { Bounds } from './props';
import type { Named } from '../model/named';
import { publicHosts } from '../model/names';
import type { Problem } from '../validation/problem';
import { entry, quoted } from '../validation/problem';
import { problem } from '../validation/rule';
import type { WebAppProps } from '../web-app-props';

/** Hosts that an app names, and its namespace may not have. */
export function hostProblems(
  { hosts: bound }: Bounds, named: Pick<Named, 'name' | 'namespace' | 'platform'>, props: WebAppProps,
): Problem[] {
  if (bound === undefined) return [];
  const { namespace } = named;
  const patterns = Object.keys(bound).filter(pattern => matches(namespace ?? '', pattern)).flatMap(pattern => bound[pattern]);
  const own = publicHosts(undefined, named);
  const shown = patterns.filter(pattern => namespace !== undefined || inNamespace(pattern, '') === pattern)
    .map(pattern => inNamespace(pattern, namespace));
  const allowed = [...shown, ...own];
  const who = namespace === undefined ? 'an app without a namespace' : `the namespace ${quoted(namespace)}`;
  const message = `but the platform allows ${who} ${allowed.length === 0 ? 'no hosts' : `only ${allowed.join(', ')}`}`;
  const hint = `${allowed.length === 0 ? 'set internal: true' : 'use one of these'}, or ask your platform team to add it to bounds.hosts`;
  return namedHosts(props)
    .filter(({ host }) => !own.includes(host) && !isAmong(host, patterns, namespace))
    .map(({ path, host }) => problem(path, `is ${quoted(host)}, ${message}`, hint, 'unsupported'));
}

/** All hosts that the props of an app name. */
export function namedHosts({ hosts, ports, http, rollout }: WebAppProps): { readonly path: string; readonly host: string }[] {
  const list = (path: string, names: readonly string[] = []) => names.map((host, i) => ({ path: `${path}[${i}]`, host }));
  return [
    ...list('hosts', hosts),
    ...Object.entries(ports ?? {}).flatMap(([name, port]) => list(`${entry('ports', name)}.hosts`, port.hosts)),
    ...list('http.redirectFrom', http?.redirectFrom),
    ...list('rollout.blueGreen.previewHosts', rollout?.blueGreen?.previewHosts),
    ...list('rollout.argo.previewHosts', rollout?.argo?.previewHosts),
  ];
}
