import { cron } from '../../validation/cron';
import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

/** The cron expressions of CloudNativePG have a field for seconds before the usual five. */
const cronWithSeconds: Check = value => {
  const [seconds, ...rest] = value.trim().split(/\s+/);
  if (rest.length === 5 && /^([0-9]|[1-5][0-9])$/.test(seconds) && cron(rest.join(' ')) === undefined) return undefined;
  const hint = 'use six fields, seconds first, such as 0 0 2 * * * for 2 a.m. every day';
  return fault(`is ${quoted(value)}, which is not a valid schedule`, hint);
};

export const CONNECTION_FORMATS: Formats = {
  cronWithSeconds: format(cronWithSeconds, { pattern: '^\\s*\\S+(\\s+\\S+){5}\\s*$' }),
};
