/** A line of two texts: of both, or only of the one before or after. */
export interface DiffLine {
  readonly in: 'both' | 'before' | 'after';
  readonly text: string;
}

/** The shortest line-by-line difference of two texts. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  // The length of the longest common subsequence of what follows each pair of positions.
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i][j] = before[i] === after[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines: DiffLine[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length;) {
    const isCommon = i < before.length && j < after.length && before[i] === after[j];
    const isRemoved = j >= after.length || (i < before.length && common[i + 1][j] >= common[i][j + 1]);
    if (isCommon) lines.push({ in: 'both', text: before[i++] }), j++;
    else if (isRemoved) lines.push({ in: 'before', text: before[i++] });
    else lines.push({ in: 'after', text: after[j++] });
  }
  return lines;
}

/** The lines that differ, with some lines of context; `undefined` marks a gap. */
export function withContext(lines: readonly DiffLine[], context = 3): (DiffLine | undefined)[] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - context), i + context + 1).some(line => line.in !== 'both'));
  return lines.flatMap((line, i) => (near[i] ? (i > 0 && !near[i - 1] ? [undefined, line] : [line]) : []));
}

const SIGNS = { both: ' ', before: '-', after: '+' };

/** A line as `diff --unified` shows it. */
export function signed({ in: of, text }: DiffLine): string {
  return `${SIGNS[of]} ${text}`;
}
