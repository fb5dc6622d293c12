/** The flags and streams of commands that run a program in a container as if it ran here. */
import type { Command } from 'commander';
import type { Operation } from '../../engine/operation';
import type { Session } from '../../engine/session';
import { missingAsText, permissions } from '../../kube/permissions';
import type { OpenInput } from '../../ui/streams';
import type { TerminalProgress } from '../../ui/terminal-progress';
import type { World } from '../../ui/world';

export interface SessionFlags {
  /** Whether the program gets standard input; at a terminal it always does. */
  readonly stdin?: boolean;

  /** Whether it has a terminal, if there is one here. */
  readonly tty: boolean;
}

export function addSessionFlags(command: Command): void {
  command
    .option('-i, --stdin', 'pass standard input to the command; at a terminal, it is passed anyway')
    .option('-T, --no-tty', 'give the command no terminal, even if there is one here');
}

/**
 * Runs something with a session. The terminal is raw from the moment on when the program reads it, so that Ctrl-C is the program's then.
 *
 * @param act its result is that of the whole
 */
export async function withSession<T>(
  { stdin, tty }: SessionFlags, world: World, progress: TerminalProgress, act: (session: Session) => Promise<T>,
): Promise<T> {
  const { streams } = world;
  const isTerminal = tty && streams.isTerminal;
  let opened: OpenInput | undefined;
  async function* read() {
    opened = streams.open(isTerminal);
    yield* opened.bytes;
  }
  const written = (write: (bytes: Uint8Array) => Promise<void>) => async (bytes: Uint8Array) => {
    progress.clear();
    await write(bytes);
  };
  try {
    return await act({
      input: isTerminal || stdin ? read() : undefined,
      sizes: isTerminal ? listener => streams.sizes(listener) : undefined,
      out: written(async bytes => streams.out(bytes)),
      err: written(async bytes => streams.err(bytes)),
    });
  } finally {
    opened?.close();
  }
}

/** What attaching to a pod needs; Kubernetes asks for both since version 1.35, and for `get` alone before. */
const ATTACH = permissions('pods/attach', 'get', 'create');

/** What of the rights to attach to a pod the user lacks, for a message; undefined if nothing. */
export async function missingAttach({ cluster, app: { namespace } }: Pick<Operation, 'cluster' | 'app'>): Promise<string | undefined> {
  return missingAsText(cluster, ATTACH, namespace);
}
