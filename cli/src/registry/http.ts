import http from 'node:http';
import https from 'node:https';

export interface HttpRequest {
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  /** The URL that responded, after redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** As many as fetch follows. */
const MOST_REDIRECTS = 20;

/**
 * Sends a request, and follows redirects of GET and HEAD: registries redirect to where the content is. The first server alone gets
 * credentials.
 *
 * It is not `fetch`, whose connections outlive a request that was aborted while it connected, and keep the process from ending.
 */
export async function sendRequest(url: URL, request: HttpRequest): Promise<HttpResponse> {
  const mayFollow = ['GET', 'HEAD'].includes(request.method);
  for (let [at, { headers }, left] = [url, request, MOST_REDIRECTS]; ; left--) {
    const response = await once(at, { ...request, headers });
    const { location } = response.headers;
    if (!mayFollow || !REDIRECTS.includes(response.status) || location === undefined || left === 0) return response;
    const next = new URL(location, at);
    if (at.protocol === 'https:' && next.protocol !== 'https:') throw new Error(`it redirects to ${next.origin}, which does not use HTTPS`);
    if (next.origin !== at.origin) {
      const { authorization, ...others } = headers;
      headers = others;
    }
    at = next;
  }
}

async function once(url: URL, { method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'http:' ? http : https).request(url, { method, headers, signal }, response => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ url, status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }));
    });
    call.on('error', reject);
    call.end(body);
  });
}
