import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface Variables {
  readonly [name: string]: string | undefined;
}

/** A program with its arguments, which no shell sees. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];

  /** What its environment has besides that of this process. Unlike arguments, other users of this computer cannot see it. */
  readonly env?: Variables;

  /** Its standard input. */
  readonly input?: Readable;
}

/** A program cannot do what it was asked to. The message says why, without the name of the program: often the last line that it wrote. */
export class ProgramError extends Error {}

/** @throws ProgramError if it is not JSON */
export function parseJson<T>(output: string): T {
  try {
    return JSON.parse(output) as T;
  } catch {
    throw new ProgramError(`it wrote ${output.slice(0, 100)} in place of JSON`);
  }
}

/** How long a program may take to end after SIGTERM, in milliseconds. */
const GRACE = 10_000;

/** The programs on the PATH of this computer. They are stopped when the signal is aborted, which throws its reason. */
export class Programs {
  constructor(private readonly env: Variables, public readonly signal: AbortSignal) {}

  /** The value of an environment variable. */
  public variable(name: string): string | undefined {
    return this.env[name];
  }

  /**
   * Runs a program for what it writes to standard output.
   *
   * @throws ProgramError
   */
  public async ask(program: string, ...args: readonly string[]): Promise<string> {
    const lines: string[] = [];
    await this.start({ program, args }, (line, isError) => void (isError || lines.push(line)));
    return lines.join('\n');
  }

  /** Whether a program exits with 0. */
  public async succeeds(program: string, ...args: readonly string[]): Promise<boolean> {
    try {
      await this.ask(program, ...args);
      return true;
    } catch (error) {
      if (error instanceof ProgramError) return false;
      throw error;
    }
  }

  /**
   * Runs a program that takes its time.
   *
   * @param onLine gets each line that it writes, wherever to
   * @throws ProgramError
   */
  public async run(command: Command, onLine: (line: string) => void): Promise<void> {
    await this.start(command, onLine);
  }

  private async start({ program, args, env, input }: Command, onLine: (line: string, isError: boolean) => void): Promise<void> {
    this.signal.throwIfAborted();
    // Its own process group, so that what it starts itself ends with it, and Ctrl-C in a terminal reaches it through the signal alone.
    const detached = process.platform !== 'win32';
    const child = spawn(program, args, { env: { ...this.env, ...env }, detached, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    const complaint = new Complaint();
    let broken: Error | undefined;
    for (const stream of [child.stdout!, child.stderr!]) {
      const isError = stream === child.stderr;
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', line => {
        if (isError) complaint.hear(line);
        onLine(line, isError);
      });
    }
    const stop = () => stopGroup(child);
    this.signal.addEventListener('abort', stop);
    input?.on('error', error => {
      broken = error;
      stop();
    });
    child.stdin?.on('error', () => {}); // it may end before it has read everything, and its exit code says what that means
    input?.pipe(child.stdin!);
    try {
      const [code, signal] = await ended(child);
      this.signal.throwIfAborted();
      if (broken) throw broken;
      if (code !== 0) throw new ProgramError(complaint.text || (signal ? `it was ended by ${signal}` : `it exited with code ${code}`));
    } finally {
      this.signal.removeEventListener('abort', stop);
      input?.destroy();
    }
  }
}

async function ended(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  try {
    return await once(child, 'close') as [number | null, NodeJS.Signals | null];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ProgramError(code === 'ENOENT' ? 'it is not installed' : `it cannot be run (${code})`);
  }
}

/** Why a program failed: the last line that it calls an error, else its last line. */
class Complaint {
  private line = '';

  public hear(line: string): void {
    if (line.trim() !== '' && (ERROR.test(line) || !ERROR.test(this.line))) this.line = line.trim();
  }

  public get text(): string {
    return this.line.replace(ERROR, '');
  }
}

const ERROR = /^\s*error:\s*/i;

/** Ends a program and what it has started: first as Ctrl-C would, then for good. */
function stopGroup(child: ChildProcess): void {
  const send = (signal: NodeJS.Signals) => {
    try {
      if (process.platform === 'win32') child.kill(signal);
      else process.kill(-child.pid!, signal);
    } catch {
      // all of them have ended
    }
  };
  send('SIGTERM');
  const timer = setTimeout(() => send('SIGKILL'), GRACE).unref();
  child.once('close', () => clearTimeout(timer));
}
