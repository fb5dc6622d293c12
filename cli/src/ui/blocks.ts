import { TerminalProgress } from './terminal-progress';
import type { World } from './world';

/** What is printed about one of several things that are done at the same time. */
export interface Block {
  /** Writes to the block in place of standard error. */
  readonly world: World;
  readonly progress: TerminalProgress;

  /** Nothing follows. */
  close(): void;
}

/**
 * The output of things that are done at the same time, as one block each, in which there is nothing of the others. The lines of one of them
 * are printed as they come; those of the others when it is done.
 */
export class Blocks {
  private readonly opened: BufferedBlock[] = [];

  constructor(private readonly world: World) {}

  public open(): Block {
    const block: BufferedBlock = new BufferedBlock(this.world, {
      isFirst: () => this.opened[0] === block,
      others: () => this.opened.filter(one => one !== block && !one.isClosed).length,
      onClose: () => this.next(),
    });
    this.opened.push(block);
    return block;
  }

  /** Erases what is being waited for. */
  public clear(): void {
    for (const { progress } of this.opened) progress.clear();
  }

  private next(): void {
    if (!this.opened[0]?.isClosed) return;
    // What is complete is printed first, so that the one whose lines follow has all of its own together.
    for (const block of this.opened.filter(one => one.isClosed)) {
      block.flush();
      this.opened.splice(this.opened.indexOf(block), 1);
    }
    this.opened[0]?.flush();
  }
}

interface Place {
  /** Whether its lines are printed as they come. */
  readonly isFirst: () => boolean;

  /** How many others are not complete. */
  readonly others: () => number;
  readonly onClose: () => void;
}

class BufferedBlock implements Block {
  public readonly world: World;
  public readonly progress: TerminalProgress;
  public isClosed = false;
  private text = '';

  constructor(private readonly outer: World, private readonly place: Place) {
    this.world = { ...outer, err: text => this.write(text) };
    this.progress = new TerminalProgress(this.world, { isShown: place.isFirst, note: () => note(place.others()) });
  }

  public close(): void {
    this.progress.clear();
    this.isClosed = true;
    this.place.onClose();
  }

  public flush(): void {
    if (this.text !== '') this.outer.err(this.text);
    this.text = '';
  }

  private write(text: string): void {
    if (this.place.isFirst()) this.outer.err(text);
    else this.text += text;
  }
}

function note(others: number): string {
  return others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'app' : 'apps'})`;
}
