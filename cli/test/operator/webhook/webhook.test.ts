import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import type { Secret } from '../../../src/kube/types';
import { SECRET } from '../../../src/kube/types';
import { WEBHOOK_SECRET } from '../../../src/operator/manifest/names';
import { runWebhook } from '../../../src/operator/webhook/webhook';
import { TestCluster } from '../../kube/test-cluster';

const NAMESPACE = 'webapp-system';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** The certificate that a port serves; the time of the test's cluster is not that of TLS. */
async function servedAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('the webhook of a replica', () => {
  test('serves the certificate in the Secret until it is stopped', async () => {
    const cluster = new TestCluster();
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const stop = new AbortController();
    const port = await freePort();
    const validate = () => ({ problems: [], warnings: [] });
    const onError = (error: Error) => {
      throw error;
    };
    const run = runWebhook({ cluster, namespace: NAMESPACE, validate, port, signal: stop.signal, onError });
    let served: string | undefined;
    while (served === undefined) served = await servedAt(port).catch(() => undefined);
    const { data } = (await cluster.objects.get<Secret>({ ...SECRET, name: WEBHOOK_SECRET, namespace: NAMESPACE }))!;
    expect(served).toBe(new X509Certificate(Buffer.from(data!['tls.crt'], 'base64')).fingerprint256);
    stop.abort();
    await run;
    await expect(servedAt(port)).rejects.toThrow('ECONNREFUSED');
  });
});
