import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { call } from './call';
import type { World } from '../src/ui/world';

const root = join(__dirname, '../..');
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** A command of a session that a page shows, with its output. */
export type Step = readonly [command: string, printed: string];

function stepsOf(session: string): Step[] {
  return session.split(/^\$ /m).slice(1).map(text => text.split(/\n([^]*)/) as unknown as Step);
}

const blocks = (page: string, language: string) => [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))]
  .map(([, text]) => text);

/** The sessions of pages in the folder of an app, each with its steps. The command is installed already. */
export const SESSIONS: [page: string, steps: Step[]][] = [
  ['README.md', stepsOf(blocks('README.md', 'text')[0]).filter(([command]) => !command.startsWith('npm '))],
  ['docs/start.md', blocks('docs/start.md', 'text').flatMap(stepsOf)],
];

/** The name of the platform in the sessions. */
const CONTEXT = 'production';

/**
 * Creates the folder of the sessions, with the code of docs/start.md. It is deleted after the tests.
 *
 * @param image what the code runs on
 */
export function sessionFolder(image: string, platform: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'session-'));
  const cwd = join(folder, 'web');
  mkdirSync(cwd);
  writeFileSync(join(dirname(cwd), 'platform.yaml'), JSON.stringify(platform));
  for (const text of [...blocks('docs/start.md', 'js'), ...blocks('docs/start.md', 'dockerfile')]) {
    const [, path] = /^(?:\/\/|#) (\S+)\n/.exec(text)!;
    writeFileSync(join(cwd, path), text.replace(/^FROM .*$/m, `FROM ${image}`));
  }
  afterAll(() => rmSync(folder, { recursive: true }));
  return cwd;
}

/** Runs a step as it is recorded, with the same answers. */
export async function replay([command, recorded]: Step, cwd: string, more: Partial<World>, words: readonly string[] = []): Promise<string> {
  const [program, ...args] = command.split(' ');
  if (program !== 'webapp') return execFileSync(program, args, { cwd, encoding: 'utf8' }).trim().replaceAll('\n', '  ');
  let printed = '';
  const write = (text: string) => void (printed += text);
  const ask = async (question: string) => {
    const line = recorded.split('\n').find(one => one.startsWith(question.trim())) ?? '';
    write(`${line}\n`);
    return line.slice(question.length);
  };
  await call([...args, ...words], { cwd, ask, out: write, err: write, ...more });
  return printed.trim();
}

/** What differs from one run to the next: digests and times, and how a cluster is called. */
export function comparable(printed: string, context = CONTEXT): string {
  return printed.trim().replace(/sha256:\w{12}/g, 'sha256:…').replace(/in \d+ s$/gm, 'in … s')
    .replace(` of ${context}\n`, ` of ${CONTEXT}\n`);
}
