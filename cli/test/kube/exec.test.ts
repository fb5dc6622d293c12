import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { VirtualClock } from './virtual-clock';
import type { ExecRequest } from '../../src/kube/api';
import { SYSTEM_CLOCK } from '../../src/kube/clock';
import { ApiError, UnreachableError } from '../../src/kube/errors';
import { execute } from '../../src/kube/exec';

const POD = { metadata: { name: 'web-1', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: '' } };
const SUCCESS = { status: 'Success' };
const failure = (code: string) => ({ status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: code }] } });
const [STDIN, STDOUT, STDERR, STATUS, RESIZE, CLOSE] = [0, 1, 2, 3, 4, 255];

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach(server => server.close()));

/** What the server does with a connection. */
type Behave = (socket: WebSocket, say: (channel: number, text: string | object) => void, url: URL) => void;

/** An API server that answers the exec of a pod. */
async function serve(behave: Behave, protocol = 'v5.channel.k8s.io'): Promise<string> {
  const server = createServer((_, response) => response.writeHead(403).end('forbidden'));
  servers.push(server);
  const sockets = new WebSocketServer({ server, handleProtocols: offered => offered.has(protocol) && protocol });
  sockets.on('connection', (socket, { url }) => {
    const say = (channel: number, text: string | object) => (
      socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(typeof text === 'string' ? text : JSON.stringify(text))])));
    behave(socket, say, new URL(url!, 'http://server'));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const run = async (server: string, request: Partial<ExecRequest> = {}) => (
  execute({ server, options: {}, clock: SYSTEM_CLOCK }, POD, { container: 'main', command: ['cat'], ...request }));

