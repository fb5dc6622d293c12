import type { Owner } from './registry';
import { clusterUrl } from '../features/routing/hosts';
import type { Caller } from '../features/workload/network';
import { entry, Problem, quoted } from '../validation/problem';

/** Who calls whom among the apps of a tree, by the namespace and name of the one that is called. */
export function callersByCallee(owners: readonly Owner[]): Map<string, Caller[]> {
  const found = new Map<string, Caller[]>();
  for (const { app: { name, namespace, connections } } of owners) {
    for (const call of connections.calls) {
      const callee = `${call.namespace ?? ''}/${call.app}`;
      const callers = found.get(callee) ?? [];
      // Two connections to one app are one caller.
      if (!callers.some(caller => caller.name === name && caller.namespace === namespace)) callers.push({ name, namespace });
      found.set(callee, callers);
    }
  }
  return found;
}

/** Calls that would not arrive. Of an app that is not in the tree nothing is known, and the one that calls it is believed. */
export function* callProblems(owners: readonly Owner[]): Iterable<[Owner, Problem]> {
  if (!owners.some(({ app }) => app.connections.calls.length > 0)) return;
  const known = new Map(owners.map(({ app }) => [`${app.namespace ?? ''}/${app.name}`, app]));
  for (const owner of owners) {
    for (const { connection, app, namespace, bypassInterceptor, url } of owner.app.connections.calls) {
      const callee = known.get(`${namespace ?? ''}/${app}`);
      const path = `${entry('connections', connection)}.bypassInterceptor`;
      if (!callee || clusterUrl(callee) === url) continue;
      if (bypassInterceptor && callee.scaling.http) yield [owner, { code: 'conflict', path, message: `is true, but ${quoted(app)} is scaled by HTTP, and a call at its Service does not wake it`, hint: 'leave it away' }];
      else if (!bypassInterceptor && !callee.scaling.http) yield [owner, { code: 'missing', path, message: `is missing, but ${quoted(app)} is not scaled by HTTP, and no interceptor leads to it`, hint: 'write true' }];
      else yield [owner, { code: 'conflict', path: entry('connections', connection), message: `calls ${url}, but ${quoted(app)} is at ${clusterUrl(callee)}`, hint: 'make both apps below platforms with one clusterDomain and httpAddon' }];
    }
  }
}
