import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { checkServerIdentity } from 'node:tls';
import type { ApiRequest, ApiResponse, AttachRequest, ExecRequest, ExecResult, ForwardRequest, KubernetesApi, StreamRequest } from './api';
import type { Clock } from './clock';
import { ApiError, UnreachableError } from './errors';
import type { Pod } from './types';

/** Statuses that a retry may change. */
const TEMPORARY = [429, 502, 503, 504];

/** An API server that is reached over HTTP. The kubeconfig decides the credentials and the connection. */
export class HttpKubernetesApi implements KubernetesApi {
  private options?: { readonly created: number; readonly value: Promise<https.RequestOptions> };

  /**
   * @param server its URL
   * @param authorize returns agent and credentials; called again every minute, as credentials expire
   */
  constructor(
    private readonly server: string, private readonly authorize: () => Promise<https.RequestOptions>, private readonly clock: Clock,
  ) {}

  /** Requests that can safely be repeated are retried. */
  public async send(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
    for (let left = method === 'POST' || request.host !== undefined ? 0 : 3; ; left--) {
      try {
        const response = await this.once(method, path, request);
        if (left <= 0 || !TEMPORARY.includes(response.status)) return response;
      } catch (error) {
        if (left <= 0 || request.signal?.aborted || !(error instanceof UnreachableError)) throw error;
      }
      await this.clock.sleep(500 * (4 - left), request.signal);
    }
  }

  public async stream(path: string, request: StreamRequest, onText: (text: string) => void): Promise<void> {
    const response = await this.start('GET', path, request);
    response.setEncoding('utf8');
    if (response.statusCode! >= 400) throw new ApiError(response.statusCode!, await textOf(response));
    for await (const text of response) onText(text as string);
  }

  public async exec(pod: Pick<Pod, 'metadata'>, request: ExecRequest): Promise<ExecResult> {
    const { execute } = await import('./exec');
    return execute({ server: this.server, options: await this.current(), clock: this.clock }, pod, request);
  }

  public async attach(pod: Pick<Pod, 'metadata'>, request: AttachRequest): Promise<void> {
    const { execute } = await import('./exec');
    await execute({ server: this.server, options: await this.current(), clock: this.clock }, pod, request);
  }

  public async forward(pod: Pick<Pod, 'metadata'>, request: ForwardRequest): Promise<void> {
    const { forwardPort } = await import('./port-forward');
    await forwardPort({ server: this.server, options: await this.current(), clock: this.clock }, pod, request);
  }

  private async once(method: string, path: string, request: ApiRequest): Promise<ApiResponse> {
    const response = await this.start(method, path, request);
    return { status: response.statusCode!, headers: response.headers, text: await textOf(response) };
  }

  private async start(
    method: string, path: string,
    { query = {}, body, type = 'application/json', accept = 'application/json, */*', host, headers: further, signal }: ApiRequest,
  ): Promise<http.IncomingMessage> {
    const url = new URL(this.server.replace(/\/$/, '') + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const given = await this.current();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...further,
      ...given.headers as http.OutgoingHttpHeaders,
      accept,
      'user-agent': 'webapp',
      ...text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) },
      ...host === undefined ? {} : { host },
    };
    const expected = given.servername ?? url.hostname.replace(/^\[|\]$/g, '');
    // The certificate is checked for the server's name even where the Host header has another one. TLS cannot send an IP address as a name.
    const identity = {
      servername: isIP(expected) ? '' : expected,
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(expected, certificate),
    };
    const options = { ...given, ...identity, method, headers, signal };
    return new Promise((resolve, reject) => {
      const call = (url.protocol === 'http:' ? http : https).request(url, options, resolve);
      call.on('error', error => {
        const unreachable = new UnreachableError(`${url.host}: ${error.message || (error as NodeJS.ErrnoException).code}`);
        reject(signal?.aborted ? error : unreachable);
      });
      call.end(text);
    });
  }

  private async current(): Promise<https.RequestOptions> {
    const now = this.clock.now();
    if (!this.options || now - this.options.created > 60_000) this.options = { created: now, value: this.authorize() };
    return this.options.value;
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  try {
    for await (const part of response) text += part as string;
  } catch (error) {
    throw new UnreachableError((error as Error).message);
  }
  return text;
}
