import type { Connection } from './props';
import { isMap } from '../../validation/is-map';

/**
 * A connection as the platform and the developer say it together: its type is a built-in one.
 *
 * Where the platform has a type of that name, its fields are fixed and the developer adds to those that it leaves open, in nested structs
 * and maps field by field. A type of the platform's may have the name of a built-in one, to say more of that.
 */
export function withPlatform(connection: Connection, types: { readonly [name: string]: Connection }): Connection {
  if (!Object.hasOwn(types, connection.type)) return connection;
  return over(connection, types[connection.type]);
}

/** What a developer says otherwise than the platform's type of that name, as paths below the connection. */
export function contradictions(connection: Connection, types: { readonly [name: string]: Connection }): string[] {
  if (!Object.hasOwn(types, connection.type)) return [];
  const { type, ...said } = connection;
  return differing(said, types[type]);
}

function over(open: any, fixed: any): any {
  if (!isMap(open) || !isMap(fixed)) return fixed ?? open;
  const fields = new Set([...Object.keys(fixed), ...Object.keys(open)]);
  return Object.fromEntries([...fields].map(field => [field, over(open[field], fixed[field])]));
}

function differing(said: any, fixed: any): string[] {
  if (said === undefined || fixed === undefined || said === fixed) return [];
  if (!isMap(said) || !isMap(fixed)) return [''];
  return Object.keys(said).flatMap(field => differing(said[field], fixed[field]).map(rest => rest ? `${field}.${rest}` : field));
}
