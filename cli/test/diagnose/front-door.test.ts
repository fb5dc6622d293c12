import type { FrontDoor } from '../../src/diagnose/front-door';
import { frontDoorProblem } from '../../src/diagnose/front-door';
import { CERTIFICATE, INGRESS } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import type { Visit } from '../../src/ui/visit';
import { APP, interceptorRoute, TestCluster } from '../kube/test-cluster';

let cluster: TestCluster;
beforeEach(() => {
  cluster = new TestCluster();
});

const failing = (code: string, message = code) => async () => Promise.reject(Object.assign(new Error(message), { code }));

async function problem(visit: FrontDoor['visit'], more: Partial<FrontDoor> = {}): Promise<string | undefined> {
  const lookUp = failing('ENOTFOUND');
  const signal = new AbortController().signal;
  return frontDoorProblem({ cluster, app: APP, url: 'https://web.example.com', objects: [], signal, visit, lookUp, ...more });
}

/** Deploys an app with an Ingress, to which a record has to point, and a certificate that is not issued yet. */
async function deployed(): Promise<void> {
  const tls = [{ hosts: ['web.example.com'], secretName: 'web-tls' }];
  const object: Manifest = { ...INGRESS, metadata: APP, spec: { rules: [{ host: 'web.example.com' }], tls } };
  await cluster.store(1, { objects: [object] });
  await cluster.apply(object);
  cluster.api.change(object, { status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } } });
  const conditions = [{ type: 'Ready', status: 'False', message: 'Waiting for the challenge' }];
  cluster.api.put({ ...CERTIFICATE, metadata: { ...APP, name: 'web-tls' }, status: { conditions } } as unknown as Manifest);
}

describe('the URL of an app that was deployed', () => {
  test.each([200, 204, 301, 401, 403, 404])('is fine if it returns %i', async status => {
    expect(await problem(async () => ({ status, headers: {} }))).toBeUndefined();
  });

  test('may take a few seconds until its ingress knows it', async () => {
    const visits: Visit[] = [{ status: 503, headers: {} }, { status: 502, headers: {} }, { status: 200, headers: {} }];
    expect(await problem(async () => visits.shift()!)).toBeUndefined();
    expect(visits).toEqual([]);
  });

  test('is looked at for a few seconds and no longer', async () => {
    const start = cluster.clock.now();
    expect(await problem(async () => ({ status: 502, headers: {} }))).toBe(
      'https://web.example.com returned 502; webapp doctor web finds out why');
    expect(cluster.clock.now() - start).toBeLessThanOrEqual(8_000);
  });

  test('does not resolve: tells the record, if the ingress has an address', async () => {
    expect(await problem(failing('ENOTFOUND'))).toBe(
      'web.example.com does not resolve on this computer; webapp domains web says what it needs');
    await deployed();
    expect(await problem(failing('ENOTFOUND'))).toBe('web.example.com does not resolve on this computer; '
      + 'create the DNS record web.example.com A 203.0.113.7; webapp domains web --wait waits for it');
  });

  test.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the host is not in the altnames'],
  ])('has a certificate that is not valid: %s', async (code, message) => {
    await deployed();
    expect(await problem(failing(code, message), { lookUp: async () => ['203.0.113.7'] })).toBe(
      `the certificate of web.example.com is not valid (${message}); the certificate of web.example.com is not issued yet: `
      + 'Waiting for the challenge; webapp domains web --wait waits for it');
  });

  test('has a certificate that this computer does not trust, though it is issued', async () => {
    expect(await problem(failing('UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'))).toBe(
      'the certificate of web.example.com is not valid (unable to get local issuer certificate); webapp doctor web finds out why');
  });

  test.each([
    ['ECONNREFUSED', 'connection refused'], ['ETIMEDOUT', 'no answer'], ['EPIPE', 'EPIPE'],
  ])('cannot be reached: %s', async (code, why) => {
    expect(await problem(failing(code))).toBe(
      `web.example.com cannot be reached from this computer (${why}); webapp doctor web finds out why`);
  });

  test('returns 404 from something else than the app', async () => {
    const objects = [interceptorRoute()];
    expect(await problem(async () => ({ status: 404, headers: {} }), { objects })).toContain('returned 404, and not from the app');
    const headers = { 'x-keda-http-cold-start': 'false' };
    expect(await problem(async () => ({ status: 404, headers }), { objects })).toBeUndefined();
  });

  test('is not judged where this computer has no name server', async () => {
    expect(await problem(failing('EAI_AGAIN'))).toBeUndefined();
  });

  test('is not waited for after Ctrl-C', async () => {
    const stop = new AbortController();
    const visit = async () => {
      stop.abort();
      throw Object.assign(new Error('aborted'), { name: 'AbortError' });
    };
    expect(await problem(visit, { signal: stop.signal })).toBeUndefined();
  });

  test('says the same where the user may not read the releases', async () => {
    cluster.api.denials.push({ resource: 'secrets' });
    expect(await problem(failing('ENOTFOUND'))).toContain('webapp domains web says what it needs');
  });
});
