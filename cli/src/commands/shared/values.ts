/** Values of flags. */
import { InvalidArgumentError, Option } from 'commander';
import type { DeployOperation } from '../../engine/operation';

/** A time such as `90s`, `5m` or `2d`, in seconds. */
export function duration(text: string): number {
  const [, number, unit = 's'] = /^(\d+)(s|m|h|d)?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Write a duration such as 90s or 5m.');
  return Number(number) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
}

/** A time that something is looked at for, such as `1h` or `7d`, in seconds: at least a minute. */
function period(text: string): number {
  const seconds = duration(text);
  if (seconds < 60) throw new InvalidArgumentError('Write a time of a minute or more, such as 1h or 7d.');
  return seconds;
}

/** The URL of an HTTP API. */
export function url(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('Write a URL such as http://localhost:9090.');
}

/** How long something is kept, such as `3d`, `12h` or `90m`, in seconds: at least a minute, at most a year. */
export function lifetime(text: string): number {
  const [, number, unit] = /^(\d{1,6})(d|h|m)$/.exec(text) ?? [];
  const seconds = Number(number) * { d: 86_400, h: 3600, m: 60 }[unit as 'd' | 'h' | 'm'];
  if (seconds >= 60 && seconds <= 366 * 86_400) return seconds;
  throw new InvalidArgumentError('Write a time such as 3d, 12h or 90m, of at most a year.');
}

/**
 * A parser of whole numbers.
 *
 * @param hint what to write instead of anything else
 */
export function wholeNumber(hint: string): (text: string) => number {
  return text => {
    if (!/^\d+$/.test(text)) throw new InvalidArgumentError(hint);
    return Number(text);
  };
}

/** Reads a whole number of a range. */
export function numberFrom(least: number, most: number): (text: string) => number {
  const hint = `Write a number from ${least} to ${most}.`;
  const read = wholeNumber(hint);
  return text => {
    const value = read(text);
    if (value < least || value > most) throw new InvalidArgumentError(hint);
    return value;
  };
}

export const percentage = numberFrom(0, 100);

/** `-o, --output`, of commands whose result a program may read. */
export function outputOption(description: string): Option {
  return new Option('-o, --output <format>', description).choices(['json', 'yaml']);
}

/** The flags of commands that deploy. */
export type DeployFlags = Pick<DeployOperation, 'timeout' | 'force'>;

export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'how long each process may take to become ready').argParser(duration).default(300, '5m');
}

/** `--since`, of commands about a time that ends now. */
export function sinceOption(example: string, seconds: number, shown: string): Option {
  return new Option('--since <duration>', `how far back, such as ${example}`).argParser(period).default(seconds, shown);
}

export function concurrencyOption(): Option {
  return new Option('--concurrency <apps>', 'how many apps are deployed at the same time').argParser((text: string) => {
    if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Write a number of at least 1.');
    return Number(text);
  }).default(5);
}

export function rebuildOption(): Option {
  return new Option('--rebuild', 'build even what was built before, from the latest base images and without a cache');
}

export function forceOption(): Option {
  return new Option('--force', 'take over fields that other managers have set in the cluster');
}
