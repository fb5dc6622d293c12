import type { AppSize, Resources, VolumeSettings } from '../../model/props';

/**
 * A process of the app besides the web process. It runs the same image with the app's variables, Secrets, files, connections, identity and
 * security settings. At least one of `command`, `args` and `image` is required.
 */
export interface Process {
  /**
   * Container image of the process, for a program that is not in the app's image.
   *
   * @default - the app's
   * @format image
   */
  readonly image?: string;

  /**
   * The program to run: `['node', 'emails.js']`. Overrides the ENTRYPOINT of the image.
   *
   * @see https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
   * @default - the ENTRYPOINT of the image, not the app's `command`
   * @format notEmpty
   */
  readonly command?: string[];

  /**
   * Arguments of the program. Without `command` they override the CMD of the image, and its ENTRYPOINT gets them.
   *
   * @default - none with `command`, otherwise the CMD of the image
   */
  readonly args?: string[];

  /**
   * Directories that are mounted into the process, by name: volumes of its own, or, as `uploads: {}`, those of the app with the same name.
   *
   * A claim with the access mode `read-write-once` can be mounted by one process only.
   *
   * @default - only an empty `/tmp`
   * @keyFormat label 63
   */
  readonly volumes?: { [name: string]: ProcessVolume };

  /**
   * Environment variables of the process, merged over those of the app.
   *
   * @default - those of the app
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * CPU and memory of one replica, by name. A process with a size of its own keeps the disk limit of the app.
   *
   * @default - that of the app
   */
  readonly size?: AppSize;

  /**
   * CPU and memory amounts that override those of `size`.
   *
   * @default - the amount of `size`
   */
  readonly resources?: Resources;

  /**
   * Time that a replica may take to stop after SIGTERM, as a duration. After that it is killed.
   *
   * @default - the app's `health.terminationGracePeriod` without its `preStopDelay`, 30s
   * @format duration 1s
   */
  readonly terminationGracePeriod?: string;
}

/**
 * A directory that is mounted into a process besides the web process.
 *
 * With one of `claim`, `size`, `memory` and `empty` the volume is the process's own. With none of them it is the app's volume of the same
 * name, at the same path and read-only if it is so in the app, unless the process says otherwise.
 */
export interface ProcessVolume extends VolumeSettings {
  /**
   * Absolute path of the directory in the container, such as `/data`. Required for a volume of the process's own.
   *
   * @default - the path of the app's volume
   * @format filePath
   */
  readonly path?: string;
}

/**
 * How to find out whether a worker is alive, as it gets no requests. Without it, a worker counts as alive until its program ends.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
 */
export interface WorkerHealth {
  /**
   * A program that runs in the container of the worker and exits with 0 if the worker is alive:
   * `['celery', '-A', 'shop', 'inspect', 'ping']`. It counts toward the worker's CPU and memory.
   *
   * @format notEmpty
   */
  readonly command: string[];

  /**
   * Interval of the checks, as a duration. After three checks in a row that failed, the worker is restarted.
   *
   * @default 30s
   * @format duration 1s
   */
  readonly interval?: string;

  /**
   * Time that a check may take, as a duration. A check that takes longer has failed.
   *
   * @default 10s
   * @format duration 1s
   */
  readonly timeout?: string;

  /**
   * Time that the worker may take to start, as a duration, checked every five seconds. A worker that is not alive by then is restarted,
   * and a new version replaces the previous one only once it is alive.
   *
   * @default 2m
   * @format duration 1s
   */
  readonly startupTimeout?: string;
}

/**
 * What happens to a run that is due while the previous one is still running.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
 */
export enum AppConcurrencyPolicy {
  /** It is skipped. */
  FORBID = 'forbid',
  /** Both run. */
  ALLOW = 'allow',
  /** The previous run is stopped and replaced. */
  REPLACE = 'replace',
}

/**
 * Number of finished runs to keep, so that their logs can be read.
 */
export interface JobHistory {
  /**
   * Successful runs to keep.
   *
   * @default 3
   * @range 0..1000
   */
  readonly succeeded?: number;

  /**
   * Failed runs to keep.
   *
   * @default 1
   * @range 0..1000
   */
  readonly failed?: number;
}

/**
 * A process that runs on a schedule.
 *
 * Kubernetes starts each run about once, occasionally twice or not at all, so runs should be idempotent.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
 */
export interface AppCronJob extends Process {
  /**
   * Schedule: five cron fields, such as `0 3 * * *` for 3 a.m. every day.
   *
   * @format cron
   */
  readonly schedule: string;

  /**
   * Time zone of the schedule, such as `Europe/Berlin`.
   *
   * @see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones
   * @default UTC
   * @format timezone
   */
  readonly timezone?: string;

  /**
   * What happens when a run is due while the previous one is still running.
   *
   * @default AppConcurrencyPolicy.FORBID
   */
  readonly concurrency?: AppConcurrencyPolicy;

  /**
   * Time that a run may take including its retries, as a duration. After that it is stopped and fails.
   *
   * Without one, a run that hangs prevents later ones from starting, unless `concurrency` allows it.
   *
   * @default - no limit
   * @format duration 1s
   */
  readonly deadline?: string;

  /**
   * How late a run may start, for example because the cluster was down, as a duration of at least 10s. After
   * that it is skipped.
   *
   * @default - no limit, but after 100 missed runs none starts anymore
   * @format duration 10s
   */
  readonly startingDeadline?: string;

  /**
   * Number of retries of a failed run, in a new pod and after a growing delay: 10s, 20s, 40s.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
   * @default 2
   * @range 0..100
   */
  readonly retries?: number;

  /**
   * Number of finished runs to keep.
   *
   * @default - the last 3 successful runs and the last failed one
   */
  readonly history?: JobHistory;

  /**
   * Whether new runs are suspended. A run in progress continues.
   *
   * @default false
   */
  readonly suspend?: boolean;
}

/**
 * A command that runs to completion once for each version of an app, before that version gets traffic, such as a database migration.
 *
 * It runs as a Job in the app's image, with the app's `env`, `secretEnv`, `files` and `connections`.
 */
export interface ReleaseCommand extends Process {
  /**
   * Time that the command may take including its retries, as a duration. After that it fails.
   *
   * @default 10m
   * @format duration 1s
   */
  readonly timeout?: string;

  /**
   * Number of retries when it fails, with a delay that doubles from 10 seconds. The command should be idempotent in any case: its
   * node can fail halfway.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
   * @default 2
   * @range 0..100
   */
  readonly retries?: number;
}
