import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { Failure } from './failure';
import type { Streams } from './streams';
import { processStreams } from './streams';
import type { Visit } from './visit';
import type { Cluster } from '../kube/connect';
import type { Registries } from '../registry/registries';

/** Everything outside the process that a command uses, so that tests can replace it. */
export interface World {
  /** The folder that paths are relative to. */
  readonly cwd: string;

  readonly env: { readonly [name: string]: string | undefined };

  /**
   * The cluster that commands use, or that of each context.
   *
   * @default the one of the kubeconfig
   */
  readonly cluster?: Cluster | ((context: string | undefined) => Cluster);

  /**
   * The container registries that commands ask.
   *
   * @default those of the network
   */
  readonly registries?: Registries;

  /** Whether a user at a terminal can answer questions. */
  readonly interactive: boolean;

  /** Whether standard output and standard error may have colors: they are terminals, and `NO_COLOR` is not set. */
  readonly color: { readonly out: boolean; readonly err: boolean };

  /**
   * The width of the terminal that standard error is.
   *
   * @default 80
   */
  readonly columns?: number;

  /** Standard input and output as bytes. */
  readonly streams: Streams;

  /** Asks the user, and waits for the answer. */
  ask(question: string): Promise<string>;

  /** The same for a secret, which the terminal does not show. */
  askSecret(question: string): Promise<string>;

  /** Reads standard input to its end. */
  readInput(): Promise<string>;

  /**
   * The IP addresses of a host.
   *
   * @throws Error if it has none
   */
  lookUp(host: string): Promise<string[]>;

  /** Sends a request from this computer: see `visit`. */
  visit(url: string, signal: AbortSignal): Promise<Visit>;

  /**
   * Whether this computer can connect to a port of a host.
   *
   * @throws Error if it cannot, with the reason
   */
  reach(host: string, port: number): Promise<void>;

  /**
   * Calls something on Ctrl-C, SIGTERM or SIGHUP, which then do not end the process. The second time they do.
   *
   * @returns a function that undoes that
   */
  onInterrupt(stop: () => void): () => void;

  /** Writes to standard output: the result, which a script may read. */
  out(text: string): void;

  /** Writes to standard error: progress, warnings and errors, for people. */
  err(text: string): void;
}

/** How long another computer may take to answer, in milliseconds. */
const REACH_TIMEOUT = 5_000;

/** The world of a process. */
export function processWorld(): World {
  const { cwd, env, stdin, stdout, stderr } = process;
  // The reader, head for example, may close the pipe early.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const colored = (stream: NodeJS.WriteStream) => !env.NO_COLOR && env.TERM !== 'dumb' && stream.isTTY === true; // https://no-color.org
  return {
    cwd: cwd(),
    env,
    interactive: stdin.isTTY === true && stderr.isTTY === true && !env.CI,
    color: { out: colored(stdout), err: colored(stderr) },
    streams: processStreams(),
    get columns() {
      return stderr.columns;
    },
    ask: async question => {
      const { createInterface } = await import('node:readline/promises');
      const terminal = createInterface({ input: stdin, output: stderr });
      try {
        return await terminal.question(question);
      } finally {
        terminal.close();
      }
    },
    askSecret: async question => {
      const [{ createInterface }, { Writable }] = await Promise.all([import('node:readline/promises'), import('node:stream')]);
      stderr.write(question);
      // With `terminal`, the reader echoes what is typed, and not the terminal: to an output that writes nothing.
      const nothing = new Writable({ write: (_, __, done) => done() });
      const terminal = createInterface({ input: stdin, output: nothing, terminal: true });
      try {
        return await new Promise((resolve, reject) => {
          terminal.once('SIGINT', () => reject(new Failure('interrupted')));
          terminal.question('').then(resolve, reject);
        });
      } finally {
        terminal.close();
        stderr.write('\n');
      }
    },
    readInput: async () => {
      let text = '';
      for await (const part of stdin.setEncoding('utf8')) text += String(part);
      return text;
    },
    lookUp: async host => (await lookup(host, { all: true })).map(({ address }) => address),
    visit: async (url, signal) => (await import('./visit')).visit(url, signal),
    reach: async (host, port) => new Promise((resolve, reject) => {
      const socket = connect({ host, port, timeout: REACH_TIMEOUT });
      socket.on('timeout', () => socket.destroy(new Error(`no answer within ${REACH_TIMEOUT / 1000} s`)));
      socket.on('error', reject);
      socket.on('connect', () => resolve(void socket.destroy()));
    }),
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
