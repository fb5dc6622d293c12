import type { RegisteredApp } from './registered-app';
import { httpTrigger } from '../features/scaling/triggers';
import type { AppModel } from '../model/app';
import type { Call, Caller } from '../model/connections';
import { clusterUrl } from '../model/names';
import type { Problem } from '../validation/problem';
import { entry, quoted } from '../validation/problem';

/** Who calls whom among the apps of a tree, by the namespace and name of the one that is called. */
export function callersByCallee(apps: readonly RegisteredApp[]): Map<string, Caller[]> {
  const found = new Map<string, Caller[]>();
  for (const { model } of apps) {
    const { name, namespace, connections } = model();
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
export function* callProblems(apps: readonly RegisteredApp[]): Iterable<[RegisteredApp, Problem]> {
  const models = apps.map(app => ({ app, model: app.model() }));
  if (!models.some(({ model }) => model.connections.calls.length > 0)) return;
  const known = new Map(models.map(({ model }) => [`${model.namespace ?? ''}/${model.name}`, model]));
  for (const { app, model } of models) {
    for (const call of model.connections.calls) {
      const callee = known.get(`${call.namespace ?? ''}/${call.app}`);
      const problem = callee && callProblem(call, callee);
      if (problem) yield [app, problem];
      const wakes = call.wake && call.namespace === model.namespace && wakeProblem(call, callee, model);
      if (wakes) yield [app, wakes];
    }
  }
}

function callProblem({ connection, app, bypassInterceptor, url }: Call, callee: AppModel): Problem | undefined {
  if (!callee.runsWeb) {
    const message = `is ${quoted(app)}, whose web is false: it has no web process that could be called`;
    return { code: 'conflict', path: `${entry('connections', connection)}.app`, message, hint: 'use the name of another app' };
  }
  if (callee.route.https) {
    const message = `is ${quoted(app)}, which speaks HTTPS, and a connection is one of HTTP`;
    const variable = `${connection.toUpperCase().replace(/-/g, '_')}_URL`;
    const hint = `set env: { ${variable}: '${clusterUrl(callee, false, 'https')}' }`;
    return { code: 'unsupported', path: `${entry('connections', connection)}.app`, message, hint };
  }
  const expected = clusterUrl(callee, callee.route.interceptor !== undefined);
  if (expected === url) return undefined;
  const path = `${entry('connections', connection)}.bypassInterceptor`;
  if (bypassInterceptor && callee.route.interceptor) {
    const message = `is true, but ${quoted(app)} is scaled by HTTP, and a call to its Service does not wake it`;
    return { code: 'conflict', path, message, hint: 'remove it' };
  }
  if (!bypassInterceptor && !callee.route.interceptor) {
    const message = `is missing, but ${quoted(app)} is not scaled by HTTP, and no interceptor routes to it`;
    return { code: 'missing', path, message, hint: 'set true' };
  }
  const hint = 'give the platforms of both apps the same clusterDomain and httpAddon';
  return { code: 'conflict', path: entry('connections', connection), message: `calls ${url}, but ${quoted(app)} is at ${expected}`, hint };
}

/** What keeps an app from being woken with the one that calls it. What the caller itself says of that is checked with its props. */
function wakeProblem(
  { connection, app, bypassInterceptor }: Call, callee: AppModel | undefined, { name, platform: { httpAddon } }: AppModel,
): Problem | undefined {
  const path = `${entry('connections', connection)}.wake`;
  if (!callee) {
    const message = `is true, but WebApp ${quoted(app)}, whose ScaledObject would count the requests for this app, is not written with it`;
    const { type, metadata } = httpTrigger({ route: name, httpAddon });
    const fields = Object.entries(metadata).map(([field, value]) => `${field}: '${value}'`).join(', ');
    const scaling = `scaling: { concurrency: 100, triggers: [{ type: '${type}', metadata: { ${fields} } }] }`;
    return { code: 'missing', path, message, hint: `write both together, or remove it and set in ${quoted(app)} ${scaling}` };
  }
  if (bypassInterceptor || callee.route.interceptor || !callee.runsWeb) return undefined;
  const message = `is true, but ${quoted(app)} is not scaled by HTTP, so no request could wait for it`;
  return { code: 'conflict', path, message, hint: `remove it, or scale ${quoted(app)} by HTTP` };
}
