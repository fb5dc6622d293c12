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
  const { type, ...own } = connection;
  return differing(own, types[type]);
}

function over(open: any, fixed: any): any {
  if (!isMap(open) || !isMap(fixed)) return fixed ?? open;
  const fields = new Set([...Object.keys(fixed), ...Object.keys(open)]);
  return Object.fromEntries([...fields].map(field => [field, over(open[field], fixed[field])]));
}

function differing(own: any, fixed: any): string[] {
  if (own === undefined || fixed === undefined || own === fixed) return [];
  if (!isMap(own) || !isMap(fixed)) return [''];
  return Object.keys(own).flatMap(field => differing(own[field], fixed[field]).map(rest => rest ? `${field}.${rest}` : field));
}
