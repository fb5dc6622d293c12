import fc from 'fast-check';
import { doSideBySide } from '../../src/engine/side-by-side';
import { VirtualClock } from '../kube/virtual-clock';

/** What the things that are done need, how long each takes in seconds, and whether it fails. */
interface Case {
  readonly needs: number[][];
  readonly seconds: number[];
  readonly fails: boolean[];
  readonly concurrency: number;
}

const cases = fc.integer({ min: 1, max: 12 }).chain((length): fc.Arbitrary<Case> => fc.record({
  needs: fc.array(fc.uniqueArray(fc.nat(length - 1), { maxLength: 3 }), { minLength: length, maxLength: length }),
  seconds: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: length, maxLength: length }),
  fails: fc.array(fc.integer({ min: 0, max: 4 }).map(one => one === 0), { minLength: length, maxLength: length }),
  concurrency: fc.integer({ min: 1, max: 5 }),
}));

async function run({ needs, seconds, fails, concurrency }: Case, stop?: AbortController, stopAfter = Infinity) {
  const clock = new VirtualClock();
  const begun: number[] = [];
  const events: string[] = [];
  let running = 0;
  let most = 0;
  const outcomes = await doSideBySide({
    needs,
    concurrency,
    signal: stop?.signal ?? new AbortController().signal,
    act: async i => {
      begun.push(i);
      if (begun.length === stopAfter) stop!.abort();
      most = Math.max(most, ++running);
      events.push(`begin ${i}`);
      await clock.sleep(seconds[i] * 1000);
      events.push(`end ${i}`);
      running--;
      if (fails[i]) throw new Error(`${i} failed`);
      return i * 10;
    },
  });
  return { outcomes, begun, events, most };
}

/** Whether one needs another, also through others. */
function reaches(needs: number[][], from: number, to: number, seen = new Set<number>()): boolean {
  return needs[from].some(next => {
    if (next === to) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(needs, next, to, seen);
  });
}

describe('things that are done side by side', () => {
  test('never begin before what they need is done, unless that needs them in turn', async () => {
    await fc.assert(fc.asyncProperty(cases, async one => {
      const { events, begun } = await run(one);
      for (const i of begun) {
        for (const other of one.needs[i]) {
          if (other !== i && !reaches(one.needs, other, i)) {
            expect(events.indexOf(`end ${other}`)).toBeGreaterThanOrEqual(0);
            expect(events.indexOf(`end ${other}`)).toBeLessThan(events.indexOf(`begin ${i}`));
          }
        }
      }
    }));
  });

  test('of a circle, are done in their order as far as they need each other', async () => {
    await fc.assert(fc.asyncProperty(cases, async one => {
      const { events, begun } = await run({ ...one, fails: one.fails.map(() => false) });
      expect([...begun].sort((a, b) => a - b)).toEqual(one.needs.map((_, i) => i));
      for (const [i, needed] of one.needs.entries()) {
        for (const other of needed.filter(earlier => earlier < i)) {
          expect(events.indexOf(`end ${other}`)).toBeLessThan(events.indexOf(`begin ${i}`));
        }
      }
    }));
  });

  test('are done each once, or left out because what they need was not done', async () => {
    await fc.assert(fc.asyncProperty(cases, async one => {
      const { outcomes, begun } = await run(one);
      expect(new Set(begun).size).toBe(begun.length);
      for (const [i, outcome] of outcomes.entries()) {
        switch (outcome.state) {
          case 'done': expect({ result: outcome.result, fails: one.fails[i] }).toEqual({ result: i * 10, fails: false }); break;
          case 'failed': expect(outcome.error).toEqual(new Error(`${i} failed`)); break;
          case 'skipped':
            expect(begun).not.toContain(i);
            expect(one.needs[i]).toContain(outcome.because);
            expect(['failed', 'skipped']).toContain(outcomes[outcome.because].state);
            break;
          default: throw new Error(`${i} was not begun, though nothing was interrupted`);
        }
      }
    }));
  });

  test('are never more than allowed at the same time, and as many as possible', async () => {
    await fc.assert(fc.asyncProperty(cases, async one => {
      expect((await run(one)).most).toBeLessThanOrEqual(one.concurrency);
      const independent = { ...one, needs: one.needs.map(() => []) };
      expect((await run(independent)).most).toBe(Math.min(one.concurrency, one.needs.length));
    }));
  });

  test('are completed after an interruption if they have begun, and not begun otherwise', async () => {
    const needs = [[], [], [0], []];
    const stop = new AbortController();
    const { outcomes } = await run({ needs, seconds: [1, 2, 1, 1], fails: needs.map(() => false), concurrency: 2 }, stop, 2);
    expect(outcomes.map(({ state }) => state)).toEqual(['done', 'done', 'not-started', 'not-started']);
  });
});
