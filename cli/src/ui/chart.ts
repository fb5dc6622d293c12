/** Charts of figures over a time, in the characters of a terminal. */
import { cyan, plot, red, yellow } from 'asciichart';

/** Lines that belong together. */
export interface Chart {
  readonly title: string;

  /** Each with one value for each time; what is not known is drawn as zero. */
  readonly lines: readonly (readonly (number | undefined)[])[];

  /** Whether values are whole numbers, so that there is nothing between two of them. */
  readonly whole?: boolean;

  /** A value at the axis. */
  readonly shown: (value: number) => string;
}

/** The width of the values at the axis. */
const AXIS = 10;
const HEIGHT = 5;

/**
 * Draws a chart.
 *
 * @param columns how wide it may be
 * @param colored whether lines have colors, by which those of one chart are told apart
 */
export function drawChart({ title, lines, whole, shown }: Chart, columns: number, colored: boolean): string {
  const fitting = lines.map(line => fitted(line, columns - AXIS - 3));
  const highest = Math.max(...fitting.flat());
  const drawn = plot(fitting.map(line => [...line]), {
    height: whole && highest > 0 ? Math.min(HEIGHT, highest) : HEIGHT,
    min: 0,
    max: highest === 0 ? 1 : highest,
    offset: 2,
    format: value => `${shown(value).padStart(AXIS)} `,
    colors: colored ? [cyan, yellow, red].slice(0, lines.length) : undefined,
  });
  return `${title}\n${drawn.split('\n').map(line => line.trimEnd()).join('\n')}\n`;
}

const LEVELS = [...'▁▂▃▄▅▆▇█'];

/** A line in a single row, for where there is no room for more. */
export function sparkline(line: readonly (number | undefined)[], columns: number): string {
  const values = fitted(line, columns);
  const highest = Math.max(...values);
  return values.map(value => LEVELS[highest === 0 ? 0 : Math.round(value / highest * (LEVELS.length - 1))]).join('');
}

/** A line of no more than some values, each the highest of those that it stands for, so that no peak is lost. */
function fitted(line: readonly (number | undefined)[], width: number): number[] {
  const values = line.map(value => value ?? 0);
  const size = Math.ceil(values.length / Math.max(1, width));
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => Math.max(...values.slice(i * size, (i + 1) * size)));
}
