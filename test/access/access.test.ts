import { App, Chart } from 'cdk8s';
import { ENTRIES, Entry } from '../entries';
import { schemaErrors } from '../schemas';
import { IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import { Access, Color, Platform, PlatformProps, SignInService, WebApp } from 'cdk8s-webapp';

const COMPANY: SignInService = {
  url: 'http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth', responseHeaders: ['X-Auth-Request-Email'],
};

/** Platforms of every kind, each with a sign-in service. */
const platformOf = (entry: Entry, company: SignInService = COMPANY): PlatformProps => ({ ...ENTRIES[entry], access: { company } });

function through(entry: Entry, access: Access, company?: SignInService): Manifests {
  const manifests = synth({ access }, platformOf(entry, company));
  expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  return manifests;
}

/** The annotations of the app's Ingress, without those that every app has. */
function annotations(entry: Entry, access: Access, company?: SignInService): { [name: string]: string } {
  const added = Object.entries(through(entry, access, company).get('Ingress').metadata.annotations ?? {});
  const usual = synth({}, ENTRIES[entry]).get('Ingress').metadata.annotations ?? {};
  return Object.fromEntries(added.filter(([name]) => !(name in usual))) as { [name: string]: string };
}

/** The only Middleware of an app, which its Ingress or HTTPRoute must refer to. */
function middleware(entry: 'traefik' | 'traefik-gateway', access: Access, company?: SignInService): any {
  const manifests = through(entry, access, company);
  const { metadata: { name }, spec } = manifests.get('Middleware');
  if (entry === 'traefik') {
    expect(manifests.get('Ingress').metadata.annotations).toEqual({
      'traefik.ingress.kubernetes.io/router.middlewares': `shop-${name}@kubernetescrd`,
    });
  } else {
    const extensionRef = { group: 'traefik.io', kind: 'Middleware', name };
    expect(manifests.get('HTTPRoute').spec.rules[0].filters).toEqual([{ type: 'ExtensionRef', extensionRef }]);
  }
  return spec;
}

const TARGET = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }];

describe('IP ranges', () => {
  const access = { allow: ['10.0.0.0/8', '192.0.2.7', '2001:db8::1'] };
  const ranges = ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::1/128'];

  test.each(['traefik', 'traefik-gateway'] as const)('are a Middleware with %s', entry => {
    expect(middleware(entry, access)).toEqual({ ipAllowList: { sourceRange: ranges } });
  });

  test('are an annotation of ingress-nginx', () => {
    expect(annotations('nginx', access)).toEqual({ 'nginx.ingress.kubernetes.io/whitelist-source-range': ranges.join(',') });
  });

  test('are an annotation of HAProxy', () => {
    expect(annotations('haproxy', access)).toEqual({ 'haproxy.org/allow-list': ranges.join(', ') });
  });

  test('are a condition in the rules of an AWS load balancer, written for the Service that they route to', () => {
    const condition = '[{"field":"source-ip","sourceIpConfig":{"values":["10.0.0.0/8"]}}]';
    expect(annotations('alb', { allow: ['10.0.0.0/8'] })).toEqual({
      'alb.ingress.kubernetes.io/conditions.keda-add-ons-http-interceptor-proxy': condition,
    });
    const direct = synth({ access: { allow: ['10.0.0.0/8'] }, scaling: { replicas: 1 } }, ENTRIES.alb).get('Ingress');
    expect(direct.metadata.annotations['alb.ingress.kubernetes.io/conditions.web']).toBe(condition);
    expect(direct.spec.rules[0].http.paths[0].backend.service.name).toBe('web');
  });

  test('are a policy of Envoy Gateway', () => {
    expect(through('envoy-gateway', access).get('SecurityPolicy').spec).toEqual({
      targetRefs: TARGET,
      authorization: { defaultAction: 'Deny', rules: [{ action: 'Allow', principal: { clientCIDRs: ranges } }] },
    });
  });
});

