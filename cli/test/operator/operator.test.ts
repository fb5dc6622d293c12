import { RunningOperator } from './running-operator';
import { CERTIFICATE, GATEWAY, HTTP_ROUTE, INGRESS } from '../../src/kube/types';

const NAMESPACES = ['billing', 'evil'];
const SHOP = 'shop.example.com';

let operator: RunningOperator;
beforeEach(async () => {
  operator = new RunningOperator(NAMESPACES);
  await operator.start();
});
afterEach(async () => {
  await operator.stop();
  expect(operator.errors).toEqual([]);
});

async function restart(): Promise<void> {
  await operator.stop();
  await operator.start();
  await operator.pass(5);
}

const accepted = (name: string, namespace: string) => operator.condition('Accepted', name, namespace);
const hostsOf = (name: string, namespace: string) => (
  operator.cluster.api.find(INGRESS, name, namespace)?.spec.rules?.map(({ host }) => host));

describe('a host that an app serves stays its own', () => {
  test('when an older app comes to claim it, and after a restart too', async () => {
    await operator.apply('old', { hosts: ['old.example.com'] }, 'billing');
    await operator.apply('young', { hosts: [SHOP] }, 'shop');
    await operator.apply('old', { hosts: ['old.example.com', SHOP] }, 'billing');
    for (const again of [async () => {}, restart]) {
      await again();
      expect(accepted('old', 'billing')).toMatchObject({ status: 'False', reason: 'Taken' });
      expect(accepted('old', 'billing')!.message).toContain(`"${SHOP}", which is a host of the namespace "shop"`);
      expect(accepted('young', 'shop')).toMatchObject({ status: 'True' });
      expect([hostsOf('old', 'billing'), hostsOf('young', 'shop')]).toEqual([['old.example.com'], [SHOP]]);
    }
  });

  test('within a namespace too, where the path is the same', async () => {
    await operator.apply('old', { hosts: [SHOP], paths: ['/api'] });
    await operator.apply('young', { hosts: [SHOP] });
    await operator.apply('old', { hosts: [SHOP], paths: ['/'] });
    for (const again of [async () => {}, restart]) {
      await again();
      expect(accepted('old', 'shop')).toMatchObject({ status: 'False', reason: 'Taken' });
      expect(accepted('young', 'shop')).toMatchObject({ status: 'True' });
      expect(operator.condition('Ready', 'young')).toMatchObject({ reason: expect.not.stringMatching('Taken|Invalid') });
    }
  });

  test('while its spec is refused, as the release before still serves it', async () => {
    await operator.apply('web', { hosts: [SHOP] }, 'billing');
    await operator.apply('web', { hosts: ['other.example.com'], port: 99999 }, 'billing');
    await operator.apply('web', { hosts: [SHOP] }, 'shop');
    expect(accepted('web', 'shop')).toMatchObject({ status: 'False', reason: 'Taken' });
    expect(hostsOf('web', 'shop')).toBeUndefined();
  });

  test('until a release without it is deployed: then the app that waits for it gets it', async () => {
    await operator.apply('web', { hosts: [SHOP] }, 'billing');
    await operator.apply('web', { hosts: [SHOP] }, 'shop');
    expect(accepted('web', 'shop')).toMatchObject({ status: 'False' });
    await operator.apply('web', { hosts: ['billing.example.com'] }, 'billing');
    expect(operator.find('web', 'billing')!.status).toMatchObject({ claims: ['billing.example.com/'], release: 2 });
    expect(accepted('web', 'shop')).toMatchObject({ status: 'True' });
    expect(hostsOf('web', 'shop')).toEqual([SHOP]);
  });

  test('and of those that wait for it, the oldest gets it when its app is deleted', async () => {
    for (const namespace of ['billing', 'shop', 'evil']) await operator.apply('web', { hosts: [SHOP] }, namespace);
    await operator.remove('web', 'billing');
    expect([accepted('web', 'shop')?.status, accepted('web', 'evil')?.status]).toEqual(['True', 'False']);
  });
});

