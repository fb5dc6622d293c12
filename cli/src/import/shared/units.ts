/** Durations and amounts of memory in the notations of other platforms. */

const SECONDS: { readonly [unit: string]: number } = {
  ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, sec: 1, m: 60, min: 60, h: 3600, hr: 3600, d: 86400,
};

/**
 * Seconds of a duration such as `1m30s`, `500ms`, `2 min` or `10`.
 *
 * @param unit what a number without a unit is in
 */
export function secondsIn(text: string, unit = 's'): number | undefined {
  const compact = text.replace(/\s+/g, '').toLowerCase();
  if (/^\d+(\.\d+)?$/.test(compact)) return Number(compact) * SECONDS[unit];
  if (!/^(\d+(\.\d+)?[a-z]+)+$/.test(compact)) return undefined;
  let sum = 0;
  for (const [, digits, name] of compact.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    if (!(name in SECONDS)) return undefined;
    sum += Number(digits) * SECONDS[name];
  }
  return sum;
}

/** A duration as props have it: `90s`, `5m`, `1h`. Less than a second is rounded up. */
export function duration(seconds: number): string {
  const whole = Math.max(seconds > 0 ? 1 : 0, Math.round(seconds));
  if (whole > 0 && whole % 3600 === 0) return `${whole / 3600}h`;
  return whole > 60 && whole % 60 === 0 ? `${whole / 60}m` : `${whole}s`;
}

/** Bytes of an amount such as `512m`, `1.5g`, `256MB`, `512Mi`, `1 GiB` or a plain number of bytes. */
export function bytesIn(text: string, unit = ''): number | undefined {
  const [, digits, written] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b|i)?\s*$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const power = 'kmgt'.indexOf((written || unit).toLowerCase() || '-') + 1;
  return Math.round(Number(digits) * 1024 ** power);
}
