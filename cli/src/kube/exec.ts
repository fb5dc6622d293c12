import type { RequestOptions } from 'node:https';
import type { V1Status } from '@kubernetes/client-node';
import WebSocket from 'ws';
import type { ExecRequest, ExecResult } from './api';
import type { Clock } from './clock';
import { ApiError, UnreachableError } from './errors';
import type { Pod } from './types';

/**
 * The protocols of the API server: the first byte of a message is its channel. Only the newer one can say that the input has ended.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go
 */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDIN = 0;
const STATUS = 3;
const CLOSE = 255;

/** How much of the output is kept, in characters. */
const KEPT_OUTPUT = 64 * 1024;

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

/**
 * Runs a command in a container, over one WebSocket. The input is read only as fast as the container takes it.
 *
 * A command that does not read all of its input may not be seen to end.
 *
 * @throws ApiError if the API server refuses it
 * @throws UnreachableError if the connection is lost before the command has ended
 */
export async function execute(
  { server, options, clock }: Connection, pod: Pick<Pod, 'metadata'>, request: ExecRequest,
): Promise<ExecResult> {
  const socket = new WebSocket(urlOf(server, pod, request), PROTOCOLS, {
    ...options as WebSocket.ClientOptions, handshakeTimeout: HANDSHAKE_TIMEOUT, perMessageDeflate: false,
  });
  const { signal, stdin } = request;
  const abort = () => socket.terminate();
  let unanswered = 0;
  socket.on('pong', () => unanswered = 0);
  const stop = clock.every(PING, () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (++unanswered > UNANSWERED) socket.terminate();
    else socket.ping();
  });
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const result = resultOf(socket);
    // Whichever of both fails first is what is reported.
    const [ended] = await Promise.all([result, stdin ? opened(socket).then(async () => send(socket, stdin, result)) : undefined]);
    return ended;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stop();
    signal?.removeEventListener('abort', abort);
    socket.terminate();
  }
}

function urlOf(server: string, { metadata: { namespace, name } }: Pick<Pod, 'metadata'>, { container, command, stdin }: ExecRequest): URL {
  const url = new URL(`${server.replace(/\/$/, '').replace(/^http/, 'ws')}/api/v1/namespaces/${namespace}/pods/${name}/exec`);
  const flags = { container, stdin: String(stdin !== undefined), stdout: 'true', stderr: 'true' };
  for (const [key, value] of Object.entries(flags)) url.searchParams.set(key, value);
  for (const word of command) url.searchParams.append('command', word);
  return url;
}

/** What the command says, and how it ends. */
async function resultOf(socket: WebSocket): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    let output = '';
    socket.on('message', (data: Buffer) => {
      const [channel] = data;
      const text = data.toString('utf8', 1);
      if (channel === STATUS) {
        const exitCode = exitCodeOf(JSON.parse(text) as V1Status);
        if (exitCode === undefined) reject(new ApiError(500, text));
        else resolve({ exitCode, output });
      } else if (channel !== CLOSE) {
        output = (output + text).slice(-KEPT_OUTPUT);
      }
    });
    socket.on('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (part: Buffer) => text += part.toString());
      response.on('end', () => reject(new ApiError(response.statusCode!, text)));
    });
    socket.on('error', error => reject(new UnreachableError(`the connection to the container failed: ${error.message}`)));
    socket.on('close', () => reject(new UnreachableError('the connection to the container was lost')));
  });
}

/**
 * The exit code of a command; undefined if it could not be run.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/client-go/tools/remotecommand/v4.go
 */
function exitCodeOf({ status, details }: V1Status): number | undefined {
  if (status === 'Success') return 0;
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return code === undefined ? undefined : Number(code);
}

async function opened(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.OPEN) return;
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('close', () => reject(new UnreachableError('the connection to the container was lost')));
  });
}

/** Sends the input, and stops when the command has ended, which need not read all of it. */
async function send(socket: WebSocket, stdin: AsyncIterable<Uint8Array>, result: Promise<ExecResult>): Promise<void> {
  let hasEnded = false;
  const ended = result.then(() => void (hasEnded = true), () => void (hasEnded = true));
  for await (const part of stdin) {
    for (let start = 0; start < part.length && !hasEnded; start += MESSAGE_SIZE) {
      await Promise.race([ended, sendOne(socket, [STDIN], part.subarray(start, start + MESSAGE_SIZE))]);
    }
    if (hasEnded) return;
  }
  if (socket.protocol === PROTOCOLS[0]) await Promise.race([ended, sendOne(socket, [CLOSE, STDIN], new Uint8Array())]);
}

async function sendOne(socket: WebSocket, head: readonly number[], data: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.send(Buffer.concat([Buffer.from(head), data]), { binary: true }, error => {
      if (error) reject(new UnreachableError(`the connection to the container failed: ${error.message}`));
      else resolve();
    });
  });
}
