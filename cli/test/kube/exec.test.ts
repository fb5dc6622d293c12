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
const [STDIN, STDOUT, STDERR, STATUS, CLOSE] = [0, 1, 2, 3, 255];

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
