import type { ApiObject } from 'cdk8s';
import { mergeKeys } from './merge-keys';
import { isMap } from '../validation/is-map';
import type { Problem } from '../validation/problem';
import type { Patch } from '../web-app-props';

/** Changes objects of an app as data says. Patches come last, over everything that code and features write. */
export function applyPatch(patch: Patch, objects: ApiObject[]): void {
  for (const object of objects.filter(candidate => matches(patch, candidate))) {
    const toJson = object.toJson.bind(object);
    object.toJson = () => merge(toJson(), patch.merge);
  }
}

function matches(patch: Patch, object: ApiObject): boolean {
  return object.kind === patch.kind && (patch.name === undefined || object.name === patch.name);
}

/**
 * Merges as RFC 7386 does, but for lists whose items the API tells apart by keys: they are merged item by item, and an item that the change
 * does not name stays as it is.
 *
 * @param field name of the field that has the value, as its keys depend on it
 * @see https://www.rfc-editor.org/rfc/rfc7386
 */
export function merge(target: unknown, change: unknown, field = ''): unknown {
  if (Array.isArray(target) && Array.isArray(change)) return mergeLists(target, change, field);
  if (!isMap(change)) return change;
  const result: { [field: string]: unknown } = isMap(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value, name);
  }
  return result;
}

function mergeLists(target: readonly unknown[], change: readonly unknown[], field: string): unknown[] {
  const keyOf = keysFor(field, [...target, ...change], target);
  if (!keyOf) return [...change];
  const items = new Map(target.map(item => [keyOf(item), item]));
  for (const item of change) items.set(keyOf(item), merge(items.get(keyOf(item)), item));
  return [...items.values()];
}

/** What tells the items of a list apart; undefined for a list that is replaced as a whole. */
function keysFor(field: string, items: readonly unknown[], target: readonly unknown[]): ((item: unknown) => string) | undefined {
  for (const { required, optional = {} } of mergeKeys(field)) {
    if (!items.every(item => isMap(item) && item[required] !== undefined)) continue;
    const keyOf = (item: unknown) => {
      const map = item as { [key: string]: unknown };
      return JSON.stringify([map[required], ...Object.entries(optional).map(([key, otherwise]) => map[key] ?? otherwise)]);
    };
    // What two items of the target share does not tell them apart.
    if (new Set(target.map(keyOf)).size === target.length) return keyOf;
  }
  return undefined;
}

/** Patches that would change nothing, or that would give an object a container without an image. */
export function patchProblems(patches: readonly Patch[], objects: readonly ApiObject[]): Problem[] {
  return patches.flatMap((patch, i) => {
    const path = `patches[${i}]`;
    const matched = objects.filter(object => matches(patch, object));
    if (matched.length > 0) return matched.flatMap(object => containerProblems(path, patch, object));
    const named = patch.name === undefined ? '' : ` named ${JSON.stringify(patch.name)}`;
    const hint = `the app has ${objects.map(({ kind, name }) => typeof name === 'string' ? `${kind} ${name}` : kind).join(', ')}`;
    return [{ code: 'unknown' as const, path, message: `matches no object: there is no ${patch.kind}${named}`, hint }];
  });
}

function containerProblems(path: string, patch: Patch, object: ApiObject): Problem[] {
  const stray = strayContainer(patch, object);
  if (stray === undefined) return [];
  const message = `has a container ${JSON.stringify(stray)} without an image, and ${object.kind} ${object.name} has no such container`;
  return [{ code: 'unknown', path, message, hint: `add name: to say which ${object.kind} is meant, or give the container an image` }];
}

/** A container that a patch names, and an object does not have: it would get another one, without an image. */
function strayContainer(patch: Patch, object: ApiObject): string | undefined {
  for (const list of CONTAINER_LISTS) {
    const named = new Set(containersOf(object.toJson(), list).filter(({ image }) => image === undefined).map(({ name }) => name));
    const [stray] = containersOf(patch.merge, list).map(({ name }) => name).filter(name => named.has(name));
    if (stray !== undefined) return String(stray);
  }
  return undefined;
}

const CONTAINER_LISTS = ['containers', 'initContainers'] as const;

function containersOf(value: unknown, list: typeof CONTAINER_LISTS[number]): { readonly name?: unknown; readonly image?: unknown }[] {
  if (!isMap(value)) return [];
  const own = value[list];
  return [...Array.isArray(own) ? own.filter(isMap) : [], ...Object.values(value).flatMap(inner => containersOf(inner, list))];
}
