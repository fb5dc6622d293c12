import { spawnSync } from 'node:child_process';
import { on } from 'node:events';
import type { TerminalSize } from '../kube/api';

/** Input that is being read. */
export interface OpenInput {
  readonly bytes: AsyncIterable<Uint8Array>;

  /** Stops reading: whatever is typed later is not for the command. */
  close(): void;
}

/** Standard input and the two outputs as bytes: for a program in a container, which uses them as if it ran here. */
export interface Streams {
  /** Whether a user is at both ends: input and output are a terminal. */
  readonly isTerminal: boolean;

  /**
   * Reads standard input.
   *
   * @param raw whether keys such as Ctrl-C are input too, and nothing is echoed, as the terminal of a container does both
   */
  open(raw: boolean): OpenInput;

  /** Calls something with the size of the terminal, now and whenever it changes; returns what stops that. */
  sizes(listener: (size: TerminalSize) => void): () => void;

  /** Writes to standard output, and waits until it has taken the bytes. */
  out(bytes: Uint8Array): Promise<void>;

  /** Likewise to standard error. */
  err(bytes: Uint8Array): Promise<void>;
}

/** Where they come from. */
export type StandardStreams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

/**
 * Those of the process.
 *
 * @param stty changes settings of the terminal, where there is the program
 */
export function processStreams(
  { stdin, stdout, stderr }: StandardStreams = process,
  stty = (setting: string) => void spawnSync('stty', [setting], { stdio: ['inherit', 'ignore', 'ignore'] }),
): Streams {
  const write = async (stream: NodeJS.WriteStream, bytes: Uint8Array) => (
    new Promise<void>((resolve, reject) => stream.write(bytes, error => (error ? reject(error) : resolve()))));
  return {
    isTerminal: stdin.isTTY === true && stdout.isTTY === true,
    open: raw => {
      const stop = new AbortController();
      if (raw) {
        stdin.setRawMode(true);
        // Node.js keeps writing line feeds as two characters, which moves the cursor of editors to another place than they mean.
        stty('-opost');
      }
      return {
        bytes: read(stdin, stop.signal),
        close: () => {
          stop.abort();
          if (raw) stdin.setRawMode(false);
          stdin.pause();
          (stdin as Partial<typeof stdin>).unref?.(); // it would keep the process alive; a file has no such method
        },
      };
    },
    sizes: listener => {
      const tell = () => listener({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
      tell();
      stdout.on('resize', tell);
      return () => void stdout.off('resize', tell);
    },
    out: async bytes => write(stdout, bytes),
    err: async bytes => write(stderr, bytes),
  };
}

async function* read(stdin: NodeJS.ReadStream, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    // The stream is paused while more than a few parts wait.
    for await (const [part] of on(stdin, 'data', { signal, close: ['end', 'close'], highWaterMark: 4, lowWaterMark: 1 } as object)) {
      yield part as Uint8Array;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
