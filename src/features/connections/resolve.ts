import type { Consumer } from './found';
import { Found } from './found';
import { withPlatform } from './platform-type';
import type { Connection } from './props';
import { resolvePostgres } from './resolve-postgres';
import { connectionType } from './types';
import { addressVariables, nameDatabase, prefixOf } from './variables';
import type { ConnectionsModel } from '../../model/connections';
import { clusterUrl } from '../../model/names';

/** Where bindings are mounted, each in a directory of its own. */
const BINDING_ROOT = '/bindings';

/** What nearly every app has. */
const NONE: ConnectionsModel = {
  env: {}, secretEnv: {}, variables: [], volumes: [], databases: [], externalSecrets: [], calls: [], services: {},
};

/**
 * Turns an app's connections into variables, files and objects. What makes no sense of them is left out: the checks say so.
 */
export function resolveConnections(consumer: Consumer, connections: { readonly [name: string]: Connection } = {}): ConnectionsModel {
  if (Object.keys(connections).length === 0) return NONE;
  const found = new Found(consumer);
  const { connections: types } = consumer.platform;
  for (const [name, connection] of Object.entries(connections)) resolveConnection(found, name, withPlatform(connection, types));
  nameDatabase(found);
  return found;
}

function resolveConnection(found: Found, name: string, connection: Connection): void {
  const known = connectionType(connection.type);
  if (!known) return;
  found.services[name] = { type: connection.type, keys: {}, scaler: known.scaler, variablePrefix: prefixOf(name) };
  switch (connection.type) {
    case 'postgres': return resolvePostgres(found, name, connection);
    case 'service-binding': return resolveBinding(found, name, connection);
    case 'external-secret': return resolveExternalSecret(found, name, connection);
    case 'web-app': return resolveCall(found, name, connection);
    default: return addressVariables(found, name, connection, { secret: connection.secret });
  }
}

/** @see https://servicebinding.io/spec/core/1.1.0/#workload-projection */
function resolveBinding(found: Found, name: string, { secret }: Connection): void {
  found.services[name] = { ...found.services[name], secret };
  if (secret === undefined) return;
  if (found.volumes.length === 0) found.fixed(name, 'SERVICE_BINDING_ROOT', BINDING_ROOT);
  found.volumes.push({ name: `binding-${name}`, path: `${BINDING_ROOT}/${name}`, readOnly: true, source: { kind: 'secret', secret } });
}

function resolveExternalSecret(found: Found, name: string, { external = {}, store }: Connection): void {
  if (store === undefined) return;
  const secret = `${found.app.name}-${name}`;
  for (const variable of Object.keys(external)) found.fromSecret(name, variable, { secret, key: variable });
  const decided = { kind: 'cluster-secret-store', refresh: '1h', ...store } as const;
  found.externalSecrets.push({ connection: name, name: secret, store: decided, values: external });
}

function resolveCall(found: Found, name: string, connection: Connection): void {
  const { app, namespace = found.app.namespace, bypassInterceptor = false, wake = false } = connection;
  if (app === undefined) return;
  const url = clusterUrl({ name: app, namespace, platform: found.app.platform }, !bypassInterceptor);
  found.fixed(name, `${prefixOf(name)}_URL`, url);
  found.calls.push({ connection: name, app, namespace, bypassInterceptor, wake, url });
}
