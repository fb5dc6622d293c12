/** Does several things at the same time, each after those that it needs. */

/** What has become of one of them. */
export type Outcome<T> =
  | { readonly state: 'done'; readonly result: T }
  | { readonly state: 'failed'; readonly error: unknown }
  /** Another one that it needs was not done. */
  | { readonly state: 'skipped'; readonly because: number }
  /** It had not begun when everything was interrupted. */
  | { readonly state: 'not-started' };

export interface SideBySide<T> {
  /** What each needs, by their numbers. Where some need each other, the numbers are their order. */
  readonly needs: readonly (readonly number[])[];

  /** How many are done at the same time at most. */
  readonly concurrency: number;

  /** Once it is aborted, nothing more begins. */
  readonly signal: AbortSignal;
  readonly act: (i: number) => Promise<T>;
}

/**
 * Does all of them. What does not need one that failed is done nevertheless.
 *
 * @returns what has become of each
 */
export async function doSideBySide<T>({ needs, concurrency, signal, act }: SideBySide<T>): Promise<Outcome<T>[]> {
  const after = withoutCircles(needs);
  const outcomes = new Map<number, Outcome<T>>();
  const running = new Map<number, Promise<void>>();
  const begin = async (i: number) => {
    try {
      outcomes.set(i, { state: 'done', result: await act(i) });
    } catch (error) {
      outcomes.set(i, { state: 'failed', error });
    }
    running.delete(i);
  };
  const isDone = (i: number) => outcomes.get(i)?.state === 'done';
  const isWaiting = (i: number) => !outcomes.has(i) && !running.has(i);
  for (;;) {
    for (const [i, because] of skipped(after, outcomes)) outcomes.set(i, { state: 'skipped', because });
    for (const [i, needed] of after.entries()) {
      if (running.size < concurrency && !signal.aborted && isWaiting(i) && needed.every(isDone)) running.set(i, begin(i));
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  return after.map((_, i) => outcomes.get(i) ?? { state: 'not-started' });
}

function isLost(outcome: Outcome<unknown> | undefined): boolean {
  return outcome?.state === 'failed' || outcome?.state === 'skipped';
}

/** Those that will never be done, each with one that it needs, and after that. */
function* skipped(after: readonly (readonly number[])[], outcomes: ReadonlyMap<number, Outcome<unknown>>): Iterable<[number, number]> {
  for (let found = true; found;) {
    found = false;
    for (const [i, needed] of after.entries()) {
      const because = needed.find(one => isLost(outcomes.get(one)));
      if (outcomes.has(i) || because === undefined) continue;
      found = true;
      yield [i, because];
    }
  }
}

/** The needs without those by which some would wait for each other: of them, each needs only those before it. */
function withoutCircles(needs: readonly (readonly number[])[]): number[][] {
  const reached = needs.map((_, i) => reachable(i, needs));
  return needs.map((needed, i) => needed.filter(other => other < i || (other !== i && !reached[other].has(i))));
}

function reachable(from: number, needs: readonly (readonly number[])[]): Set<number> {
  const seen = new Set<number>();
  const left = [...needs[from]];
  while (left.length > 0) {
    const i = left.pop()!;
    if (seen.has(i)) continue;
    seen.add(i);
    left.push(...needs[i]);
  }
  return seen;
}
