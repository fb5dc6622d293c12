import type { Format, Formats } from './format';
import { formatsOf } from './format';
import { isMap } from './is-map';
import { nearest } from './nearest';
import type { Fault, Problem } from './problem';
import { entry, quoted } from './problem';
import { ELSEWHERE, RENAMED, RENAMED_LISTS } from './renamed';
import { ENUMS, FORMATS, STRUCTS } from '../generated/prop-types';

/** Adds what is wrong with a value, and with all below it. */
type Visit = (value: any, path: string, found: Problem[]) => void;

/**
 * Checks of the types and formats of props, in one walk. TypeScript checks the types at compile time; this is for JavaScript, files, and
 * `any`.
 *
 * A type is written as in `generated/prop-types.ts`: `string`, `number`, `boolean`, `any`, the name of a struct or an enum, `T[]` for a
 * list, `{T}` for a map. Each struct is compiled once, when it is first met.
 */
export class Shapes {
  private readonly compiled = new Map<string, Visit>();

  /** @param formats the formats that tags of props name */
  constructor(private readonly formats: Formats) {}

  /** Everything that is wrong with the types and formats of a value, which should be a struct. */
  public check(struct: string, value: unknown): Problem[] {
    const found: Problem[] = [];
    this.struct(struct)(value, '', found);
    return found;
  }

  private struct(name: string): Visit {
    const known = this.compiled.get(name);
    if (known) return known;
    const visit = this.compileStruct(name);
    this.compiled.set(name, visit);
    return visit;
  }

  private compileStruct(struct: string): Visit {
    const types = STRUCTS[struct];
    const props = new Map<string, Visit | undefined>(Object.keys(types).map(name => [name, undefined]));
    const required = Object.keys(types).filter(name => !types[name].endsWith('?'));
    const visitor = (name: string): Visit => {
      const known = props.get(name);
      if (known) return known;
      const { value: format, key } = formatsOf(FORMATS[struct]?.[name] ?? {}, this.formats);
      const visit = this.compile(types[name].replace('?', ''), format, key);
      props.set(name, visit);
      return visit;
    };
    return (value, path, found) => {
      if (!isMap(value)) {
        if (path === '') found.push({ code: 'type', path: 'the props', message: `are ${quoted(value)}`, hint: 'use an object of props' });
        else found.push(mistyped(path, value, struct));
        return;
      }
      for (const name of required) {
        if (!Object.hasOwn(value, name) || value[name] === undefined) {
          found.push({ code: 'missing', path: join(path, name), message: 'is missing', hint: `use ${article(types[name])}` });
        }
      }
      for (const name of Object.keys(value)) {
        const given = value[name];
        if (given === undefined) continue;
        if (!props.has(name)) found.push(unknown(struct, name, path));
        else if (Array.isArray(given) && RENAMED_LISTS[struct]?.[name] !== undefined) found.push(renamedList(struct, name, path));
        else if (elsewhere(struct, name, given) !== undefined) found.push(misplaced(struct, name, given, path));
        else visitor(name)(given, join(path, name), found);
      }
    };
  }

  private compile(type: string, format?: Format, key?: Format): Visit {
    if (type === 'any') return () => {};
    if (type.endsWith('[]')) {
      const item = this.compile(type.slice(0, -2), format);
      return (value, path, found) => {
        if (!Array.isArray(value)) found.push(mistyped(path, value, type));
        else for (let i = 0; i < value.length; i++) item(value[i], `${path}[${i}]`, found);
      };
    }
    if (type.startsWith('{')) {
      const item = this.compile(type.slice(1, -1), format);
      return (value, path, found) => {
        if (!isMap(value)) return void found.push(mistyped(path, value, type));
        for (const name of Object.keys(value)) {
          const here = entry(path, name);
          const fault = key?.check(name);
          if (fault) found.push({ path: here, ...fault });
          item(value[name], here, found);
        }
      };
    }
    if (type in STRUCTS) return (value, path, found) => this.struct(type)(value, path, found);
    if (type in ENUMS) return enumOf(type);
    return (value, path, found) => {
      const isOfType = typeof value === type && (type !== 'number' || Number.isFinite(value));
      if (!isOfType) return void found.push(mistyped(path, value, type, format));
      const fault = (type === 'string' ? unreadable(value) : undefined) ?? format?.check(value);
      if (fault) found.push({ path, ...fault });
    };
  }
}

