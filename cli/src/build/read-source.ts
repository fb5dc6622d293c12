import { createHash } from 'node:crypto';
import { resolve, sep } from 'node:path';
import { CHUNK, contentsOf } from './contents';
import { folderRules } from './folder-rules';
import type { IgnoreRules } from './ignore-rules';
import type { Source, SourceEntry, SourceProgress } from './source';
import { Turns } from './turns';
import type { Limits } from './walk';
import { Walk } from './walk';

/** What goes along, and who hears of it. Paths are relative to the folder. */
export interface SourceOptions {
  /** The Dockerfile: it goes along even if it is ignored, and so does its ignore file, as the builder reads both. */
  readonly dockerfile?: string;

  /**
   * The part of the folder that goes along, with rules of its own.
   *
   * @default - all of it, by the rules of its ignore files
   */
  readonly part?: SourcePart;

  /** Files that never go along: those of this command, which change without a change of the image. */
  readonly exclude?: readonly string[];

  /** @default LIMITS */
  readonly limits?: Limits;
  readonly signal?: AbortSignal;

  /** Further files, by the paths of those that go along. */
  generate?(paths: readonly string[]): readonly GeneratedFile[];

  /** Is called now and then with how much has been read. */
  onProgress?(read: SourceProgress): void;

  /** Is called with what does not go along as one may think. */
  onWarning?(message: string): void;
}

/** A file that is not on the disk. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

export interface SourcePart {
  /** Empty for the whole folder. */
  readonly folder: string;
  readonly rules: IgnoreRules;
}

/** A folder with more than this has something that the build does not need. */
export const LIMITS: Limits = { files: 200_000, bytes: 2 * 1024 ** 3 };

/**
 * Reads what of a folder goes into a build.
 *
 * @throws Failure for what cannot be read or sent, AbortError when the signal is aborted
 */
export async function readSource(folder: string, options: SourceOptions = {}): Promise<Source> {
  const { dockerfile, part, exclude, limits = LIMITS, signal, generate, onWarning } = options;
  const root = resolve(folder);
  const excluded = new Set(exclude?.map(path => path.replaceAll(sep, '/')));
  const { rules, file } = part ? { rules: part.rules } : folderRules(root, dockerfile);
  const walk = new Walk(root, { limits, signal, excluded, ignoreFile: file ?? '.gitignore' });
  await walk.read(part?.folder ?? '', rules);
  for (const needed of [dockerfile, file]) if (needed !== undefined) walk.add(needed);
  for (const { path, text } of generate?.(walk.files) ?? []) walk.generate(path, text);
  for (const warning of walk.warnings()) onWarning?.(warning);

  const entries = walk.sorted();
  return { root, entries, bytes: walk.bytes, digest: await digestOf(root, entries, options) };
}

/** A hash of everything that reaches the image. Times do not count: a clone has others. */
async function digestOf(root: string, entries: readonly SourceEntry[], { signal, onProgress }: SourceOptions): Promise<string> {
  const hash = createHash('sha256');
  const read = { files: 0, bytes: 0 };
  const turns = new Turns(signal, () => onProgress?.({ ...read }));
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (const entry of entries) {
    // The size comes first, so nothing in a file looks like the next entry.
    hash.update(`${entry.type} ${entry.mode.toString(8)} ${entry.size} ${entry.path}\0${entry.target ?? ''}\0`);
    for (const chunk of entry.type === 'file' ? contentsOf(root, entry, () => buffer) : []) {
      hash.update(chunk);
      read.bytes += chunk.length;
      if (turns.isOver) await turns.next();
    }
    if (entry.type !== 'folder') read.files++;
    if (turns.isOver) await turns.next();
  }
  onProgress?.(read);
  signal?.throwIfAborted(); // last, as what hears of the progress may be what aborts
  return hash.digest('hex');
}
