import type { Check } from './problem';
import { fault, quoted } from './problem';

/**
 * Durations, quantities, numbers and times, as people write them: each is read by one function and checked by another.
 */

const DURATION = /^(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/;

/** Seconds of a duration such as `90s`, `5m`, `1h30m`; undefined where it is none. */
export function seconds(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const [h, m, s] = match.slice(1).map(part => Number(part ?? 0));
  return h * 3600 + m * 60 + s;
}

/** The same of one that has been checked, and may be left away. */
export function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : seconds(text)!;
}

/** Thousandths of a second of a duration such as `500ms` or `2s`; undefined where it is none. */
export function milliseconds(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})(ms|s)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 's' ? 1000 : 1);
}

export function duration(least: number): Check {
  return value => {
    const length = seconds(value);
    if (length === undefined) return fault(`is ${quoted(value)}, which is no duration`, 'write whole hours, minutes and seconds, such as 30s, 5m or 1h30m');
    if (length < least) return fault(`is ${quoted(value)}, which is too short`, `write at least ${least}s`, 'range');
    if (length > 2147483647) return fault(`is ${quoted(value)}, which is too long`, 'write less than 68 years', 'range');
    return undefined;
  };
}

const QUANTITY = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * The number that a Kubernetes quantity stands for; undefined where it is none.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantity(text: string): number | undefined {
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const [, digits, suffix = ''] = match;
  if (suffix === 'm') return Number(digits) / 1000;
  return DECIMAL.includes(suffix) ? Number(digits) * 1000 ** DECIMAL.indexOf(suffix) : Number(digits) * 1024 ** BINARY.indexOf(suffix);
}

export const cpu: Check = value => {
  const cores = quantity(value);
  if (cores === undefined || !/m?$/.test(value) || /[a-zA-Z]/.test(value.replace(/m$/, ''))) {
    return fault(`is ${quoted(value)}, which is no amount of CPU`, 'write thousandths of a core or cores, such as 250m or 2');
  }
  if (cores < 0.001) return fault(`is ${quoted(value)}, which is too little`, 'write at least 1m', 'range');
  if (cores > 1000) return fault(`is ${quoted(value)}, which is more than any node has`, 'write thousandths of a core or cores, such as 250m or 2', 'range');
  // The API server rounds what is finer up, and a pipeline would then see a difference that is none.
  if (!Number.isInteger(Math.round(cores * 1e6) / 1e3)) return fault(`is ${quoted(value)}, which is finer than a thousandth of a core`, 'write thousandths of a core, such as 250m');
  return undefined;
};

export const bytes: Check = value => {
  const size = quantity(value);
  if (size === undefined || value.endsWith('m')) return fault(`is ${quoted(value)}, which is no amount of bytes`, 'write a Kubernetes quantity, such as 256Mi or 2Gi');
  if (size < 1024 * 1024) return fault(`is ${quoted(value)}, which is less than 1Mi`, 'write a Kubernetes quantity with its unit, such as 256Mi or 2Gi', 'range');
  if (size > 2 ** 60) return fault(`is ${quoted(value)}, which is more than 1Ei`, 'write a Kubernetes quantity, such as 256Mi or 2Gi', 'range');
  if (!Number.isInteger(size)) return fault(`is ${quoted(value)}, which is no whole number of bytes`, 'write a Kubernetes quantity, such as 256Mi or 2Gi');
  return undefined;
};

export function whole(least: number, most: number, example: number): Check {
  return value => {
    if (!Number.isInteger(value)) return fault(`is ${String(value)}, which is no whole number`, `write one, such as ${example}`);
    if (value < least) return fault(`is ${value}, which is too little`, `write ${least} or more, such as ${example}`, 'range');
    if (value > most) return fault(`is ${value}, which is too much`, `write ${most} or less, such as ${example}`, 'range');
    return undefined;
  };
}

const CRON_FIELDS: [name: string, least: number, most: number, names: string[]][] = [
  ['minute', 0, 59, []],
  ['hour', 0, 23, []],
  ['day of the month', 1, 31, []],
  ['month', 1, 12, 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')],
  ['day of the week', 0, 6, 'sun mon tue wed thu fri sat'.split(' ')],
];

/**
 * A time of KEDA's cron scaler, which knows five fields and counts the days of the week from 0, Sunday, to 6.
 *
 * @see https://keda.sh/docs/latest/scalers/cron/
 */
export const cron: Check = value => {
  const hint = 'write five cron fields (minute, hour, day of the month, month, day of the week), such as 0 8 * * 1-5';
  const fields = value.trim().split(/\s+/);
  if (fields.length !== 5) return fault(`is ${quoted(value)}, which has not five fields`, hint);
  for (const [i, [name, least, most, names]] of CRON_FIELDS.entries()) {
    if (!fields[i].split(',').every((part: string) => cronPart(part, least, most, names))) {
      return fault(`is ${quoted(value)}, of which ${quoted(fields[i])} is no ${name}`, hint);
    }
  }
  return undefined;
};

function cronPart(part: string, least: number, most: number, names: string[]): boolean {
  const match = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/([1-9]\d*))?$/.exec(part);
  if (!match) return false;
  const [from, to] = match.slice(1, 3).map(text => text === undefined ? undefined : number(text));
  const fits = (n: number | undefined) => n === undefined || (n >= least && n <= most);
  return fits(from) && fits(to) && (from === undefined || to === undefined || from <= to);

  function number(text: string): number {
    const named = names.indexOf(text.toLowerCase());
    return named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : NaN;
  }
}

/** A name of the time zone database, spelt as KEDA's operator looks it up: as a file name, with its capitals. */
export const timezone: Check = value => {
  const hint = 'write a name of the time zone database, such as Europe/Berlin or UTC';
  if (!/^[A-Za-z][\w+-]*(\/[A-Za-z][\w+-]*)*$/.test(value)) return fault(`is ${quoted(value)}, which is no name of a time zone`, hint);
  let known: string;
  try {
    known = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return fault(`is ${quoted(value)}, and there is no such time zone`, hint);
  }
  if (known !== value && known.toLowerCase() === value.toLowerCase()) return fault(`is ${quoted(value)}, which is not how it is spelt`, `write ${known}`);
  if (/(^|\/)[a-z]/.test(value)) return fault(`is ${quoted(value)}, which is not how it is spelt`, hint);
  return undefined;
};

/** A minor version of Kubernetes, such as `1.30`, as its number: 30. */
export function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

export const kubernetesVersion: Check = value => {
  if (!/^1\.\d{2}$/.test(value)) return fault(`is ${quoted(value)}, which is no minor version of Kubernetes`, "write one such as '1.30'");
  if (minorOf(value) < 25) return fault(`is ${quoted(value)}, which is too old`, "write '1.25' or newer", 'range');
  return undefined;
};
