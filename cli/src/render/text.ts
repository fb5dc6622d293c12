import { Yaml } from 'cdk8s';
import type { Manifest } from './synthesis';
import { isMisread, misread } from '../../../src/internal';

/**
 * Objects as YAML: the same bytes as `Yaml.stringify` of cdk8s, in a tenth of its time.
 *
 * Nearly all of the text is maps, lists and plain words, whose form is simple; this writes them itself. For any other word it asks cdk8s
 * how to quote it or break it into lines, once for each.
 *
 * Strings that kubectl would not read from cdk8s' YAML as they are meant are in double quotes: in code they are an error.
 */
export function yamlOf(objects: readonly Manifest[]): string {
  const isForCdk8s = (object: Manifest) => isUnusual(object, new Set()) && misread(object, Yaml.stringify).length === 0;
  return objects.map(object => (isForCdk8s(object) ? Yaml.stringify(object) : textOf(object))).join('---\n');
}

/** Whether a list or map occurs twice, which is written as an anchor and an alias, or a key is so long that it gets lines of its own. */
function isUnusual(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (seen.has(value)) return true;
  seen.add(value);
  for (const name in value) {
    if (name.length > 500 || isUnusual((value as { [name: string]: unknown })[name], seen)) return true;
  }
  return false;
}

/** Whether kubectl would misread what cdk8s writes of a string. */
const needsQuotes = (text: string) => isMisread(text, Yaml.stringify);

function textOf(object: Manifest): string {
  const parts: string[] = [];
  block(object, 0, parts);
  parts.push('\n');
  return parts.join(''); // appending to a string would keep thousands of pieces
}

/** Adds a list or map that is not empty, on the lines after its parent's. */
function block(value: object, depth: number, parts: string[]): void {
  const separator = `\n${'  '.repeat(depth)}`;
  let between = '';
  const add = (start: string, item: unknown, ofBlock: string) => {
    parts.push(between, start);
    between = separator;
    if (isBlock(item)) {
      parts.push(ofBlock);
      block(item, depth + 1, parts);
    } else {
      parts.push(' ', scalar(item, depth + 1));
    }
  };
  if (Array.isArray(value)) {
    for (const item of value) add('-', item, ' ');
  } else {
    const below = `${separator}  `;
    for (const [name, item] of Object.entries(value)) add(`${key(name, depth)}:`, item, below);
  }
}

function isBlock(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Strings that need no quotes: not a number, date, boolean or null in any version of YAML. */
const PLAIN = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z/][\w./@-]*(?::[\w./@-]+)*$/i;

const KEYS = new Map<string, string>();
const SCALARS = new Map<string, string>();

function key(name: string, depth: number): string {
  if (PLAIN.test(name)) return name;
  if (needsQuotes(name)) return JSON.stringify(name);
  if (depth === 0) return Yaml.stringify({ [name]: 0 }).slice(0, -': 0\n'.length);
  let text = KEYS.get(name);
  if (text === undefined) {
    text = Yaml.stringify({ k: { [name]: 0 } }).slice('k:\n  '.length, -': 0\n'.length);
    KEYS.set(name, text);
  }
  return text;
}

function scalar(value: unknown, depth: number): string {
  if (typeof value === 'boolean' || (Number.isSafeInteger(value) && !Object.is(value, -0))) return String(value);
  if (typeof value !== 'string') return asked(value, 1);
  if (value.includes('\n')) return asked(value, depth); // its lines are indented
  let text = SCALARS.get(value);
  if (text === undefined) {
    text = PLAIN.test(value) ? value : asked(value, 1);
    SCALARS.set(value, text);
  }
  return text;
}

/** How cdk8s writes a value at a depth; in double quotes what kubectl would misread then. */
function asked(value: unknown, depth: number): string {
  if (typeof value === 'string' && needsQuotes(value)) return JSON.stringify(value);
  let nested = value;
  let before = 0;
  for (let i = depth; i > 0; i--) {
    nested = { k: nested };
    before += i === depth ? 'k: '.length : `k:\n${'  '.repeat(i)}`.length;
  }
  return Yaml.stringify(nested).slice(before, -1);
}
