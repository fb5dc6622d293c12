import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { createCronJob } from './cron-jobs';
import { ResolvedCronJob } from './resolved-processes';
import { createWorker } from './workers';
import { ResolvedApp } from '../resolve/resolved-app';

/**
 * What runs beside the web process. Methods may add to an app after it was made, and its processes have all that it has: each keeps the value that
 * its objects are written from, which is brought up to date when the app's is.
 */
export class Processes {
  private readonly workers = new Map<string, ResolvedApp>();
  private readonly cronJobs = new Map<string, ResolvedCronJob>();

  constructor(private readonly scope: Construct, private readonly app: ResolvedApp, private readonly serviceAccount: kplus.IServiceAccount) {
    this.follow();
  }

  /**
   * Makes those that are new, and tells the others what the app is now.
   *
   * @returns those that were made
   */
  public follow(): Construct[] {
    const { workers, cronJobs } = this.app.processes;
    return [
      ...workers.filter(worker => isNew(this.workers, worker.name, worker)).map(worker => createWorker(this.scope, worker, this.serviceAccount)),
      ...cronJobs.filter(job => isNew(this.cronJobs, job.process.name, job)).map(job => createCronJob(this.scope, job)),
    ];
  }
}

/** Keeps a value that is new; one that is known takes over what is said of it now. */
function isNew<T extends object>(known: Map<string, T>, name: string, value: T): boolean {
  const old = known.get(name);
  if (old) Object.assign(old, value);
  else known.set(name, value);
  return old === undefined;
}
