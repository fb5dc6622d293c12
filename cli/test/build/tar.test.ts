import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { array, assert, asyncProperty, constantFrom, integer, record, string, uniqueArray } from 'fast-check';
import { extract } from 'tar-stream';
import { readSource } from '../../src/build/read-source';
import { tarOf } from '../../src/build/tar';
import { Folder } from '../folder';

/** What an archive has. */
async function contents(archive: Readable) {
  const found: { [path: string]: string } = {};
  const headers: object[] = [];
  for await (const entry of archive.pipe(extract())) {
    const { name, type, mode, uid, gid, mtime, linkname } = entry.header;
    headers.push({ name, type, mode, uid, gid, mtime: mtime.getTime(), linkname });
    found[name] = (await buffer(entry)).toString();
  }
  return { found, headers };
}

describe('an archive', () => {
  test('has each file, folder and link of a source, as root\'s, with its time', async () => {
    const of = new Folder({ 'bin/run': '#!/bin/sh\n', 'readme.md': '' });
    chmodSync(join(of.path, 'bin/run'), 0o700);
    symlinkSync('bin/run', join(of.path, 'start'));
    for (const path of ['bin/run', 'readme.md', 'bin']) utimesSync(join(of.path, path), 1_700_000_000.5, 1_700_000_000.5);
    const { root, entries } = await readSource(of.path);
    const header = { uid: 0, gid: 0, mtime: 1_700_000_000_000, linkname: null };
    expect(await contents(tarOf(root, entries))).toEqual({
      headers: [
        { ...header, name: 'bin', type: 'directory', mode: 0o755 },
        { ...header, name: 'bin/run', type: 'file', mode: 0o755 },
        { ...header, name: 'readme.md', type: 'file', mode: 0o644 },
        { ...header, name: 'start', type: 'symlink', mode: 0o777, linkname: 'bin/run', mtime: expect.any(Number) },
      ],
      found: { 'bin': '', 'bin/run': '#!/bin/sh\n', 'readme.md': '', 'start': '' },
    });
  });

  test('has files that are not on the disk, with a time of their content', async () => {
    const time = async (text: string) => {
      const { root, entries } = await readSource(new Folder({}).path, { generate: () => [{ path: 'a', text }] });
      const { found, headers: [header] } = await contents(tarOf(root, entries));
      expect(found).toEqual({ a: text });
      return (header as { mtime: number }).mtime;
    };
    expect(await time('é')).toBe(await time('é'));
    expect(await time('é')).not.toBe(await time('è'));
  });

  const names = string({ unit: 'binary', minLength: 1, maxLength: 60 }).map(text => text.replace(/[/\0\uFFFD]|^\.\.?$/g, '-'));
  const file = record({
    path: array(names, { minLength: 1, maxLength: 6 }).map(steps => steps.join('/')),
    size: constantFrom(0, 1, 511, 512, 513, 70_000, 1024 * 1024, 1024 * 1024 + 1),
    fill: integer({ min: 32, max: 126 }),
  });

  test('gives back whatever names and sizes files have', async () => {
    await assert(asyncProperty(uniqueArray(file, { selector: given => given.path, maxLength: 8 }), async files => {
      const root = mkdtempSync(join(tmpdir(), 'webapp-'));
      const written: { [path: string]: string } = {};
      for (const given of files) {
        try {
          mkdirSync(join(root, dirname(given.path)), { recursive: true });
          writeFileSync(join(root, given.path), (written[given.path] = String.fromCharCode(given.fill).repeat(given.size)));
        } catch {
          // Another file has the name of its folder, or its name is too long for the disk.
          delete written[given.path];
        }
      }
      const { entries } = await readSource(root, { part: { folder: '', rules: ALL } });
      const { found } = await contents(tarOf(root, entries));
      const ofFiles = Object.fromEntries(entries.filter(({ type }) => type === 'file').map(entry => [entry.path, found[entry.path]]));
      expect(ofFiles).toEqual(written);
      rmSync(root, { recursive: true });
    }), { numRuns: 15 });
  });

  const ALL = { keepsEmptyFolders: true, ignores: () => false, inFolder: () => ALL };

  test('can be unpacked by tar, with long names and links', async () => {
    const [long, deep] = ['n'.repeat(200), `${'ö'.repeat(60)}/${'d'.repeat(180)}`];
    const of = new Folder({ [long]: 'long', [`${deep}/f`]: 'deep' });
    symlinkSync(`${deep}/f`, join(of.path, 'link'));
    const { root, entries } = await readSource(of.path);
    const to = new Folder({});
    execFileSync('tar', ['xf', '-', '-C', to.path], { input: await buffer(tarOf(root, entries)) });
    expect([to.read(long), to.read(`${deep}/f`), to.read('link')]).toEqual(['long', 'deep', 'deep']);
  });

  test('says in its header that a file has more than 8 GiB', async () => {
    const path = join(new Folder({ a: '' }).path, 'a');
    const size = 9 * 1024 ** 3;
    truncateSync(path, size);
    const archive = tarOf(dirname(path), [{ path: 'a', type: 'file', mode: 0o644, size, modified: statSync(path).mtimeMs }]);
    const parser = archive.pipe(extract());
    const found = await new Promise<number>(done => parser.on('entry', header => done(header.size)));
    archive.destroy();
    parser.destroy();
    expect(found).toBe(size);
  });
});

