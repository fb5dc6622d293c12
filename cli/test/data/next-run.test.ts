import { nextRun } from '../../src/data/next-run';

// A Thursday.
const NOW = Date.parse('2026-01-01T12:30:15Z');

describe('the next run of a schedule with seconds', () => {
  test.each<[string, string, string]>([
    ['later on the same day', '0 0 14 * * *', '2026-01-01T14:00:00Z'],
    ['later in the same minute', '30 30 12 * * *', '2026-01-01T12:30:30Z'],
    ['on the next day, after that of the same moment', '15 30 12 * * *', '2026-01-02T12:30:15Z'],
    ['in steps', '0 */20 * * * *', '2026-01-01T12:40:00Z'],
    ['on a day of the week', '0 0 2 * * mon', '2026-01-05T02:00:00Z'],
    ['on a day of a month', '0 0 2 15 2 *', '2026-02-15T02:00:00Z'],
    ['on a leap day', '0 0 2 29 2 ?', '2028-02-29T02:00:00Z'],
    ['on a day of the month or of the week, where both are restricted', '0 0 2 4 * 6', '2026-01-03T02:00:00Z'],
    ['on a day of the week in a step of one day', '0 0 2 */1 * 6', '2026-01-03T02:00:00Z'],
  ])('is %s', (_, schedule, expected) => {
    expect(nextRun(schedule, NOW)).toBe(expected);
  });

  test.each([
    ['a day that does not exist', '0 0 2 31 2 *'],
    ['a word of Go', '@daily'],
    ['a time zone', 'TZ=Europe/Berlin 0 0 2 * * *'],
    ['several seconds', '0,30 0 2 * * *'],
  ])('is not known of %s', (_, schedule) => {
    expect(nextRun(schedule, NOW)).toBeUndefined();
  });
});
