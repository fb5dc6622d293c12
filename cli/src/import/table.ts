import type { Reader } from './reader';

/** What is done with a value of a source. */
export type Rule<T> = (at: Reader, into: T) => void;

/**
 * The keys of a format, in the order in which they are read, each with what becomes of it. A key that ends with a star stands for all
 * that start so and have no line of their own. A key that the table lacks is in the report as unknown.
 */
export interface Table<T> {
  readonly [key: string]: Rule<T> | Table<T>;
}

/** Applies the rules of a table to the fields of a map. */
export function convert<T>(at: Reader, into: T, table: Table<T>): void {
  const rest = new Map(at.fields);
  for (const [key, rule] of Object.entries(table)) {
    for (const name of key.endsWith('*') ? [...rest.keys()].filter(one => one.startsWith(key.slice(0, -1)) && !(one in table)) : [key]) {
      const value = rest.get(name);
      rest.delete(name);
      if (!value) continue;
      if (typeof rule === 'function') rule(value, into);
      else convert(value, into, rule);
    }
  }
}

/** A key that has no counterpart. */
export function none(reason: string, next: string): Rule<unknown> {
  return at => at.none(reason, next);
}

/** A key whose meaning holds here in any case. */
export function holds(because: string): Rule<unknown> {
  return at => at.taken(because);
}
