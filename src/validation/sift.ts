import type { Problem } from './problem';
import { entry, topOf } from './problem';
import type { Shapes } from './shape';
import { STRUCTS } from '../generated/prop-types';

export interface Sifted<T> {
  /** The props of the right type and format. */
  readonly sound: Partial<T>;
  /** The paths of those that were removed from them. */
  readonly removed: readonly string[];
  readonly problems: Problem[];
}

/**
 * Checks the types and formats of props, and removes the wrong ones, so that the rest is checked further. A wrong prop is removed as a
 * whole, but in a map only the entry: `health`, `workers.emails`.
 */
export function sift<T extends object>(shapes: Shapes, struct: string, props: T): Sifted<T> {
  const problems = shapes.check(struct, props);
  if (problems.length === 0) return { sound: props, removed: [], problems };
  const sound: { [prop: string]: any } = { ...props };
  const removed = new Set<string>();
  for (const { path } of problems) {
    const prop = topOf(path);
    const isMap = Object.hasOwn(STRUCTS[struct], prop) && STRUCTS[struct][prop].startsWith('{');
    const map = isMap ? (props as { [prop: string]: any })[prop] : undefined;
    const key = Object.keys(map ?? {}).find(name => isWithin(path, entry(prop, name)));
    removed.add(key === undefined ? prop : entry(prop, key));
    if (key === undefined) delete sound[prop];
    else if (sound[prop] !== undefined) sound[prop] = Object.fromEntries(Object.entries(sound[prop]).filter(([name]) => name !== key));
  }
  return { sound: sound as Partial<T>, removed: [...removed], problems };
}

/** Whether a path is another one, or of something below it. */
export function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`) || path.startsWith(`${other}[`);
}
