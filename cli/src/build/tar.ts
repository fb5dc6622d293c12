import { Readable } from 'node:stream';
import type { Pack } from 'tar-stream';
import { pack } from 'tar-stream';
import { contentsOf } from './contents';
import type { SourceEntry, SourceProgress } from './source';

export interface TarOptions {
  readonly signal?: AbortSignal;

  /** Is called after each entry with how much has been sent; its bytes are those of the files, as in Source.bytes. */
  onProgress?(sent: SourceProgress): void;
}

type Sink = ReturnType<Pack['entry']>;

const TYPES = { file: 'file', folder: 'directory', link: 'symlink' } as const;

/** The last second that tar-stream can write. */
const LATEST = 2 ** 31 - 1;

/** The least that is sent at once. Each file alone would be several messages of a connection. */
const BATCH = 64 * 1024;

/**
 * An archive of a source. All of it is root's, as Docker sends it. If a file is no longer what was read, the stream is destroyed with a
 * Failure: what has arrived by then lacks the end of an archive.
 *
 * @param root the absolute path of the folder
 */
export function tarOf(root: string, entries: readonly SourceEntry[], { signal, onProgress = () => {} }: TarOptions = {}): Readable {
  // Nothing is read before the first part is asked for, as nobody would hear of an error.
  async function* start() {
    const archive = pack();
    write(archive, root, entries, onProgress).catch(error => archive.destroy(error));
    yield* inBatches(archive as AsyncIterable<Buffer>);
  }
  return Readable.from(start(), { objectMode: false, signal });
}

async function write(
  archive: Pack, root: string, entries: readonly SourceEntry[], onProgress: (sent: SourceProgress) => void,
): Promise<void> {
  const sent = { files: 0, bytes: 0 };
  for (const entry of entries) {
    await writeEntry(archive, root, entry);
    if (entry.type !== 'folder') sent.files++;
    sent.bytes += entry.size;
    onProgress({ ...sent });
  }
  archive.finalize();
}

async function writeEntry(archive: Pack, root: string, entry: SourceEntry): Promise<void> {
  const { path, type, mode, size, target, modified } = entry;
  const mtime = new Date(1000 * Math.min(LATEST, Math.max(0, Math.floor(modified / 1000))));
  const link = target === undefined ? {} : { linkname: target };
  await new Promise<void>((done, fail) => {
    const header = { name: path, type: TYPES[type], mode, size, mtime, uid: 0, gid: 0, ...link };
    const sink = archive.entry(header, error => (error ? fail(error) : done()));
    sink.on('error', fail);
    if (type === 'file') writeContents(sink, contentsOf(root, entry, length => Buffer.allocUnsafe(length))).catch(fail);
  });
}

async function writeContents(sink: Sink, chunks: Iterable<Buffer>): Promise<void> {
  for (const chunk of chunks) {
    if (sink.destroyed) return;
    if (!sink.write(chunk)) await drained(sink);
  }
  sink.end(undefined);
}

/** Waits until a stream takes more, or is destroyed. */
async function drained(sink: Sink): Promise<void> {
  await new Promise<void>(done => {
    const next = () => {
      sink.off('drain', next).off('close', next);
      done();
    };
    sink.on('drain', next).on('close', next);
  });
}

async function* inBatches(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    batch.push(chunk);
    length += chunk.length;
    if (length < BATCH) continue;
    yield Buffer.concat(batch);
    batch = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(batch);
}
