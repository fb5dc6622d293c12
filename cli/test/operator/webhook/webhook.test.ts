import { X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import type { Secret } from '../../../src/kube/types';
import { SECRET } from '../../../src/kube/types';
import { OPERATOR_NAME, WEBHOOK_PATH, WEBHOOK_SECRET } from '../../../src/operator/manifest/names';
import { issueCertificate } from '../../../src/operator/webhook/certificate';
import { CertificateStore } from '../../../src/operator/webhook/certificate-store';
import { runWebhook } from '../../../src/operator/webhook/webhook';
import { errorResponse } from '../../kube/in-memory-api';
import { TestCluster } from '../../kube/test-cluster';

const NAMESPACE = 'webapp-system';
const CONFIGURATION = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' };
const [MINUTE, DAY] = [60_000, 24 * 60 * 60_000];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** The certificate that a port serves; the time of the test's cluster is not that of TLS. */
async function servedAt(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** A client that keeps its connection, as the API server does, and what it is answered. */
class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });

  constructor(private readonly port: number) {}

  /** Asks about a deletion, which is always allowed. */
  public async ask(): Promise<{ readonly allowed: boolean; readonly isSameConnection: boolean }> {
    const asked = { uid: '1', operation: 'DELETE', userInfo: { username: 'dev' }, object: null };
    const review = { apiVersion: 'admission.k8s.io/v1', request: asked };
    return new Promise((resolve, reject) => {
      const { agent, port } = this;
      const sent = request({ host: '127.0.0.1', port, path: WEBHOOK_PATH, method: 'POST', agent }, response => {
        let text = '';
        response.on('data', (data: Buffer) => text += data.toString());
        response.on('end', () => resolve({ allowed: JSON.parse(text).response.allowed, isSameConnection: sent.reusedSocket }));
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(review));
    });
  }

  public close(): void {
    this.agent.destroy();
  }
}

/** Replicas of the operator that serve the webhook. */
class Replicas {
  public readonly cluster = new TestCluster();
  public readonly errors: string[] = [];
  private readonly stopped = new AbortController();
  private readonly running: Promise<void>[] = [];

  constructor(annotations?: { [key: string]: string }) {
    this.cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const webhooks = [{ name: 'validate.cdk8s-webapp.dev', clientConfig: { service: { name: OPERATOR_NAME } } }];
    this.cluster.api.put({ ...CONFIGURATION, metadata: { name: OPERATOR_NAME, annotations }, webhooks });
  }

  /** @returns the port of a new replica */
  public async start(): Promise<number> {
    const port = await freePort();
    const validate = () => ({ problems: [], warnings: [] });
    const onError = ({ message }: Error) => void this.errors.push(message);
    this.running.push(runWebhook({ cluster: this.cluster, namespace: NAMESPACE, validate, port, signal: this.stopped.signal, onError }));
    for (;;) if (await servedAt(port).then(() => true, () => false)) return port;
  }

  public async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.running);
  }

  public async pass(milliseconds: number): Promise<void> {
    await this.cluster.clock.sleep(milliseconds);
  }

  /** The certificate in the Secret. */
  public async stored(): Promise<X509Certificate> {
    const { data } = (await this.cluster.objects.get<Secret>({ ...SECRET, name: WEBHOOK_SECRET, namespace: NAMESPACE }))!;
    return new X509Certificate(Buffer.from(data!['tls.crt'], 'base64'));
  }

  /** Whether the API server trusts a certificate. */
  public async trusts(certificate: X509Certificate): Promise<boolean> {
    const { webhooks } = (await this.cluster.objects.get({ ...CONFIGURATION, name: OPERATOR_NAME }))! as any;
    const bundle = Buffer.from(webhooks[0].clientConfig.caBundle ?? '', 'base64').toString();
    const authorities = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
    return authorities.some(pem => certificate.verify(new X509Certificate(pem).publicKey));
  }
}

let replicas: Replicas;
afterEach(async () => replicas.stop());

describe('the webhook of a replica', () => {
  test('serves the certificate in the Secret until it is stopped', async () => {
    replicas = new Replicas();
    const port = await replicas.start();
    expect((await servedAt(port)).fingerprint256).toBe((await replicas.stored()).fingerprint256);
    await replicas.stop();
    await expect(servedAt(port)).rejects.toThrow('ECONNREFUSED');
    expect(replicas.errors).toEqual([]);
  });
});

