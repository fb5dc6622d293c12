/** How long to wait before something that failed is tried again: longer each time, and never the same for two that failed together. */
export interface BackOff {
  /** The first delay, in milliseconds. */
  readonly base: number;

  /** The longest delay, in milliseconds. */
  readonly max: number;
}

/** Between 0 and 1, such as `Math.random`. */
export type Random = () => number;

/**
 * The delay after a number of failures: twice as long after each, and up to half as long again at random.
 *
 * @param failures how often it has failed before this time
 */
export function delayAfter(failures: number, { base, max }: BackOff, random: Random): number {
  const delay = Math.min(base * 2 ** Math.min(failures, 50), max);
  return Math.round(delay * (1 + random() / 2));
}
