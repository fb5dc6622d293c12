import { App, Chart } from 'cdk8s';
import { IMAGE, Manifests, problemsOf, synth } from '../synth';
import { InterceptorBackend, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

type Apps = { readonly [name: string]: Partial<WebAppProps> & { readonly namespace?: string } };

const ISSUER = 'cert-manager.io/cluster-issuer';
const LETSENCRYPT: PlatformProps = { tls: { clusterIssuer: 'letsencrypt' } };
const hosts = ['shop.example.com'];

function tree(apps: Apps, platform: PlatformProps): App {
  const app = new App();
  new Platform(app, 'platform', platform);
  for (const [name, { namespace = 'shop', ...props }] of Object.entries(apps)) {
    new WebApp(new Chart(app, `chart-${name}`, { namespace }), name, { image: IMAGE, hosts, ...props });
  }
  return app;
}

/** Each app with the Secret of its certificate, and the issuer that its Ingress names. */
function certificates(apps: Apps, platform: PlatformProps = LETSENCRYPT): { [name: string]: [secret: string, issuer?: string] } {
  const { node } = tree(apps, platform);
  return Object.fromEntries(Object.keys(apps).map(name => {
    const { metadata, spec } = new Manifests(node.findChild(`chart-${name}`) as Chart).get('Ingress');
    return [name, [spec.tls[0].secretName, metadata.annotations?.[ISSUER]]];
  }));
}

describe('apps of one namespace with the same hosts', () => {
  test('share one certificate, which the app with all paths requests', () => {
    expect(certificates({ search: { paths: ['/search'] }, beta: { headers: { 'X-Beta': '1' } }, shop: {} })).toEqual({
      search: ['shop-tls', undefined], beta: ['shop-tls', undefined], shop: ['shop-tls', 'letsencrypt'],
    });
  });

  test('share the certificate of the first app if none has all paths', () => {
    expect(certificates({ search: { paths: ['/search'] }, api: { paths: ['/api'] } })).toEqual({
      search: ['search-tls', 'letsencrypt'], api: ['search-tls', undefined],
    });
  });

  test('share a certificate regardless of the order of their hosts', () => {
    const [a, b] = ['a.example.com', 'b.example.com'];
    const apps = { one: { hosts: [a, b] }, two: { hosts: [b, a], paths: ['/two'] } };
    expect(certificates(apps)).toMatchObject({ two: ['one-tls', undefined] });
  });

  test('share a certificate across namespaces if all Ingresses are in the namespace of the interceptor', () => {
    const ingress = { interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE };
    expect(certificates({ one: {}, two: { namespace: 'billing', paths: ['/two'] } }, { ...LETSENCRYPT, ingress })).toEqual({
      one: ['one.shop-tls', 'letsencrypt'], two: ['one.shop-tls', undefined],
    });
  });
});

describe('an app has a certificate of its own', () => {
  test.each<[string, Apps]>([
    ['if it has other hosts', { one: {}, two: { hosts: ['www.example.com'] } }],
    ['if it has only some of the hosts', { one: {}, two: { hosts: [...hosts, 'www.example.com'], paths: ['/two'] } }],
    ['in another namespace', { one: {}, two: { namespace: 'billing', paths: ['/two'] } }],
    ['if it has its own cert-manager annotations', {
      one: {},
      two: { paths: ['/two'], annotations: { 'cert-manager.io/duration': '48h' } },
    }],
  ])('%s', (_, apps) => {
    expect(certificates(apps)).toEqual({ one: ['one-tls', 'letsencrypt'], two: ['two-tls', 'letsencrypt'] });
  });

  test('for every 100 of its hosts, the limit of an issuer', () => {
    const many = Array.from({ length: 201 }, (_, i) => `h${i}.example.com`);
    const { tls } = synth({ hosts: many }, LETSENCRYPT).get('Ingress').spec;
    expect(tls.map(({ secretName }: any) => secretName)).toEqual(['web-tls', 'web-tls-2', 'web-tls-3']);
    expect(tls.map((one: any) => one.hosts.length)).toEqual([100, 100, 1]);
    expect(tls.flatMap((one: any) => one.hosts)).toEqual([...many].sort());
    expect(synth({ hosts: many }, { tls: { secretName: 'wildcard' } }).get('Ingress').spec.tls).toHaveLength(1);
  });
});

describe('the TLS of a host that two apps share', () => {
  const between = (one: WebAppProps['tls'], two: WebAppProps['tls'], platform: PlatformProps = {}) => (
    problemsOf(() => tree({ one: { tls: one }, two: { tls: two, paths: ['/two'] } }, platform)));
  const issuer = { clusterIssuer: 'letsencrypt' };

  test.each<{ readonly one: WebAppProps['tls']; readonly theirs: string; readonly two: WebAppProps['tls']; readonly own: string }>([
    {
      one: issuer,
      theirs: 'a certificate of the clusterIssuer "letsencrypt"',
      two: undefined,
      own: 'no TLS',
    },
    {
      one: issuer,
      theirs: 'a certificate of the clusterIssuer "letsencrypt"',
      two: { secretName: 'mine' },
      own: 'the certificate of the Secret "mine"',
    },
    {
      one: issuer,
      theirs: 'a certificate of the clusterIssuer "letsencrypt"',
      two: { clusterIssuer: 'own' },
      own: 'a certificate of the clusterIssuer "own"',
    },
    {
      one: {},
      theirs: 'the certificate of the ingress controller or gateway',
      two: { secretName: 'mine' },
      own: 'the certificate of the Secret "mine"',
    },
  ])('cannot be both $theirs and $own', ({ one, theirs, two, own }) => {
    expect(between(one, two)).toEqual([
      `WebApp "two": tls means ${own} for "shop.example.com", but WebApp "chart-one/one" has ${theirs} for it; `
      + 'use the same tls in both, or another host',
    ]);
  });

  test('cannot be disabled in one of the apps behind a Gateway either', () => {
    expect(between(undefined, { enabled: false }, { gateway: { name: 'public' }, tls: {} })).toEqual([
      expect.stringMatching(/^WebApp "two": tls means no TLS for "shop.example.com"/),
    ]);
  });

  test('cannot differ at a further port of one of the apps either', () => {
    const two = { hosts: ['www.example.com'], ports: { admin: { port: 9000, hosts, paths: ['/admin'] } } };
    expect(problemsOf(() => tree({ one: { tls: issuer }, two }, {}))).toEqual([
      expect.stringMatching(/^WebApp "two": tls means no TLS for "shop.example.com", but WebApp "chart-one\/one" has a certificate/),
    ]);
  });

  test('may differ in its redirects', () => {
    expect(between({ ...issuer, redirect: false }, issuer, { ingress: { className: 'nginx' } })).toEqual([]);
  });
});
