import type { Clock } from '../../src/kube/clock';

interface Timer {
  readonly at: number;
  readonly act: () => void;

  /** Whether something waits for it; time passes only then. */
  readonly awaited: boolean;
}

/** A clock that does not wait: when nothing else can run, it jumps to the next timer. */
export class VirtualClock implements Clock {
  private time = Date.parse('2026-01-01T00:00:00Z');
  private timers: Timer[] = [];
  private running = false;

  public now(): number {
    return this.time;
  }

  public async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.remove(timer);
        reject(new DOMException('This operation was aborted', 'AbortError'));
      };
      const timer = this.add(milliseconds, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, true);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  public every(milliseconds: number, act: () => void): () => void {
    let timer: Timer;
    const next = () => timer = this.add(milliseconds, () => {
      act();
      next();
    }, false);
    next();
    return () => this.remove(timer);
  }

  public timeout(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.add(milliseconds, () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), false);
    return controller.signal;
  }

  /** Calls a function later. Time does not pass just for this. */
  public after(seconds: number, act: () => void): void {
    this.add(seconds * 1000, act, false);
  }

  private add(milliseconds: number, act: () => void, awaited: boolean): Timer {
    const timer = { at: this.time + milliseconds, act, awaited };
    this.timers.push(timer);
    this.run();
    return timer;
  }

  private remove(timer: Timer): void {
    this.timers = this.timers.filter(one => one !== timer);
  }

  private run(): void {
    if (this.running) return;
    this.running = true;
    // Everything that is ready runs before the next macrotask.
    setImmediate(() => {
      this.running = false;
      if (!this.timers.some(({ awaited }) => awaited)) return;
      const next = this.timers.reduce((first, one) => (one.at < first.at ? one : first));
      this.remove(next);
      this.time = Math.max(this.time, next.at);
      next.act();
      this.run();
    });
  }
}
