/** All that a command knows of the outside: so that a test can give it another. */
export interface World {
  /** The folder that paths are meant from. */
  readonly cwd: string;

  readonly env: { readonly [name: string]: string | undefined };

  /** Whether somebody sits there who can answer a question. */
  readonly interactive: boolean;

  /** Whether what goes to standard output, or error output, may be in color: it is a terminal and `NO_COLOR` is not set. */
  readonly color: { readonly out: boolean; readonly err: boolean };

  /** Asks somebody who sits there, and waits for the answer. */
  ask(question: string): Promise<string>;

  /**
   * Has Ctrl-C, or a polite end from outside, call something instead of ending everything; the second time it does end everything.
   *
   * @returns what undoes that
   */
  onInterrupt(stop: () => void): () => void;

  /** Writes what was asked for, which a script may read. */
  out(text: string): void;

  /** Writes what a person wants to know beside it: progress, warnings, what is wrong. */
  err(text: string): void;
}

/** The world of a process. */
export function processWorld(): World {
  const { cwd, env, stdin, stdout, stderr } = process;
  // Whoever reads, head for example, may have had enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const colored = (stream: NodeJS.WriteStream) => !env.NO_COLOR && env.TERM !== 'dumb' && stream.isTTY === true; // https://no-color.org
  return {
    cwd: cwd(),
    env,
    interactive: stdin.isTTY === true && stderr.isTTY === true && !env.CI,
    color: { out: colored(stdout), err: colored(stderr) },
    ask: async question => {
      const { createInterface } = await import('node:readline/promises');
      const terminal = createInterface({ input: stdin, output: stderr });
      try {
        return await terminal.question(question);
      } finally {
        terminal.close();
      }
    },
    onInterrupt: stop => {
      const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
      const undo = () => signals.forEach(signal => process.off(signal, first));
      const first = () => {
        undo();
        stop();
      };
      signals.forEach(signal => process.on(signal, first));
      return undo;
    },
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
  };
}
