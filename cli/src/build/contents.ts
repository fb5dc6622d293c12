import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceEntry } from './source';
import { Failure } from '../ui/failure';

/** How much of a file is read at once. */
export const CHUNK = 1024 * 1024;

/** For reading only, which is zero. A link in place of the file is not followed; Windows has no such flag. */
const FLAGS = constants.O_NOFOLLOW ?? constants.O_RDONLY;

/**
 * The contents of a file, in chunks. It is read synchronously, which is several times as fast as asynchronously where files are small and
 * many.
 *
 * @param bufferOf a buffer of a size, which is not used any more when the next one is asked for
 * @throws Failure if it is not the file that the entry describes
 */
export function* contentsOf(root: string, entry: SourceEntry, bufferOf: (size: number) => Buffer): Generator<Buffer, void, undefined> {
  if (entry.text !== undefined) {
    yield Buffer.from(entry.text);
    return;
  }
  const file = attempt(entry.path, () => openSync(join(root, entry.path), FLAGS));
  try {
    failIfChanged(file, entry);
    for (let missing = entry.size; missing > 0;) {
      const buffer = bufferOf(Math.min(missing, CHUNK));
      const length = attempt(entry.path, () => readSync(file, buffer, 0, Math.min(missing, CHUNK), null));
      if (length === 0) throw changed(entry.path);
      missing -= length;
      yield buffer.subarray(0, length);
    }
    failIfChanged(file, entry);
  } finally {
    closeSync(file);
  }
}

function failIfChanged(file: number, { path, size, modified }: SourceEntry): void {
  const now = fstatSync(file);
  if (now.size !== size || now.mtimeMs !== modified) throw changed(path);
}

/** What to do about a file that fails. */
const OR_IGNORE = 'or ignore it in .dockerignore if the build does not need it';

function changed(path: string): Failure {
  return new Failure(`${path} changed while it was read; run the command again, ${OR_IGNORE}`);
}

/** Reads something of a path, and says which one if it cannot be read. */
export function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO'].includes(code)) throw changed(path);
    const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : (error as Error).message;
    throw new Failure(`${path} cannot be read: ${why}; fix that, ${OR_IGNORE}`);
  }
}
