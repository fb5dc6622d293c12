import { randomBytes } from 'node:crypto';
import { diagnoseNoPods } from './jobs';
import type { Operation } from './operation';
import { followContainer, hasStarted, INTERVAL } from './pod-log';
import { waitUntilDeleted } from './prune';
import { DiagnosedFailure, diagnosePods } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import type { AppName, CronJob, Job } from '../kube/types';
import { conditionOf, CRON_JOB, holds, JOB, POD } from '../kube/types';
import { MANAGED_BY } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** As kubectl marks a run: https://github.com/kubernetes/kubectl/blob/master/pkg/cmd/create/create_job.go */
const MANUAL = { 'cronjob.kubernetes.io/instantiate': 'manual' };

/** A cron job of an app, and its last runs. */
export interface CronStatus {
  /** Its name in the file. */
  readonly name: string;

  /** Five cron fields. */
  readonly schedule: string;
  readonly timezone: string;
  readonly suspended: boolean;

  /** When it was last started by its schedule. */
  readonly lastRun?: string;

  /** When a run of its schedule last succeeded. */
  readonly lastSuccess?: string;

  /** The Jobs that are running now. */
  readonly running: readonly string[];
}

/** The cron jobs of an app. */
export async function listCronJobs(cluster: Cluster, app: AppName): Promise<CronStatus[]> {
  const found = await cronJobsOf(cluster, app);
  const jobs = found.length > 0 ? await cluster.objects.list(JOB, { namespace: app.namespace, labels: labelsOf(app) }) : [];
  return found.map(({ metadata: { name, uid }, spec, status }) => ({
    name: shortName(app, name),
    schedule: spec.schedule,
    timezone: spec.timeZone ?? 'UTC',
    suspended: spec.suspend ?? false,
    lastRun: status?.lastScheduleTime,
    lastSuccess: status?.lastSuccessfulTime,
    running: runningJobs(jobs, uid),
  }));
}

async function cronJobsOf({ objects }: Cluster, app: AppName): Promise<CronJob[]> {
  return objects.list(CRON_JOB, { namespace: app.namespace, labels: labelsOf(app) });
}

function labelsOf({ name }: AppName): { readonly [label: string]: string } {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': MANAGED_BY };
}

function shortName({ name: app }: AppName, name: string): string {
  return name.slice(app.length + 1);
}

/** The names of the Jobs of a CronJob that have not ended, those that were started by hand among them. */
function runningJobs(jobs: readonly Job[], uid: string): string[] {
  const isRunning = (job: Job) => !holds(job, 'Complete') && !holds(job, 'Failed') && !job.metadata.deletionTimestamp;
  const own = jobs.filter(job => job.metadata.ownerReferences?.some(owner => owner.uid === uid));
  return own.filter(isRunning).map(({ metadata }) => metadata.name);
}

export interface RunOptions {
  /** Starts it even if it is running, and its `concurrency` is `forbid`. */
  readonly concurrent?: boolean;

  /** Does not wait for its end. */
  readonly detach?: boolean;

  /** Receives what it prints. */
  readonly onText: (text: string) => void;
}

/**
 * Runs a cron job now, whatever its schedule says, and waits until it has ended. Its run is like those of the schedule, retries included,
 * and is kept and removed with them. One that is interrupted is stopped.
 *
 * @param name its name in the file
 * @returns the exit code of the last try; 0 if it was only started
 * @throws Failure if it does not exist, must not run now, or does not start
 */