describe('an app that its platform refuses', () => {
  test('keeps no host from the app that may have it', async () => {
    operator.setPlatform({ bounds: { hosts: { shop: [SHOP], evil: ['*.evil.example.com'] } } });
    await operator.apply('squatter', { hosts: [SHOP] }, 'evil');
    expect(accepted('squatter', 'evil')).toMatchObject({ status: 'False', reason: 'Invalid' });
    await operator.apply('web', { hosts: [SHOP] }, 'shop');
    expect(accepted('web', 'shop')).toMatchObject({ status: 'True' });
    await restart();
    expect(accepted('web', 'shop')).toMatchObject({ status: 'True' });
  });
});

describe('the status', () => {
  test('has what no other app can have meanwhile, and nothing is written when nothing has changed', async () => {
    await operator.apply('web', { hosts: [SHOP], paths: ['/', '/api'], volumes: { data: { path: '/data', claim: 'data' } } });
    expect(operator.find('web')!.status!.claims).toEqual([`${SHOP}/`, `${SHOP}/api`, 'volume shop/data']);
    const before = operator.find('web')!.metadata.resourceVersion;
    await restart();
    expect(operator.find('web')!.metadata.resourceVersion).toBe(before);
  });
});

describe('what the DNS of the cluster says of a host', () => {
  const [HERE, THERE] = ['192.0.2.1', '203.0.113.9'];
  const noSuchHost = (code: string) => Object.assign(new Error(code), { code });
  const routable = () => operator.condition('Routable', 'web');

  /** An app whose Ingress has an address. */
  async function deploy(): Promise<void> {
    await operator.apply('web', { hosts: [SHOP] });
    operator.cluster.api.change({ ...INGRESS, metadata: { name: 'web', namespace: 'shop' } }, {
      status: { loadBalancer: { ingress: [{ ip: HERE }] } },
    }, 'traefik');
    await operator.pass(5);
  }

  test.each<[string, () => readonly string[] | Error, object]>([
    ['that it is there', () => [HERE], { status: 'True', reason: 'Routable', message: 'traffic is routed to the app' }],
    ['that it is elsewhere, as behind a CDN', () => [THERE], {
      status: 'True',
      reason: 'DnsElsewhere',
      message: `${SHOP} resolves to other addresses; unless a CDN or proxy is in front, it has to be ${SHOP} A ${HERE}`,
    }],
    ['that it does not exist', () => noSuchHost('ENOTFOUND'), {
      status: 'False', reason: 'DnsMissing', message: `${SHOP} does not resolve in the cluster: create the DNS record ${SHOP} A ${HERE}`,
    }],
    ['nothing', () => noSuchHost('ETIMEOUT'), {
      status: 'Unknown',
      reason: 'DnsUnknown',
      message: `the DNS of the cluster does not answer for ${SHOP}; to resolve them on your computer: webapp domains`,
    }],
  ])('is in Routable, and the app is ready all the same: %s', async (_, answer, expected) => {
    operator.lookUp = async () => {
      const found = answer();
      if (found instanceof Error) throw found;
      return found;
    };
    await deploy();
    expect(routable()).toMatchObject(expected);
    expect(operator.condition('Ready', 'web')).toMatchObject({ status: 'True', reason: 'Ready' });
  });

  test('is noticed when the record is created, without a change of the app', async () => {
    operator.lookUp = async () => [];
    await deploy();
    expect(routable()).toMatchObject({ status: 'False' });
    operator.lookUp = async () => [HERE];
    await operator.pass(60);
    expect(routable()).toMatchObject({ status: 'True', reason: 'Routable' });
  });

  test.each(['Routable', 'DnsMissing', 'DnsElsewhere'])('stays as it was while a new process does not know it yet: %s', async reason => {
    operator.lookUp = async () => ({ Routable: [HERE], DnsMissing: [], DnsElsewhere: [THERE] })[reason]!;
    await deploy();
    expect(routable()).toMatchObject({ reason });
    const before = operator.find('web')!.metadata.resourceVersion;
    await restart();
    operator.lookUp = async () => Promise.reject(noSuchHost('ESERVFAIL'));
    await operator.pass(30);
    expect(operator.find('web')!.metadata.resourceVersion).toBe(before);
  });

  test('is asked for while no Gateway has accepted the route yet', async () => {
    const asked: string[] = [];
    operator.lookUp = async host => {
      asked.push(host);
      return [HERE];
    };
    operator.setPlatform({ domain: 'example.com', gateway: { name: 'public', namespace: 'gateways' } });
    await operator.apply('web', { hosts: [SHOP] });
    expect([routable()?.reason, asked]).toEqual(['Pending', [SHOP]]);
  });

  test('is not asked for a host that only a computer or its network has', async () => {
    const asked: string[] = [];
    operator.lookUp = async host => {
      asked.push(host);
      return [];
    };
    await operator.apply('web', { hosts: ['web.localhost', 'web.local'] });
    expect([asked, routable()?.reason]).toEqual([[], 'Routable']);
  });
});

