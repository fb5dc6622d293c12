import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { VirtualClock } from './virtual-clock';
import type { Clock } from '../../src/kube/clock';
import { SYSTEM_CLOCK } from '../../src/kube/clock';
import { ApiError, PortError, UnreachableError } from '../../src/kube/errors';
import { forwardPort } from '../../src/kube/port-forward';

const POD = { metadata: { name: 'db-1', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: '' } };
const [DATA, ERROR] = [0, 1];

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach(server => server.close()));

/** An API server that forwards a port; the kubelet begins each channel with the number of the port. */
async function serve(behave: (socket: WebSocket, say: (channel: number, text: string) => void, url: string) => void): Promise<string> {
  const server = createServer((_, response) => response.writeHead(403).end('forbidden'));
  servers.push(server);
  const sockets = new WebSocketServer({ server, handleProtocols: offered => offered.has('v4.channel.k8s.io') && 'v4.channel.k8s.io' });
  sockets.on('connection', (socket, { url }) => {
    for (const channel of [DATA, ERROR]) socket.send(Buffer.from([channel, 0x38, 0x15]));
    behave(socket, (channel, text) => socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)])), url!);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Both ends of a stream. */
function pair(): { stream: Duplex; program: Duplex } {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return { stream: Duplex.from({ readable: there, writable: back }), program: Duplex.from({ readable: back, writable: there }) };
}

const forward = async (server: string, stream: Duplex, more: { signal?: AbortSignal; clock?: Clock } = {}) => (
  forwardPort({ server, options: {}, clock: SYSTEM_CLOCK, ...more }, POD, { port: 5432, stream, ...more }));

const read = async (program: Duplex) => {
  let text = '';
  for await (const part of program) text += String(part);
  return text;
};

describe('a forwarded port', () => {
  test('passes bytes both ways, also more than one message has, until the program ends the connection', async () => {
    const received: Buffer[] = [];
    let asked = '';
    const server = await serve((socket, say, url) => {
      asked = url;
      socket.on('message', (message: Buffer) => {
        expect(message[0]).toBe(DATA);
        received.push(message.subarray(1));
        if (Buffer.concat(received).length < 200_000) return;
        say(DATA, 'answer');
        socket.close();
      });
    });
    const { stream, program } = pair();
    program.write(Buffer.alloc(200_000, 'x'));
    const [text] = await Promise.all([read(program), forward(server, stream)]);
    expect(text).toBe('answer');
    expect(asked).toBe('/api/v1/namespaces/shop/pods/db-1/portforward?ports=5432');
    expect(Math.max(...received.map(({ length }) => length))).toBe(64 * 1024);
  });

  test('waits while the other end does not read', async () => {
    const server = await serve((socket, say) => {
      for (let i = 0; i < 64; i++) say(DATA, 'x'.repeat(64 * 1024));
      socket.close();
    });
    const { stream, program } = pair();
    const done = forward(server, stream);
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(stream.writableLength).toBeLessThan(1024 * 1024);
    expect((await read(program)).length).toBe(64 * 64 * 1024);
    await done;
  });

  test('that has ended still gets the answer, and is closed when the program has been silent for a while', async () => {
    let isClosed = false;
    const clock = new VirtualClock();
    const server = await serve((socket, say) => {
      socket.on('message', () => say(DATA, 'PONG'));
      socket.on('close', () => isClosed = true);
    });
    const { stream, program } = pair();
    program.end('PING');
    const done = forward(server, stream, { clock });
    for (let i = 0; i < 20 && !isClosed; i++) {
      await new Promise(resolve => setTimeout(resolve, 20));
      await clock.sleep(5_000);
    }
    await done;
    expect(await read(program)).toBe('PONG');
  });

  test('is closed when the stream is closed', async () => {
    const server = await serve(() => undefined);
    const stream = new PassThrough();
    const done = forward(server, stream);
    await new Promise(resolve => setTimeout(resolve, 50));
    stream.destroy();
    await done;
  });

  test('where nothing listens is an error that says so', async () => {
    const server = await serve((_, say) => say(ERROR, 'failed to connect to localhost:5432'));
    const error = await forward(server, pair().stream).catch(caught => caught);
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({ message: 'failed to connect to localhost:5432' });
  });

  test('that the API server refuses is an error with its status, and the stream can be used for another pod', async () => {
    const server = await serve(() => undefined);
    servers.at(-1)!.removeAllListeners('upgrade');
    const { stream } = pair();
    const error = await forward(server, stream).catch(caught => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 403, message: 'forbidden' });
    expect(stream.writableEnded).toBe(false);
    await expect(forward('http://127.0.0.1:1', stream)).rejects.toThrow(UnreachableError);
  });

  test('stops when it is aborted', async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort());
    await expect(forward(server, pair().stream, { signal: stop.signal })).rejects.toThrow('abort');
  });
});