describe('a certificate that expires soon', () => {
  test('is renewed by one of two replicas, served by both, and trusted all the time, without a connection lost', async () => {
    replicas = new Replicas();
    await new CertificateStore(replicas.cluster, NAMESPACE).refresh();
    await replicas.pass(335 * DAY - 5 * MINUTE);
    const first = await replicas.start();
    await replicas.pass(MINUTE / 2); // the other one looks at it half a minute later
    const second = await replicas.start();
    const old = await servedAt(first);
    const clients = [first, second].map(port => new Client(port));
    for (const client of clients) expect(await client.ask()).toEqual({ allowed: true, isSameConnection: false });
    let isMixed = false;
    for (let i = 0; i < 40; i++) {
      await replicas.pass(MINUTE / 4);
      const served = await Promise.all([first, second].map(servedAt));
      isMixed ||= served[0].fingerprint256 !== served[1].fingerprint256;
      for (const certificate of served) expect(await replicas.trusts(certificate)).toBe(true);
    }
    const renewed = await replicas.stored();
    expect([renewed.fingerprint256 !== old.fingerprint256, isMixed]).toEqual([true, true]);
    expect((await Promise.all([first, second].map(servedAt))).map(({ fingerprint256 }) => fingerprint256))
      .toEqual([renewed.fingerprint256, renewed.fingerprint256]);
    for (const client of clients) {
      expect(await client.ask()).toEqual({ allowed: true, isSameConnection: true });
      client.close();
    }
    const writes = replicas.cluster.api.requests.filter(line => line.startsWith('PUT') && line.endsWith(`/secrets/${WEBHOOK_SECRET}`));
    expect([writes.length, replicas.errors]).toEqual([1, []]);
  });

  test('is served on while the API server cannot be asked, and renewed when it can', async () => {
    replicas = new Replicas();
    const port = await replicas.start();
    const old = await servedAt(port);
    replicas.cluster.api.intercept = () => errorResponse(503, 'ServiceUnavailable', 'the server is down');
    await replicas.pass(5 * MINUTE);
    expect(replicas.errors.length).toBeGreaterThan(3);
    expect((await servedAt(port)).fingerprint256).toBe(old.fingerprint256);
    replicas.cluster.api.intercept = undefined;
    replicas.cluster.api.delete({ ...SECRET, metadata: { name: WEBHOOK_SECRET, namespace: NAMESPACE } });
    await replicas.pass(5 * MINUTE);
    expect((await servedAt(port)).fingerprint256).toBe((await replicas.stored()).fingerprint256);
    expect((await servedAt(port)).fingerprint256).not.toBe(old.fingerprint256);
  });
});

describe('a certificate of cert-manager', () => {
  const issued = () => issueCertificate({
    names: [`${OPERATOR_NAME}.${NAMESPACE}.svc`], from: Date.parse('2026-01-01'), until: Date.parse('2026-04-01'),
  });

  /** What cert-manager writes, from an issuer that is its own authority. */
  function store({ certificate, key, authority }: ReturnType<typeof issued>): void {
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    replicas.cluster.api.put({
      ...SECRET,
      metadata: { name: WEBHOOK_SECRET, namespace: NAMESPACE, annotations: { 'cert-manager.io/certificate-name': 'webhook' } },
      data: { 'tls.crt': encoded(certificate), 'tls.key': encoded(key), 'ca.crt': encoded(authority) },
    }, 'cert-manager');
  }

  test('is served within a minute after it was renewed, and what the API server trusts is left to cert-manager', async () => {
    replicas = new Replicas({ 'cert-manager.io/inject-ca-from': `${NAMESPACE}/webhook` });
    const [old, renewed] = [issued(), issued()];
    store(old);
    const port = await replicas.start();
    expect((await servedAt(port)).fingerprint256).toBe(new X509Certificate(old.certificate).fingerprint256);
    store(renewed);
    await replicas.pass(MINUTE + 1);
    expect((await servedAt(port)).fingerprint256).toBe(new X509Certificate(renewed.certificate).fingerprint256);
    expect(replicas.cluster.api.requests.filter(line => !line.startsWith('GET'))).toEqual([]);
    expect(replicas.errors).toEqual([]);
  });
});
