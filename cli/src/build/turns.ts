import { setImmediate } from 'node:timers/promises';

/** How long one turn takes, in milliseconds. */
const TURN = 25;

/** Long synchronous work, in turns: between them other work is done, and the user can interrupt it. */
export class Turns {
  private end = performance.now() + TURN;

  /** @param between is called between two turns */
  constructor(private readonly signal?: AbortSignal, private readonly between: () => void = () => {}) {}

  /** Whether the turn is over. */
  public get isOver(): boolean {
    return performance.now() >= this.end;
  }

  /** @throws AbortError when the signal is aborted */
  public async next(): Promise<void> {
    this.between();
    await setImmediate();
    this.signal?.throwIfAborted();
    this.end = performance.now() + TURN;
  }
}
