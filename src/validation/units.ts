import { cron } from './cron';
import type { Format, Formats } from './format';
import { format } from './format';
import type { Check } from './problem';
import { fault, quoted } from './problem';

/**
 * Durations, quantities and times, as people write them: one function reads each, and another checks it.
 */

const DURATION = /^(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/;

/** Seconds of a duration such as `90s`, `5m`, `1h30m`; undefined if it is not valid. */
export function seconds(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const [h, m, s] = match.slice(1).map(part => Number(part ?? 0));
  return h * 3600 + m * 60 + s;
}

/** The same for a valid duration, which may be omitted. */
export function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : seconds(text)!;
}

/** Thousandths of a second of a duration such as `500ms` or `2s`; undefined if it is not valid. */
export function milliseconds(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})(ms|s)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 's' ? 1000 : 1);
}

function duration(least: string): Format {
  const shortest = seconds(least)!;
  return {
    schema: { pattern: '^(\\d{1,5}h)?(\\d{1,5}m)?(\\d{1,5}s)?$', minLength: 2 },
    check: value => {
      const length = seconds(value);
      if (length === undefined) {
        const hint = /^\d{1,5}$/.test(value)
          ? `add the unit, such as ${value}s`
          : 'use whole hours, minutes and seconds, such as 30s, 5m or 1h30m';
        return fault(`is ${quoted(value)}, which is not a valid duration`, hint);
      }
      if (length < shortest) return fault(`is ${quoted(value)}, which is too short`, `use at least ${least}`, 'range');
      if (length > 2147483647) return fault(`is ${quoted(value)}, which is too long`, 'use less than 68 years', 'range');
      return undefined;
    },
  };
}

const QUANTITY = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * The number that a Kubernetes quantity stands for; undefined if it is not valid.
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

/** A number of bytes as a quantity, in the largest binary unit of which it is a whole number: `1536Mi`. */
export function inBytes(bytes: number): string {
  for (let power = 6; power > 0; power--) {
    if (bytes > 0 && bytes % 1024 ** power === 0) return `${bytes / 1024 ** power}${BINARY[power]}`;
  }
  return String(bytes);
}

const cpu: Check = value => {
  const hint = 'use cores or millicores, such as 2 or 250m';
  const cores = quantity(value);
  if (cores === undefined || /[a-zA-Z]/.test(value.replace(/m$/, ''))) {
    return fault(`is ${quoted(value)}, which is not a valid amount of CPU`, hint);
  }
  if (cores < 0.001) return fault(`is ${quoted(value)}, which is too small`, 'use at least 1m', 'range');
  if (cores > 1000) return fault(`is ${quoted(value)}, which is more than any node has`, hint, 'range');
  // The API server rounds finer values up, and a pipeline would then see a difference where there is none.
  if (!Number.isInteger(Math.round(cores * 1e6) / 1e3)) {
    return fault(`is ${quoted(value)}, which is finer than a millicore`, 'use millicores, such as 250m');
  }
  return undefined;
};

const bytes: Check = value => {
  const hint = 'use a Kubernetes quantity, such as 256Mi or 2Gi';
  const size = quantity(value);
  if (size === undefined || value.endsWith('m')) {
    return fault(`is ${quoted(value)}, which is not a valid amount of memory or storage`, hint);
  }
  if (size < 1024 * 1024) {
    return fault(`is ${quoted(value)}, which is less than 1Mi`, 'use a Kubernetes quantity with its unit, such as 256Mi or 2Gi', 'range');
  }
  if (size > 2 ** 60) return fault(`is ${quoted(value)}, which is more than 1Ei`, hint, 'range');
  if (!Number.isInteger(size)) return fault(`is ${quoted(value)}, which is not a whole number of bytes`, hint);
  return undefined;
};

/** A name of the time zone database, spelled as KEDA's operator looks it up: as a file name, which is case-sensitive. */
const TIMEZONE = /^[A-Za-z][\w+-]*(\/[A-Za-z][\w+-]*)*$/;
const timezone: Check = value => {
  const hint = 'use a name of the time zone database, such as Europe/Berlin or UTC';
  if (!TIMEZONE.test(value)) return fault(`is ${quoted(value)}, which is not a valid time zone name`, hint);
  let known: string;
  try {
    known = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return fault(`is ${quoted(value)}, which is not a known time zone`, hint);
  }
  if (known !== value && known.toLowerCase() === value.toLowerCase()) {
    return fault(`is ${quoted(value)}, which is misspelled`, `use ${known}`);
  }
  if (/(^|\/)[a-z]/.test(value)) return fault(`is ${quoted(value)}, which is misspelled`, hint);
  return undefined;
};

/** The minor version of Kubernetes as a number: 30 for `1.30`. */
export function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

const KUBERNETES_VERSION = /^1\.\d{2}$/;
const kubernetesVersion: Check = value => {
  if (!KUBERNETES_VERSION.test(value)) {
    return fault(`is ${quoted(value)}, which is not a minor version of Kubernetes`, "use a version such as '1.30'");
  }
  if (minorOf(value) < 25) return fault(`is ${quoted(value)}, which is too old`, "use '1.25' or newer", 'range');
  return undefined;
};

/** Whether a version such as `0.9` is before another one. */
export function isOlder(version: string, other: string): boolean {
  const [[major, minor], [otherMajor, otherMinor]] = [version, other].map(text => text.split('.').map(Number));
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

const ADDON_VERSION = /^\d{1,3}\.\d{1,3}$/;
const httpAddonVersion: Check = value => {
  const [, near = '0.16'] = /^v?(\d{1,3}\.\d{1,3})(\.|$)/.exec(value) ?? [];
  if (!ADDON_VERSION.test(value)) {
    return fault(`is ${quoted(value)}, which is not a minor version of the add-on`, `use a version such as '${near}'`);
  }
  if (isOlder(value, '0.11')) return fault(`is ${quoted(value)}, which is too old`, "use '0.11' or newer", 'range');
  return undefined;
};

export const UNITS: Formats = {
  duration,
  cpu: format(cpu, { pattern: '^\\d+(\\.\\d+)?m?$' }),
  bytes: format(bytes, { pattern: '^\\d+(\\.\\d+)?(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$' }),
  cron: format(cron, { pattern: '^\\s*\\S+(\\s+\\S+){4}\\s*$' }),
  timezone: format(timezone, { pattern: TIMEZONE.source }),
  httpAddonVersion: format(httpAddonVersion, { pattern: ADDON_VERSION.source }),
  kubernetesVersion: format(kubernetesVersion, { pattern: KUBERNETES_VERSION.source }),
};
