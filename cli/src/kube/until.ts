import { setTimeout as sleep } from 'node:timers/promises';
import { Unreachable } from './kubernetes-api';
import { Failure } from '../ui/failure';

/**
 * Asks every second whether something is so, until it is. A connection that is lost for a while is no matter.
 *
 * @param late what is thrown when time is up; its message, or what makes it
 */
export async function until(ask: () => Promise<boolean>, seconds: number, signal: AbortSignal, late: string | (() => Error)): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    let lost: Error | undefined;
    try {
      if (await ask()) return;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      lost = error;
    }
    if (Date.now() > end) throw lost ?? (typeof late === 'string' ? new Failure(late) : late());
    await sleep(1000, undefined, { signal });
  }
}
