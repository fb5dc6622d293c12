import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { EntryKind, SUPPORT } from '../../src/platform/entry-support';
import { ENTRIES, Entry } from '../entries';
import { schemaErrors } from '../schemas';
import { build, IMAGE, Manifests, problems, problemsOf, synth } from '../synth';
import { AppHttp, Color, InterceptorBackend, Platform, WebApp } from 'cdk8s-webapp';

function through(entry: Entry, http: AppHttp, props: object = {}): Manifests {
  const manifests = synth({ http, ...props }, ENTRIES[entry]);
  expect(manifests.all.flatMap(schemaErrors)).toEqual([]);
  return manifests;
}

/** The annotations of the app's Ingress, without those that every app has. */
function annotations(entry: Entry, http: AppHttp): { [name: string]: string } {
  const added = Object.entries(through(entry, http).get('Ingress', entry === 'alb' ? 'web.shop' : 'web').metadata.annotations ?? {});
  const usual = synth({}, ENTRIES[entry]).get('Ingress').metadata.annotations ?? {};
  return Object.fromEntries(added.filter(([name]) => !(name in usual))) as { [name: string]: string };
}

const middleware = (manifests: Manifests, name: string) => manifests.get('Middleware', name).spec;
const rulesOf = (manifests: Manifests) => manifests.get('HTTPRoute', 'web').spec.rules;

describe('maxBodySize', () => {
  const http = { maxBodySize: '20Mi' };

  test('is a number of bytes for ingress-nginx', () => {
    expect(annotations('nginx', http)).toEqual({ 'nginx.ingress.kubernetes.io/proxy-body-size': '20971520' });
  });

  test('is a Middleware of Traefik, through an Ingress', () => {
    const manifests = through('traefik', http);
    expect(middleware(manifests, 'web-body-size')).toEqual({ buffering: { maxRequestBodyBytes: 20971520 } });
    expect(annotations('traefik', http)).toEqual({
      'traefik.ingress.kubernetes.io/router.middlewares': 'shop-web-body-size@kubernetescrd',
    });
  });

  test('is a Middleware of Traefik, through a Gateway', () => {
    const manifests = through('traefik-gateway', http);
    expect(middleware(manifests, 'web-body-size')).toEqual({ buffering: { maxRequestBodyBytes: 20971520 } });
    expect(rulesOf(manifests)[0].filters).toEqual([
      { type: 'ExtensionRef', extensionRef: { group: 'traefik.io', kind: 'Middleware', name: 'web-body-size' } },
    ]);
  });

  test('is a policy of Envoy Gateway', () => {
    expect(through('envoy-gateway', http).get('BackendTrafficPolicy').spec).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }],
      requestBuffer: { limit: '20971520' },
    });
  });
});

