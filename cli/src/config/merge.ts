/** A YAML mapping. */
export type Fields = { readonly [name: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a map; of anything else none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Fields, of which those that are not strings are undefined. */
export interface Strings {
  readonly [field: string]: string | undefined;
}

/** The fields of a map that are strings. */
export function stringsOf(value: unknown): Strings {
  return Object.fromEntries(Object.entries(fieldsOf(value)).filter((one): one is [string, string] => typeof one[1] === 'string'));
}

/** A value with the keys of its maps in one order: the API server has an order of its own. */
export function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map(name => [name, inKeyOrder(value[name])]));
}

/**
 * Applies one value to another as a JSON merge patch: maps are merged entry by entry, `null` removes an entry, and any other value,
 * lists included, replaces what was there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
export function mergePatch(base: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged = new Map(isFields(base) ? Object.entries(base) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
