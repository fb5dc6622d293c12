import type { AppSize } from '../workload/props';

/**
 * A command that runs once for each version of an app, to its end, before that version takes traffic: migrations of a database above all.
 *
 * It runs as a Job in the app's image, with the app's `env`, `secrets`, `files` and `connections`. Claims are not mounted, as another pod
 * may hold them.
 */
export interface ReleaseCommand {
  /**
   * The program to run, such as `['python', 'manage.py', 'migrate']`.
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
   * Environment variables, over the app's own.
   *
   * @default - the app's
   * @keyFormat envName
   */
  readonly env?: { [name: string]: string };

  /**
   * CPU and memory, by name.
   *
   * @default - the app's
   */
  readonly size?: AppSize;

  /**
   * How long it may take, repetitions included, as a duration. After that it has failed.
   *
   * @default 10m
   * @format duration 1s
   */
  readonly timeout?: string;

  /**
   * How often it is repeated when it fails, with a pause that doubles from 10 seconds on. A command must bear being repeated in any case: its
   * node can fail half-way.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy
   * @default 2
   * @range 0..100
   */
  readonly retries?: number;
}
