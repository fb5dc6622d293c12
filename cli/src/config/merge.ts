/** A YAML mapping. */
export type Fields = { readonly [name: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Lays one value over another as a JSON merge patch does: maps are laid over each other entry by entry, `null` takes an entry away, and
 * whatever else, lists too, takes the place of what was there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
export function overlay(base: unknown, over: unknown): unknown {
  if (!isFields(over)) return over;
  const merged = new Map(isFields(base) ? Object.entries(base) : []);
  for (const [name, value] of Object.entries(over)) {
    if (value === null) merged.delete(name);
    else merged.set(name, overlay(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
