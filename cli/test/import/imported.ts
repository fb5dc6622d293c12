import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../call';
import { Folder } from '../folder';

const SOURCES = join(__dirname, 'sources');

/** The result of `webapp import`, and of `webapp check` of what it wrote. */
export interface Imported {
  readonly code: number;

  /** webapp.yaml without the line for editors. */
  readonly file: string;

  /** What the command prints for people. */
  readonly report: string;
  readonly folder: Folder;
}

/** Imports files of the test sources, or files that are written out. */
export async function imported(
  files: { readonly [name: string]: string }, names: readonly string[] = Object.keys(files), options: readonly string[] = [], input = '',
): Promise<Imported> {
  const folder = new Folder(Object.fromEntries(Object.entries(files).map(([name, text]) => [`shop/${name}`, text])));
  const cwd = join(folder.path, 'shop');
  const { code, err } = await call(['import', ...names, ...options], { cwd, readInput: async () => input });
  const file = code === 0 ? folder.read('shop/webapp.yaml').replace(/^# yaml-language-server.*\n/, '') : '';
  if (code === 0) {
    // The command promises this of everything that it writes.
    const checked = await folder.call('check', 'shop');
    const problems = checked.err.replace(/^warning: .*\n/gm, '').replace(/✓ .* valid\n/, '');
    expect({ ...checked, err: problems }).toEqual({ code: 0, out: '', err: '' });
  }
  return { code, file, report: err, folder };
}

/** The files of a folder of the test sources. */
export function sources(folder: string): { [name: string]: string } {
  const paths = readdirSync(join(SOURCES, folder), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(paths.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(join(SOURCES, folder).length + 1), readFileSync(path, 'utf8')];
  }));
}

/** A section of the report: `Taken over`, `Changed`, `No counterpart` or `To do`. */
export function section(report: string, title: string): string {
  const [, text = ''] = new RegExp(`^${title}\n((?:  .*\n)*)`, 'm').exec(report) ?? [];
  return text;
}
