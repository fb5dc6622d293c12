/** What kubelet and Prometheus ask the operator over HTTP: `/healthz`, `/readyz` and `/metrics`. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** Says why something is not healthy or not ready; undefined if it is. */
export type Check = () => string | undefined;

export interface ServerOptions {
  /** 0 for one that is free. */
  readonly port: number;

  /** What has to hold for the process to go on; if it does not, the kubelet restarts the container. */
  readonly healthy: { readonly [name: string]: Check };

  /** What has to hold for the replica to count as available. */
  readonly ready: { readonly [name: string]: Check };

  /** The metrics, in Prometheus' text format. */
  readonly metrics: () => Promise<{ readonly type: string; readonly body: string }>;
}

export interface RunningServer {
  readonly port: number;

  /** Ends it, and connections that are open. */
  close(): Promise<void>;
}

/** @throws the error of the system if the port cannot be used */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: Error) => reply(response, 500, `${error.message}\n`));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, resolve));
  return { port: portOf(server), close: async () => close(server) };
}

async function answer({ healthy, ready, metrics }: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://operator').pathname;
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply(response, 405, 'only GET is allowed\n');
  if (path === '/healthz') return report(response, healthy);
  if (path === '/readyz') return report(response, ready);
  if (path !== '/metrics') return reply(response, 404, 'not found; there are /healthz, /readyz and /metrics\n');
  const { type, body } = await metrics();
  return reply(response, 200, body, type);
}

/** As Kubernetes' own components answer: https://kubernetes.io/docs/reference/using-api/health-checks/ */
function report(response: ServerResponse, checks: { readonly [name: string]: Check }): void {
  const results = Object.entries(checks).map(([name, check]) => ({ name, problem: check() }));
  const lines = results.map(({ name, problem }) => (problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`));
  const isGood = results.every(({ problem }) => problem === undefined);
  reply(response, isGood ? 200 : 503, `${[...lines, isGood ? 'ok' : 'failed'].join('\n')}\n`);
}

function reply(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
