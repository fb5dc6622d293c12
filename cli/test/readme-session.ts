import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../src/ui/world';

const [, session] = /```text\n([^]*?)```/.exec(readFileSync(join(__dirname, '../../README.md'), 'utf8'))!;

/** The `webapp` commands of the session in the README, each with its output. */
export const STEPS = session.split(/^\$ /m).slice(1)
  .map(text => text.split(/\n([^]*)/) as [command: string, printed: string])
  .filter(([command]) => command.startsWith('webapp '));

/** Creates the folder of the session, which is deleted after the tests. */
export function sessionFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  const cwd = join(folder, 'web');
  mkdirSync(cwd);
  afterAll(() => rmSync(folder, { recursive: true }));
  return cwd;
}

/** A terminal whose user gives the same answers as in the README. */
export function terminal(recorded: string): Pick<World, 'ask' | 'out' | 'err'> & { readonly printed: () => string } {
  let printed = '';
  const write = (text: string) => void (printed += text);
  const ask = async (question: string) => {
    const line = recorded.split('\n').find(one => one.startsWith(question.trim())) ?? '';
    write(`${line}\n`);
    return line.slice(question.length);
  };
  return { ask, out: write, err: write, printed: () => printed };
}