describe('an archive is not complete, and says why', () => {
  test.each<[what: string, change: (path: string) => void]>([
    ['longer', path => writeFileSync(path, 'longer than before')],
    ['shorter', path => writeFileSync(path, 'x')],
    ['another one of the same size', path => {
      writeFileSync(path, 'yyyy');
      utimesSync(path, 1, 1);
    }],
    ['a folder', path => {
      rmSync(path);
      mkdirSync(path);
    }],
    ['a link', path => {
      rmSync(path);
      symlinkSync('a', path);
    }],
    ['deleted', path => rmSync(path)],
  ])('if a file is %s by then', async (_, change) => {
    const of = new Folder({ a: 'x'.repeat(200_000), b: 'xxxx', c: 'c' });
    const { root, entries } = await readSource(of.path);
    change(join(of.path, 'b'));
    const chunks: Buffer[] = [];
    const arrives = (async () => {
      for await (const chunk of tarOf(root, entries)) chunks.push(chunk);
    })();
    await expect(arrives).rejects.toThrow('b changed while it was read; run the command again');
    // Two blocks of zeros are the end of an archive.
    expect(chunks.length).toBeGreaterThan(0);
    expect(Buffer.concat(chunks).subarray(-1024).every(byte => byte === 0)).toBe(false);
  });

  test('to a reader that comes late', async () => {
    const { root, entries } = await readSource(new Folder({ a: 'a' }).path);
    rmSync(join(root, 'a'));
    const archive = tarOf(root, entries);
    await new Promise(done => setTimeout(done, 20));
    await expect(buffer(archive)).rejects.toThrow('a changed while it was read');
  });

  test('if it is interrupted', async () => {
    const of = new Folder({ a: 'x'.repeat(5_000_000) });
    const { root, entries } = await readSource(of.path);
    await expect(buffer(tarOf(root, entries, { signal: AbortSignal.abort() }))).rejects.toThrow('aborted');
    const stop = new AbortController();
    const archive = tarOf(root, entries, { signal: stop.signal });
    archive.once('data', () => stop.abort());
    await expect(buffer(archive)).rejects.toThrow('aborted');
  });
});

describe('while it sends', () => {
  test('it says how far it has come', async () => {
    const { root, entries, bytes } = await readSource(new Folder({ 'a/b': 'xx', 'a/c': 'y' }).path);
    const steps: object[] = [];
    await buffer(tarOf(root, entries, { onProgress: sent => steps.push(sent) }));
    expect(steps).toEqual([{ files: 0, bytes: 0 }, { files: 1, bytes: 2 }, { files: 2, bytes }]);
  });

  test('it reads no more than what is taken, in large parts', async () => {
    const of = new Folder(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, 'x'.repeat(100_000)])));
    const { root, entries } = await readSource(of.path);
    let files = 0;
    const archive = tarOf(root, entries, { onProgress: sent => (files = sent.files) });
    const parts: number[] = [];
    for await (const chunk of archive) {
      parts.push(chunk.length);
      if (parts.length === 3) break;
    }
    expect(files).toBeLessThan(20);
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(64 * 1024);
    expect(archive.destroyed).toBe(true);
  });
});
