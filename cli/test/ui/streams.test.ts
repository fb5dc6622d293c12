import { PassThrough } from 'node:stream';
import type { StandardStreams } from '../../src/ui/streams';
import { processStreams } from '../../src/ui/streams';

/** Standard streams, and what was done to them. */
function standard(isTTY: boolean) {
  const done: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (raw: boolean) => void done.push(raw ? 'raw' : 'as usual') });
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 24 });
  const stderr = new PassThrough();
  const streams = processStreams({ stdin, stdout, stderr } as unknown as StandardStreams, setting => void done.push(setting));
  return { stdin, stdout, stderr, streams, done };
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const part of bytes) text += Buffer.from(part).toString();
  return text;
}

describe('standard input', () => {
  test('of a pipe is read to its end', async () => {
    const { stdin, streams, done } = standard(false);
    const { bytes } = streams.open(false);
    stdin.write('a');
    stdin.end('b');
    expect(await textOf(bytes)).toBe('ab');
    expect(done).toEqual([]);
  });

  test('of a terminal is raw while it is read, and what is typed later is not read', async () => {
    const { stdin, streams, done } = standard(true);
    const { bytes, close } = streams.open(true);
    const text = textOf(bytes);
    stdin.write('ls\u0003');
    await new Promise(resolve => setImmediate(resolve));
    expect(done).toEqual(['raw', '-opost']);
    close();
    stdin.write('more');
    expect(await text).toBe('ls\u0003');
    expect(done).toEqual(['raw', '-opost', 'as usual']);
    expect(stdin.listenerCount('data')).toBe(0);
    expect(stdin.isPaused()).toBe(true);
  });

  test('waits while nobody takes it', async () => {
    const { stdin, streams } = standard(false);
    const { bytes } = streams.open(false);
    const parts = bytes[Symbol.asyncIterator]();
    stdin.write('0');
    await parts.next();
    for (let i = 1; i < 20; i++) {
      stdin.write(String(i));
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(stdin.isPaused()).toBe(true);
    stdin.end();
    let text = '0';
    for await (const part of { [Symbol.asyncIterator]: () => parts }) text += Buffer.from(part).toString();
    expect(text).toBe('012345678910111213141516171819');
  });
});

describe('a terminal', () => {
  test('is where input and output are one', () => {
    expect(standard(true).streams.isTerminal).toBe(true);
    expect(standard(false).streams.isTerminal).toBe(false);
  });

  test('tells its size now, and whenever it changes', () => {
    const { stdout, streams } = standard(true);
    const sizes: object[] = [];
    const stop = streams.sizes(size => void sizes.push(size));
    stdout.emit('resize', Object.assign(stdout, { columns: 60, rows: 30 }));
    stop();
    stdout.emit('resize');
    expect(sizes).toEqual([{ columns: 100, rows: 24 }, { columns: 60, rows: 30 }]);
  });
});

describe('the outputs', () => {
  test('get the bytes as they are', async () => {
    const { stdout, stderr, streams } = standard(false);
    await Promise.all([streams.out(Buffer.from([0xff, 0])), streams.err(Buffer.from('e'))]);
    expect([stdout.read(), stderr.read()]).toEqual([Buffer.from([0xff, 0]), Buffer.from('e')]);
  });
});
