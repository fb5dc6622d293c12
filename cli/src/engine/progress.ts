/** Who is told how far something is. */
export interface Progress {
  /** Something is done. */
  done(text: string): void;

  /** Something is waited for; said again and again as it changes. */
  waiting(text: string): void;

  /** Something that ought to be known, though it stops nothing. */
  warn(text: string): void;
}
