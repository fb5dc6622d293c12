import * as fc from 'fast-check';
import { SYSTEM_CLOCK } from '../../../src/kube/clock';
import type { Outcome, Priority, QueueObserver, QueueOptions } from '../../../src/operator/runtime/queue';
import { PRIORITIES, WorkQueue } from '../../../src/operator/runtime/queue';
import { VirtualClock } from '../../kube/virtual-clock';

/** Queues that a test has started. One whose keys fail would never end, and the virtual clock not stop. */
let running: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running) await one.stop();
  running = [];
});

/** A queue whose work takes a second, and what it did: `start a`, `end a`. */
class Worked {
  public readonly clock = new VirtualClock();
  public readonly done: string[] = [];
  public readonly queue: WorkQueue;
  private readonly began = this.clock.now();
  private readonly stopped = new AbortController();
  private ended?: Promise<void>;

  constructor(work: (key: string) => Outcome | undefined = () => undefined, options: Partial<QueueOptions> = {}) {
    this.queue = new WorkQueue({
      clock: this.clock,
      workers: 1,
      random: () => 0,
      process: async key => {
        this.done.push(`${this.time} start ${key}`);
        await this.clock.sleep(1000);
        this.done.push(`${this.time} end ${key}`);
        return work(key) ?? {};
      },
      ...options,
    });
  }

  /** Seconds since the test began. */
  public get time(): number {
    return (this.clock.now() - this.began) / 1000;
  }

  public start(): this {
    running.push(this);
    this.ended = this.queue.run(this.stopped.signal);
    return this;
  }

  public async pass(seconds: number): Promise<void> {
    await this.clock.sleep(seconds * 1000);
  }

  public async stop(): Promise<void> {
    this.stopped.abort();
    await this.ended;
  }

  public starts(): string[] {
    return this.done.filter(line => line.includes('start')).map(line => line.replace(' start', ''));
  }
}

describe('a key is processed by one worker at a time', () => {
  test('keys that are added twice are processed once', async () => {
    const worked = new Worked().start();
    for (const key of ['a', 'b', 'c', 'b', 'c']) worked.queue.add(key);
    await worked.pass(60);
    expect(worked.starts()).toEqual(['0 a', '1 b', '2 c']);
  });

  test('a key that is added while it is processed is processed again afterwards, once', async () => {
    const worked = new Worked(undefined, { workers: 4 }).start();
    worked.queue.add('a');
    await worked.pass(0.5);
    for (let i = 0; i < 3; i++) worked.queue.add('a');
    await worked.pass(60);
    expect(worked.done).toEqual(['0 start a', '1 end a', '1 start a', '2 end a']);
  });

  test('several workers process different keys', async () => {
    const worked = new Worked(undefined, { workers: 2 }).start();
    for (const key of ['a', 'b', 'c']) worked.queue.add(key);
    await worked.pass(60);
    expect(worked.starts()).toEqual(['0 a', '0 b', '1 c']);
  });
});

describe('changes come before resyncs', () => {
  test('even if they are added later', async () => {
    const worked = new Worked().start();
    for (const key of ['a', 'b', 'c']) worked.queue.add(key, 'resync');
    worked.queue.add('d');
    await worked.pass(60);
    expect(worked.starts()).toEqual(['0 a', '1 d', '2 b', '3 c']);
  });

  test('a key that is added again with the higher priority is moved', async () => {
    const worked = new Worked().start();
    for (const key of ['a', 'b', 'c']) worked.queue.add(key, 'resync');
    worked.queue.add('c');
    worked.queue.add('c', 'resync');
    await worked.pass(60);
    expect(worked.starts()).toEqual(['0 a', '1 c', '2 b']);
  });

  test('a key keeps its priority when it is processed again', async () => {
    const seen: Priority[] = [];
    const worked = new Worked(undefined, {
      process: async (_, priority) => {
        seen.push(priority);
        return seen.length < 3 ? { requeueAfter: 1000 } : {};
      },
    }).start();
    worked.queue.add('a', 'resync');
    await worked.pass(1);
    worked.queue.add('a');
    await worked.pass(60);
    expect(seen).toEqual(['resync', 'change', 'change']);
  });
});

