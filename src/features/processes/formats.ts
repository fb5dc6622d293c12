import type { Formats } from '../../validation/format';
import { label } from '../../validation/names';

/**
 * The name of a Job has eleven characters more than that of its CronJob, and is a label of its pods.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec
 */
export const LONGEST_CRON_JOB = 63 - 11;

export const PROCESS_FORMATS: Formats = {
  cronJobName: () => label(LONGEST_CRON_JOB),
};
