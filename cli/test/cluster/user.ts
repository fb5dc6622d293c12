import { eventually } from '../../../test/cluster/cluster';
import type { TerminalSize } from '../../src/kube/api';
import type { Streams } from '../../src/ui/streams';

/** A user who types a line when the terminal shows what it is the answer to. */
export class User implements Streams {
  public readonly isTerminal = true;
  public printed = '';
  private resize?: (size: TerminalSize) => void;

  constructor(private readonly answers: readonly [shown: string, typed: string | TerminalSize][]) {}

  public open() {
    return { bytes: this.type(), close: () => {} };
  }

  public sizes(listener: (size: TerminalSize) => void): () => void {
    this.resize = listener;
    listener({ columns: 100, rows: 24 });
    return () => {};
  }

  public async out(bytes: Uint8Array): Promise<void> {
    this.printed += Buffer.from(bytes).toString();
  }

  public async err(bytes: Uint8Array): Promise<void> {
    return this.out(bytes);
  }

  private async* type(): AsyncIterable<Uint8Array> {
    for (const [shown, typed] of this.answers) {
      await eventually(() => this.printed, text => text.includes(shown));
      if (typeof typed === 'string') yield Buffer.from(typed);
      else this.resize!(typed);
    }
    await new Promise(() => {}); // the program ends, and not the user
  }
}