describe('a key may be processed later', () => {
  test('at the time that it asks for', async () => {
    const worked: Worked = new Worked(() => (worked.done.length < 5 ? { requeueAfter: 30_000 } : undefined)).start();
    worked.queue.add('a');
    await worked.pass(600);
    expect(worked.starts()).toEqual(['0 a', '31 a', '62 a']);
  });

  test('the earliest time counts', async () => {
    const worked = new Worked().start();
    worked.queue.addAfter('a', 60_000);
    worked.queue.addAfter('a', 10_000);
    worked.queue.addAfter('a', 30_000);
    worked.queue.addAfter('b', 5_000);
    await worked.pass(600);
    expect(worked.starts()).toEqual(['5 b', '10 a']);
  });

  test('at its time, however often others have got another one', async () => {
    const worked = new Worked().start();
    worked.queue.addAfter('a', 20_000);
    for (let i = 0; i < 500; i++) worked.queue.addAfter('b', 60_000 - 10 * i);
    worked.queue.addAfter('c', 58_000);
    await worked.pass(600);
    expect(worked.starts()).toEqual(['20 a', '55.01 b', '58 c']);
  });

  test('what is added meanwhile replaces the delay', async () => {
    const worked = new Worked().start();
    worked.queue.addAfter('a', 10_000);
    await worked.pass(5);
    worked.queue.add('a');
    await worked.pass(600);
    expect(worked.starts()).toEqual(['5 a']);
  });

  test('a key that is ready is not delayed', async () => {
    const worked = new Worked();
    worked.queue.add('a');
    worked.queue.addAfter('a', 10_000);
    worked.start();
    await worked.pass(600);
    expect(worked.starts()).toEqual(['0 a']);
  });

  test('in a month, which is longer than a timer can be', async () => {
    const sleeps: number[] = [];
    const worked = new Worked();
    const clock = {
      now: () => worked.clock.now(),
      sleep: async (milliseconds: number, signal?: AbortSignal) => {
        sleeps.push(milliseconds);
        await worked.clock.sleep(milliseconds, signal);
      },
    };
    const keys: string[] = [];
    const queue = new WorkQueue({
      clock,
      workers: 1,
      process: async key => {
        keys.push(`${worked.time} ${key}`);
        return {};
      },
    });
    const stop = new AbortController();
    void queue.run(stop.signal);
    queue.addAfter('a', 30 * 86_400_000);
    await worked.pass(31 * 86_400);
    expect(keys).toEqual([`${30 * 86_400} a`]);
    expect(Math.max(...sleeps)).toBeLessThan(2 ** 31);
    stop.abort();
  });
});

describe('a key that fails is tried again', () => {
  const failing = (options: Partial<QueueOptions> = {}) => new Worked(() => {
    throw new Error('no');
  }, options).start();

  test('after 0.2 seconds, then after twice the time, at most 5 minutes', async () => {
    const worked = failing();
    worked.queue.add('a');
    await worked.pass(1340);
    const times = worked.starts().map(line => parseFloat(line));
    const waits = times.slice(1).map((time, i) => Math.round((time - times[i] - 1) * 10) / 10);
    expect(waits).toEqual([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 300, 300, 300]);
  });

  test('with some jitter', async () => {
    const worked = failing({ random: () => 1 });
    worked.queue.add('a');
    await worked.pass(2);
    expect(worked.starts()).toEqual(['0 a', '1.3 a']);
  });

  test('at once if it is added again, and then after a longer time', async () => {
    const worked = failing();
    worked.queue.add('a');
    await worked.pass(0.5);
    worked.queue.add('a');
    await worked.pass(4);
    expect(worked.starts()).toEqual(['0 a', '1 a', '2.4 a', '4.2 a']);
  });

  test('a success resets the back-off', async () => {
    const worked: Worked = new Worked(() => {
      if (worked.done.length !== 6) throw new Error('no');
      return undefined;
    }).start();
    worked.queue.add('a');
    await worked.pass(9);
    expect(worked.starts()).toEqual(['0 a', '1.2 a', '2.6 a']);
    worked.queue.add('a');
    await worked.pass(2);
    expect(worked.starts().slice(3)).toEqual(['9 a', '10.2 a']);
  });

  test('not if it is forgotten', async () => {
    const worked = failing();
    worked.queue.add('a');
    await worked.pass(1.1);
    worked.queue.forget('a');
    await worked.pass(60);
    expect(worked.starts()).toEqual(['0 a']);
  });
});

describe('a stop is graceful', () => {
  test('what is processed is finished, and nothing else is started', async () => {
    const worked = new Worked(undefined, { workers: 2 }).start();
    for (const key of ['a', 'b', 'c']) worked.queue.add(key);
    worked.queue.addAfter('d', 1000);
    await worked.pass(0.5);
    await worked.stop();
    expect(worked.done).toEqual(['0 start a', '0 start b', '1 end a', '1 end b']);
    await worked.pass(60);
    expect(worked.starts()).toHaveLength(2);
  });

  test('what was added before the start is processed after it', async () => {
    const worked = new Worked();
    worked.queue.add('a');
    worked.queue.addAfter('b', 1000);
    await worked.pass(10);
    expect(worked.done).toEqual([]);
    worked.start();
    await worked.pass(10);
    expect(worked.starts()).toEqual(['10 a', '11 b']);
  });

  test('a queue without work stops at once', async () => {
    const worked = new Worked().start();
    await worked.stop();
    expect(worked.done).toEqual([]);
  });
});

test('keys for which there is nothing to do do not keep the process from all else', async () => {
  let processed = 0;
  const queue = new WorkQueue({
    clock: SYSTEM_CLOCK,
    workers: 2,
    process: async () => {
      processed++;
      return {};
    },
  });
  for (let key = 0; key < 1000; key++) queue.add(String(key));
  const stop = new AbortController();
  const run = queue.run(stop.signal);
  await new Promise(resolve => setImmediate(resolve));
  expect(processed).toBeLessThan(1000);
  stop.abort();
  await run;
});

