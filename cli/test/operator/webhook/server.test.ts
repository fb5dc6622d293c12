import { request } from 'node:https';
import { issueCertificate } from '../../../src/operator/webhook/certificate';
import type { ServedCertificate } from '../../../src/operator/webhook/certificate-store';
import type { Validate } from '../../../src/operator/webhook/review';
import type { WebhookServer } from '../../../src/operator/webhook/server';
import { serveWebhook } from '../../../src/operator/webhook/server';
import { webApp } from '../tenancy/resources';

const SERVICE = 'webapp-operator.webapp-system.svc';

async function issued(): Promise<ServedCertificate> {
  const now = Date.now();
  const { authority, ...rest } = issueCertificate({ names: [SERVICE], from: now - 60_000, until: now + 3_600_000 });
  return { ...rest, authorities: authority };
}

const PROBLEM = { code: 'missing' as const, path: 'image', message: 'is missing', hint: 'set image' };
const validate: Validate = ({ spec }) => 'image' in spec && spec.image === 'none'
  ? { problems: [PROBLEM], warnings: ['image "none" uses a mutable tag'] } : { problems: [], warnings: [] };

interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly ca: string;
}

/** Asks as the API server does, which connects to the pod and expects the name of the Service. */
async function call({ port }: WebhookServer, { path = '/validate?timeout=5s', method = 'POST', body, ca }: Call) {
  return new Promise<{ status: number; json: any }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: SERVICE, ca, path, method, agent: false };
    const sent = request(options, response => {
      let text = '';
      response.on('data', (chunk: Buffer) => text += chunk.toString());
      response.on('end', () => resolve({ status: response.statusCode!, json: text === '' ? undefined : JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function reviewOf(image: string): string {
  const object = webApp('web', { image });
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'abc', operation: 'CREATE', userInfo: { username: 'alice' }, object, oldObject: null },
  });
}

describe('the server of the webhook', () => {
  let server: WebhookServer;
  let ca: string;

  beforeAll(async () => {
    const certificate = await issued();
    ca = certificate.authorities;
    server = await serveWebhook({ validate, certificate, port: 0 });
  });

  afterAll(async () => server.close());

  test('refuses over HTTPS what the check refuses', async () => {
    expect(await call(server, { body: reviewOf('none'), ca })).toEqual({
      status: 200,
      json: {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: {
          uid: 'abc',
          allowed: false,
          status: { code: 422, reason: 'Invalid', message: 'image is missing; set image' },
          warnings: ['image "none" uses a mutable tag'],
        },
      },
    });
  });

  test('allows what the check allows', async () => {
    expect((await call(server, { body: reviewOf('web:1'), ca })).json.response).toEqual({ uid: 'abc', allowed: true });
  });

  test.each<[string, Partial<Call>, number]>([
    ['another path', { path: '/', body: '{}' }, 404],
    ['another method', { method: 'GET' }, 405],
    ['what is not JSON', { body: 'x' }, 400],
    ['another version of the API', { body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1beta1', request: { uid: 'a' } }) }, 400],
    ['what is not a review', { body: 'null' }, 400],
    ['a body that is too large', { body: 'x'.repeat(9 * 1024 * 1024) }, 413],
  ])('answers %s with an error', async (_, more, status) => {
    // The connection of one that is too large may be closed before all of it is sent.
    const answer = await call(server, { ca, ...more }).catch((error: NodeJS.ErrnoException) => ({ status: error.code }));
    expect([status, ...status === 413 ? ['ECONNRESET', 'EPIPE'] : []]).toContain(answer.status);
  });

  test('is not trusted by who knows another authority', async () => {
    const { authorities } = await issued();
    await expect(call(server, { body: reviewOf('web:1'), ca: authorities })).rejects.toThrow(/certificate/);
  });

  test('serves a new certificate from the next connection on', async () => {
    const next = await issued();
    const own = await serveWebhook({ validate, certificate: await issued(), port: 0 });
    own.use(next);
    expect((await call(own, { body: reviewOf('web:1'), ca: next.authorities })).status).toBe(200);
    await own.close();
  });

  test('cannot use a port that is taken', async () => {
    await expect(serveWebhook({ validate, certificate: await issued(), port: server.port })).rejects.toThrow('EADDRINUSE');
  });
});
