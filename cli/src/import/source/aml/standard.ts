/**
 * The functions of `std` that Acornfiles have most.
 *
 * @see https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/05-functions.md
 */
import { stringify } from 'yaml';

/** Lists of containers are shorter. */
const MOST_ITEMS = 10_000;

type Call = (args: readonly unknown[]) => unknown;

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value);

const ofTexts = (call: (...texts: string[]) => unknown): Call => args => (args.every(isText) ? call(...args) : undefined);

const FUNCTIONS: { readonly [name: string]: Call } = {
  range: args => {
    if (!args.every(isNumber)) return undefined;
    const [start, end, step = 1] = args.length === 1 ? [0, ...args] : args;
    if (end === undefined || step <= 0 || (end - start) / step > MOST_ITEMS) return undefined;
    return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, i) => start + i * step);
  },
  join: ([list, separator]) => (Array.isArray(list) && list.every(isText) && isText(separator) ? list.join(separator) : undefined),
  split: ofTexts((text, separator) => text.split(separator)),
  len: ([value]) => (isText(value) || Array.isArray(value) ? value.length : undefined),
  contains: ([value, part]) => {
    if (isText(value) && isText(part)) return value.includes(part);
    if (Array.isArray(value)) return value.some(item => JSON.stringify(item) === JSON.stringify(part));
    return typeof value === 'object' && value !== null && isText(part) ? Object.hasOwn(value, part) : undefined;
  },
  startsWith: ofTexts((text, part) => text.startsWith(part)),
  endsWith: ofTexts((text, part) => text.endsWith(part)),
  replace: args => (args.length === 3 ? ofTexts((text, from, to) => text.split(from).join(to))(args) : undefined),
  trim: args => (args.length === 1 ? ofTexts(text => text.trim())(args) : undefined),
  toLower: ofTexts(text => text.toLowerCase()),
  toUpper: ofTexts(text => text.toUpperCase()),
  base64: ofTexts(text => Buffer.from(text).toString('base64')),
  toJSON: ([value]) => JSON.stringify(value),
  toYAML: ([value]) => stringify(value),
  itoa: ([value]) => (isNumber(value) ? String(value) : undefined),
  atoi: ([value]) => (isText(value) && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined),
};

/** @returns undefined if the function is not known, or does not take such values */
export function callStandard(name: string, args: readonly unknown[]): unknown {
  return Object.hasOwn(FUNCTIONS, name) && args.length > 0 ? FUNCTIONS[name](args) : undefined;
}
