import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Header } from 'tar-stream';
import { pack } from 'tar-stream';
import { archiveOf, unpack } from '../../src/copy/archive';

let folder: string;
beforeEach(() => folder = mkdtempSync(join(tmpdir(), 'copy-')));
afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (path: string) => join(folder, path);

async function unpackAll(parts: AsyncIterable<Uint8Array>, target: string) {
  const unpacking = unpack(target, () => {});
  for await (const part of parts) await unpacking.write(part);
  return unpacking.end();
}

/** An archive as a program in a container may send it. */
function archive(...entries: [header: Partial<Header> & { name: string }, content?: string][]): AsyncIterable<Uint8Array> {
  const written = pack();
  for (const [header, content = ''] of entries) written.entry(header, content);
  written.finalize();
  return written as AsyncIterable<Uint8Array>;
}

describe('a folder', () => {
  test('arrives with its files, empty folders, modes and links, under another name', async () => {
    mkdirSync(inFolder('src/sub/empty'), { recursive: true });
    writeFileSync(inFolder('src/run'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(inFolder('src/sub/large'), Buffer.alloc(500_000, 'x'));
    writeFileSync(inFolder('src/none'), '');
    symlinkSync('sub/large', inFolder('src/link'));
    const copied = await unpackAll(archiveOf(inFolder('src'), 'other', () => {}), inFolder('dst'));
    expect(copied).toEqual({ files: 3, bytes: 500_010, skipped: [] });
    expect(readdirSync(inFolder('dst'), { recursive: true }).sort()).toEqual(['link', 'none', 'run', 'sub', 'sub/empty', 'sub/large']);
    expect(statSync(inFolder('dst/run')).mode % 0o1000).toBe(0o755);
    expect(readFileSync(inFolder('dst/sub/large'), 'utf8')).toBe('x'.repeat(500_000));
    expect(readlinkSync(inFolder('dst/link'))).toBe('sub/large');
  });

  test('that cannot be read is an error', async () => {
    await expect(unpackAll(archiveOf(inFolder('none'), 'none', () => {}), inFolder('dst'))).rejects.toThrow('ENOENT');
  });
});

describe('a file', () => {
  test('arrives under its new name, in place of one that is there', async () => {
    writeFileSync(inFolder('a'), 'new');
    writeFileSync(inFolder('b'), 'older and longer');
    expect(await unpackAll(archiveOf(inFolder('a'), 'c', () => {}), inFolder('b'))).toMatchObject({ files: 1, bytes: 3 });
    expect(readFileSync(inFolder('b'), 'utf8')).toBe('new');
  });

  test('that is linked twice arrives twice', async () => {
    await unpackAll(archive([{ name: 'x/a' }, '1'], [{ name: 'x/b', type: 'link', linkname: 'x/a' }]), inFolder('dst'));
    expect(readFileSync(inFolder('dst/b'), 'utf8')).toBe('1');
  });
});

describe('an archive of a container that is not to be trusted', () => {
  test.each(['x/../../evil', '../evil/../../evil', 'x/a/../../../evil', 'x/..\\evil'])('cannot write to %s', async name => {
    await expect(unpackAll(archive([{ name }, 'evil']), inFolder('dst/in'))).rejects.toThrow(`has the path ${name}, which leads out of it`);
    expect(existsSync(inFolder('evil'))).toBe(false);
    expect(existsSync(inFolder('dst/evil'))).toBe(false);
  });

  test('cannot write through a link that it has, which is created when all files are there', async () => {
    const evil = archive([{ name: 'x/sub', type: 'symlink', linkname: 'other' }], [{ name: 'x/sub/file' }, 'evil']);
    await expect(unpackAll(evil, inFolder('dst'))).rejects.toThrow();
    expect(existsSync(inFolder('dst/other'))).toBe(false);
  });

  test.each(['/etc/passwd', '../outside', 'sub/../../outside'])('cannot have a link to %s', async linkname => {
    const copied = await unpackAll(archive([{ name: 'x/link', type: 'symlink', linkname }], [{ name: 'x/a' }, 'a']), inFolder('dst'));
    expect(copied).toMatchObject({ files: 1, skipped: [`link → ${linkname}`] });
    expect(readdirSync(inFolder('dst'))).toEqual(['a']);
  });

  test('cannot replace the target of a link by a file', async () => {
    mkdirSync(inFolder('dst'));
    writeFileSync(inFolder('mine'), 'mine');
    symlinkSync('../mine', inFolder('dst/a'));
    await unpackAll(archive([{ name: 'x/a' }, 'evil']), inFolder('dst'));
    expect(readFileSync(inFolder('mine'), 'utf8')).toBe('mine');
  });

  test('that is cut off is an error', async () => {
    const parts: Uint8Array[] = [];
    for await (const part of archive([{ name: 'x/a' }, 'a'.repeat(5000)])) parts.push(part);
    async function* cut() {
      yield Buffer.concat(parts).subarray(0, 2000);
    }
    await expect(unpackAll(cut(), inFolder('dst'))).rejects.toThrow(/end of data/i);
  });
});
