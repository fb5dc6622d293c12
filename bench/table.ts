/** Prints a table, in Markdown. */
export function table(head: string[], rows: (string | number)[][]): void {
  const lines = [head, head.map(() => '---:'), ...rows].map(row => row.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map(line => line[column].length)));
  console.log();
  for (const line of lines) console.log(`| ${line.map((cell, column) => cell.padStart(widths[column])).join(' | ')} |`);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}
