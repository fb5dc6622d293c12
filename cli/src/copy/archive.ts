/** Files and folders of this computer as archives, without what leads out of them. */
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Header, Pack } from 'tar-stream';
import { extract, pack } from 'tar-stream';
import { Failure } from '../ui/failure';

/** What was copied. */
export interface Copied {
  files: number;
  bytes: number;

  /** Links and other things that were not copied. */
  readonly skipped: string[];
}

/** Is called after each file, with all that were copied so far. */
export type OnCopied = (copied: Copied) => void;

/**
 * An archive of a file or folder.
 *
 * @param name what it is called in the archive
 */
export function archiveOf(path: string, name: string, onCopied: OnCopied): AsyncIterable<Uint8Array> {
  const archive = pack();
  const copied: Copied = { files: 0, bytes: 0, skipped: [] };
  add(archive, path, name, copied, onCopied).then(() => archive.finalize(), (error: Error) => archive.destroy(error));
  return archive as AsyncIterable<Uint8Array>;
}

async function add(archive: Pack, path: string, name: string, copied: Copied, onCopied: OnCopied): Promise<void> {
  const found = await lstat(path);
  const header = { name, mode: permissions(found.mode), mtime: found.mtime, uid: 0, gid: 0 };
  if (found.isDirectory()) {
    await entry(archive, { ...header, type: 'directory' });
    for (const child of (await readdir(path)).sort()) await add(archive, join(path, child), `${name}/${child}`, copied, onCopied);
  } else if (found.isSymbolicLink()) {
    await entry(archive, { ...header, type: 'symlink', linkname: (await readlink(path)).split(sep).join('/') });
  } else if (found.isFile()) {
    await entry(archive, { ...header, type: 'file', size: found.size }, createReadStream(path, { end: Math.max(0, found.size - 1) }));
    copied.files++;
    copied.bytes += found.size;
  } else {
    copied.skipped.push(path);
  }
  onCopied(copied);
}

async function entry(archive: Pack, header: Partial<Header> & Pick<Header, 'name'>, content?: Readable): Promise<void> {
  if (!content || header.size === 0) {
    content?.destroy();
    await new Promise<void>((resolve, reject) => archive.entry(header, '', error => (error ? reject(error) : resolve())));
    return;
  }
  await pipeline(content, archive.entry(header));
}

/** An archive that arrives in pieces, and is unpacked meanwhile. */
export interface Unpacking {
  /** Takes a piece. */
  write(bytes: Uint8Array): Promise<void>;

  /** There are no more pieces. */
  end(): Promise<Copied>;

  /** Nothing more is unpacked. */
  stop(): void;
}

/**
 * Unpacks an archive of one file or folder, which gets another name.
 *
 * Nothing is written outside of that path: names that lead out of it are an error, and links are created at the end, so that no file is
 * written through one.
 */
export function unpack(target: string, onCopied: OnCopied): Unpacking {
  const archive = extract();
  const copied: Copied = { files: 0, bytes: 0, skipped: [] };
  // A file that waits for its next bytes would not notice that there are none.
  const broken = new AbortController();
  archive.on('error', error => broken.abort(error)).on('close', () => broken.abort(new Error('the archive is not complete')));
  const result = unpackAll(archive, target, { copied, onCopied, signal: broken.signal }).catch((error: Error): never => {
    archive.destroy(error);
    throw error.name === 'AbortError' ? broken.signal.reason : error;
  });
  result.catch(() => {}); // it is thrown at the end
  return {
    write: async bytes => {
      if (archive.write(bytes) || archive.destroyed) return;
      await new Promise<void>(resolve => {
        const next = () => {
          archive.off('drain', next).off('close', next);
          resolve();
        };
        archive.on('drain', next).on('close', next);
      });
    },
    end: async () => {
      archive.end(undefined);
      await result;
      return copied;
    },
    stop: () => archive.destroy(),
  };
}

interface UnpackOptions {
  readonly copied: Copied;
  readonly onCopied: OnCopied;
  readonly signal: AbortSignal;
}

async function unpackAll(
  archive: ReturnType<typeof extract>, target: string, { copied, onCopied, signal }: UnpackOptions,
): Promise<void> {
  const links: { readonly path: string; readonly inside: string; readonly to: string }[] = [];
  for await (const item of archive) {
    const { name, type, linkname = '', mode = 0o644 } = item.header;
    const inside = insideOf(name);
    const path = join(target, inside);
    if (type === 'directory') {
      await mkdir(path, { recursive: true });
    } else if (type === 'file' || type === 'contiguous-file') {
      await mkdir(dirname(path), { recursive: true });
      await rm(path, { force: true }); // it may be a link
      await pipeline(item, createWriteStream(path), { signal });
      await chmod(path, permissions(mode));
      copied.files++;
      copied.bytes += item.header.size ?? 0;
    } else if (type === 'link') {
      await copyFile(join(target, insideOf(linkname)), path);
      copied.files++;
    } else if (type === 'symlink') {
      links.push({ path, inside, to: linkname });
    } else {
      copied.skipped.push(name);
    }
    item.resume();
    onCopied(copied);
  }
  for (const { path, inside, to } of links) {
    const end = posix.join(posix.dirname(inside), to);
    if (inside === '' || to.startsWith('/') || end === '..' || end.startsWith('../')) {
      copied.skipped.push(`${inside} → ${to}`);
      continue;
    }
    await rm(path, { force: true });
    await symlink(to, path);
  }
}

/** The permissions in a mode, without the type of the file and what would let others run it as its owner. */
function permissions(mode: number): number {
  return mode % 0o1000;
}

/** The path of an entry below what was asked for, which is the first part of its name. */
function insideOf(name: string): string {
  const [, ...parts] = name.replace(/^(\.?\/)+/, '').split('/').filter(part => part !== '');
  if (parts.some(part => part === '..' || part.includes('\\') || part.includes('\0'))) {
    throw new Failure(`the archive of the container has the path ${name}, which leads out of it`);
  }
  return parts.join('/');
}
