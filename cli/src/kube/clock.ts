import { setTimeout as wait } from 'node:timers/promises';
import { UnreachableError } from './errors';
import { Failure } from '../ui/failure';

/** Time, so that tests can replace it: nothing in `engine`, `kube` and `diagnose` waits or reads the time any other way. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;

  /** @throws AbortError when the signal is aborted */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /**
   * Calls something again and again. It does not keep the process alive.
   *
   * @returns what stops it
   */
  every(milliseconds: number, act: () => void): () => void;

  /** A signal that is aborted after a while. */
  timeout(milliseconds: number): AbortSignal;
}

/** A time as Kubernetes writes it, in whole seconds: https://www.rfc-editor.org/rfc/rfc3339 */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, '');
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
  every: (milliseconds, act) => {
    const timer = setInterval(act, milliseconds).unref();
    return () => clearInterval(timer);
  },
  timeout: milliseconds => AbortSignal.timeout(milliseconds),
};

export interface Deadline {
  readonly clock: Clock;
  readonly seconds: number;
  readonly signal: AbortSignal;

  /** What to throw when time is up; a string becomes a Failure. */
  readonly late: string | (() => Error | Promise<Error>);
}

/** Checks every second whether a condition holds, until it does. A lost connection is retried until the deadline. */
export async function waitUntil(holds: () => Promise<boolean>, { clock, seconds, signal, late }: Deadline): Promise<void> {
  const end = clock.now() + seconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    let lost: Error | undefined;
    try {
      if (await holds()) return;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      lost = error;
    }
    if (clock.now() > end) throw lost ?? (typeof late === 'string' ? new Failure(late) : await late());
    await clock.sleep(1000, signal);
  }
}
