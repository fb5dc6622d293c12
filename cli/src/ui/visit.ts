import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** The response to a visitor of a URL. */
export interface Visit {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
}

/**
 * Sends a GET request from this computer, as a browser would: the host is resolved here, and the certificate has to be valid. Redirects
 * are not followed.
 *
 * @throws Error with the `code` of what failed: the lookup, the connection or the certificate
 */
export async function visit(url: string, signal: AbortSignal): Promise<Visit> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const request = send(url, { signal, agent: false, headers: { 'user-agent': 'webapp' } }, response => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers });
      response.destroy();
    });
    request.on('error', reject);
    request.end();
  });
}
