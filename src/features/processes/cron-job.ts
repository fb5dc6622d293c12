import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata, podMetadata } from '../../kube/metadata';
import { createNetworkPolicy } from '../../kube/network-policy';
import { jobPod } from '../../kube/pod/pod-spec';
import type { CronJobModel } from '../../model/app';

/** What happens when a job is due while the one before is running, in Kubernetes' spelling. */
const POLICIES = { forbid: 'Forbid', allow: 'Allow', replace: 'Replace' };

/**
 * Creates the CronJob of a process that runs on a schedule.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export function createCronJob(scope: Construct, job: () => CronJobModel): void {
  new ApiObject(scope, 'cron-job', {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: objectMetadata(job()),
    spec: Lazy.any({ produce: () => cronJobSpec(job()) }),
  });
  if (job().networkPolicy) createNetworkPolicy(scope, job());
}

function cronJobSpec(job: CronJobModel): object {
  return {
    schedule: job.schedule,
    timeZone: job.timezone,
    concurrencyPolicy: POLICIES[job.concurrency],
    startingDeadlineSeconds: job.startingDeadline,
    suspend: job.suspend || undefined,
    successfulJobsHistoryLimit: job.history.succeeded,
    failedJobsHistoryLimit: job.history.failed,
    jobTemplate: {
      metadata: { labels: job.labels },
      spec: {
        backoffLimit: job.retries,
        activeDeadlineSeconds: job.deadline,
        template: { metadata: podMetadata(job), spec: jobPod(job) },
      },
    },
  };
}