describe('a password', () => {
  const access = { password: { secret: 'visitors' } };

  test.each(['traefik', 'traefik-gateway'] as const)('is a Middleware with %s, which does not pass it to the app', entry => {
    expect(middleware(entry, access)).toEqual({ basicAuth: { secret: 'visitors', removeHeader: true } });
  });

  test.each<[Entry, object]>([
    ['nginx', { 'nginx.ingress.kubernetes.io/auth-type': 'basic', 'nginx.ingress.kubernetes.io/auth-secret': 'visitors' }],
    ['haproxy', { 'haproxy.org/auth-type': 'basic-auth', 'haproxy.org/auth-secret': 'visitors' }],
  ])('is annotations of %s', (entry, expected) => {
    expect(annotations(entry, access)).toEqual(expected);
  });

  test('is a policy of Envoy Gateway', () => {
    expect(through('envoy-gateway', access).get('SecurityPolicy').spec).toEqual({
      targetRefs: TARGET, basicAuth: { users: { name: 'visitors' } },
    });
  });

  test('and IP ranges are both required if both are set', () => {
    const both = { ...access, allow: ['10.0.0.0/8'] };
    expect(through('traefik', both).get('Ingress').metadata.annotations).toEqual({
      'traefik.ingress.kubernetes.io/router.middlewares': 'shop-web-allow@kubernetescrd,shop-web-password@kubernetescrd',
    });
    expect(through('envoy-gateway', both).get('SecurityPolicy').spec).toEqual({
      targetRefs: TARGET, authorization: expect.anything(), basicAuth: expect.anything(),
    });
  });
});

describe('single sign-on', () => {
  const access = { signIn: 'company' };
  const withPage = { ...COMPANY, signInUrl: 'https://sign-in.example.com/start?rd=1' };

  test.each(['traefik', 'traefik-gateway'] as const)('is a Middleware with %s', entry => {
    const forwardAuth = { address: COMPANY.url, authResponseHeaders: ['X-Auth-Request-Email'] };
    expect(middleware(entry, access)).toEqual({ forwardAuth });
    expect(middleware(entry, access, withPage)).toEqual({ forwardAuth: { ...forwardAuth, authSigninURL: withPage.signInUrl } });
    expect(middleware(entry, access, { url: 'https://auth.example.com/verify' })).toEqual({
      forwardAuth: { address: 'https://auth.example.com/verify' },
    });
  });

  test('is annotations of ingress-nginx', () => {
    expect(annotations('nginx', access, withPage)).toEqual({
      'nginx.ingress.kubernetes.io/auth-url': COMPANY.url,
      'nginx.ingress.kubernetes.io/auth-signin': withPage.signInUrl,
      'nginx.ingress.kubernetes.io/auth-response-headers': 'X-Auth-Request-Email',
    });
    expect(annotations('nginx', access, { url: COMPANY.url })).toEqual({ 'nginx.ingress.kubernetes.io/auth-url': COMPANY.url });
  });

  test.each<[url: string, backend: object, path: string | undefined]>([
    [COMPANY.url, { name: 'oauth2-proxy', namespace: 'auth', port: 4180 }, '/oauth2/auth'],
    ['http://authelia.auth', { name: 'authelia', namespace: 'auth', port: 80 }, undefined],
    ['http://authelia.auth.svc:9091/verify', { name: 'authelia', namespace: 'auth', port: 9091 }, '/verify'],
  ])('is a policy of Envoy Gateway that refers to a Service: %s', (url, backend, path) => {
    expect(through('envoy-gateway', access, { ...COMPANY, url }).get('SecurityPolicy').spec).toEqual({
      targetRefs: TARGET,
      extAuth: { http: { backendRefs: [backend], ...path && { path }, headersToBackend: ['X-Auth-Request-Email'] } },
    });
  });
});

