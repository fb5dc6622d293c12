import type { WorkerScaling } from '../scaling/props';
import type { Resources, AppSize } from '../workload/props';

/**
 * A process that runs beside the web process. It is of the same image and has all that the app has: variables, Secrets, files, volumes,
 * connections, identity and rights.
 */
export interface Process {
  /**
   * The program to run, in place of the image's ENTRYPOINT: `['node', 'emails.js']`.
   *
   * @format notEmpty
   */
  readonly command: string[];

  /**
   * Its arguments.
   *
   * @default - none
   */
  readonly args?: string[];

  /**
   * Environment variables, over those of the app: of one name, the process's own wins.
   *
   * @default - those of the app
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * CPU and memory of one replica, by name.
   *
   * @default - what one of the app has
   */
  readonly size?: AppSize;

  /**
   * Single figures in place of the ones of the size.
   *
   * @default - what the size says
   */
  readonly resources?: Resources;

  /**
   * How long a replica may take to finish what it is doing after SIGTERM, as a duration. After that it is killed.
   *
   * @default - the app's `health.terminationGracePeriod` without its `preStopDelay`, 30s
   * @format duration 1s
   */
  readonly terminationGracePeriod?: string;
}

/**
 * A process that nobody sends requests to, and that runs for ever: it works a queue off, or computes something again and again.
 */
export interface Worker extends Process {
  /**
   * When and how far the worker scales. What it scales on must be named, as no request tells how much there is to do.
   *
   * @default - one replica, always
   */
  readonly scaling?: WorkerScaling;
}

/**
 * What becomes of a job that is due while the one before is still running.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
 */
export enum AppConcurrencyPolicy {
  /** It is left out. */
  FORBID = 'forbid',
  /** It runs beside the other. */
  ALLOW = 'allow',
  /** The other is stopped, and it runs instead. */
  REPLACE = 'replace',
}

/**
 * How many jobs that have ended are kept, so that their pods' logs can be read.
 */
export interface JobHistory {
  /**
   * Jobs that did what they had to.
   *
   * @default 3
   * @range 0..1000
   */
  readonly succeeded?: number;

  /**
   * Jobs that failed.
   *
   * @default 1
   * @range 0..1000
   */
  readonly failed?: number;
}

/**
 * A process that runs at certain times, and ends.
 *
 * Kubernetes starts each run once, but now and then twice or never: what it does must bear that.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export interface AppCronJob extends Process {
  /**
   * When it runs: five cron fields, such as `0 3 * * *` for 3 o'clock every night.
   *
   * @format cron
   */
  readonly schedule: string;

  /**
   * Name of the time zone that the schedule is in, such as `Europe/Berlin`.
   *
   * @see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones
   * @default UTC
   * @format timezone
   */
  readonly timezone?: string;

  /**
   * What happens when it is due while the one before is still running.
   *
   * @default AppConcurrencyPolicy.FORBID
   */
  readonly concurrency?: AppConcurrencyPolicy;

  /**
   * How long a run may take with all its retries, as a duration. After that it is stopped, and has failed.
   *
   * Without one, a run that hangs keeps those that follow from starting, unless `concurrency` lets them.
   *
   * @default - as long as it takes
   * @format duration 1s
   */
  readonly deadline?: string;

  /**
   * How late a run may start that could not on time, because the cluster was down or the one before took long, as a duration of at least 10s. After
   * that it is left out.
   *
   * @default - however late, unless more than 100 were missed: then none starts any more
   * @format duration 10s
   */
  readonly startingDeadline?: string;

  /**
   * How often a run that fails is tried again, with a new pod and after a while that grows: 10s, 20s, 40s.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
   * @default 2
   * @range 0..100
   */
  readonly retries?: number;

  /**
   * How many runs that have ended are kept.
   *
   * @default - the last 3 that succeeded and the last that failed
   */
  readonly history?: JobHistory;

  /**
   * Whether no run is started. One that is running goes on.
   *
   * @default false
   */
  readonly suspend?: boolean;
}
