import { App, Chart } from 'cdk8s';
import { IMAGE, problemsOf } from '../synth';
import { AccessMode, Color, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

/** The problems of several apps, each in its own chart. */
function among(apps: [namespace: string, name: string, props?: Partial<WebAppProps>][], platform: PlatformProps = {}): string[] {
  return problemsOf(() => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'apps.example.com', ...platform });
    apps.forEach(
      ([namespace, name, props], i) => new WebApp(new Chart(app, `chart-${i}`, { namespace }), name, { image: IMAGE, ...props }),
    );
    return app;
  });
}

const hosts = ['shop.example.com'];

describe('a conflict between two apps is an error', () => {
  test('with the same host and path, across charts and namespaces', () => {
    expect(among([['a', 'one', { hosts }], ['b', 'two', { hosts: ['www.example.com', ...hosts] }]])).toEqual([
      'WebApp "two": hosts have "shop.example.com" with path "/", which WebApp "chart-0/one" has too; '
        + 'use another host, path or header in one of them',
    ]);
  });

  test('with the same name under the platform\'s domain', () => {
    expect(among([['a', 'web'], ['b', 'web']])).toEqual([
      'WebApp "web": hosts have "web.apps.example.com" with path "/", which WebApp "chart-0/web" has too; '
        + 'use another host, path or header in one of them',
    ]);
  });

  test('with paths that differ only in a trailing slash', () => {
    expect(among([['a', 'one', { hosts, paths: ['/api'] }], ['a', 'two', { hosts, paths: ['/api/'] }]])).toHaveLength(1);
  });

  test('with headers that differ only in case', () => {
    expect(among([['a', 'one', { hosts, headers: { 'X-A': '1' } }], ['a', 'two', { hosts, headers: { 'x-a': '1' } }]])).toHaveLength(1);
  });

  test('with the same name in the same namespace', () => {
    expect(among([['a', 'web', { internal: true }], ['a', 'web', { internal: true }]])).toEqual([
      'WebApp "web": name is "web", which WebApp "chart-0/web" in the same namespace has too; choose another name',
    ]);
  });

  test('with a claim that only one of them can mount', () => {
    const volume = (accessMode?: AccessMode) => ({ volumes: { data: { path: '/data', claim: 'media', accessMode } } });
    expect(among([['a', 'one', volume()], ['a', 'two', volume()]])).toEqual([
      'WebApp "two": volumes.data is the claim "media", which WebApp "chart-0/one" mounts too, and its accessMode is read-write-once; '
        + 'use a claim of its own, or accessMode: read-write-many in both if the claim has it',
    ]);
    expect(among([['a', 'one', { volumes: { data: { path: '/data', size: '1Gi' } } }],
      ['a', 'two', { volumes: { data: { path: '/data', claim: 'one-data' } } }]])).toHaveLength(1);
    expect(among([['a', 'one', volume()], ['b', 'two', volume()]])).toEqual([]);
    for (const accessMode of [AccessMode.READ_WRITE_MANY, AccessMode.READ_ONLY_MANY]) {
      expect(among([['a', 'one', volume(accessMode)], ['a', 'two', volume(accessMode)]])).toEqual([]);
    }
  });

  test('with an object of the same kind and name', () => {
    expect(among([['a', 'web', { internal: true }], ['a', 'web-proxy', { internal: true }]])).toEqual([
      'WebApp "web-proxy": name creates a Service "web-proxy", which WebApp "chart-0/web" creates too; choose another name',
    ]);
  });

  test('with a host that matches a wildcard in another namespace', () => {
    expect(among([['a', 'all', { hosts: ['*.example.com'] }], ['b', 'one', { hosts }]])).toEqual([
      'WebApp "one": hosts have "shop.example.com", a part of "*.example.com", which WebApp "chart-0/all" in another '
        + 'namespace has; use a host outside it',
    ]);
    expect(among([['b', 'one', { hosts }], ['a', 'all', { hosts: ['*.example.com'] }]])).toHaveLength(1);
  });

  test.each<[prop: string, props: Partial<WebAppProps>]>([
    ['http.redirectFrom', { http: { redirectFrom: hosts } }],
    ['ports.admin.hosts', { ports: { admin: { port: 9000, hosts } } }],
    ['rollout.blueGreen.previewHosts', { rollout: { blueGreen: { active: Color.BLUE, previewHosts: hosts } } }],
  ])('with a wildcard in another namespace that one of %s matches', (prop, props) => {
    const one = { hosts: ['example.org'], ...props };
    expect(among([['a', 'all', { hosts: ['*.example.com'] }], ['b', 'one', one]], { ingress: { className: 'traefik' } })).toEqual([
      `WebApp "one": ${prop} have "shop.example.com", a part of "*.example.com", which WebApp "chart-0/all" in another `
        + 'namespace has; use a host outside it',
    ]);
  });

  test('with only different headers on ingress-nginx', () => {
    const apps: Parameters<typeof among>[0] = [['a', 'one', { hosts, headers: { 'X-A': '1' } }], ['a', 'two', { hosts }]];
    expect(among(apps, { ingress: { className: 'nginx' } })).toEqual([
      'WebApp "two": headers are the only difference between "shop.example.com" with path "/" of this app and that of '
        + 'WebApp "chart-0/one", but ingress-nginx rejects two Ingresses for it; '
        + 'use another host or path, or a platform with a gateway',
    ]);
    expect(among(apps, { gateway: { name: 'public' } })).toEqual([]);
  });
});

describe('two apps do not conflict', () => {
  test.each<[string, Parameters<typeof among>[0]]>([
    ['with different paths', [['a', 'one', { hosts, paths: ['/a'] }], ['b', 'two', { hosts, paths: ['/b', '/'] }]]],
    ['with different headers', [['a', 'one', { hosts, headers: { 'X-A': '1' } }], ['b', 'two', { hosts, headers: { 'X-A': '2' } }]]],
    ['with different hosts', [['a', 'one', { hosts }], ['b', 'two', { hosts: ['example.com'] }]]],
    ['with a wildcard in the same namespace', [['a', 'all', { hosts: ['*.example.com'] }], ['a', 'one', { hosts }]]],
    [
      'with a host that shares only a suffix with a wildcard',
      [['a', 'all', { hosts: ['*.b.example.com'] }], ['b', 'one', { hosts: ['ab.example.com'] }]],
    ],
    ['with the same name in different namespaces', [['a', 'web', { internal: true }], ['b', 'web', { internal: true }]]],
  ])('%s', (_, apps) => {
    expect(among(apps)).toEqual([]);
  });

  test('in different construct trees', () => {
    expect(among([['a', 'one', { hosts }]])).toEqual([]);
    expect(among([['a', 'one', { hosts }]])).toEqual([]);
  });
});