describe('a kind that the cluster gets later', () => {
  const GATEWAYS = { domain: 'example.com', gateway: { name: 'public', namespace: 'gateways' } };
  const ISSUED = { domain: 'example.com', tls: { clusterIssuer: 'letsencrypt' } };

  test('is named in the status with what to install, and used as soon as it is there: HTTPRoute', async () => {
    for (const kind of [HTTP_ROUTE, GATEWAY]) operator.cluster.api.uninstall(kind);
    await restart();
    operator.setPlatform(GATEWAYS);
    await operator.apply('web', {});
    expect(operator.condition('Released', 'web')).toMatchObject({ status: 'False', reason: 'NotInstalled' });
    expect(operator.condition('Released', 'web')!.message).toMatch(/^Gateway API is not installed.*the kind HTTPRoute/);
    for (const { kind } of [HTTP_ROUTE, GATEWAY]) operator.cluster.api.absent.delete(kind);
    await operator.pass(120);
    expect(operator.cluster.api.find(HTTP_ROUTE, 'web')).toMatchObject({ spec: { hostnames: ['web.example.com'] } });
    expect(operator.condition('Released', 'web')).toMatchObject({ status: 'True' });
    expect(operator.condition('Routable', 'web')).toMatchObject({ status: 'Unknown', reason: 'Pending' });
    const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({ type, status: 'True' }));
    operator.cluster.api.change({ ...HTTP_ROUTE, metadata: { name: 'web', namespace: 'shop' } }, {
      status: { parents: [{ parentRef: { name: 'public' }, conditions }] },
    }, 'gateway');
    await operator.pass(5);
    expect(operator.condition('Ready', 'web')).toMatchObject({ status: 'True' });
  });

  test('keeps no app from being deployed that does not create it, and is looked at as soon as it is there: Certificate', async () => {
    operator.cluster.api.uninstall(CERTIFICATE);
    await restart();
    operator.setPlatform(ISSUED);
    await operator.apply('web', { hosts: [SHOP] });
    const [{ secretName }] = operator.cluster.api.find(INGRESS, 'web')!.spec.tls!;
    expect(operator.condition('Ready', 'web')).toMatchObject({ status: 'True' });
    operator.cluster.api.absent.delete(CERTIFICATE.kind);
    await operator.pass(120);
    const ready = { type: 'Ready', status: 'False', reason: 'Pending', message: 'waiting for the CertificateRequest' };
    const ownerReferences = [{ ...INGRESS, name: 'web', controller: true }];
    const certificate = { ...CERTIFICATE, metadata: { name: secretName!, namespace: 'shop', ownerReferences } };
    operator.cluster.api.put({ ...certificate, status: { conditions: [ready] } }, 'cert-manager');
    await operator.pass(5);
    expect(operator.condition('Routable', 'web')).toMatchObject({ status: 'False', reason: 'CertificateNotReady' });
    expect(operator.condition('Ready', 'web')).toMatchObject({ status: 'False', reason: 'CertificateNotReady' });
    operator.cluster.api.change(certificate, { status: { conditions: [{ ...ready, status: 'True' }] } }, 'cert-manager');
    await operator.pass(5);
    expect(operator.condition('Ready', 'web')).toMatchObject({ status: 'True' });
  });
});

describe('the releases of all apps are followed', () => {
  const lookedUp = (name: string) => operator.cluster.api.requests.filter(request => request === `GET /api/v1/namespaces/${name}/secrets`);

  test('so that a new app has to look for none', async () => {
    await operator.apply('web', { internal: true });
    expect(operator.find('web')!.status).toMatchObject({ release: 1 });
    expect(lookedUp('shop')).toEqual([]);
  });

  test('but for an app that the command has deployed before', async () => {
    await operator.cluster.store(1, {});
    await operator.apply('web', { internal: true });
    expect(operator.find('web')!.status).toMatchObject({ release: 2 });
  });
});
