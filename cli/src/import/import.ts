import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { Draft } from './draft';
import { finish } from './finish';
import type { Format } from './format';
import { Conversion } from './format';
import { FORMATS } from './formats';
import { Ledger } from './ledger';
import { reportOf } from './report';
import type { SourceFile } from './source/node';
import { makeValid } from './valid';
import { Failure } from '../ui/failure';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';

export interface ImportOptions {
  /** The format; recognized by default. */
  readonly format?: string;

  /** Where webapp.yaml is written; `-` is standard output. */
  readonly output: string;

  /** Overwrites an existing file. */
  readonly force?: boolean;
  readonly namespace?: string;

  /** What was read from a cluster, beside the files. */
  readonly fromCluster?: SourceFile;
}

/** Standard input among files. */
const INPUT = '-';

/**
 * Writes webapp.yaml from files of other formats, and reports what was taken over and what was not.
 *
 * @throws Failure if a file cannot be read, its format is not known, or webapp.yaml exists
 */
export async function importFiles(names: readonly string[], options: ImportOptions, world: World): Promise<void> {
  const toFile = options.output !== INPUT;
  const output = resolve(world.cwd, toFile ? options.output : 'webapp.yaml');
  if (toFile && existsSync(output) && !options.force) {
    throw new Failure(`${options.output} already exists; overwrite it with --force, or write to another file with --output`);
  }
  const read = await Promise.all(names.map(async name => readSource(name, world)));
  const files = options.fromCluster ? [...read, options.fromCluster] : read;
  const { draft, ledger } = convertFiles(files, dirname(output), options);
  await finish(draft, dirname(output), world);
  const text = await makeValid(draft, relative(world.cwd, output) || basename(output), world);
  if (toFile) writeFileSync(output, text);
  else world.out(text);
  world.err(reportOf(ledger, draft, paint(world.color.err)));
  const flag = options.output === 'webapp.yaml' ? '' : ` --file ${options.output}`;
  if (toFile) world.err(`Wrote ${options.output}\nNext: webapp check${flag}\n`);
}

/** The apps of files, and what became of everything in them. */
export function convertFiles(files: readonly SourceFile[], folder: string, options: Pick<ImportOptions, 'format' | 'namespace'>): {
  readonly draft: Draft; readonly ledger: Ledger;
} {
  const draft = new Draft(folder);
  const ledger = new Ledger();
  draft.namespace = options.namespace;
  const conversion = new Conversion(draft, ledger, (title, url) => () => ({
    reason: `${title} has no such key that this command knows`,
    next: `see whether it is spelled as in ${url}, and write what it means in webapp.yaml`,
  }));
  const byFormat = new Map<Format, SourceFile[]>();
  for (const file of files) {
    const format = formatOf(file, options.format);
    byFormat.set(format, [...byFormat.get(format) ?? [], file]);
  }
  for (const format of FORMATS) if (byFormat.has(format)) format.convert(byFormat.get(format)!, conversion);
  if (draft.apps.length === 0) {
    const shown = files.map(({ name }) => name).join(', ');
    throw new Failure(`${shown} ${files.length === 1 ? 'has' : 'have'} no app; name the file that says what runs`);
  }
  draft.namespace ??= draft.apps[0].name;
  return { draft, ledger };
}

/** Whether a file is of a format that can be imported, as far as its name and its content tell. */
export function isRecognized(file: SourceFile): boolean {
  return FORMATS.some(format => format.recognizes(file));
}

function formatOf(file: SourceFile, name: string | undefined): Format {
  const known = FORMATS.map(format => format.name).join(', ');
  if (name !== undefined) {
    const named = FORMATS.find(format => format.name === name);
    if (!named) throw new Failure(`--format is ${name}; use one of ${known}`);
    return named;
  }
  const found = FORMATS.find(format => format.recognizes(file));
  if (found) return found;
  throw new Failure(`the format of ${file.name} is not known; name it with --format, one of ${known}`);
}

async function readSource(name: string, world: World): Promise<SourceFile> {
  if (name === INPUT) return { name, folder: world.cwd, text: await world.readInput() };
  const path = resolve(world.cwd, name);
  if (!existsSync(path)) throw new Failure(`${name} does not exist`);
  if (statSync(path).isDirectory()) throw new Failure(`${name} is a folder; name its files, or run webapp init in it`);
  try {
    return { name, folder: dirname(path), text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw new Failure(`${name} is not UTF-8; save it with the encoding UTF-8`);
  }
}
