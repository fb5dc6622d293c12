/** What is asked of a store of logs, and what it answers. */

/** A line of the log of a pod. */
export interface LogLine {
  /** Nanoseconds since 1970: a pod may write many lines in a millisecond. */
  readonly time: bigint;
  readonly pod: string;
  readonly text: string;
}

/** Which lines. */
export interface LogQuery {
  readonly namespace: string;

  /** Names of pods, as a regular expression without anchors that Go and JavaScript read alike. */
  readonly pods: string;

  /** The container; undefined for all. */
  readonly container?: string;

  /** From when to when, in milliseconds since 1970. */
  readonly start: number;
  readonly end: number;

  /** What lines contain, in capitals or not, as a regular expression. */
  readonly pattern?: string;

  /** How many of the latest lines. */
  readonly limit: number;
}

/** The names of the labels, or fields, with the place of a line. */
export interface Labels {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Lines in the order in which they were written, out of a response that begins with the latest. */
export function inOrder(latestFirst: readonly LogLine[]): LogLine[] {
  return [...latestFirst].reverse().sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