describe('redirectFrom', () => {
  const http = { redirectFrom: ['www.web.apps.example.com', 'old.example.com'] };
  const www = { redirectFrom: ['www.web.apps.example.com'] };

  test('is an Ingress of its own with Traefik', () => {
    const manifests = through('traefik', http);
    expect(manifests.get('Ingress', 'web-redirect-from')).toMatchObject({
      metadata: { annotations: { 'traefik.ingress.kubernetes.io/router.middlewares': 'shop-web-redirect-from@kubernetescrd' } },
      spec: { ingressClassName: 'traefik', rules: [{ host: 'www.web.apps.example.com' }, { host: 'old.example.com' }] },
    });
    expect(middleware(manifests, 'web-redirect-from')).toEqual({
      redirectRegex: { regex: '^(https?)://[^/]+/(.*)$', replacement: '${1}://web.apps.example.com/${2}', permanent: true },
    });
    expect(annotations('traefik', http)).toEqual({});
  });

  test('redirects directly to HTTPS if the app has TLS, and its certificate includes these hosts', () => {
    const manifests = through('traefik', http, { tls: { clusterIssuer: 'letsencrypt' } });
    expect(middleware(manifests, 'web-redirect-from').redirectRegex.replacement).toBe('https://web.apps.example.com/${2}');
    expect(manifests.get('Ingress', 'web').spec.tls).toEqual([
      { hosts: ['web.apps.example.com', 'www.web.apps.example.com', 'old.example.com'], secretName: 'web-tls' },
    ]);
  });

  test('is an annotation of ingress-nginx, which supports only www', () => {
    expect(annotations('nginx', www)).toEqual({ 'nginx.ingress.kubernetes.io/from-to-www-redirect': 'true' });
    expect(problems({ hosts: ['www.example.com'], http: { redirectFrom: ['example.com'] } }, ENTRIES.nginx)).toEqual([]);
  });

  test('is an Ingress of its own with HAProxy', () => {
    expect(through('haproxy', www).get('Ingress', 'web-redirect-from').metadata.annotations).toEqual({
      'haproxy.org/request-redirect': 'web.apps.example.com',
      'haproxy.org/request-redirect-code': '301',
    });
  });

  test('is a rule of an AWS load balancer', () => {
    expect(annotations('alb', www)).toEqual({
      'alb.ingress.kubernetes.io/actions.redirect-from':
        '{"type":"redirect","redirectConfig":{"host":"web.apps.example.com","statusCode":"HTTP_301"}}',
    });
    const backend = { service: { name: 'redirect-from', port: { name: 'use-annotation' } } };
    expect(through('alb', www).get('Ingress').spec.rules[1]).toEqual({
      host: 'www.web.apps.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
    });
  });

  test('is an HTTPRoute of its own with a Gateway', () => {
    expect(through('gateway', http).get('HTTPRoute', 'web-redirect-from').spec).toEqual({
      parentRefs: [{ name: 'public' }],
      hostnames: http.redirectFrom,
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'web.apps.example.com', statusCode: 301 } }] }],
    });
  });

  test('applies to HTTP and HTTPS if the Gateway has both', () => {
    const platform = { gateway: { name: 'public', sectionName: 'https', httpSectionName: 'http' }, tls: {} };
    expect(synth({ http: www }, platform).get('HTTPRoute', 'web-redirect-from').spec).toMatchObject({
      parentRefs: [{ sectionName: 'https' }, { sectionName: 'http' }],
      rules: [{ filters: [{ requestRedirect: { scheme: 'https', hostname: 'web.apps.example.com' } }] }],
    });
  });

  test('is in the namespace of the interceptor if the app\'s Ingress is', () => {
    const ingress = { className: 'traefik', interceptorBackend: InterceptorBackend.INTERCEPTOR_NAMESPACE };
    expect(synth({ http }, { ingress }).get('Ingress', 'web-redirect-from.shop').metadata.namespace).toBe('keda');
  });

  test('cannot have a host that another app has or redirects', () => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'example.com', ...ENTRIES.traefik });
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    for (const id of ['a', 'b']) new WebApp(chart, id, { image: IMAGE, http: { redirectFrom: ['www.example.com'] } });
    expect(problemsOf(() => app)).toEqual([
      'WebApp "b": http.redirectFrom have "www.example.com" with path "/", which WebApp "shop/a" has too; '
      + 'use another host, path or header in one of them',
    ]);
  });

  test('does not apply to the preview URL', () => {
    const rollout = { blueGreen: { active: Color.BLUE, green: { image: 'web:2' } } };
    const { list } = synth({ http: { ...http, redirects: [{ from: '/a', to: '/b' }] }, rollout }, ENTRIES.traefik);
    expect(list.filter(name => name.startsWith('Ingress'))).toEqual(['Ingress web-preview', 'Ingress web', 'Ingress web-redirect-from']);
  });
});

