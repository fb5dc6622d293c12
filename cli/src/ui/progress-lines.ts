import { paint } from './paint';
import type { World } from './world';
import type { Progress } from '../engine/operation';

/** Writes progress as lines. What is waited for is said on terminals alone, in a line that changes. */
export class Lines implements Progress {
  private waited = '';

  constructor(private readonly world: World) {}

  public done(text: string): void {
    this.line(`${this.paint.green('✓')} ${text}`);
  }

  public warn(text: string): void {
    this.line(`${this.paint.yellow('!')} ${text}`);
  }

  public waiting(text: string): void {
    if (!this.world.color.err || text === this.waited) return;
    this.world.err(`${CLEAR}${this.paint.dim(`… ${text.split('\n')[0].slice(0, 100)}`)}`);
    this.waited = text;
  }

  /** Takes away the line of what was waited for. */
  public end(): void {
    if (this.waited !== '') this.world.err(CLEAR);
    this.waited = '';
  }

  private line(text: string): void {
    this.end();
    this.world.err(`${text}\n`);
  }

  private get paint() {
    return paint(this.world.color.err);
  }
}

/** Back to the beginning of the line, and the line away. */
const CLEAR = '\r\u001b[2K';
