import type { V1Status } from '@kubernetes/client-node';
import WebSocket from 'ws';
import type { AttachRequest, ExecRequest, ExecResult, TerminalSize } from './api';
import { ApiError, UnreachableError } from './errors';
import type { Pod } from './types';
import type { Connection } from './web-socket';
import { onFailure, openPodSocket, sendMessage, sendTo } from './web-socket';

/**
 * The protocols of the API server: the first byte of a message is its channel. Only the newer one can say that the input has ended.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go
 */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDIN = 0;
const STDERR = 2;
const STATUS = 3;
const RESIZE = 4;
const CLOSE = 255;

/** How much of the output is kept, in characters. */
const KEPT_OUTPUT = 64 * 1024;

/**
 * Runs a command in a container, or attaches to its process, over one WebSocket. The input is read only as fast as the container takes
 * it, and the output only as fast as it is written.
 *
 * A command that does not read all of its input may not be seen to end.
 *
 * @throws ApiError if the API server refuses it
 * @throws UnreachableError if the connection is lost before the command has ended
 */
export async function execute(
  connection: Connection, pod: Pick<Pod, 'metadata'>, request: ExecRequest | AttachRequest,
): Promise<ExecResult> {
  const { signal, stdin, onOpen } = request;
  const { socket, end } = openPodSocket(connection, pod, { path: pathOf(request), protocols: PROTOCOLS, signal });
  let stopSizes = () => {};
  socket.on('open', () => {
    if (request.tty) stopSizes = request.sizes?.(size => sendSize(socket, size)) ?? stopSizes;
    onOpen?.();
  });
  try {
    const result = resultOf(socket, request);
    // Whichever of both fails first is what is reported.
    const [ended] = await Promise.all([result, stdin ? opened(socket).then(async () => send(socket, stdin, result)) : undefined]);
    return ended;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopSizes();
    end();
  }
}

/** The path below the pod. */
function pathOf({ container, stdin, tty = false, silent = false, ...request }: ExecRequest | AttachRequest): string {
  const command = 'command' in request ? request.command : undefined;
  // A terminal has one output; asking for the other one is an error.
  const flags = { stdin: stdin !== undefined, stdout: !silent, stderr: !silent && !tty, tty };
  const query = new URLSearchParams({ container, ...Object.fromEntries(Object.entries(flags).map(([key, on]) => [key, String(on)])) });
  for (const word of command ?? []) query.append('command', word);
  return `${command ? 'exec' : 'attach'}?${query.toString()}`;
}

function sendSize(socket: WebSocket, { columns, rows }: TerminalSize): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(Buffer.concat([Buffer.from([RESIZE]), Buffer.from(JSON.stringify({ Width: columns, Height: rows }))]), { binary: true });
}

/** What the command says, and how it ends. */
async function resultOf(socket: WebSocket, { onOutput }: AttachRequest): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    let output = '';
    let written = Promise.resolve();
    const write = (bytes: Buffer, stream: 'stdout' | 'stderr') => {
      socket.pause();
      const next = written.then(async () => onOutput!(bytes, stream));
      written = next;
      // Messages that had arrived before the pause may still follow.
      next.then(() => written === next && socket.readyState === WebSocket.OPEN && socket.resume(), reject);
    };
    socket.on('message', (data: Buffer) => {
      if (data.length === 1) return; // each channel begins so
      const [channel] = data;
      const text = () => data.toString('utf8', 1);
      if (channel === STATUS) {
        const status = JSON.parse(text()) as V1Status;
        const exitCode = exitCodeOf(status);
        if (exitCode === undefined) reject(new ApiError(500, JSON.stringify({ ...status, kind: 'Status', apiVersion: 'v1' })));
        else written.then(() => resolve({ exitCode, output }), reject);
      } else if (channel !== CLOSE) {
        if (onOutput) write(data.subarray(1), channel === STDERR ? 'stderr' : 'stdout');
        else output = (output + text()).slice(-KEPT_OUTPUT);
      }
    });
    onFailure(socket, 'the connection to the container', reject);
    // What has arrived may still be written.
    const lost = () => reject(new UnreachableError('the connection to the container was lost'));
    socket.on('close', () => written.then(lost, lost));
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
  const parts = stdin[Symbol.asyncIterator]();
  for (;;) {
    // A user may type nothing more after the end of the command.
    const part = await Promise.race([ended, parts.next()]);
    if (!part || hasEnded) {
      parts.return?.().catch(() => {}); // what it reads from is closed, as soon as it answers
      return;
    }
    if (part.done) break;
    await Promise.race([ended, sendTo(socket, STDIN, part.value, () => hasEnded)]);
  }
  if (socket.protocol === PROTOCOLS[0]) await Promise.race([ended, sendMessage(socket, [CLOSE, STDIN])]);
}
