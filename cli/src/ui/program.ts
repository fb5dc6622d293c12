/** Programs of this computer that a user works with as if they were called directly. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as os } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure } from './failure';
import type { World } from './world';

/** The first of some programs that is on the PATH; undefined if none is. */
export function programOnPath(names: readonly string[], { env }: Pick<World, 'env'>): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  const ends = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return names.find(name => folders.some(folder => ends.some(end => isExecutable(join(folder, name + end)))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program with the terminal, or the input and outputs, of this process.
 *
 * @param env variables that it has besides those of this process; it lacks those that are undefined
 * @returns its exit code; 128 and the number of the signal that ended it
 */
export async function runProgram(
  [program, ...args]: readonly string[], env: { readonly [name: string]: string | undefined }, world: World,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: world.cwd, env: { ...world.env, ...env }, stdio: 'inherit' });
    // At a terminal, Ctrl-C reaches both processes: what it means is for the program to say.
    const pass = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT' || !world.streams.isTerminal) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    signals.forEach(signal => process.on(signal, pass));
    const undo = () => signals.forEach(signal => process.off(signal, pass));
    child.on('error', (error: NodeJS.ErrnoException) => {
      undo();
      reject(new Failure(error.code === 'ENOENT' ? `${program} is not on the PATH` : `cannot run ${program}: ${error.message}`));
    });
    child.on('exit', (code, signal) => {
      undo();
      resolve(code ?? 128 + os.signals[signal!]);
    });
  });
}
