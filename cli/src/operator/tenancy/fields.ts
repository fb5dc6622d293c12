/** Fields of objects that may have any shape, as patches can give them one. */
export interface Fields { readonly [field: string]: unknown }

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, such as `spec.template.spec`; undefined if something on the way is missing. */
export function at(object: unknown, path: string): unknown {
  const step = (value: unknown, field: string) => isFields(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  return path.split('.').reduce(step, object);
}

/** The objects of the list at a path. */
export function listAt(object: unknown, path: string): Fields[] {
  const list = at(object, path);
  return Array.isArray(list) ? list.filter(isFields) : [];
}

/** The strings of the list at a path. */
export function stringsAt(object: unknown, path: string): string[] {
  const list = at(object, path);
  return Array.isArray(list) ? list.map(String) : [];
}
