import { isMap } from './is-map';
import { nearest } from './nearest';
import type { Problem } from './problem';
import { entry, quoted } from './problem';
import { ENUMS, STRUCTS } from '../generated/prop-types';

/**
 * Whether a value has the type that a struct's prop declares. TypeScript says so when it compiles; this says it to those who come
 * from JavaScript, from a file, or past the compiler with `any`.
 *
 * A type is written as in `shapes.ts`: `string`, `number`, `boolean`, `any`, the name of a struct or an enum, `T[]` for a list,
 * `{T}` for a map.
 *
 * @returns nothing where it has; otherwise every place where it has not
 */
export function checkStruct(struct: string, value: unknown, path = ''): Problem[] {
  if (!isMap(value)) return [{ code: 'type', path: path || 'the props', message: `are ${quoted(value)}`, hint: 'write an object of props' }];
  const props = STRUCTS[struct];
  const found: Problem[] = [];
  for (const [name, type] of Object.entries(props)) {
    if ((!Object.hasOwn(value, name) || value[name] === undefined) && !type.endsWith('?')) {
      found.push({ code: 'missing', path: join(path, name), message: 'is missing', hint: `write ${article(type)}` });
    }
  }
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined) continue;
    const type = Object.hasOwn(props, name) ? props[name] : undefined;
    if (type === undefined) {
      const meant = nearest(name, Object.keys(props));
      found.push({ code: 'unknown', path: entry(path, name).replace(/^\./, ''), message: 'is no property', hint: meant ? `did you mean ${meant}?` : `known are ${Object.keys(props).join(', ')}` });
    } else {
      found.push(...checkType(type.replace('?', ''), given, join(path, name)));
    }
  }
  return found;
}

function checkType(type: string, value: unknown, path: string): Problem[] {
  if (type === 'any') return [];
  if (type.endsWith('[]')) {
    return Array.isArray(value) ? value.flatMap((item, i) => checkType(type.slice(0, -2), item, `${path}[${i}]`)) : [mistyped(path, value, type)];
  }
  if (type.startsWith('{')) {
    const of = type.slice(1, -1);
    return isMap(value) ? Object.entries(value).flatMap(([key, item]) => checkType(of, item, entry(path, key))) : [mistyped(path, value, type)];
  }
  if (type in STRUCTS) return isMap(value) ? checkStruct(type, value, path) : [mistyped(path, value, type)];
  if (type in ENUMS) {
    if (typeof value === 'string' && ENUMS[type].includes(value)) return [];
    const meant = typeof value === 'string' ? nearest(value, ENUMS[type]) : undefined;
    return [{ code: 'type', path, message: `is ${quoted(value)}`, hint: `write one of ${ENUMS[type].join(', ')}${meant ? `; did you mean ${meant}?` : ''}` }];
  }
  return typeof value === type && (type !== 'number' || Number.isFinite(value)) ? [] : [mistyped(path, value, type)];
}

function mistyped(path: string, value: unknown, type: string): Problem {
  const scalar = type === 'string' && (typeof value === 'number' || typeof value === 'boolean');
  return { code: 'type', path, message: `is ${quoted(value)}`, hint: scalar ? `write it in quotes: '${value}'` : `write ${article(type)}` };
}

function article(type: string): string {
  const bare = type.replace('?', '');
  if (bare.endsWith('[]')) return 'a list';
  if (bare.startsWith('{')) return 'a map';
  if (bare in STRUCTS) return `an object with ${Object.keys(STRUCTS[bare]).join(', ')}`;
  if (bare in ENUMS) return `one of ${ENUMS[bare].join(', ')}`;
  return { string: 'a text', number: 'a number', boolean: 'true or false' }[bare]!;
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}