describe('access applies', () => {
  test('to the preview URL too', () => {
    const rollout = { blueGreen: { active: Color.BLUE, green: { image: 'web:2' } } };
    const manifests = synth({ access: { allow: ['10.0.0.0/8'] }, rollout }, ENTRIES.traefik);
    for (const name of ['web', 'web-preview']) {
      expect(manifests.get('Ingress', name).metadata.annotations).toEqual({
        'traefik.ingress.kubernetes.io/router.middlewares': `shop-${name}-allow@kubernetescrd`,
      });
      expect(manifests.get('Middleware', `${name}-allow`).spec).toEqual({ ipAllowList: { sourceRange: ['10.0.0.0/8'] } });
    }
  });

  test('after preflight requests are answered, because they have no credentials', () => {
    const props = { access: { password: { secret: 'visitors' } }, http: { cors: { allowOrigins: ['*'] } } };
    expect(synth(props, ENTRIES.traefik).get('Ingress').metadata.annotations).toEqual({
      'traefik.ingress.kubernetes.io/router.middlewares': 'shop-web-headers@kubernetescrd,shop-web-password@kubernetescrd',
    });
  });

  /** The problems of two apps with the same host. */
  function neighbors(first: object, second: object, platform: PlatformProps): string[] {
    const app = new App();
    new Platform(app, 'platform', platform);
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    const apps = { a: first, b: second };
    for (const [id, props] of Object.entries(apps)) new WebApp(chart, id, { image: IMAGE, hosts: ['a.example.com'], ...props });
    return problemsOf(() => app);
  }
  /** An app that has the host at a further port alone. */
  const ofPort = (path: string, own = 'b.example.com') => (
    { hosts: [own], ports: { admin: { port: 9000, hosts: ['a.example.com'], paths: [path] } } });
  const PREVIEW = { blueGreen: { active: 'blue', previewHosts: ['a.example.com'] } };
  const access = { allow: ['10.0.0.0/8'] };
  const headers = { 'X-Beta': 'yes' };
  const expected = 'WebApp "b": access is not that of WebApp "shop/a", which has the host "a.example.com" too, '
    + 'and an Ingress does not match headers, by which they differ; '
    + 'use the same access in both, another host, or a platform with a gateway';

  const byPath = 'WebApp "b": access is not that of WebApp "shop/a", which has the host "a.example.com" too, '
    + 'and this ingress controller does not read an encoded path as the interceptor does; '
    + 'use the same access in both, another host, or a platform with a gateway';

  test.each<[what: string, first: object, second: object, platform: PlatformProps, problems: string[]]>([
    ['that differs by headers alone', { access }, { headers }, ENTRIES.traefik, [expected]],
    ['that differs by headers and a path below', { access }, { headers, paths: ['/api'] }, ENTRIES.traefik, [expected]],
    ['with the same access', { access }, { access, headers }, ENTRIES.traefik, []],
    ['with other paths', { access, paths: ['/a'] }, { headers, paths: ['/b'] }, ENTRIES.traefik, []],
    ['that differs by its path', { access, paths: ['/a'] }, { paths: ['/b'] }, ENTRIES.traefik, []],
    ['through a controller that compares paths as they are written', { access }, { paths: ['/b'] }, ENTRIES.haproxy, [byPath]],
    ['through the same controller, with other paths', { access, paths: ['/a'] }, { paths: ['/b'] }, ENTRIES.haproxy, []],
    ['that is not scaled by HTTP', { access, scaling: { replicas: 1 } }, { paths: ['/b'] }, ENTRIES.haproxy, []],
    ['with a path below, through Traefik', { paths: ['/'] }, { access, paths: ['/admin'] }, ENTRIES.traefik, []],
    ['through a Gateway, which matches headers', { access }, { headers }, ENTRIES['envoy-gateway'], []],
    ['at a further port, that differs by headers', { access, ...ofPort('/admin') }, { headers }, ENTRIES.traefik, [expected]],
    ['at a further port, as the app before it has', { headers }, { access, ...ofPort('/admin') }, ENTRIES.traefik, [expected]],
    ['at a further port of both', ofPort('/'), { access, ...ofPort('/admin', 'c.example.com') }, ENTRIES.haproxy, [byPath]],
    ['at a further port, with other paths', { access, ...ofPort('/admin') }, { headers, paths: ['/b'] }, ENTRIES.traefik, []],
    ['at two ports, which is one problem', { access, paths: ['/a'], ports: ofPort('/b').ports }, {}, ENTRIES.haproxy, [byPath]],
    ['as its preview', { access, hosts: ['b.example.com'], rollout: PREVIEW }, { paths: ['/b'] }, ENTRIES.alb, [byPath]],
  ])('to all requests, which cannot bypass it through an app with the same host %s', (_, first, second, platform, found) => {
    expect(neighbors(first, second, platform)).toEqual(found);
  });
});

