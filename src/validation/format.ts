import type { Check } from './problem';
import { fault, quoted } from './problem';

/** What a format tells editors: keywords of JSON Schema. They accept all that the check accepts, and may accept more. */
export interface FormatSchema {
  readonly type?: 'integer';
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** What a single value must look like. */
export interface Format {
  readonly check: Check;
  readonly schema: FormatSchema;
}

/**
 * Named formats, as the tags `@format` and `@keyFormat` of props name them: `@format duration 1s` calls `duration('1s')`.
 */
export type Formats = { readonly [name: string]: (...args: string[]) => Format };

/**
 * The tags of a prop, as `generated/prop-types.ts` has them.
 *
 * The format and the range are of the value; of a list they are of each item, and of a map of each value.
 */
export interface Tags {
  readonly format?: string;
  readonly range?: string;
  readonly keyFormat?: string;
}

/** A format for the table of named formats, of a check and of what a schema can say of it. */
export function format(check: Check, schema: FormatSchema): () => Format {
  return () => ({ check, schema });
}

/** The formats that tags name: one of values, and one of the keys of a map. */
export function formatsOf(
  { format: name, range: bounds, keyFormat }: Tags, formats: Formats,
): { readonly value?: Format; readonly key?: Format } {
  return {
    value: bounds !== undefined ? range(bounds) : name === undefined ? undefined : named(name, formats),
    key: keyFormat === undefined ? undefined : named(keyFormat, formats),
  };
}

function named(tag: string, formats: Formats): Format {
  const [name, ...args] = tag.split(' ');
  if (!Object.hasOwn(formats, name)) throw new Error(`there is no format ${name}; known formats are ${Object.keys(formats).join(', ')}`);
  return formats[name](...args);
}

/** Whole numbers, written `@range 1..65535`. */
function range(bounds: string): Format {
  const [, least, most] = /^(\d+)\.\.(\d+)$/.exec(bounds)?.map(Number) ?? [];
  if (most === undefined) throw new Error(`${quoted(bounds)} is not a range such as 1..65535`);
  return {
    schema: { type: 'integer', minimum: least, maximum: most },
    check: value => {
      if (!Number.isInteger(value)) return fault(`is ${value}, which is not a whole number`, `use a whole number from ${least} to ${most}`);
      if (value < least) return fault(`is ${value}, which is too small`, `use a number from ${least} to ${most}`, 'range');
      if (value > most) return fault(`is ${value}, which is too large`, `use a number from ${least} to ${most}`, 'range');
      return undefined;
    },
  };
}

/** One of a few words, written `@format oneOf Equal Exists`. */
export function oneOf(...words: string[]): Format {
  return {
    schema: { enum: words },
    check: value => words.includes(value) ? undefined : fault(`is ${quoted(value)}`, `use one of ${words.join(', ')}`),
  };
}