describe('redirects', () => {
  const redirects = [{ from: '/old.html', to: '/new' }, { from: '/docs', to: 'https://docs.example.com:8443/start', permanent: false }];

  test('are Middlewares of Traefik, which keep the query', () => {
    const manifests = through('traefik', { redirects });
    expect(middleware(manifests, 'web-redirect-1')).toEqual({
      redirectRegex: { regex: '^(https?://[^/]+)/old\\.html(\\?.*)?$', replacement: '${1}/new${2}', permanent: true },
    });
    expect(middleware(manifests, 'web-redirect-2')).toEqual({
      redirectRegex: { regex: '^(https?://[^/]+)/docs(\\?.*)?$', replacement: 'https://docs.example.com:8443/start${2}', permanent: false },
    });
  });

  test('are separate Ingresses with ingress-nginx, because its annotation applies to a whole Ingress', () => {
    const manifests = through('nginx', { redirects });
    expect(manifests.get('Ingress', 'web-redirect-1')).toMatchObject({
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/permanent-redirect': '/new' } },
      spec: { rules: [{ host: 'web.apps.example.com', http: { paths: [{ path: '/old.html', pathType: 'Exact' }] } }] },
    });
    expect(manifests.get('Ingress', 'web-redirect-2').metadata.annotations).toEqual({
      'nginx.ingress.kubernetes.io/temporal-redirect': 'https://docs.example.com:8443/start',
    });
  });

  test('are rules of an AWS load balancer', () => {
    expect(annotations('alb', { redirects })).toEqual({
      'alb.ingress.kubernetes.io/actions.redirect-1': '{"type":"redirect","redirectConfig":{"path":"/new","statusCode":"HTTP_301"}}',
      'alb.ingress.kubernetes.io/actions.redirect-2': '{"type":"redirect","redirectConfig":{"protocol":"HTTPS","host":"docs.example.com",'
        + '"port":"8443","path":"/start","statusCode":"HTTP_302"}}',
    });
    expect(through('alb', { redirects }).get('Ingress').spec.rules[0].http.paths.slice(0, 2)).toEqual([
      { path: '/old.html', pathType: 'Exact', backend: { service: { name: 'redirect-1', port: { name: 'use-annotation' } } } },
      { path: '/docs', pathType: 'Exact', backend: { service: { name: 'redirect-2', port: { name: 'use-annotation' } } } },
    ]);
  });

  test.each([['https://a.example.com/', '443'], ['http://a.example.com/', '80']])('to %s have the port of its scheme', (to, port) => {
    const action = JSON.parse(annotations('alb', { redirects: [{ from: '/a', to }] })['alb.ingress.kubernetes.io/actions.redirect-1']);
    expect(action.redirectConfig.port).toBe(port);
  });

  test.each(['gateway', 'envoy-gateway', 'traefik-gateway'] as const)('are rules of the HTTPRoute with %s', entry => {
    const rules = rulesOf(through(entry, { redirects }, { headers: { 'X-Tenant': 'acme' } }));
    expect(rules.slice(0, 2)).toEqual([
      {
        matches: [{ path: { type: 'Exact', value: '/old.html' }, headers: [{ name: 'X-Tenant', value: 'acme' }] }],
        filters: [{
          type: 'RequestRedirect', requestRedirect: { path: { type: 'ReplaceFullPath', replaceFullPath: '/new' }, statusCode: 301 },
        }],
      },
      expect.objectContaining({
        filters: [{
          type: 'RequestRedirect',
          requestRedirect: {
            scheme: 'https',
            hostname: 'docs.example.com',
            port: 8443,
            statusCode: 302,
            path: { type: 'ReplaceFullPath', replaceFullPath: '/start' },
          },
        }],
      }),
    ]);
    expect(rules[2].backendRefs).toHaveLength(1);
  });
});

