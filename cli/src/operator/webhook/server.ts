/** The HTTPS server that the API server asks. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServedCertificate } from './certificate-store';
import type { AdmissionRequest, Validate } from './review';
import { review } from './review';
import { PORTS, WEBHOOK_PATH } from '../manifest/names';

/** A resource is at most as large as etcd takes, and an update has it twice. */
const LARGEST_BODY = 8 * 1024 * 1024;

export interface WebhookOptions {
  readonly validate: Validate;
  readonly certificate: ServedCertificate;

  /** By default that of the operator's pods; 0 is any. */
  readonly port?: number;
}

/** A server that answers until it is closed. */
export interface WebhookServer {
  readonly port: number;

  /** Serves another certificate from the next connection on. */
  use(certificate: ServedCertificate): void;

  /** Stops after the requests that it has. */
  close(): Promise<void>;
}

export async function serveWebhook({ validate, certificate, port = PORTS.webhook }: WebhookOptions): Promise<WebhookServer> {
  const server = createServer({ ...contextOf(certificate), minVersion: 'TLSv1.2' }, (request, response) => {
    void answer(request, validate).catch(() => ({ status: 500 })).then(({ status, body }: Answer) => send(response, status, body));
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    use: other => server.setSecureContext({ ...contextOf(other), minVersion: 'TLSv1.2' }),
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
  };
}

function contextOf({ certificate, key }: ServedCertificate) {
  return { cert: certificate, key };
}

interface Answer {
  readonly status: number;
  readonly body?: object;
}

async function answer(request: IncomingMessage, validate: Validate): Promise<Answer> {
  const [path] = (request.url ?? '').split('?');
  if (path !== WEBHOOK_PATH) return { status: 404 };
  if (request.method !== 'POST') return { status: 405 };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) return { status: 413 };
    chunks.push(chunk);
  }
  const asked = requestOf(Buffer.concat(chunks).toString());
  if (!asked) return { status: 400 };
  return { status: 200, body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: await review(asked, validate) } };
}

function requestOf(text: string): AdmissionRequest | undefined {
  try {
    const { apiVersion, request } = JSON.parse(text) as { readonly apiVersion?: string; readonly request?: AdmissionRequest };
    return apiVersion === 'admission.k8s.io/v1' && typeof request?.uid === 'string' ? request : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: object | undefined): void {
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, body && { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
}
