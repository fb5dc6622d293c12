/** A line of two texts: in both, or only in the one before or after. */
export interface Line {
  readonly in: 'both' | 'before' | 'after';
  readonly text: string;
}

/** What differs between texts, line by line: as few lines as can be. */
export function compare(before: readonly string[], after: readonly string[]): Line[] {
  // The length of what is common to the rests of both, for each place in the one and the other.
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i][j] = before[i] === after[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length;) {
    if (i < before.length && j < after.length && before[i] === after[j]) lines.push({ in: 'both', text: before[i++] }), j++;
    else if (j >= after.length || (i < before.length && common[i + 1][j] >= common[i][j + 1])) lines.push({ in: 'before', text: before[i++] });
    else lines.push({ in: 'after', text: after[j++] });
  }
  return lines;
}

/** Lines that differ, with a few around them; what is between is left away. */
export function excerpt(lines: readonly Line[], around = 3): (Line | undefined)[] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - around), i + around + 1).some(line => line.in !== 'both'));
  return lines.flatMap((line, i) => (near[i] ? (i > 0 && !near[i - 1] ? [undefined, line] : [line]) : []));
}