describe('cors', () => {
  const cors = { allowOrigins: ['https://a.example.com', 'https://b.example.com'], allowCredentials: true, exposeHeaders: ['X-Total'] };
  const all = { allowOrigins: ['*'], allowMethods: ['GET'], allowHeaders: ['X-A'], maxAge: '10m' };

  test('is annotations of ingress-nginx that override all defaults of its configuration', () => {
    expect(annotations('nginx', { cors })).toEqual({
      'nginx.ingress.kubernetes.io/enable-cors': 'true',
      'nginx.ingress.kubernetes.io/cors-allow-origin': 'https://a.example.com, https://b.example.com',
      'nginx.ingress.kubernetes.io/cors-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'nginx.ingress.kubernetes.io/cors-allow-headers': 'Authorization, Content-Type',
      'nginx.ingress.kubernetes.io/cors-expose-headers': 'X-Total',
      'nginx.ingress.kubernetes.io/cors-allow-credentials': 'true',
      'nginx.ingress.kubernetes.io/cors-max-age': '3600',
    });
    expect(annotations('nginx', { cors: all })).toMatchObject({ 'nginx.ingress.kubernetes.io/cors-allow-credentials': 'false' });
  });

  test.each(['traefik', 'traefik-gateway'] as const)('is a Middleware with %s', entry => {
    expect(middleware(through(entry, { cors }), 'web-headers')).toEqual({
      headers: {
        accessControlAllowOriginList: ['https://a.example.com', 'https://b.example.com'],
        accessControlAllowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
        accessControlAllowHeaders: ['Authorization', 'Content-Type'],
        accessControlExposeHeaders: ['X-Total'],
        accessControlAllowCredentials: true,
        accessControlMaxAge: 3600,
        addVaryHeader: true,
      },
    });
  });

  test.each(['gateway', 'envoy-gateway'] as const)('is a filter of the HTTPRoute with %s', entry => {
    expect(rulesOf(through(entry, { cors: all }))[0].filters).toEqual([
      { type: 'CORS', cors: { allowOrigins: ['*'], allowMethods: ['GET'], allowHeaders: ['X-A'], maxAge: 600 } },
    ]);
  });

  test('is annotations of HAProxy, with a regular expression for several origins', () => {
    expect(annotations('haproxy', { cors: { ...cors, exposeHeaders: undefined } })).toEqual({
      'haproxy.org/cors-enable': 'true',
      'haproxy.org/cors-allow-origin': '^(https://a\\.example\\.com|https://b\\.example\\.com)$',
      'haproxy.org/cors-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'haproxy.org/cors-allow-headers': 'Authorization, Content-Type',
      'haproxy.org/cors-allow-credentials': 'true',
      'haproxy.org/cors-max-age': '3600s',
    });
    expect(annotations('haproxy', { cors: all })['haproxy.org/cors-allow-origin']).toBe('*');
  });
});

describe('responseHeaders', () => {
  const http = { responseHeaders: { 'X-Frame-Options': 'DENY', 'X-A': 'b c' } };

  test('are a Middleware of Traefik, together with cors', () => {
    expect(middleware(through('traefik', http), 'web-headers')).toEqual({ headers: { customResponseHeaders: http.responseHeaders } });
    const both = { ...http, cors: { allowOrigins: ['*'] } };
    expect(middleware(through('traefik', both), 'web-headers').headers).toMatchObject({
      customResponseHeaders: http.responseHeaders, accessControlAllowOriginList: ['*'],
    });
  });

  test.each(['gateway', 'envoy-gateway', 'traefik-gateway'] as const)('are a filter of the HTTPRoute with %s', entry => {
    expect(rulesOf(through(entry, http))[0].filters).toEqual([{
      type: 'ResponseHeaderModifier',
      responseHeaderModifier: { set: [{ name: 'X-Frame-Options', value: 'DENY' }, { name: 'X-A', value: 'b c' }] },
    }]);
  });

  test('are lines of an annotation of HAProxy', () => {
    expect(annotations('haproxy', http)).toEqual({ 'haproxy.org/response-set-header': 'X-Frame-Options "DENY"\nX-A "b c"' });
  });
});

describe('an annotation of the platform', () => {
  test('is overridden by http of the app', () => {
    const key = 'nginx.ingress.kubernetes.io/proxy-body-size';
    const platform = { ingress: { className: 'nginx', annotations: { [key]: '1m' } } };
    expect(synth({ http: { maxBodySize: '20Mi' } }, platform).get('Ingress').metadata.annotations[key]).toBe('20971520');
    expect(synth({}, platform).get('Ingress').metadata.annotations[key]).toBe('1m');
  });
});