describe('invalid access is an error', () => {
  const signInHint = 'ingress-nginx, Traefik, a Gateway of Traefik or Envoy Gateway';

  test.each<[Entry, object, string]>([
    ['traefik', {}, 'access is empty, so everyone is let in; set allow, password or signIn, or remove it'],
    ['traefik', { allow: [] }, 'access.allow is empty, so nobody is let in; add at least one range, or remove it'],
    ['traefik', { allow: ['10.0.0.0/8', '10.0.0.0/8'] }, 'access.allow[1] is "10.0.0.0/8" twice; remove it'],
    ...['10.0.0', 'office', '10.0.0.0/8/8', '10.0.0.0/x', 'fe80::1%eth0', ''].map((range): [Entry, object, string] => [
      'traefik', { allow: [range] },
      `access.allow[0] is "${range}", which is not a valid IP address or range; `
      + 'use an address or a range such as 10.0.0.0/8 or 2001:db8::/32',
    ]),
    ...['10.0.0.0/33', '2001:db8::/129'].map((range): [Entry, object, string] => [
      'traefik', { allow: [range] },
      `access.allow[0] is "${range}", whose prefix is too long; use an address or a range such as 10.0.0.0/8 or 2001:db8::/32`,
    ]),
    ['alb', { allow: ['10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'] },
      'access.allow has 4 entries, but a rule of an AWS load balancer has space for 3; use fewer and larger ranges'],
    ['gateway', { allow: ['10.0.0.0/8'] },
      'access.allow is not supported by a Gateway; remove it, or ask your platform team to set gateway.controller, '
      + 'or for ingress-nginx, Traefik, HAProxy, AWS load balancers, a Gateway of Traefik or Envoy Gateway'],
    ['other', { allow: ['10.0.0.0/8'] },
      'access.allow is not supported by this ingress controller; remove it, or ask your platform team to set ingress.controller, '
      + 'or for ingress-nginx, Traefik, HAProxy, AWS load balancers, a Gateway of Traefik or Envoy Gateway'],
    ['alb', { password: { secret: 'a' } },
      'access.password is not supported by AWS load balancers; remove it, or ask your platform team for '
      + 'ingress-nginx, Traefik, HAProxy, a Gateway of Traefik or Envoy Gateway'],
    ['haproxy', { signIn: 'company' }, `access.signIn is not supported by HAProxy; remove it, or ask your platform team for ${signInHint}`],
    ['traefik', { signIn: 'compny' },
      'access.signIn is "compny", which is not one of the platform\'s sign-in services; did you mean company?'],
    ['traefik', { signIn: 'google' },
      'access.signIn is "google", which is not one of the platform\'s sign-in services; use one of company'],
    ['traefik', { signIn: 'company', password: { secret: 'a' } },
      'access.password cannot be combined with signIn, as both use the header Authorization; remove one of them'],
  ])('%s: %j', (entry, access, expected) => {
    expect(problems({ access }, platformOf(entry))).toEqual([`WebApp "web": ${expected}`]);
  });

  test('if it has more ranges than fit in a rule of an AWS load balancer with a path', () => {
    expect(problems({ paths: ['/api'], access: { allow: ['10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16'] } }, ENTRIES.alb)).toEqual([
      'WebApp "web": access.allow has 3 entries, but a rule of an AWS load balancer has space for 2; use fewer and larger ranges',
    ]);
  });

  test('if it has signIn and the platform has no sign-in services', () => {
    expect(problems({ access: { signIn: 'company' } }, ENTRIES.traefik)).toEqual([
      'WebApp "web": access.signIn is "company", but the platform has no sign-in services; '
      + 'ask your platform team to set access in the Platform',
    ]);
  });

  test('if the app is internal', () => {
    expect(problems({ internal: true, access: { allow: ['10.0.0.0/8'] } }, ENTRIES.traefik)).toEqual([
      'WebApp "web": access cannot be combined with internal: callers inside the cluster do not pass the ingress controller or gateway; '
      + 'remove one of them',
    ]);
  });

  test.each<[object, string]>([
    [{ url: 'https://auth.example.com/verify' },
      'access.company.url is "https://auth.example.com/verify", but Envoy Gateway asks only Services of the cluster; '
      + 'use the URL of a Service, such as http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth'],
    [{ signInUrl: 'https://sign-in.example.com' },
      'access.company.signInUrl is not supported by Envoy Gateway; remove it; the service at url has to redirect browsers itself'],
    [{ url: 'oauth2-proxy.auth' },
      'access.company.url is "oauth2-proxy.auth", which is not a valid URL; '
      + 'use a URL such as http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth'],
  ])('in the platform with Envoy Gateway: %j', (service, expected) => {
    expect(problems({}, platformOf('envoy-gateway', { ...COMPANY, ...service }))).toEqual([`Platform: ${expected}`]);
  });
});
