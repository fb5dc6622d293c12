import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { containerName, objectMetadata, podMetadata } from '../../kube/metadata';
import { ResolvedCronJob } from '../../model/processes';
import { jobPod } from '../workload/job-pod';
import { createNetworkPolicy } from '../workload/network';

/** Kubernetes' words for what happens when a job is due while the one before is running. */
const POLICIES = { forbid: 'Forbid', allow: 'Allow', replace: 'Replace' };

/**
 * Makes what runs a job at its times.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export function createCronJob(scope: Construct, job: ResolvedCronJob): Construct {
  const place = new Construct(scope, `cron-job-${job.process.name}`);
  new ApiObject(place, 'cron-job', {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: objectMetadata(job.process),
    spec: Lazy.any({ produce: () => cronJobSpec(job) }),
  });
  if (job.process.networkPolicy) createNetworkPolicy(place, job.process);
  return place;
}

function cronJobSpec(job: ResolvedCronJob): object {
  const { process } = job;
  return {
    schedule: job.schedule,
    timeZone: job.timezone,
    concurrencyPolicy: POLICIES[job.concurrency],
    startingDeadlineSeconds: job.startingDeadline,
    suspend: job.suspend || undefined,
    successfulJobsHistoryLimit: job.history.succeeded,
    failedJobsHistoryLimit: job.history.failed,
    jobTemplate: {
      metadata: { labels: process.labels },
      spec: {
        backoffLimit: job.retries,
        activeDeadlineSeconds: job.deadline,
        template: { metadata: podMetadata(process), spec: jobPod(process, containerName(process)) },
      },
    },
  };
}
