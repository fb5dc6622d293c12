import type { AppSize } from '../workload/props';

/**
 * A command that runs to completion once for each version of an app, before that version gets traffic, such as a database migration.
 *
 * It runs as a Job in the app's image, with the app's `env`, `secretEnv`, `files` and `connections`. Claims are not mounted, as another pod
 * may use them.
 */
export interface ReleaseCommand {
  /**
   * The program to run, such as `['python', 'manage.py', 'migrate']`.
   *
   * @format notEmpty
   */
  readonly command: string[];

  /**
   * Arguments of the program.
   *
   * @default - none
   */
  readonly args?: string[];

  /**
   * Environment variables, merged over those of the app.
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
