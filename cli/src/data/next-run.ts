/** When a schedule of six fields, with seconds, is due next: https://pkg.go.dev/github.com/robfig/cron#hdr-CRON_Expression_Format */
import { cronValues, formatNamed } from '../../../src/internal';
import { timestamp } from '../kube/clock';

/** How far ahead a day is looked for, in days: a leap day is at most eight years away. */
const LONGEST = 8 * 366;

/** What does not restrict a field of days. */
const ANY = /^[*?](?:\/1)?$/;

/**
 * The next time of a schedule, in UTC; undefined if it has none, or is written in a way that apps cannot have.
 *
 * @param after milliseconds
 */
export function nextRun(schedule: string, after: number): string | undefined {
  if (formatNamed('cronWithSeconds').check(schedule)) return undefined;
  const [second, ...texts] = schedule.trim().split(/\s+/);
  const [minutes, hours, dates, months, weekdays] = cronValues(texts.join(' '));
  const isAny = [texts[2], texts[4]].some(text => text.split(',').some(part => ANY.test(part)));
  const today = new Date(after).setUTCHours(0, 0, 0, 0);
  for (let ahead = 0; ahead < LONGEST; ahead++) {
    const day = new Date(today + ahead * 86_400_000);
    const fits = [dates.includes(day.getUTCDate()), weekdays.includes(day.getUTCDay())];
    // Where both are restricted, one of them is enough.
    if (!months.includes(day.getUTCMonth() + 1) || !(isAny ? fits.every(Boolean) : fits.some(Boolean))) continue;
    const times = hours.flatMap(hour => minutes.map(minute => day.getTime() + ((hour * 60 + minute) * 60 + Number(second)) * 1000));
    const next = times.find(time => time > after);
    if (next !== undefined) return timestamp(next);
  }
  return undefined;
}
