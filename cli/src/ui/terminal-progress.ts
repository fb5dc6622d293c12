import { paint } from './paint';
import type { World } from './world';
import type { Progress } from '../engine/operation';

/** Prints progress, one line for each thing that happened. What is being waited for is shown only on terminals, in a line that changes. */
export class TerminalProgress implements Progress {
  private shown = '';

  constructor(private readonly world: World) {}

  public done(text: string): void {
    this.line(`${this.paint.green('✓')} ${text}`);
  }

  public warn(text: string): void {
    this.line(`${this.paint.yellow('!')} ${text}`);
  }

  public waiting(text: string): void {
    if (!this.world.color.err || text === this.shown) return;
    this.world.err(`${CLEAR_LINE}${this.paint.dim(`… ${text.split('\n')[0].slice(0, 100)}`)}`);
    this.shown = text;
  }

  /** Clears the line of what was being waited for. */
  public clear(): void {
    if (this.shown !== '') this.world.err(CLEAR_LINE);
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

/** Moves to the start of the line, and erases it. */
const CLEAR_LINE = '\r\u001b[2K';
