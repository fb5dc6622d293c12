import type { Found } from './found';
import type { Connection, ConnectionKeys } from './props';
import type { Part } from './types';
import { connectionType, partsOf, PLACEHOLDER, WELL_KNOWN_KEYS } from './types';

/** What the variables of a connection begin with: `MY_CACHE` for `my-cache`. */
export function prefixOf(connection: string): string {
  return connection.toUpperCase().replace(/-/g, '_');
}

/** The order in which they are written: a URL that refers to the others comes after them. */
const PARTS: readonly Part[] = ['url', 'brokers', 'host', 'port', 'user', 'password', 'database'];

/** Where the parts of an address are. */
export interface Address {
  readonly secret: string | undefined;
  /** Keys of the Secret; by default those that the connection names, or that its type has. */
  readonly keys?: ConnectionKeys;
  /** Parts that are not secret, and known. */
  readonly values?: { readonly [part in Part]?: string };
}

/** Adds variables with the parts of an address. */
export function addressVariables(found: Found, name: string, connection: Connection, address: Address): void {
  const { secret, keys = keysOf(connection), values = {} } = address;
  found.services[name] = { ...found.services[name], secret, keys };
  if (secret === undefined) return;
  const prefix = prefixOf(name);
  for (const part of PARTS) {
    const variable = `${prefix}_${part.toUpperCase()}`;
    const key = keys[part];
    const value = values[part];
    if (part === 'url' && connection.url !== undefined) continue;
    if (value !== undefined) found.fixed(name, variable, value);
    else if (key !== undefined) found.fromSecret(name, variable, { secret, key });
  }
  if (connection.url !== undefined) found.fixed(name, `${prefix}_URL`, fill(connection.url, prefix));
  for (const [variable, key] of Object.entries(connection.variables ?? {})) found.fromSecret(name, variable, { secret, key });
}

/** A URL template, with the variables that its parts are in. Kubernetes puts their values in when the container starts. */
function fill(template: string, prefix: string): string {
  return template.replace(PLACEHOLDER, (_, part) => `$(${prefix}_${part.toUpperCase()})`);
}

export function keysOf({ type, keys, url, variables }: Connection): ConnectionKeys {
  if (url === undefined) return keys ?? (variables === undefined ? connectionType(type)!.keys : {});
  const wellKnown = partsOf(url).filter(part => Object.hasOwn(WELL_KNOWN_KEYS, part)).map(part => [part, WELL_KNOWN_KEYS[part as Part]]);
  return { ...Object.fromEntries(wellKnown), ...keys };
}

/** Name of the variable in which nearly every framework looks for its database. */
const DATABASE_URL = 'DATABASE_URL';

/** Gives the only SQL database its usual name as well. Where there are several, the one that is called `database` has it already. */
export function nameDatabase(found: Found): void {
  const databases = Object.keys(found.services).filter(name => connectionType(found.services[name].type)!.sql);
  const [only] = databases;
  if (databases.length !== 1 || only === 'database') return;
  const url = `${prefixOf(only)}_URL`;
  if (Object.hasOwn(found.secretEnv, url)) found.fromSecret(only, DATABASE_URL, found.secretEnv[url]);
  else if (Object.hasOwn(found.env, url)) found.fixed(only, DATABASE_URL, found.env[url]);
}
