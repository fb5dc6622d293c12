/**
 * What has to be reconciled: keys, each processed by one worker at a time.
 *
 * A key that is added while it waits is processed once; a key that is added while it is processed is processed once more afterwards. So
 * nothing that was added is lost, and a thousand events of one app cost one or two reconciles.
 *
 * The rules are those of controller-runtime's priority queue (default since 0.21): strictly by priority, first come first served within
 * one; of two requests for a key, the higher priority and the earlier time count.
 * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/controller/priorityqueue/priorityqueue.go
 *
 * The back-off is not client-go's (5 ms to 1000 s, without jitter, and 10 retries per second in all): a reconcile costs some
 * milliseconds of CPU, so the first retry has no use before 200 ms; and after 5 minutes a cause outside of the cluster may be over.
 * https://github.com/kubernetes/client-go/blob/master/util/workqueue/default_rate_limiters.go
 */
import TinyQueue from 'tinyqueue';
import type { BackOff, Random } from './back-off';
import { delayAfter } from './back-off';
import type { Clock } from '../../kube/clock';

/** `change` is for what a user changed or waits for; `resync` for what is probably as it should be, such as all apps after a start. */
export type Priority = 'change' | 'resync';

/** The highest first. */
export const PRIORITIES: readonly Priority[] = ['change', 'resync'];

/** What a reconcile asks for. */
export interface Outcome {
  /** In how many milliseconds to process the key again, unless it is added before. */
  readonly requeueAfter?: number;
}

/** Measures a queue. Times are in milliseconds. */
export interface QueueObserver {
  /** A key is ready to be processed, and was not before. */
  added?(): void;

  /** A worker takes a key, which was ready for some time. */
  started?(waited: number): void;

  /** A worker is done with a key. */
  finished?(took: number, result: 'success' | 'error' | 'requeue_after'): void;

  /** A key will be processed again after a delay, be it because it failed or because the reconcile asks for it. */
  retried?(): void;

  /** What failed. The key is tried again. */
  failed?(key: string, error: unknown, failures: number): void;
}

export interface QueueOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;

  /** How many keys are processed at a time. */
  readonly workers: number;

  /** Processes a key. */
  readonly process: (key: string, priority: Priority) => Promise<Outcome>;
  readonly observer?: QueueObserver;
  readonly random?: Random;

  /** How long a key that failed waits. */
  readonly backOff?: BackOff;
}

const BACK_OFF: BackOff = { base: 200, max: 300_000 };

/** How many times that no longer hold are kept whatever the number of delayed keys. */
const SPARE_TIMES = 100;

/** A timer of Node.js cannot wait for longer, in milliseconds. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/** A key that is ready or delayed. */
interface Item {
  readonly priority: Priority;

  /** When it was ready, or will be. */
  readonly at: number;
}

/** When a key is to be ready. */
interface Time {
  readonly key: string;
  readonly at: number;
}

/** A key that is processed. */
interface Processing {
  readonly since: number;

  /** That it was added again meanwhile. */
  again?: Item;
}

export class WorkQueue {
  /** Keys that a worker may take, in this order. */
  private readonly ready: { readonly [priority in Priority]: Map<string, Item> } = { change: new Map(), resync: new Map() };

  private readonly delayed = new Map<string, Item>();

  /** When keys are to be ready, the first at the top, with times that no longer hold. */
  private times = new TinyQueue<Time>([], byTime);
  private readonly processing = new Map<string, Processing>();
  private readonly failures = new Map<string, number>();
  private isRunning = false;
  private onIdle?: () => void;

  /** The alarm for the first delayed key. */
  private alarm?: { readonly at: number; readonly cancel: AbortController };

  constructor(private readonly options: QueueOptions) {}

  /** Processes a key as soon as a worker is free, even if its last attempt failed just now. */
  public add(key: string, priority: Priority = 'change'): void {
    const now = this.options.clock.now();
    const delayed = this.delayed.get(key);
    this.delayed.delete(key);
    const wanted = delayed ? higher(delayed.priority, priority) : priority;
    const processing = this.processing.get(key);
    if (processing) {
      if (!processing.again) this.options.observer?.added?.();
      processing.again = { at: now, ...processing.again, priority: higher(processing.again?.priority ?? wanted, wanted) };
      return;
    }
    const before = this.ready.change.get(key) ?? this.ready.resync.get(key);
    if (before && higher(before.priority, wanted) === before.priority) return;
    // It goes to the end of the keys of its new priority, and has waited since it was added first.
    if (before) this.ready[before.priority].delete(key);
    else this.options.observer?.added?.();
    this.ready[wanted].set(key, { at: before?.at ?? now, priority: wanted });
    this.dispatch();
  }