export async function runCronJob(operation: Operation, name: string, { concurrent, detach, onText }: RunOptions): Promise<number> {
  const { cluster, app, progress, signal } = operation;
  const { objects, clock } = cluster;
  const cron = await findCronJob(cluster, app, name);
  if (cron.spec.concurrencyPolicy === 'Forbid' && !concurrent) {
    const [running] = runningJobs(await objects.list(JOB, { namespace: app.namespace, labels: labelsOf(app) }), cron.metadata.uid);
    const hint = 'wait until it has ended, or pass --concurrent';
    if (running) throw new Failure(`${name} is running as Job ${running}, and its concurrency is forbid; ${hint}`);
  }
  const manifest = jobOf(cron);
  const created = await objects.create<Job>(manifest);
  const job = referenceTo<Job>(manifest);
  progress.done(`Started ${name} as Job ${job.name}`);
  if (detach) return 0;
  const start = clock.now();
  try {
    const code = await followJob(operation, created, onText);
    if (code === 0) progress.done(`${name} succeeded after ${Math.round((clock.now() - start) / 1000)} s`);
    else progress.warn(`${name} failed with exit code ${code}`);
    return code;
  } catch (error) {
    if (!signal.aborted) throw error;
    await objects.remove(job);
    await waitUntilDeleted({ cluster, signal: new AbortController().signal }, job);
    throw new Failure(`interrupted; Job ${job.name} was stopped`);
  }
}

async function findCronJob(cluster: Cluster, app: AppName, name: string): Promise<CronJob> {
  const all = await cronJobsOf(cluster, app);
  const found = all.find(({ metadata }) => metadata.name === `${app.name}-${name}`);
  if (found) return found;
  const names = all.map(({ metadata }) => shortName(app, metadata.name));
  const hint = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none; see cronJobs in docs/cron-jobs.md';
  throw new Failure(`${app.name} has no cron job ${name} in namespace ${app.namespace}; ${hint}`);
}

/** The Job that a CronJob would create. It belongs to it, so that its history limits hold. */
function jobOf({ metadata: { name, namespace, uid }, spec: { jobTemplate: { metadata = {}, spec } } }: CronJob): Manifest {
  return {
    apiVersion: JOB.apiVersion,
    kind: JOB.kind,
    metadata: {
      name: `${name}-run-${randomBytes(3).toString('hex')}`,
      namespace,
      labels: metadata.labels,
      annotations: { ...metadata.annotations, ...MANUAL },
      ownerReferences: [{ ...CRON_JOB, name, uid, controller: true }],
    },
    spec,
  };
}

/** Prints the logs of all pods of a Job, one after the other, until it has ended. */
async function followJob({ cluster, progress, signal }: Operation, created: Job, onText: (text: string) => void): Promise<number> {
  const { objects, clock } = cluster;
  const { metadata: { uid, name, namespace }, spec } = created;
  const container = spec.template.spec!.containers[0].name;
  const reference = { ...JOB, name, namespace };
  const followed = new Set<string>();
  for (let code: number | undefined; ;) {
    const live = await objects.get(reference);
    const pods = await objects.list(POD, { namespace, labels: { 'batch.kubernetes.io/controller-uid': uid } });
    const next = pods.find(pod => !followed.has(pod.metadata.uid) && hasStarted(pod, container));
    if (next) {
      followed.add(next.metadata.uid);
      code = await followContainer(cluster, next, container, { signal, onText });
      if (code !== 0 && followed.size <= (spec.backoffLimit ?? 0)) progress.warn(`exit code ${code}; waiting for the next try`);
      continue;
    }
    if (live?.metadata.uid !== uid) throw new Failure(`Job ${name} was deleted before it ended`);
    if (holds(live, 'Complete')) return 0;
    const failed = conditionOf(live, 'Failed');
    if (failed?.status === 'True') {
      if (failed.reason !== 'DeadlineExceeded' && code !== undefined && code !== 0) return code;
      throw new Failure(`Job ${name} failed: ${failed.message ?? failed.reason}`);
    }
    const waiting = pods.filter(pod => !followed.has(pod.metadata.uid));
    const problem = pods.length > 0 ? await diagnosePods(cluster, waiting) : await diagnoseNoPods(cluster, reference);
    if (problem?.permanent) throw new DiagnosedFailure(problem, `Job ${name} failed to start`);
    progress.waiting(`waiting for a pod of Job ${name}${problem ? ` (${problem.message})` : ''}`);
    await clock.sleep(INTERVAL, signal);
  }
}
