import type { Strings } from './strings';

/**
 * Sets of headers that a request must have. Names of headers know no case.
 */

/** Whether a request can have both, each header once. */
export function compatible(one: Strings, other: Strings): boolean {
  return Object.entries(one).every(([name, value]) => (valueOf(other, name) ?? value) === value);
}

/** Whether a request that has these has those too. */
export function implies(these: Strings, those: Strings): boolean {
  return Object.entries(those).every(([name, value]) => valueOf(these, name) === value);
}

export function sameHeaders(one: Strings, other: Strings): boolean {
  return implies(one, other) && implies(other, one);
}

/** Both, each header once. */
export function union(one: Strings, other: Strings): Strings {
  return { ...one, ...Object.fromEntries(Object.entries(other).filter(([name]) => valueOf(one, name) === undefined)) };
}

function valueOf(headers: Strings, name: string): string | undefined {
  return Object.entries(headers).find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}
