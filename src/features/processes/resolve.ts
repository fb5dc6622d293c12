import { besideWeb } from './beside-web';
import type { AppCronJob, Worker } from './props';
import type { WebAppProps } from '../../index';
import type { ResolvedApp } from '../../model/app';
import { NO_PROCESSES, ResolvedCronJob, ResolvedProcesses } from '../../model/processes';
import { secondsOf } from '../../validation/units';
import { resolveWorkerScaling } from '../scaling/resolve';

/** What an app runs beside its web process, made of what the app is; of two colors, of what the active one is. */
export function resolveProcesses(whole: ResolvedApp, { workers = {}, cronJobs = {} }: WebAppProps): ResolvedProcesses {
  if (Object.keys(workers).length + Object.keys(cronJobs).length === 0) return NO_PROCESSES;
  const { blueGreen } = whole.rollout;
  const app = blueGreen ? { ...whole, process: blueGreen.active.process } : whole;
  return {
    workers: Object.entries(workers).map(([name, worker]) => resolveWorker(app, name, worker)),
    cronJobs: Object.entries(cronJobs).map(([name, job]) => resolveCronJob(app, name, job)),
  };
}

function resolveWorker(app: ResolvedApp, name: string, worker: Worker): ResolvedApp {
  const scaling = resolveWorkerScaling(worker.scaling, app.scaling.alone, app.connections);
  const silent = Object.values(worker.scaling ?? {}).every(value => value === undefined);
  return { ...besideWeb(app, name, worker), scaling: { ...scaling, replicas: silent ? 1 : scaling.replicas } };
}

function resolveCronJob(app: ResolvedApp, name: string, job: AppCronJob): ResolvedCronJob {
  return {
    process: besideWeb(app, name, job),
    schedule: job.schedule.trim(),
    timezone: job.timezone ?? 'UTC',
    concurrency: job.concurrency ?? 'forbid',
    deadline: secondsOf(job.deadline),
    startingDeadline: secondsOf(job.startingDeadline),
    retries: job.retries ?? 2,
    history: job.history ?? {},
    suspend: job.suspend ?? false,
  };
}
