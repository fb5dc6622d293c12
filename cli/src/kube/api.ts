import type { Duplex } from 'node:stream';
import { ApiError } from './errors';
import type { Pod } from './types';

/** What a request carries in addition to its path. */
export interface ApiRequest {
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  readonly body?: unknown;

  /** The content type of the body; for PATCH, one of the patch formats. */
  readonly type?: string;

  /**
   * The content type of the response.
   *
   * @default JSON with all fields
   */
  readonly accept?: string;

  /** The `Host` header that a Service behind the API server's proxy receives. */
  readonly host?: string;

  /** Further headers for a Service behind the API server's proxy. */
  readonly headers?: { readonly [name: string]: string };

  /** Cancels the request. */
  readonly signal?: AbortSignal;
}

/** A request whose response arrives in pieces. */
export type StreamRequest = Pick<ApiRequest, 'query' | 'accept' | 'signal'>;

export interface ApiResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly text: string;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A connection to the process that a container has. */
export interface AttachRequest {
  readonly container: string;

  /** Its input; undefined for none. */
  readonly stdin?: AsyncIterable<Uint8Array>;

  /** Whether it has a terminal, which has one output only. */
  readonly tty?: boolean;

  /** Calls something with the size of the terminal, now and whenever it changes; returns what stops that. */
  readonly sizes?: (listener: (size: TerminalSize) => void) => () => void;

  /** Is called when it runs. */
  readonly onOpen?: () => void;

  /**
   * Receives its output as it arrives. No more is read until what this returns is resolved.
   *
   * @default the end of the output is in the result
   */
  readonly onOutput?: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void;

  /** Whether its output is of no interest. */
  readonly silent?: boolean;
  readonly signal?: AbortSignal;
}

/** A command that is run in a container. */
export interface ExecRequest extends AttachRequest {
  readonly command: readonly string[];
}

export interface ExecResult {
  readonly exitCode: number;

  /** The end of what it wrote to its output and to its error output, if nothing else receives it. */
  readonly output: string;
}

/** A stream that is connected to a port of a pod. */
export interface ForwardRequest {
  readonly port: number;
  readonly stream: Duplex;

  /** Is called before anything is read from the stream. */
  readonly onOpen?: () => void;
  readonly signal?: AbortSignal;
}

/** An API server. Everything that the command does in a cluster goes through these methods, so a test can replace the cluster here. */
export interface KubernetesApi {
  /**
   * Sends a request, and returns the response whatever its status.
   *
   * @throws UnreachableError if there is no response
   */
  send(method: string, path: string, request?: ApiRequest): Promise<ApiResponse>;

  /**
   * Reads a response that arrives in pieces, such as a log that is followed, until it ends.
   *
   * @throws ApiError if the status is an error
   */
  stream(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void>;

  /**
   * Runs a command in a container of a pod.
   *
   * @throws ApiError if the API server refuses it
   * @throws UnreachableError if the connection is lost before the command has ended
   */
  exec(pod: Pick<Pod, 'metadata'>, request: ExecRequest): Promise<ExecResult>;

  /**
   * Connects to the process that a container of a pod has, until that ends. It must have been started with an input or a terminal.
   *
   * @throws ApiError if the API server refuses it
   * @throws UnreachableError if the connection is lost before
   */
  attach(pod: Pick<Pod, 'metadata'>, request: AttachRequest): Promise<void>;

  /**
   * Connects a stream to a port of a pod, until both have ended.
   *
   * @throws ApiError if the API server refuses it
   * @throws PortError if the pod cannot be connected to at this port
   * @throws UnreachableError if there is no connection
   */
  forward(pod: Pick<Pod, 'metadata'>, request: ForwardRequest): Promise<void>;
}

/**
 * Sends a request, and returns the object in the response.
 *
 * @throws ApiError if the status is an error
 */
export async function sendJson<T>(api: KubernetesApi, method: string, path: string, request?: ApiRequest): Promise<T> {
  const { status, text } = await api.send(method, path, request);
  if (status >= 400) throw new ApiError(status, text);
  return JSON.parse(text) as T;
}

/** The path of a pod's logs. */
export function logPath({ metadata: { name, namespace } }: Pick<Pod, 'metadata'>): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}/log`;
}