describe('a command in a container', () => {
  test('is asked for with all its words, and its output and exit code come back', async () => {
    let asked: URL | undefined;
    const server = await serve((_, say, url) => {
      asked = url;
      say(STDOUT, 'out\n');
      say(STDERR, 'err\n');
      say(STATUS, failure('3'));
    });
    expect(await run(server, { command: ['sh', '-c', 'a b'] })).toEqual({ exitCode: 3, output: 'out\nerr\n' });
    expect(asked!.pathname).toBe('/api/v1/namespaces/shop/pods/web-1/exec');
    expect(asked!.searchParams.getAll('command')).toEqual(['sh', '-c', 'a b']);
    expect(Object.fromEntries(asked!.searchParams)).toMatchObject({ container: 'main', stdin: 'false', stdout: 'true', stderr: 'true' });
  });

  const protocols: [protocol: string, hasEnd: boolean][] = [['v5.channel.k8s.io', true], ['v4.channel.k8s.io', false]];
  test.each(protocols)('gets its input by %s, and its end: %s', async (protocol, hasEnd) => {
    const received: number[][] = [];
    const large = 'x'.repeat(100_000);
    const server = await serve((socket, say) => socket.on('message', (data: Buffer) => {
      received.push([data[0], data.length - 1]);
      const bytes = received.filter(([channel]) => channel === STDIN).reduce((sum, [, length]) => sum + length, 0);
      if (hasEnd ? data[0] === CLOSE : bytes === large.length + 1) say(STATUS, SUCCESS);
    }), protocol);
    expect(await run(server, { stdin: chunks('a', large) })).toEqual({ exitCode: 0, output: '' });
    expect(received).toEqual([[STDIN, 1], [STDIN, 65_536], [STDIN, 34_464], ...hasEnd ? [[CLOSE, 1]] : []]);
  });

  test('whose user types nothing more ends all the same', async () => {
    async function* silent(): AsyncIterable<Uint8Array> {
      yield Buffer.from('a');
      await new Promise(() => {});
    }
    const server = await serve((socket, say) => socket.once('message', () => say(STATUS, failure('1'))));
    expect(await run(server, { stdin: silent() })).toMatchObject({ exitCode: 1 });
  });

  test('with a terminal has one output, and is told its size now and when it changes', async () => {
    const sizes: string[] = [];
    let asked: URL | undefined;
    const server = await serve((socket, say, url) => {
      asked = url;
      socket.on('message', (data: Buffer) => {
        if (data[0] === RESIZE) sizes.push(data.toString('utf8', 1));
        if (sizes.length === 2) say(STATUS, SUCCESS);
      });
    });
    let isStopped = false;
    await run(server, {
      tty: true,
      stdin: chunks(),
      sizes: listener => {
        listener({ columns: 80, rows: 24 });
        listener({ columns: 60, rows: 30 });
        return () => void (isStopped = true);
      },
    });
    expect(sizes.map(text => JSON.parse(text))).toEqual([{ Width: 80, Height: 24 }, { Width: 60, Height: 30 }]);
    expect(isStopped).toBe(true);
    expect(Object.fromEntries(asked!.searchParams)).toMatchObject({ tty: 'true', stdin: 'true', stdout: 'true', stderr: 'false' });
  });

  test('gives both outputs as they arrive, byte by byte, and has them all before it has ended', async () => {
    const server = await serve((_, say) => {
      say(STDOUT, ''); // each channel begins so
      say(STATUS, '');
      say(STDOUT, 'out');
      say(STDERR, 'err');
      say(STATUS, SUCCESS);
    });
    const received: string[] = [];
    const onOutput = async (bytes: Uint8Array, stream: string) => {
      await new Promise(resolve => setTimeout(resolve, 20));
      received.push(`${stream}: ${Buffer.from(bytes).toString()}`);
    };
    expect(await run(server, { onOutput })).toEqual({ exitCode: 0, output: '' });
    expect(received).toEqual(['stdout: out', 'stderr: err']);
  });

  test('whose output cannot be written is that error', async () => {
    const server = await serve((_, say) => say(STDOUT, 'out'));
    const onOutput = async () => {
      throw new Error('the pipe is closed');
    };
    await expect(run(server, { onOutput })).rejects.toThrow('the pipe is closed');
  });

  test('that does not read all of its input ends all the same', async () => {
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) yield Buffer.alloc(1024);
    }
    const server = await serve((socket, say) => socket.once('message', () => say(STATUS, failure('1'))));
    expect(await run(server, { stdin: endless() })).toMatchObject({ exitCode: 1 });
  });

  test('that the API server refuses is an error with its status', async () => {
    const server = await serve(() => undefined);
    servers.at(-1)!.removeAllListeners('upgrade');
    const error = await run(server).catch(caught => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 403, message: 'forbidden' });
  });

  test('that cannot be run is an error', async () => {
    const server = await serve((_, say) => say(STATUS, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no such file' }));
    await expect(run(server)).rejects.toThrow('no such file');
  });

  test('whose connection is lost is an error that may be tried again', async () => {
    const server = await serve(socket => socket.terminate());
    await expect(run(server)).rejects.toThrow(UnreachableError);
    await expect(run('http://127.0.0.1:1')).rejects.toThrow(UnreachableError);
  });

  test('whose input cannot be read is that error', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('a');
      throw new Error('the file has changed');
    }
    await expect(run(await serve(() => undefined), { stdin: broken() })).rejects.toThrow('the file has changed');
  });

  test('stops when it is aborted', async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort());
    await expect(run(server, { signal: stop.signal })).rejects.toThrow('abort');
  });

  test('is given up when the server does not answer for a minute', async () => {
    const clock = new VirtualClock();
    const server = await serve(socket => socket.pause());
    const result = execute({ server, options: {}, clock }, POD, { container: 'main', command: ['cat'] }).catch(error => error);
    for (let i = 0; i < 20; i++) {
      await new Promise(resolve => setTimeout(resolve, 20));
      await clock.sleep(20_000);
    }
    expect(await result).toBeInstanceOf(UnreachableError);
  });
});

describe('the process of a container', () => {
  test('is connected to without a command, and for its input alone if its output is of no interest', async () => {
    let asked: URL | undefined;
    const server = await serve((_, say, url) => {
      asked = url;
      say(STATUS, SUCCESS);
    });
    await execute({ server, options: {}, clock: SYSTEM_CLOCK }, POD, { container: 'main', stdin: chunks('a'), silent: true });
    expect(asked!.pathname).toBe('/api/v1/namespaces/shop/pods/web-1/attach');
    expect(Object.fromEntries(asked!.searchParams)).toEqual(
      { container: 'main', stdin: 'true', stdout: 'false', stderr: 'false', tty: 'false' });
  });
});