describe('invalid http is an error', () => {
  const who = {
    policies: 'ingress-nginx, Traefik, a Gateway of Traefik or Envoy Gateway',
    headers: 'Traefik, HAProxy, a Gateway, Envoy Gateway or a Gateway of Traefik',
  };
  const many = (count: number) => Array.from({ length: count }, (_, i) => i);
  const redirect = (from: string, to: string) => ({ redirects: [{ from, to }] });

  test.each<[Entry, object, string]>([
    ['alb', { maxBodySize: '5Mi' },
      `maxBodySize is not supported by AWS load balancers; remove it, or ask your platform team for ${who.policies}`],
    ['haproxy', { maxBodySize: '5Mi' },
      `maxBodySize is not supported by HAProxy; remove it, or ask your platform team for ${who.policies}`],
    ['gateway', { maxBodySize: '5Mi' },
      `maxBodySize is not supported by a Gateway; remove it, or ask your platform team to set gateway.controller, or for ${who.policies}`],
    ['other', { maxBodySize: '5Mi' },
      'maxBodySize is not supported by this ingress controller; '
      + `remove it, or ask your platform team to set ingress.controller, or for ${who.policies}`],
    ['nginx', { responseHeaders: { a: 'b' } },
      `responseHeaders is not supported by ingress-nginx; remove it, or ask your platform team for ${who.headers}`],
    ['haproxy', redirect('/a', '/b'),
      'redirects is not supported by HAProxy; remove it, or ask your platform team for '
      + 'ingress-nginx, Traefik, AWS load balancers, a Gateway, Envoy Gateway or a Gateway of Traefik'],
    ['traefik', { redirectFrom: [] }, 'redirectFrom is empty; add at least one host, or remove it'],
    ['traefik', { redirectFrom: ['*.example.com'] },
      'redirectFrom[0] is "*.example.com", but wildcards cannot be redirected; name each host'],
    ['traefik', { redirectFrom: ['a.example.com', 'a.example.com'] }, 'redirectFrom[1] is "a.example.com" twice; remove it'],
    ['traefik', { redirectFrom: ['web.apps.example.com'] },
      'redirectFrom[0] is "web.apps.example.com", which is one of hosts; remove it from one of them'],
    ['traefik', { redirectFrom: ['x-proxy.shop'] },
      'redirectFrom[0] is "x-proxy.shop", which is or may be a name inside the cluster; '
      + 'use a public name; callers inside the cluster have internalUrl'],
    ['nginx', { redirectFrom: ['old.example.com'] },
      'redirectFrom[0] is "old.example.com", but ingress-nginx redirects only between a host and the same host with www, '
      + 'such as www.web.apps.example.com; remove it, or ask your platform team for Traefik, HAProxy, AWS load balancers or a Gateway'],
    ['gateway', { redirectFrom: many(17).map(i => `h${i}.example.com`) },
      'redirectFrom has 17 entries, but an HTTPRoute has at most 16; use fewer'],
    ['traefik', { redirects: [] }, 'redirects is empty; add at least one redirect, or remove it'],
    ['traefik', redirect('/a', '/a'), 'redirects[0].to is the same as from, so browsers would be redirected forever; use another path'],
    ['traefik', redirect('/a', '/b?c=d'),
      'redirects[0].to is "/b?c=d", which is not a valid target of a redirect; '
      + 'use a path such as /new, or a URL such as https://docs.example.com/start, without a query'],
    ['traefik', { redirects: [{ from: '/a', to: '/b' }, { from: '/a', to: '/c' }] }, 'redirects[1].from is "/a" twice; remove one of them'],
    ['gateway', { redirects: many(16).map(i => ({ from: `/${i}`, to: '/x' })) },
      'redirects has 16 entries, but an HTTPRoute has space for 15; use fewer'],
    ['traefik', { cors: { allowOrigins: [] } }, 'cors.allowOrigins is empty; add at least one origin, or remove cors'],
    ['traefik', { cors: { allowOrigins: ['*', 'https://a.b'] } },
      'cors.allowOrigins has *, which is all origins, and others; remove the others'],
    ['traefik', { cors: { allowOrigins: ['a.example.com'] } },
      'cors.allowOrigins[0] is "a.example.com", which is not a valid origin; '
      + 'use a scheme and a host, such as https://shop.example.com, without a path; or * for all origins'],
    ['traefik', { cors: { allowOrigins: ['*'], allowCredentials: true } },
      'cors.allowCredentials cannot be combined with the origin *, as browsers send credentials only to origins that are named; '
      + 'name the origins in allowOrigins'],
    ['haproxy', { cors: { allowOrigins: ['*'], exposeHeaders: ['X-A'] } },
      'cors.exposeHeaders is not supported by HAProxy; remove it, or set the header Access-Control-Expose-Headers in the app'],
    ['gateway', { responseHeaders: Object.fromEntries(many(17).map(i => [`X-${i}`, 'a'])) },
      'responseHeaders has 17 entries, but an HTTPRoute has at most 16; use fewer'],
    ['traefik', { responseHeaders: { 'X-A': 'b', 'x-a': 'c' } }, 'responseHeaders[1] is "x-a" twice; remove it'],
    ['traefik', { responseHeaders: { 'Content-Length': '1' } },
      'responseHeaders.Content-Length is set for each response by servers and proxies; remove it'],
    ['traefik', { responseHeaders: { 'Access-Control-Max-Age': '1' } },
      'responseHeaders.Access-Control-Max-Age is a header of cross-origin requests; use http.cors'],
    ['haproxy', { responseHeaders: { 'X-A': '"b"' } },
      'responseHeaders.X-A is "\\"b\\"", but HAProxy does not take the characters ", \\ and % as they are; set the header in the app'],
  ])('%s: %j', (entry, http, expected) => {
    expect(problems({ http }, ENTRIES[entry])).toEqual([`WebApp "web": http.${expected}`]);
  });

  test('if a redirect is not within the paths of the app', () => {
    const http = { redirects: [{ from: '/apix', to: '/b' }, { from: '/api/a', to: '/b' }, { from: '/api', to: '/b' }] };
    expect(problems({ paths: ['/api'], http }, ENTRIES.traefik)).toEqual([
      'WebApp "web": http.redirects[0].from is "/apix", which is not within the app\'s paths; add the path to paths, or remove it',
    ]);
  });

  test('if redirectFrom has only a wildcard to redirect to', () => {
    expect(problems({ hosts: ['*.example.com'], http: { redirectFrom: ['example.com'] } }, ENTRIES.traefik)).toEqual([
      'WebApp "web": http.redirectFrom has no host to redirect to, because hosts has only wildcards; add a host to hosts',
    ]);
  });

  test('if the app is internal', () => {
    expect(problems({ internal: true, http: { maxBodySize: '5Mi' } }, ENTRIES.traefik)).toEqual([
      'WebApp "web": http cannot be combined with internal: only an ingress controller or gateway does what it says; remove one of them',
    ]);
  });

  test('if an annotation of the app contradicts it', () => {
    const annotation = 'nginx.ingress.kubernetes.io/proxy-body-size';
    expect(problems({ http: { maxBodySize: '5Mi' }, annotations: { [annotation]: '1m' } }, ENTRIES.nginx)).toEqual([
      `WebApp "web": annotations["${annotation}"] contradicts http or access of the app, which write it; remove one of them`,
    ]);
  });
});

test('an app without http has no objects and annotations for it', () => {
  for (const platform of Object.values(ENTRIES)) {
    const without = synth({}, platform).all;
    expect(synth({ http: {} }, platform).all).toEqual(without);
    expect(without.some(({ kind }) => /Middleware|Policy$/.test(kind) && !/^NetworkPolicy$/.test(kind))).toBe(false);
  }
  expect(build().chart.toJson()).toHaveLength(9);
});

test('the support table in the documentation matches the checks', () => {
  const page = readFileSync(join(__dirname, '../../docs/http.md'), 'utf8');
  const kinds: EntryKind[] = ['nginx', 'traefik', 'haproxy', 'alb', 'gateway', 'envoy-gateway', 'traefik-gateway'];
  const rows = [...page.matchAll(/^\| `((?:http|access)\.\w+)` \| (.*) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, prop, cells]) => [prop, kinds.filter((_, i) => cells.split(' | ')[i] !== 'no').sort()])))
    .toEqual(Object.fromEntries(Object.entries(SUPPORT).map(([prop, able]) => [prop, [...able].sort()])));
});
