import type { Check } from './problem';
import { fault, quoted } from './problem';

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of the month', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'day of the week', least: 0, most: 6, names: 'sun mon tue wed thu fri sat'.split(' ') },
];

/**
 * A cron expression of KEDA's cron scaler, which has five fields and counts the days of the week from 0 (Sunday) to 6.
 *
 * @see https://keda.sh/docs/latest/scalers/cron/
 */
export const cron: Check = value => {
  const hint = 'use five cron fields (minute, hour, day of the month, month, day of the week), such as 0 8 * * 1-5';
  const texts = value.trim().split(/\s+/);
  if (texts.length !== 5) return fault(`is ${quoted(value)}, which does not have five fields`, hint);
  for (const [i, field] of FIELDS.entries()) {
    if (valuesOf(texts[i], field) === undefined) {
      return fault(`is ${quoted(value)}, in which ${quoted(texts[i])} is not a valid ${field.name}`, hint);
    }
  }
  return undefined;
};

/** The numbers of each field of a valid cron expression, in ascending order. */
export function cronValues(value: string): number[][] {
  return value.trim().split(/\s+/).map((text, i) => [...new Set(valuesOf(text, FIELDS[i]))].sort((a, b) => a - b));
}

/** Undefined if one of the parts between commas is invalid. */
function valuesOf(text: string, field: Field): number[] | undefined {
  const parts = text.split(',').map(part => valuesOfPart(part, field));
  return parts.some(values => values === undefined) ? undefined : parts.flatMap(values => values!);
}

/** A step without an end goes on to the largest value, as in `10/20`. */
function valuesOfPart(part: string, { least, most, names }: Field): number[] | undefined {
  const match = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/([1-9]\d*))?$/.exec(part);
  if (!match) return undefined;
  const [, first, last, step] = match;
  const from = first === undefined ? least : numberOf(first);
  const to = last !== undefined ? numberOf(last) : first === undefined || step !== undefined ? most : from;
  if (!(least <= from && from <= to && to <= most)) return undefined;
  const every = Number(step ?? 1);
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);

  function numberOf(name: string): number {
    const named = names.indexOf(name.toLowerCase());
    return named >= 0 ? named + least : /^\d+$/.test(name) ? Number(name) : NaN;
  }
}
