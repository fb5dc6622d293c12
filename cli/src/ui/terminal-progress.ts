import { paint } from './paint';
import type { World } from './world';
import type { Progress } from '../engine/operation';

export interface ProgressOptions {
  /** Whether what is being waited for is shown now: others may write to the terminal too. */
  readonly isShown?: () => boolean;

  /** What is shown after it. */
  readonly note?: () => string;
}

/**
 * Prints progress, one line for each thing that happened. What is being waited for is shown only on terminals, in lines that change: below
 * it are the last lines of its log.
 */
export class TerminalProgress implements Progress {
  private shown = '';

  constructor(private readonly world: World, private readonly options: ProgressOptions = {}) {}

  public done(text: string): void {
    this.line(`${this.paint.green('✓')} ${text}`);
  }

  public warn(text: string): void {
    this.line(`${this.paint.yellow('!')} ${text}`);
  }

  public waiting(text: string, log: readonly string[] = []): void {
    const width = Math.min(this.world.columns ?? 80, 101) - 1; // a line that the terminal wraps would not be cleared
    const { isShown = () => true, note = () => '' } = this.options;
    const lines = [`… ${text.split('\n')[0]}${note()}`, ...log.map(line => `  | ${printable(line)}`)].map(line => line.slice(0, width));
    const shown = lines.join('\n');
    if (!this.world.color.err || !isShown() || shown === this.shown) return;
    this.clear();
    this.world.err(lines.map(line => this.paint.dim(line)).join('\n'));
    this.shown = shown;
  }

  public log(lines: readonly string[]): void {
    for (const line of lines) this.line(`  | ${printable(line)}`);
  }

  /** Clears the lines of what was being waited for. */
  public clear(): void {
    if (this.shown === '') return;
    const [, ...above] = this.shown.split('\n');
    this.world.err(CLEAR_LINE + above.map(() => `${LINE_UP}${CLEAR_LINE}`).join(''));
    this.shown = '';
  }

  private line(text: string): void {
    this.clear();
    this.world.err(`${text}\n`);
  }

  private get paint() {
    return paint(this.world.color.err);
  }
}

/** A line of a log as it was last shown where it was written, without colors and other control sequences. */
function printable(line: string): string {
  const last = line.slice(line.lastIndexOf('\r') + 1);
  // eslint-disable-next-line no-control-regex
  return last.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/\t/g, '    ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
}

const LINE_UP = '\u001b[1A';

/** Moves to the start of the line, and erases it. */
const CLEAR_LINE = '\r\u001b[2K';
