import type { RequestOptions } from 'node:https';
import WebSocket from 'ws';
import type { Clock } from './clock';
import { ApiError, UnreachableError } from './errors';
import type { Pod } from './types';

/** How long the connection may take, in milliseconds. */
const HANDSHAKE_TIMEOUT = 30_000;

/** How often the other end is asked whether it is still there, in milliseconds, and how often it may not answer. */
const PING = 20_000;
const UNANSWERED = 3;

/** The largest message, in bytes. */
const MESSAGE_SIZE = 64 * 1024;

/** An API server, and how to reach it. */
export interface Connection {
  readonly server: string;

  /** Agent and credentials. */
  readonly options: RequestOptions;
  readonly clock: Clock;
}

/** A WebSocket to a pod, by which the API server passes several channels of bytes on: the first byte of a message is its channel. */
export interface PodSocket {
  readonly socket: WebSocket;

  /** Ends the connection, and stops looking after it. */
  readonly end: () => void;
}

/**
 * Opens a WebSocket to a subresource of a pod, such as `exec`. While it is open, the other end is asked whether it is still there.
 *
 * @param signal ends it
 */
export function openPodSocket(
  { server, options, clock }: Connection, { metadata: { namespace, name } }: Pick<Pod, 'metadata'>,
  { path, protocols, signal }: { readonly path: string; readonly protocols: readonly string[]; readonly signal?: AbortSignal },
): PodSocket {
  const url = new URL(`${server.replace(/\/$/, '').replace(/^http/, 'ws')}/api/v1/namespaces/${namespace}/pods/${name}/${path}`);
  const socket = new WebSocket(url, [...protocols], {
    ...options as WebSocket.ClientOptions, handshakeTimeout: HANDSHAKE_TIMEOUT, perMessageDeflate: false,
  });
  const abort = () => socket.terminate();
  let unanswered = 0;
  socket.on('pong', () => unanswered = 0);
  const stop = clock.every(PING, () => {
    if (socket.readyState !== WebSocket.OPEN || socket.isPaused) return; // nothing is read while output waits
    if (++unanswered > UNANSWERED) socket.terminate();
    else socket.ping();
  });
  signal?.addEventListener('abort', abort, { once: true });
  return {
    socket,
    end: () => {
      stop();
      signal?.removeEventListener('abort', abort);
      socket.terminate();
    },
  };
}

/**
 * Calls something with the error of a connection that is refused, or fails.
 *
 * @param what the connection, for the message: `the connection to the container`
 */
export function onFailure(socket: WebSocket, what: string, fail: (error: Error) => void): void {
  socket.on('unexpected-response', (_, response) => {
    let text = '';
    response.on('data', (part: Buffer) => text += part.toString());
    response.on('end', () => fail(new ApiError(response.statusCode!, text)));
  });
  socket.on('error', error => fail(new UnreachableError(`${what} failed: ${error.message}`)));
}

/** Sends bytes to a channel, in messages that are not too large, as fast as the other end takes them. */
export async function sendTo(socket: WebSocket, channel: number, data: Uint8Array, isOver: () => boolean = () => false): Promise<void> {
  for (let start = 0; start < data.length && !isOver(); start += MESSAGE_SIZE) {
    await sendMessage(socket, [channel], data.subarray(start, start + MESSAGE_SIZE));
  }
}

/** Sends one message, and waits until it is on its way. */
export async function sendMessage(socket: WebSocket, head: readonly number[], data: Uint8Array = new Uint8Array()): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.send(Buffer.concat([Buffer.from(head), data]), { binary: true }, error => {
      if (error) reject(new UnreachableError(`the connection to the pod failed: ${error.message}`));
      else resolve();
    });
  });
}