  /** Processes a key after some time, unless it is processed before for another reason. */
  public addAfter(key: string, milliseconds: number, priority: Priority = 'change'): void {
    if (milliseconds <= 0 || this.isReady(key)) return this.add(key, priority);
    const at = this.options.clock.now() + milliseconds;
    const before = this.delayed.get(key);
    const item = before ? { at: Math.min(at, before.at), priority: higher(before.priority, priority) } : { at, priority };
    this.delayed.set(key, item);
    if (item.at === before?.at) return;
    this.times.push({ key, at });
    // Most times no longer hold where keys are added again and again before theirs has come.
    if (this.times.length > 2 * this.delayed.size + SPARE_TIMES) {
      this.times = new TinyQueue([...this.delayed].map(([one, { at: time }]) => ({ key: one, at: time })), byTime);
    }
    this.setAlarm();
  }

  /** Drops what is known of a key that no longer exists: its delay and its failures. */
  public forget(key: string): void {
    this.delayed.delete(key);
    this.failures.delete(key);
  }

  /**
   * Processes keys until the signal is aborted.
   *
   * @returns when the keys that are processed then are done; no others are started
   */
  public async run(stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    this.isRunning = true;
    this.dispatch();
    this.ring();
    await new Promise<void>(resolve => stop.addEventListener('abort', () => resolve(), { once: true }));
    this.isRunning = false;
    this.alarm?.cancel.abort();
    this.alarm = undefined;
    if (this.processing.size > 0) await new Promise<void>(resolve => this.onIdle = resolve);
  }

  /** How many keys are ready. */
  public depth(priority: Priority): number {
    return this.ready[priority].size + [...this.processing.values()].filter(({ again }) => again?.priority === priority).length;
  }

  /** For how long each key that is processed now has been, in milliseconds. */
  public running(): number[] {
    const now = this.options.clock.now();
    return [...this.processing.values()].map(({ since }) => now - since);
  }

  private isReady(key: string): boolean {
    return this.processing.get(key)?.again !== undefined || PRIORITIES.some(one => this.ready[one].has(key));
  }

  private dispatch(): void {
    while (this.isRunning && this.processing.size < this.options.workers) {
      const queue = PRIORITIES.map(one => this.ready[one]).find(({ size }) => size > 0);
      if (!queue) return;
      const [[key, item]] = queue;
      queue.delete(key);
      void this.work(key, item);
    }
  }

  private async work(key: string, { priority, at }: Item): Promise<void> {
    const { clock, process, observer, backOff = BACK_OFF, random = Math.random } = this.options;
    const since = clock.now();
    const processing: Processing = { since };
    this.processing.set(key, processing);
    observer?.started?.(since - at);
    let retry: number | undefined;
    try {
      const { requeueAfter } = await process(key, priority);
      this.failures.delete(key);
      retry = requeueAfter;
      observer?.finished?.(clock.now() - since, requeueAfter === undefined ? 'success' : 'requeue_after');
    } catch (error) {
      const failures = this.failures.get(key) ?? 0;
      this.failures.set(key, failures + 1);
      retry = delayAfter(failures, backOff, random);
      observer?.finished?.(clock.now() - since, 'error');
      observer?.failed?.(key, error, failures + 1);
    }
    this.processing.delete(key);
    const { again } = processing;
    if (again) this.ready[again.priority].set(key, again);
    else if (retry !== undefined) this.addAfter(key, retry, priority);
    if (!again && retry !== undefined) observer?.retried?.();
    if (!this.isRunning && this.processing.size === 0) this.onIdle?.();
    // Thousands of keys for which there is nothing to do would keep the process from all else: its Lease, its health checks.
    await clock.sleep(0);
    this.dispatch();
  }

  /** Sets the alarm for the first delayed key. */
  private setAlarm(): void {
    const first = this.times.peek();
    if (!this.isRunning || !first || (this.alarm && this.alarm.at <= first.at)) return;
    this.alarm?.cancel.abort();
    const alarm = { at: first.at, cancel: new AbortController() };
    this.alarm = alarm;
    const { clock } = this.options;
    clock.sleep(Math.min(Math.max(0, first.at - clock.now()), LONGEST_SLEEP), alarm.cancel.signal).then(() => {
      this.alarm = undefined;
      this.ring();
    }, () => {}); // replaced or stopped
  }

  /** Adds the keys whose time has come, and sets the alarm for the first of the others. */
  private ring(): void {
    const now = this.options.clock.now();
    for (let first = this.times.peek(); first && first.at <= now; first = this.times.peek()) {
      this.times.pop();
      const delayed = this.delayed.get(first.key);
      if (delayed?.at === first.at) this.add(first.key, delayed.priority);
    }
    this.setAlarm();
  }
}

function byTime(a: Time, b: Time): number {
  return a.at - b.at;
}

function higher(a: Priority, b: Priority): Priority {
  return PRIORITIES.indexOf(a) < PRIORITIES.indexOf(b) ? a : b;
}
