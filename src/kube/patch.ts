import type { ApiObject } from 'cdk8s';
import type { Patch } from '../web-app-props';

/**
 * Changes of an app's objects that are given as data. They come last, over everything that code and features write.
 */
export function applyPatch(patch: Patch, objects: ApiObject[]): void {
  for (const object of objects.filter(candidate => matches(patch, candidate))) {
    const toJson = object.toJson.bind(object);
    object.toJson = () => merge(toJson(), patch.merge);
  }
}

export function matches(patch: Patch, object: ApiObject): boolean {
  return object.kind === patch.kind && (patch.name === undefined || object.name === patch.name);
}

/**
 * Merges as RFC 7386 does, but for lists whose items all have names, which are merged item by item, as one wants of containers,
 * ports, variables and volumes.
 */
export function merge(target: any, change: any): any {
  if (isNamedList(target) && isNamedList(change)) {
    const items = new Map(target.map(item => [item.name, item]));
    for (const item of change) items.set(item.name, merge(items.get(item.name), item));
    return [...items.values()];
  }
  if (!isMap(change)) return change;
  const result: any = isMap(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(change)) {
    if (value === null) delete result[field];
    else result[field] = merge(result[field], value);
  }
  return result;
}

function isNamedList(value: unknown): value is { name: string }[] {
  return Array.isArray(value) && value.length > 0 && value.every(item => isMap(item) && typeof item.name === 'string');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
