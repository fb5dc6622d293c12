import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import type { ForwardRequest } from './api';
import { PortError, UnreachableError } from './errors';
import type { Pod } from './types';
import type { Connection } from './web-socket';
import { onFailure, openPodSocket, sendTo } from './web-socket';

/**
 * The protocol of port forwarding over WebSockets: for each port a channel for bytes, and one for an error. Both begin with the number of
 * the port, in two bytes.
 *
 * @see https://github.com/kubernetes/cri-streaming/blob/master/pkg/streaming/portforward/websocket.go
 */
const PROTOCOLS = ['v4.channel.k8s.io'];
const DATA = 0;
const ERROR = 1;
const PORT_LENGTH = 2;

/** How long the program in the pod may be silent after the end of what was sent to it, in milliseconds. */
const SILENCE = 3_000;

/**
 * Connects a stream to a port of a pod, over a WebSocket of its own, until both have ended. Neither side is read faster than the other
 * one takes the bytes.
 *
 * The protocol has no end of the input. Where the stream has ended and the program does not end the connection, it is closed once the
 * program has been silent for a while. For kubectl, containerd waits a second then, whatever the program does:
 * https://github.com/containerd/containerd/blob/main/internal/cri/server/sandbox_portforward_linux.go
 *
 * @throws ApiError if the API server refuses it
 * @throws PortError if the pod cannot be connected to at this port
 * @throws UnreachableError if there is no connection
 */
export async function forwardPort(
  connection: Connection, pod: Pick<Pod, 'metadata'>, { port, stream, onOpen, signal }: ForwardRequest,
): Promise<void> {
  const { socket, end } = openPodSocket(connection, pod, { path: `portforward?ports=${port}`, protocols: PROTOCOLS, signal });
  const cleanUp = [end];
  let isOpen = false;
  try {
    await new Promise<void>((resolve, reject) => {
      const heard = receive(socket, stream, reject);
      onFailure(socket, 'the connection to the pod', reject);
      socket.on('open', () => {
        isOpen = true;
        onOpen?.();
        send(socket, stream).then(() => {
          let before = heard();
          cleanUp.push(connection.clock.every(SILENCE, () => {
            if (heard() === before) socket.close();
            before = heard();
          }));
        }, reject);
      });
      socket.on('close', resolve);
      // It may be closed before its end, with an error for who owns it.
      stream.on('error', () => undefined);
      stream.on('close', () => socket.close());
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    cleanUp.forEach(act => act());
    if (isOpen) stream.end();
  }
}

/**
 * Writes what arrives to a stream.
 *
 * @returns how many messages there have been
 */
function receive(socket: WebSocket, stream: Duplex, fail: (error: Error) => void): () => number {
  const begun = new Set<number>();
  let messages = 0;
  socket.on('message', (message: Buffer) => {
    messages++;
    const [channel] = message;
    const data = message.subarray(begun.has(channel) ? 1 : 1 + PORT_LENGTH);
    begun.add(channel);
    if (data.length === 0) return;
    if (channel === ERROR) return fail(new PortError(data.toString('utf8')));
    if (channel !== DATA || stream.writableEnded || stream.write(data)) return;
    socket.pause();
    stream.once('drain', () => socket.readyState === WebSocket.OPEN && socket.resume());
  });
  return () => messages;
}

/** Sends what a stream has, until it ends. */
async function send(socket: WebSocket, stream: Duplex): Promise<void> {
  try {
    for await (const part of stream.iterator({ destroyOnReturn: false })) await sendTo(socket, DATA, part as Uint8Array);
  } catch (error) {
    // The program in the pod may end the connection while something is sent to it.
    if (!(error instanceof UnreachableError) && !stream.destroyed) throw error;
  }
}
