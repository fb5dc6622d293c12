import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { createCronJob } from './cron-jobs';
import { createWorker } from './workers';
import { Known } from '../../kube/known';
import { ResolvedApp } from '../../model/app';

/**
 * What runs beside the web process. Methods may add to an app after it was made, and its processes have all that it has: each keeps the value that
 * its objects are written from, which is brought up to date when the app's is.
 */
export class Processes {
  private readonly workers = new Known();
  private readonly cronJobs = new Known();

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
      ...workers.filter(worker => this.workers.isNew(worker.name, worker)).map(worker => createWorker(this.scope, worker, this.serviceAccount)),
      ...cronJobs.filter(job => this.cronJobs.isNew(job.process.name, job)).map(job => createCronJob(this.scope, job)),
    ];
  }
}
