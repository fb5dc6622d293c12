import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { visit } from '../../src/ui/visit';

describe('a visit of a URL', () => {
  test('has the status and the headers, and follows no redirect', async () => {
    const server = createServer((request, response) => {
      const headers = { 'location': '/next', 'x-agent': request.headers['user-agent'] };
      response.writeHead(request.url === '/' ? 301 : 200, headers).end('x'.repeat(1e6));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { status, headers } = await visit(`http://127.0.0.1:${port}/`, AbortSignal.timeout(5_000));
    expect({ status, location: headers.location, agent: headers['x-agent'] }).toEqual({ status: 301, location: '/next', agent: 'webapp' });
    await new Promise(resolve => server.close(resolve));
  });

  test('fails with the code of what is wrong', async () => {
    await expect(visit('http://127.0.0.1:1/', AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('ends with its signal', async () => {
    const server = createServer(() => {});
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(visit(`http://127.0.0.1:${port}/`, AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise(resolve => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });
});
