import { chmodSync, closeSync, fchmodSync, futimesSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHUNK, contentsOf } from '../contents';
import type { Source, SourceEntry } from '../source';
import { Turns } from '../turns';

/** Does something with a folder that is empty at first, that only this user can open, and that is removed afterwards. */
export async function inTemporaryFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'webapp-build-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Does something with a copy of what goes into a build, for builders that take no archive. All of it has the permissions that an archive
 * has, whatever the umask is, as they become those of the image.
 *
 * @throws Failure if a file is no longer what was read, AbortError when the signal is aborted
 */
export async function withCopy(
  { root, entries }: Source, signal: AbortSignal, act: (folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async temporary => {
    const folder = join(temporary, 'source');
    const buffer = Buffer.allocUnsafe(CHUNK);
    const turns = new Turns(signal);
    makeFolder(folder);
    for (const entry of entries) {
      if (turns.isOver) await turns.next();
      const path = join(folder, entry.path);
      makeFolder(entry.type === 'folder' ? path : dirname(path));
      if (entry.type === 'file') copyFile(path, root, entry, buffer);
      else if (entry.type === 'link') symlinkSync(entry.target!, path);
    }
    await act(folder);
  });
}

/** Creates a folder and those that it is in, unless they exist. */
function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  for (let made = path; first !== undefined && made.length >= first.length; made = dirname(made)) chmodSync(made, 0o755);
}

function copyFile(path: string, root: string, entry: SourceEntry, buffer: Buffer): void {
  const file = openSync(path, 'wx');
  try {
    for (const chunk of contentsOf(root, entry, size => buffer.subarray(0, size))) writeFileSync(file, chunk);
    fchmodSync(file, entry.mode);
    futimesSync(file, entry.modified / 1000, entry.modified / 1000);
  } finally {
    closeSync(file);
  }
}
