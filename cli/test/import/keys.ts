import type { Table } from '../../src/import/table';

/** Every key that a table is about, by path. */
export function keysOf(table: Table<never>, path = ''): string[] {
  return Object.entries(table).flatMap(([key, rule]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return typeof rule === 'function' ? [here] : [here, ...keysOf(rule, here)];
  });
}