/**
 * Characters that kubectl refuses in YAML or takes for the end of a line, and NUL, which no environment variable, word of a command or
 * path can have. Tried with `kubectl annotate --local`.
 */
export const UNREADABLE = /[\0\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

function unreadable(value: string): Fault | undefined {
  const [found] = UNREADABLE.exec(value) ?? [];
  if (found === undefined) return undefined;
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return { code: 'format', message: `has the character U+${code}, which kubectl cannot read`, hint: 'remove it' };
}

function enumOf(type: string): Visit {
  const values = ENUMS[type];
  return (value, path, found) => {
    if (values.includes(value)) return;
    const meant = typeof value === 'string' ? nearest(value, values) : undefined;
    const hint = `use one of ${values.join(', ')}${meant ? `; did you mean ${meant}?` : ''}`;
    found.push({ code: 'type', path, message: `is ${quoted(value)}`, hint });
  };
}

/** Where a prop may belong instead. */
const OTHER: { readonly [struct: string]: 'Platform' | 'WebApp' | undefined } = { WebAppProps: 'Platform', PlatformProps: 'WebApp' };

function unknown(struct: string, name: string, path: string): Problem {
  const here = entry(path, name);
  const renamed = RENAMED[struct]?.[name];
  if (renamed !== undefined && Object.hasOwn(RENAMED[struct], name)) {
    return { code: 'renamed', path: here, message: 'was renamed', hint: `use ${renamed}` };
  }
  const owner = OTHER[struct];
  if (owner !== undefined && Object.hasOwn(STRUCTS[`${owner}Props`], name)) {
    return { code: 'unknown', path: here, message: `is a property of ${owner}`, hint: `set it in the ${owner}` };
  }
  const known = Object.keys(STRUCTS[struct]);
  const meant = nearest(name, known);
  const hint = meant ? `did you mean ${meant}?` : `known properties are ${known.join(', ')}`;
  return { code: 'unknown', path: here, message: 'is not a known property', hint };
}

function elsewhere(struct: string, name: string, value: unknown): string | undefined {
  return typeof value === 'string' ? ELSEWHERE[struct]?.[name]?.[value] : undefined;
}

function misplaced(struct: string, name: string, value: unknown, path: string): Problem {
  const hint = `use ${article(STRUCTS[struct][name])}, or ${elsewhere(struct, name, value)}`;
  return { code: 'type', path: join(path, name), message: `is ${quoted(value)}`, hint };
}

function renamedList(struct: string, name: string, path: string): Problem {
  const today = RENAMED_LISTS[struct][name];
  const message = `is a list, which was renamed to ${today}`;
  return { code: 'renamed', path: join(path, name), message, hint: `move the list to ${today}, or use a map` };
}

function mistyped(path: string, value: unknown, type: string, format?: Format): Problem {
  const isScalar = type === 'string' && (typeof value === 'number' || typeof value === 'boolean');
  // Quotes alone do not help where the same text is not valid either.
  const hint = isScalar ? format?.check(String(value))?.hint ?? `put it in quotes: '${value}'` : `use ${article(type)}`;
  return { code: 'type', path, message: `is ${quoted(value)}`, hint };
}

function article(type: string): string {
  const bare = type.replace('?', '');
  if (bare.endsWith('[]')) return 'a list';
  if (bare.startsWith('{')) return 'a map';
  if (bare in STRUCTS) return `an object with ${Object.keys(STRUCTS[bare]).join(', ')}`;
  if (bare in ENUMS) return `one of ${ENUMS[bare].join(', ')}`;
  return { string: 'a string', number: 'a number', boolean: 'true or false' }[bare]!;
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}
