import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkServerIdentity, PeerCertificate } from 'node:tls';

/** What a request carries beside its path. */
export interface ApiRequest {
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  readonly body?: unknown;

  /** The body's content type; one of the patches, for PATCH. */
  readonly type?: string;

  /** The `Host` that a service behind the API server's proxy is to see. */
  readonly host?: string;

  /** Ends the request before its time. */
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** The API server said no. */
export class ApiError extends Error {
  /** The server's word for it, such as `AlreadyExists`. */
  public readonly reason: string;

  /** The fields that it is about, where there are any. */
  public readonly causes: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];

  constructor(public readonly status: number, text: string) {
    const said = parsed(text);
    super(said?.message || text.trim() || `HTTP status ${status}`);
    this.reason = said?.reason ?? '';
    this.causes = said?.details?.causes ?? [];
  }
}

/** The API server could not be asked at all. */
export class Unreachable extends Error {}

/** An API server, as HTTP: who asks, and over which connection, the kubeconfig has said. */
export class KubernetesApi {
  private options?: { readonly made: number; readonly value: Promise<https.RequestOptions> };

  /**
   * @param server its URL
   * @param authorize gives agent and credentials; asked again each minute, as credentials run out
   */
  constructor(public readonly server: string, private readonly authorize: () => Promise<https.RequestOptions>) {}

  /** Asks, and gives what was answered as JSON. */
  public async json<T = any>(method: string, path: string, request: ApiRequest = {}): Promise<T> {
    const { status, text } = await this.ask(method, path, request);
    if (status >= 400) throw new ApiError(status, text);
    return JSON.parse(text) as T;
  }

  /** Asks, and gives what was answered, whatever the status. What changes nothing twice is asked again where the connection was lost. */
  public async ask(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
    for (let left = method === 'POST' || request.host !== undefined ? 0 : 3; ; left--) {
      try {
        const response = await this.once(method, path, request);
        if (left <= 0 || ![429, 502, 503, 504].includes(response.status)) return response;
      } catch (error) {
        if (left <= 0 || request.signal?.aborted || !(error instanceof Unreachable)) throw error;
      }
      await sleep(500 * (4 - left), undefined, { signal: request.signal });
    }
  }

  /** Asks for a text that comes bit by bit, until it ends. */
  public async follow(path: string, query: ApiRequest['query'], signal: AbortSignal | undefined, each: (text: string) => void): Promise<void> {
    const response = await this.start('GET', path, { query, signal });
    response.setEncoding('utf8');
    if (response.statusCode! >= 400) throw new ApiError(response.statusCode!, await textOf(response));
    for await (const text of response) each(text as string);
  }

  private async once(method: string, path: string, request: ApiRequest): Promise<ApiResponse> {
    const response = await this.start(method, path, request);
    return { status: response.statusCode!, headers: response.headers, text: await textOf(response) };
  }

  private async start(method: string, path: string, { query = {}, body, type = 'application/json', host, signal }: ApiRequest): Promise<http.IncomingMessage> {
    const url = new URL(this.server.replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const given = await this.current();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...given.headers as http.OutgoingHttpHeaders,
      'accept': 'application/json, */*',
      'user-agent': 'webapp',
      ...text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) },
      ...host === undefined ? {} : { host },
    };
    const named = given.servername ?? url.hostname.replace(/^\[|\]$/g, '');
    // The name in the certificate is the server's, also where the Host header is another's. An address is no name that TLS may send.
    const identity = { servername: isIP(named) ? '' : named, checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(named, certificate) };
    const options = { ...given, ...identity, method, headers, signal };
    return new Promise((resolve, reject) => {
      const call = (url.protocol === 'http:' ? http : https).request(url, options, resolve);
      call.on('error', error => reject(signal?.aborted ? error : new Unreachable(`${url.host}: ${error.message || (error as NodeJS.ErrnoException).code}`)));
      call.end(text);
    });
  }

  private async current(): Promise<https.RequestOptions> {
    if (!this.options || Date.now() - this.options.made > 60_000) this.options = { made: Date.now(), value: this.authorize() };
    return this.options.value;
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  try {
    for await (const part of response) text += part as string;
  } catch (error) {
    throw new Unreachable((error as Error).message);
  }
  return text;
}

function parsed(text: string): { message?: string; reason?: string; details?: { causes?: [] } } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
