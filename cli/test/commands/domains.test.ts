import { CERTIFICATE, GATEWAY, HTTP_ROUTE, INGRESS } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { service, TestCluster } from '../kube/test-cluster';

const folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n' });
const METADATA = { name: 'web', namespace: 'shop' };
const TLS = [{ hosts: ['shop.example.com'], secretName: 'web-tls' }];

function ingress(hosts: readonly string[], tls: readonly object[] = []): Manifest {
  return { ...INGRESS, metadata: METADATA, spec: { rules: hosts.map(host => ({ host })), tls } };
}

let cluster: TestCluster;
let names: { [host: string]: string[] };
beforeEach(() => {
  cluster = new TestCluster();
  names = {};
});

async function run(line: string): Promise<Called> {
  const lookUp = async (host: string) => {
    if (names[host]) return names[host];
    throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
  };
  return call(line.split(' '), { cwd: folder.path, cluster, lookUp });
}

/** Deploys an Ingress, which its controller has given addresses. */
async function deployed(object: Manifest, addresses: readonly object[] = [{ ip: '203.0.113.7' }]): Promise<void> {
  await cluster.store(1, { objects: [object] });
  await cluster.apply(object);
  cluster.api.change(object, { status: { loadBalancer: { ingress: addresses } } });
}

function certificate(status: 'True' | 'False', message?: string): void {
  const conditions = [{ type: 'Ready', status, message }];
  const metadata = { name: 'web-tls', namespace: 'shop' };
  cluster.api.put({ ...CERTIFICATE, metadata, status: { conditions, notAfter: '2027-01-01T00:00:00Z' } } as unknown as Manifest);
}

describe('webapp domains', () => {
  test.each<[string, readonly object[], string]>([
    ['its address', [{ ip: '203.0.113.7' }], 'shop.example.com A 203.0.113.7'],
    ['its IPv6 address', [{ ip: '2001:db8::7' }], 'shop.example.com AAAA 2001:db8::7'],
    ['its name', [{ hostname: 'lb.example.net' }], 'shop.example.com CNAME lb.example.net'],
    ['any of its addresses', [{ ip: '203.0.113.7' }, { ip: '203.0.113.8' }],
      'shop.example.com A 203.0.113.7 or shop.example.com A 203.0.113.8'],
  ])('prints the record that is missing: the ingress has %s', async (_, addresses, record) => {
    await deployed(ingress(['shop.example.com']), addresses);
    const { code, out, err } = await run('domains');
    expect({ code, out }).toEqual({ code: 0, out: 'HOST              DNS      RESOLVES TO  CERTIFICATE\nshop.example.com  missing\n' });
    expect(err).toBe(`! create the DNS record ${record}\n`);
  });

  test('says whom to ask where the ingress has no address', async () => {
    await deployed(ingress(['shop.example.com']), []);
    expect((await run('domains')).err).toContain('reports no address yet, so ask your platform team');
  });

  test('shows hosts that are as they should be', async () => {
    await deployed(ingress(['shop.example.com'], TLS));
    certificate('True');
    names['shop.example.com'] = ['203.0.113.7'];
    expect(await run('domains')).toEqual({
      code: 0,
      err: '',
      out: 'HOST              DNS  RESOLVES TO  CERTIFICATE\nshop.example.com  ok   203.0.113.7  issued\n',
    });
  });

  test('resolves the name of a load balancer to compare it', async () => {
    await deployed(ingress(['shop.example.com']), [{ hostname: 'lb.example.net' }]);
    names = { 'shop.example.com': ['198.51.100.1'], 'lb.example.net': ['198.51.100.1', '198.51.100.2'] };
    expect(JSON.parse((await run('domains --output json')).out)).toMatchObject([{ host: 'shop.example.com', dns: 'ok' }]);
  });

  test('says what a host that points elsewhere should be, unless a CDN is there', async () => {
    await deployed(ingress(['shop.example.com']));
    names['shop.example.com'] = ['198.51.100.1'];
    expect((await run('domains')).err).toContain('unless a CDN or proxy is in front, it has to be shop.example.com A 203.0.113.7');
  });

  test('says why a certificate is not issued', async () => {
    await deployed(ingress(['shop.example.com'], TLS));
    names['shop.example.com'] = ['203.0.113.7'];
    certificate('False', 'waiting for the challenge');
    const { out, err } = await run('domains');
    expect(out).toMatch(/pending$/m);
    expect(err).toBe('! the certificate of shop.example.com is not issued yet: waiting for the challenge\n');
  });

  test('tries any name for a wildcard', async () => {
    await deployed(ingress(['*.shop.example.com']));
    names['webapp.shop.example.com'] = ['203.0.113.7'];
    expect(JSON.parse((await run('domains -o json')).out)).toMatchObject([{ host: '*.shop.example.com', dns: 'ok' }]);
  });

  test('does not call a host missing where this computer has no network', async () => {
    await deployed(ingress(['shop.example.com']));
    const { out } = await call(['domains', '--output', 'json'], { cwd: folder.path, cluster });
    expect(JSON.parse(out)).toMatchObject([{ dns: 'unknown', resolvesTo: [] }]);
  });

  test('has the addresses of the Gateway of an HTTPRoute', async () => {
    const spec = { hostnames: ['shop.example.com'], parentRefs: [{ name: 'public', namespace: 'gateways' }], rules: [] };
    const route: Manifest = { ...HTTP_ROUTE, metadata: METADATA, spec };
    await cluster.store(1, { objects: [route] });
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gateways' } });
    const gateway = { ...GATEWAY, metadata: { name: 'public', namespace: 'gateways' }, spec: { gatewayClassName: 'x', listeners: [] } };
    cluster.api.put({ ...gateway, status: { addresses: [{ value: '203.0.113.9' }] } } as Manifest);
    expect((await run('domains')).err).toBe('! create the DNS record shop.example.com A 203.0.113.9\n');
  });

  test('says that an internal app has none', async () => {
    await cluster.store(1, { objects: [service()] });
    expect(await run('domains')).toEqual({ code: 0, out: '', err: 'web has no hosts: it is reached inside the cluster\n' });
  });

  test('says that the app is not deployed', async () => {
    expect(await run('domains')).toMatchObject({ code: 1, err: expect.stringContaining('web is not deployed in namespace shop') });
  });
});

describe('webapp domains --wait', () => {
  test('waits for DNS and the certificate', async () => {
    await deployed(ingress(['shop.example.com'], TLS));
    certificate('False');
    const began = cluster.clock.now();
    cluster.clock.after(20, () => names['shop.example.com'] = ['203.0.113.7']);
    cluster.clock.after(50, () => certificate('True'));
    expect(await run('domains --wait')).toMatchObject({ code: 0, out: expect.stringMatching(/ok .* issued$/m) });
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(50_000);
  });

  test('fails when that takes longer than it may, with what is missing', async () => {
    await deployed(ingress(['shop.example.com']));
    const { code, err } = await run('domains --wait --timeout 1m');
    expect(code).toBe(1);
    expect(err).toContain('create the DNS record shop.example.com A 203.0.113.7');
    expect(err).toContain('not all hosts of web are ready after 60 s');
  });
});