test('the queue can be measured', async () => {
  const seen: string[] = [];
  const observer: Required<QueueObserver> = {
    added: () => void seen.push('added'),
    started: waited => void seen.push(`started after ${waited}`),
    finished: (took, result) => void seen.push(`${result} after ${took}`),
    retried: () => void seen.push('retried'),
    failed: (key, error, failures) => void seen.push(`${key} failed ${failures} times: ${(error as Error).message}`),
  };
  const worked: Worked = new Worked(() => {
    if (worked.done.length === 2) throw new Error('no');
    return worked.done.length === 4 ? { requeueAfter: 5 } : undefined;
  }, { observer });
  worked.queue.add('a');
  worked.queue.add('a', 'resync');
  worked.queue.add('b', 'resync');
  await worked.pass(2);
  expect(PRIORITIES.map(priority => worked.queue.depth(priority))).toEqual([1, 1]);
  worked.queue.forget('b');
  worked.start();
  await worked.pass(0.5);
  expect(worked.queue.running()).toEqual([500]);
  expect(PRIORITIES.map(priority => worked.queue.depth(priority))).toEqual([0, 1]);
  await worked.pass(10);
  expect(seen).toEqual([
    'added', 'added',
    'started after 2000', 'error after 1000', 'a failed 1 times: no', 'retried',
    'started after 3000', 'added', 'requeue_after after 1000', 'retried',
    'started after 800', 'added', 'success after 1000',
    'started after 995', 'success after 1000',
  ]);
});

describe('whatever is added, when, and how long it takes', () => {
  type Step = { readonly title: string; readonly act: (tried: Tried) => unknown };
  const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const priorities = fc.constantFrom(...PRIORITIES);
  const times = fc.constantFrom(0, 1, 50, 500, 5_000, 60_000);
  const step = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
  const steps = fc.oneof(
    step(5, fc.tuple(keys, priorities).map(([key, priority]) => (
      { title: `add ${key} ${priority}`, act: (tried: Tried) => tried.add(key, 0, priority) }))),
    step(2, fc.tuple(keys, times, priorities).map(([key, time, priority]) => (
      { title: `add ${key} ${priority} after ${time}`, act: (tried: Tried) => tried.add(key, time, priority) }))),
    step(2, times.map(time => ({ title: `pass ${time}`, act: ({ clock }: Tried) => clock.sleep(time) }))),
  );
  const outcomes = fc.record({ takes: times, fails: fc.boolean(), requeueAfter: fc.option(times, { nil: undefined }) });
  const works = fc.array(outcomes, { minLength: 1 });

  /** A queue, and what is known of it from outside. */
  class Tried {
    public readonly clock = new VirtualClock();
    public readonly problems: string[] = [];

    /** Keys that have to be processed once more. */
    public readonly due = new Set<string>();

    /** Keys that are ready with the high priority, as far as they were added so. */
    private readonly changes = new Set<string>();
    private readonly active = new Set<string>();
    private readonly queue: WorkQueue;
    private count = 0;

    constructor(private readonly workers: number, private readonly work: { takes: number; fails: boolean; requeueAfter?: number }[]) {
      this.queue = new WorkQueue({ clock: this.clock, workers, process: (key, priority) => this.process(key, priority) });
    }

    public add(key: string, after: number, priority: Priority): void {
      this.due.add(key);
      if (after === 0 && priority === 'change') this.changes.add(key);
      if (after === 0) this.queue.add(key, priority);
      else this.queue.addAfter(key, after, priority);
    }

    public start(): AbortController {
      const stop = new AbortController();
      void this.queue.run(stop.signal);
      return stop;
    }

    private async process(key: string, priority: Priority): Promise<Outcome> {
      if (this.active.has(key)) this.problems.push(`${key} is processed twice at a time`);
      const missed = [...this.changes].filter(one => !this.active.has(one) && one !== key);
      if (priority === 'resync' && missed.length > 0) this.problems.push(`${key} is processed before ${missed}`);
      this.active.add(key);
      if (this.active.size > this.workers) this.problems.push('too many workers');
      this.changes.delete(key);
      this.due.delete(key);
      const { takes, fails, requeueAfter } = this.work[this.count++] ?? { takes: 1, fails: false };
      await this.clock.sleep(takes);
      this.active.delete(key);
      if (fails || requeueAfter !== undefined) this.due.add(key);
      if (fails) throw new Error('no');
      return { requeueAfter };
    }
  }

  test('no key is processed twice at a time, changes come first, and nothing is lost', async () => {
    const sequences = fc.array(steps, { maxLength: 40, size: 'max' });
    await fc.assert(fc.asyncProperty(sequences, works, fc.integer({ min: 1, max: 3 }), async (all, work, workers) => {
      const tried = new Tried(workers, work);
      const stop = tried.start();
      for (const { act } of all) await act(tried);
      await tried.clock.sleep(24 * 3_600_000);
      stop.abort();
      expect(tried.problems).toEqual([]);
      expect([...tried.due]).toEqual([]);
    }), { numRuns: 100 });
  }, 60_000);
});
