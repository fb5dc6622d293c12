import { fiveFields } from '../../src/import/shared/schedules';

describe('a schedule of a crontab', () => {
  test.each([
    ['@daily', '0 0 * * *'],
    ['@hourly', '0 * * * *'],
    ['@every 30m', '*/30 * * * *'],
    ['@every 1h', '0 * * * *'],
    ['@every 6h', '0 */6 * * *'],
    ['@every 24h', '0 0 * * *'],
    [' 15 3 * * * ', '15 3 * * *'],
  ])('%j has the five fields %s', (text, fields) => {
    expect(fiveFields(text)).toBe(fields);
  });

  test.each(['@every 7m', '@every 90s', '@every 5h', '@every x', '@reboot'])('%s cannot have five fields, and stays', text => {
    expect(fiveFields(text)).toBe(text);
  });
});
