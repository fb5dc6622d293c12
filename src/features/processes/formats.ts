import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import { cron, duration, timezone, whole } from '../../validation/units';

/** A Job's name has eleven more characters than its CronJob's, and is a label of its pods. */
export const LONGEST_CRON_JOB = 63 - 11;

/**
 * The form of what runs beside the web process.
 *
 * @param app the form of what apps say, of which workers and jobs say a part too
 * @param longest the most characters of a worker's name together with the app's
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec
 */
export function processFormats(app: Formats, longest: number): Formats {
  return {
    'workers{key}': names.label(longest),
    ...ownFormats('workers{}'),
    ...below('workers{}', app, /^(resources|scaling)\./),
    'releaseCommand.command[]': names.notEmpty,
    'releaseCommand.env{key}': names.envName,
    'releaseCommand.timeout': duration(1),
    'releaseCommand.retries': whole(0, 100, 2),
    'cronJobs{key}': names.label(LONGEST_CRON_JOB),
    ...ownFormats('cronJobs{}'),
    ...below('cronJobs{}', app, /^resources\./),
    'cronJobs{}.schedule': cron,
    'cronJobs{}.timezone': timezone,
    'cronJobs{}.deadline': duration(1),
    // The controller looks every ten seconds, and would miss what may be less late.
    'cronJobs{}.startingDeadline': duration(10),
    'cronJobs{}.retries': whole(0, 100, 2),
    'cronJobs{}.history.succeeded': whole(0, 1000, 3),
    'cronJobs{}.history.failed': whole(0, 1000, 1),
  };
}

/** What workers and jobs say alike. */
function ownFormats(path: string): Formats {
  return {
    [`${path}.command[]`]: names.notEmpty,
    [`${path}.env{key}`]: names.envName,
    [`${path}.terminationGracePeriod`]: duration(1),
  };
}

function below(path: string, formats: Formats, which: RegExp): Formats {
  return Object.fromEntries(Object.entries(formats).filter(([prop]) => which.test(prop)).map(([prop, check]) => [`${path}.${prop}`, check]));
}
