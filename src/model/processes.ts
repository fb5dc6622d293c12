import type { ResolvedApp } from './app';
import type { AppConcurrencyPolicy } from '../features/processes/props';

/** What an app runs beside its web process. Each process is an app without requests, so that all rooms know how to write it. */
export interface ResolvedProcesses {
  readonly workers: readonly ResolvedApp[];
  readonly cronJobs: readonly ResolvedCronJob[];
}

export interface ResolvedCronJob {
  readonly process: ResolvedApp;
  readonly schedule: string;
  readonly timezone: string;
  readonly concurrency: `${AppConcurrencyPolicy}`;
  /** Seconds that it may start late. */
  readonly startingDeadline?: number;
  /** How often it is tried again. */
  readonly retries: number;
  /** Seconds for all tries together. */
  readonly deadline?: number;
  /** Undefined where Kubernetes' own numbers will do. */
  readonly history: { readonly succeeded?: number; readonly failed?: number };
  readonly suspend: boolean;
}

/** What nearly every app has. */
export const NO_PROCESSES: ResolvedProcesses = { workers: [], cronJobs: [] };
