import { CORE_SCHEMA, Type, types } from 'js-yaml';
import { isFields } from './merge';
import { STRUCTS } from '../../../src/internal';

/** A number or a truth value of a file, and the text that it was written as. */
class PlainScalar {
  constructor(private readonly text: string, public readonly value: unknown) {}

  /** As a key of a map, it is the text. js-yaml takes objects with the default tag for maps. */
  public get [Symbol.toStringTag](): string {
    return 'PlainScalar';
  }

  public toString(): string {
    return this.text;
  }
}

/** YAML 1.2, with `<<` to merge what an anchor names. A date is a string. Numbers and truth values keep their text: see `typed`. */
export const SCHEMA = CORE_SCHEMA.extend({
  implicit: [
    ...(['int', 'float', 'bool'] as const).map(name => new Type(`tag:yaml.org,2002:${name}`, {
      kind: 'scalar',
      resolve: types[name].resolve,
      construct: text => new PlainScalar(text, types[name].construct(text)),
    })),
    new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: text => text === '<<' }),
  ],
});

/** The structs of the library, and those of a file around them. */
export interface Structs {
  readonly [struct: string]: { readonly [prop: string]: string | undefined } | undefined;
}

/**
 * A value of a file with the types of the library: where a string belongs, a number or a truth value is what was written.
 * `GO_VERSION: 1.20` is `'1.20'` and not `'1.2'`, `UMASK: 022` is `'022'`.
 *
 * @param type as in the library's `STRUCTS`
 * @param around structs that the library does not have
 */
export function typed(value: unknown, type: string, around: Structs = {}): unknown {
  const seen = new Map<string, Map<object, unknown>>(); // An anchor can be used many times.

  const visit = (one: unknown, of: string): unknown => {
    if (one instanceof PlainScalar) return of === 'string' ? String(one) : one.value;
    if (typeof one !== 'object' || one === null) return one;
    const known = seen.get(of) ?? new Map<object, unknown>();
    if (known.has(one)) return known.get(one);
    seen.set(of, known);
    if (Array.isArray(one)) {
      const items: unknown[] = [];
      known.set(one, items);
      const item = of.endsWith('[]') ? of.slice(0, -2) : 'any';
      for (const each of one) items.push(visit(each, item));
      return items;
    }
    if (!isFields(one)) return one;
    const fields: { [name: string]: unknown } = {};
    known.set(one, fields);
    const struct = Object.hasOwn(around, of) ? around[of] : Object.hasOwn(STRUCTS, of) ? STRUCTS[of] : undefined;
    const entries = of.startsWith('{') ? of.slice(1, -1) : 'any';
    for (const [name, field] of Object.entries(one)) {
      const here = struct && Object.hasOwn(struct, name) ? struct[name]!.replace(/\?$/, '') : entries;
      Object.defineProperty(fields, name, { value: visit(field, here), enumerable: true, writable: true, configurable: true });
    }
    return fields;
  };
  return visit(value, type);
}
