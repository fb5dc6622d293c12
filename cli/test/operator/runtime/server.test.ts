import { get, request } from 'node:http';
import type { Check, RunningServer } from '../../../src/operator/runtime/server';
import { startServer } from '../../../src/operator/runtime/server';

let server: RunningServer;
let problem: string | undefined;
beforeEach(async () => {
  problem = undefined;
  const lease: Check = () => undefined;
  server = await startServer({
    port: 0,
    healthy: { lease, queue: () => problem },
    ready: { cache: () => problem },
    metrics: async () => {
      if (problem !== undefined) throw new Error(problem);
      return { type: 'text/plain; version=0.0.4', body: 'up 1\n' };
    },
  });
});
afterEach(() => server.close());

async function ask(path: string, method = 'GET'): Promise<{ status: number; type?: string; body: string }> {
  return new Promise((resolve, reject) => {
    request({ port: server.port, path, method, agent: false }, response => {
      let body = '';
      response.setEncoding('utf8').on('data', text => body += text);
      response.on('end', () => resolve({ status: response.statusCode!, type: response.headers['content-type'], body }));
    }).on('error', reject).end();
  });
}

test('/healthz says what was checked', async () => {
  expect(await ask('/healthz')).toMatchObject({ status: 200, body: '[+]lease ok\n[+]queue ok\nok\n' });
  problem = 'a reconcile runs for 30 minutes';
  expect(await ask('/healthz?verbose')).toMatchObject({
    status: 503,
    body: '[+]lease ok\n[-]queue failed: a reconcile runs for 30 minutes\nfailed\n',
  });
});

test('/readyz has its own checks', async () => {
  expect(await ask('/readyz')).toMatchObject({ status: 200, body: '[+]cache ok\nok\n' });
  problem = 'WebApps are not listed yet';
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: '[-]cache failed: WebApps are not listed yet\nfailed\n' });
});

test('/metrics has the content type of the metrics', async () => {
  expect(await ask('/metrics')).toEqual({ status: 200, type: 'text/plain; version=0.0.4', body: 'up 1\n' });
  problem = 'broken';
  expect(await ask('/metrics')).toMatchObject({ status: 500, body: 'broken\n' });
});

test('there is nothing else', async () => {
  expect(await ask('/')).toMatchObject({ status: 404 });
  expect(await ask('/metrics', 'POST')).toMatchObject({ status: 405 });
  expect(await ask('/healthz', 'HEAD')).toMatchObject({ status: 200, body: '' });
});

test('a port that is used is an error', async () => {
  const options = { port: server.port, healthy: {}, ready: {}, metrics: async () => ({ type: '', body: '' }) };
  await expect(startServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a stop ends connections that are open', async () => {
  const ended = new Promise(resolve => {
    get({ port: server.port, path: '/healthz', headers: { connection: 'keep-alive' } }, response => {
      response.resume().socket.on('close', resolve);
      void server.close();
    });
  });
  await ended;
  await expect(ask('/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
