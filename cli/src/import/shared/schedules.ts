import { secondsIn } from './units';

/** https://en.wikipedia.org/wiki/Cron#Nonstandard_predefined_scheduling_definitions */
const NAMED: { readonly [name: string]: string | undefined } = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** A schedule of a crontab, as five fields: `@daily` and `@every 30m` are none. What cannot be five fields stays as it is. */
export function fiveFields(text: string): string {
  const schedule = text.trim();
  const [, every] = /^@every\s+(\S+)$/.exec(schedule) ?? [];
  const minutes = every === undefined ? undefined : (secondsIn(every) ?? 0) / 60;
  if (minutes && Number.isInteger(minutes)) {
    if (minutes < 60 && 60 % minutes === 0) return `*/${minutes} * * * *`;
    const hours = minutes / 60;
    if (Number.isInteger(hours) && hours <= 24 && 24 % hours === 0) return `0 ${hours === 24 ? 0 : hours === 1 ? '*' : `*/${hours}`} * * *`;
  }
  return NAMED[schedule] ?? schedule;
}
