import { clusterHostProblems, repeated } from './rules';
import type { ResolvedApp } from '../../model/app';
import { Problem, quoted } from '../../validation/problem';
import { problem, when } from '../../validation/rule';

/**
 * What is wrong with the hosts of a version that is not active.
 *
 * @param active what answers at the app's own hosts
 */
export function previewHostProblems(app: ResolvedApp, hosts: readonly string[] | undefined, path: string, active: string): Problem[] {
  const { internal, hosts: own } = app.routing;
  return [
    ...when(
      [hosts !== undefined && internal, path, 'is set, but the app is internal', 'leave it away'],
      [hosts?.length === 0 && !internal, path, 'is empty', 'name at least one host, or leave it away', 'range'],
    ),
    ...repeated(hosts ?? [], path),
    ...clusterHostProblems(app, hosts ?? [], path),
    ...(hosts ?? []).filter(host => own.includes(host)).map(host => problem(path, `have ${quoted(host)}, at which the ${active} answers`, 'write another one')),
  ];
}
