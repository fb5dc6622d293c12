import { spawn } from 'node:child_process';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

/** A program of this computer, with its arguments. */
export interface Call {
  readonly program: 'docker' | 'helm' | 'k3d' | 'kind' | 'kubectl';
  readonly words: readonly string[];

  /** What it reads from standard input. */
  readonly input?: string;
}

/** Where to get each program. */
const SOURCES: { readonly [program in Call['program']]: string } = {
  docker: 'install it: https://docs.docker.com/engine/install/',
  helm: 'install it: https://helm.sh/docs/intro/install/',
  k3d: 'install it: https://k3d.io/stable/#installation',
  kind: 'install it: https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  kubectl: 'install it: https://kubernetes.io/docs/tasks/tools/',
};

/** A program is not on the PATH. */
export class MissingProgram extends Failure {
  constructor(program: Call['program']) {
    super(`${program} is not on the PATH\n  ${SOURCES[program]}`);
  }
}

/**
 * Runs a program, and returns what it printed to standard output.
 *
 * @param signal asks it to end, and waits until it has: Helm then records what it had done
 * @throws Failure with its output, if it failed
 */
export async function run({ program, words, input = '' }: Call, world: World, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: world.cwd, env: { ...world.env }, stdio: 'pipe' });
    const stop = () => child.kill();
    signal.addEventListener('abort', stop, { once: true });
    let out = '', err = '';
    child.stdout.setEncoding('utf8').on('data', text => out += text);
    child.stderr.setEncoding('utf8').on('data', text => err += text);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new MissingProgram(program) : new Failure(`cannot run ${program}: ${error.message}`));
    });
    child.on('close', code => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason as Error);
      else if (code === 0) resolve(out);
      else reject(new Failure(`${program} ${words.slice(0, 2).join(' ')} failed:\n${indented(err.trim() || out.trim())}`));
    });
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    child.stdin.end(input);
  });
}

/** Whether a program is on the PATH, and works. */
export async function works(call: Call, world: World, signal: AbortSignal): Promise<boolean> {
  try {
    await run(call, world, signal);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** A call as it is typed in a shell. */
export function shell({ program, words, input }: Call): string {
  const line = [program, ...words].map(quoted).join(' ');
  return input === undefined ? line : `${line} <<'EOF'\n${input}EOF`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}

function indented(text: string): string {
  return text.split('\n').map(line => `  ${line}`).join('\n');
}
