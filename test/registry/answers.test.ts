import { App, Chart } from 'cdk8s';
import * as fc from 'fast-check';
import { IMAGE, Manifest, Manifests, problemsOf } from '../synth';
import { HttpAddonApi, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

type Apps = { readonly [name: string]: Partial<WebAppProps> & { readonly namespace?: string } };

const INGRESS: PlatformProps = { ingress: { className: 'traefik' } };
const GATEWAY: PlatformProps = { gateway: { name: 'public', namespace: 'gateways' } };
const hosts = ['shop.example.com'];
const beta = { 'X-Beta': '1' };

function tree(apps: Apps, platform: PlatformProps): App {
  const app = new App();
  new Platform(app, 'platform', { domain: 'apps.example.com', ...platform });
  for (const [name, { namespace = 'shop', ...props }] of Object.entries(apps)) {
    new WebApp(new Chart(app, `chart-${name}`, { namespace }), name, { image: IMAGE, hosts, ...props });
  }
  return app;
}

function problems(apps: Apps, platform: PlatformProps = INGRESS): string[] {
  return problemsOf(() => tree(apps, platform));
}

function synth(apps: Apps, platform: PlatformProps): Manifest[] {
  return tree(apps, platform).node.children.filter(child => Chart.isChart(child)).flatMap(chart => new Manifests(chart as Chart).all);
}

function rulesOf(manifests: Manifest[], name: string): any[] {
  return manifests.find(({ kind, metadata }) => kind === 'InterceptorRoute' && metadata.name === name)!.spec.rules
    .filter((rule: any) => !rule.hosts.every((host: string) => host.includes('-proxy.')));
}

/** A request for the host that the apps share. */
interface Asked {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
}

const isBelow = (path: string, prefix: string) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
const has = (asked: Asked, headers: [string, string][]) => headers.every(([name, value]) => asked.headers[name] === value);
const pairs = (list: { name: string; value: string }[] = []): [string, string][] => list.map(({ name, value }) => [name, value]);

/** How specific a path is: an exact path is more specific than any prefix. */
const lengthOf = (path: string, exact: boolean) => path.length + (exact ? 1000 : 0);

/** The app that the props select: by an exact path before prefixes, then by the longest path, then by the most headers. */
function meant(apps: Apps, asked: Asked): string | undefined {
  const matching = Object.entries(apps).flatMap(([name, { paths, exactPaths = [], headers = {} }]) => [
    ...(paths ?? (exactPaths.length > 0 ? [] : ['/'])).filter(path => isBelow(asked.path, path)).map(path => lengthOf(path, false)),
    ...exactPaths.filter(path => asked.path === path).map(path => lengthOf(path, true)),
  ].filter(() => has(asked, Object.entries(headers))).map(length => ({ name, length, headers: Object.keys(headers).length })));
  return matching.sort((a, b) => b.length - a.length || b.headers - a.headers)[0]?.name;
}

/** The apps that the manifests select: the entry point routes to an app or to the interceptor, which considers the longest path only. */
function answers(manifests: Manifest[], asked: Asked): (string | undefined)[] {
  const chosen = manifests.some(({ kind }) => kind === 'HTTPRoute') ? gateway(manifests, asked) : ingress(manifests, asked);
  return chosen.map(({ service, set = {}, path = asked.path }) => /interceptor|-proxy$/.test(service)
    ? interceptor(manifests, { path, headers: { ...asked.headers, ...set } })
    : service);
}

/** The backend that an entry point selects for a request, and what it changes in the request. */
interface Chosen {
  readonly service: string;
  readonly path?: string;
  readonly set?: { readonly [name: string]: string };
}

/** The backends of the longest path: a controller may choose any of them. */
function ingress(manifests: Manifest[], asked: Asked): Chosen[] {
  const found = manifests.filter(({ kind }) => kind === 'Ingress').flatMap(({ spec }) => spec.rules[0].http.paths)
    .map(({ path, pathType, backend }) => ({ path, exact: pathType === 'Exact', service: backend.service.name }))
    .filter(({ path, exact }) => exact ? asked.path === path : isBelow(asked.path, path));
  const longest = Math.max(...found.map(({ path, exact }) => lengthOf(path, exact)));
  return found.filter(({ path, exact }) => lengthOf(path, exact) === longest);
}

function gateway(manifests: Manifest[], asked: Asked): Chosen[] {
  const found = manifests.filter(({ kind }) => kind === 'HTTPRoute').flatMap(({ spec }) => spec.rules)
    .flatMap(({ matches, backendRefs: [{ name: service }], filters = [] }) => matches.map(({ path, headers }: any) => ({
      path: path.value,
      exact: path.type === 'Exact',
      headers: pairs(headers),
      service,
      set: Object.fromEntries(pairs(filters.find(({ requestHeaderModifier }: any) => requestHeaderModifier)?.requestHeaderModifier.set)),
      prefix: filters.find(({ urlRewrite }: any) => urlRewrite)?.urlRewrite.path.replacePrefixMatch,
    })))
    .filter(({ path, exact, headers }) => (exact ? asked.path === path : isBelow(asked.path, path)) && has(asked, headers))
    .map(({ path, exact, headers, prefix, ...chosen }) => ({
      ...chosen,
      rank: lengthOf(path, exact) * 100 + headers.length,
      path: prefix === undefined ? undefined : asked.path.replace(path === '/' ? /^(?=\/)/ : path, prefix === '/' ? '' : prefix) || '/',
    }));
  return found.filter(({ rank }) => rank === Math.max(...found.map(other => other.rank)));
}

/** Matches like `Route` of the interceptor: https://github.com/kedacore/http-add-on/blob/main/pkg/routing/tablememory.go */
function interceptor(manifests: Manifest[], asked: Asked): string | undefined {
  const entries = manifests.filter(({ kind }) => kind === 'InterceptorRoute').flatMap(({ metadata, spec }) => spec.rules
    .filter((rule: any) => rule.hosts.includes(hosts[0]))
    .flatMap(({ paths = [{ value: '/' }], headers }: any) => (
      paths.map(({ value }: any) => ({ name: metadata.name, path: value, headers: pairs(headers) })))))
    .filter(({ path }) => isBelow(asked.path, path));
  const longest = Math.max(...entries.map(({ path }) => path.length));
  const matching = entries.filter(({ path, headers }) => path.length === longest && has(asked, headers))
    .sort((a, b) => b.headers.length - a.headers.length);
  // If two routes have the same number of headers, the older one wins, which may be either.
  const first = new Set(matching.filter(({ headers }) => headers.length === matching[0].headers.length).map(({ name }) => name));
  return first.size > 1 ? [...first].join(' or ') : [...first][0];
}

describe('apps that share a host', () => {
  const someHeaders = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { maxKeys: 2 });
  const headers = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: someHeaders });
  const app = fc.record({
    paths: fc.uniqueArray(fc.constantFrom('/', '/x', '/x/y', '/x/y/z', '/w'), { minLength: 1, maxLength: 2 }),
    exactPaths: fc.option(fc.constantFrom(['/'], ['/x'], ['/x/y']), { nil: undefined, freq: 2 }),
    headers,
    scaling: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant({ replicas: 1 }) }),
    namespace: fc.constantFrom('shop', 'billing'),
  });
  const apps = fc.array(app, { minLength: 2, maxLength: 4 })
    .map(list => Object.fromEntries(list.map((props, i) => [`app-${i}`, props])) as Apps);
  const prefix = fc.option(fc.constantFrom('/', '/x'), { nil: undefined, freq: 2 });
  const rewriting = fc.tuple(apps, prefix).map(([{ 'app-0': { exactPaths, ...first }, ...rest }, replacePrefixMatch]): Apps => (
    { 'app-0': { ...first, ...replacePrefixMatch === undefined ? { exactPaths } : { replacePrefixMatch } }, ...rest }));
  const asked: Asked[] = ['/', '/x', '/xy', '/x/q', '/x/y', '/x/y/z', '/w/v'].flatMap(path => (
    ['', '1', '2'].flatMap(a => ['', '1', '2'].flatMap(b => ['', '1'].map(c => ({
      path, headers: Object.fromEntries(Object.entries({ a, b, c }).filter(([, value]) => value !== '')),
    }))))));

  test.each<[string, PlatformProps]>([['an Ingress', INGRESS], ['a Gateway', GATEWAY]])(
    'answer exactly the requests that their props select, or are an error, behind %s', (_, platform) => {
      const outcomes = { written: 0, refused: 0, further: 0 };
      fc.assert(fc.property(platform === GATEWAY ? rewriting : apps, props => {
        const found = problems(props, platform);
        if (found.length > 0) {
          outcomes.refused++;
          return;
        }
        const manifests = synth(props, platform);
        for (const request of asked) {
          expect([request, answers(manifests, request)]).toEqual([request, expected(manifests, props, request)]);
        }
        outcomes.written++;
        if (manifests.some(({ kind, spec }) => kind === 'InterceptorRoute' && spec.rules.length > 2)) outcomes.further++;
      }), { numRuns: 200, seed: 1 });
      expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(5);
    });

  /** Every backend that the entry point may select must be that of the right app; it has none for a request that no app has. */
  function expected(manifests: Manifest[], props: Apps, request: Asked): (string | undefined)[] {
    const found = answers(manifests, request);
    return found.length > 0 ? found.map(() => meant(props, request)) : meant(props, request) === undefined ? [] : [meant(props, request)];
  }
});

describe('a request that lacks the headers of the app with the longest path', () => {
  const apps: Apps = { 'shop': {}, 'api-beta': { paths: ['/api'], headers: beta } };

  test.each<[string, PlatformProps]>([
    ['an Ingress', INGRESS],
    ['a Gateway', GATEWAY],
  ])('is routed to the other app behind %s', (_, platform) => {
    const manifests = synth(apps, platform);
    expect(rulesOf(manifests, 'shop')[1]).toEqual({ hosts, paths: [{ value: '/api' }] });
    expect(rulesOf(manifests, 'api-beta')).toEqual([{ hosts, paths: [{ value: '/api' }], headers: [{ name: 'X-Beta', value: '1' }] }]);
  });

  test('needs no rules of its own if no app has headers', () => {
    const manifests = synth({ shop: {}, api: { paths: ['/api'] } }, INGRESS);
    expect(rulesOf(manifests, 'shop')).toHaveLength(1);
    expect(rulesOf(manifests, 'api')).toHaveLength(1);
  });

  test('is routed for every path and host that the apps share', () => {
    const both = ['shop.example.com', 'www.example.com'];
    const manifests = synth({ shop: { hosts: both }, beta: { hosts: both, paths: ['/api', '/v1'], headers: beta } }, INGRESS);
    expect(rulesOf(manifests, 'shop')[1]).toEqual({ hosts: both, paths: [{ value: '/api' }, { value: '/v1' }] });
  });

  test('is routed to the canary if it has the headers of the canary', () => {
    const canary = { image: 'ghcr.io/acme/web:2.0.0', headers: { 'X-Canary': 'yes' } };
    const canaryHeaders = [{ name: 'X-Canary', value: 'yes' }];
    const manifests = synth({ ...apps, shop: { rollout: { canary } } }, INGRESS);
    expect(rulesOf(manifests, 'shop-canary')).toContainEqual({ hosts, paths: [{ value: '/api' }], headers: canaryHeaders });
    // A request with the headers of both belongs to the app with the longer path.
    const either = [{ name: 'X-Beta', value: '1' }, ...canaryHeaders];
    expect(rulesOf(manifests, 'api-beta')).toContainEqual({ hosts, paths: [{ value: '/api' }], headers: either });
  });

  test('is routed to the canary if the Gateway selected the canary', () => {
    const canary = { image: 'ghcr.io/acme/web:2.0.0', weight: 20 };
    const manifests = synth({ ...apps, shop: { rollout: { canary } } }, GATEWAY);
    const track = [{ name: 'X-Webapp-Track', value: 'canary' }];
    expect(rulesOf(manifests, 'shop-canary')).toContainEqual({ hosts, paths: [{ value: '/api' }], headers: track });
  });

  test('gets the response 404 if no other app has the path', () => {
    expect(problems({ 'shop': { paths: ['/shop'] }, 'api-beta': apps['api-beta'] })).toEqual([]);
  });

  test('cannot be routed to an app that is not scaled by HTTP behind an Ingress', () => {
    const direct = { ...apps, shop: { scaling: { replicas: 1 } } };
    expect(problems(direct)).toEqual([
      'WebApp "api-beta": headers take the requests for "shop.example.com" with path "/api" from WebApp "chart-shop/shop": '
      + 'an Ingress does not match headers, and the interceptor does not know an app that is not scaled by HTTP; '
      + 'set scaling.concurrency in WebApp "chart-shop/shop", or use another path here, or a platform with a gateway',
    ]);
    expect(problems({ ...direct, 'api-beta': { headers: beta } })).toEqual([
      expect.stringContaining('headers take the requests for "shop.example.com" with path "/"'),
    ]);
    expect(problems(direct, GATEWAY)).toEqual([]);
  });

  test('needs the add-on\'s API v1beta1', () => {
    expect(problems(apps, { ...INGRESS, httpAddon: { api: HttpAddonApi.V1ALPHA1 } })).toEqual([
      'WebApp "shop": hosts have "shop.example.com" with path "/api" in common with WebApp "chart-api-beta/api-beta", '
      + 'and the add-on\'s API v1alpha1 cannot tell their requests apart by headers; '
      + 'use another host, or set the platform\'s httpAddon.api to v1beta1',
    ]);
  });

  test('is not split by the traffic weight of a canary\'s Ingress', () => {
    const shop = { rollout: { canary: { image: 'ghcr.io/acme/web:2.0.0', weight: 20 } } };
    expect(problems({ ...apps, shop }, { ingress: { className: 'nginx', upstreamHeader: 'X-Upstream' } })).toEqual([
      'WebApp "shop": rollout.canary.weight is 20, but requests for "shop.example.com" with path "/api" come by way of the Ingress of '
      + 'WebApp "chart-api-beta/api-beta", which does not split them; '
      + 'set rollout.canary.headers, or use another host or a platform with a gateway',
    ]);
  });
});

describe('an exact path', () => {
  const apps: Apps = { shop: {}, home: { exactPaths: ['/'] } };

  test('takes precedence over the paths of other apps behind a Gateway, which adds a header for the interceptor', () => {
    const manifests = synth(apps, GATEWAY);
    expect(manifests.find(({ kind, metadata }) => kind === 'HTTPRoute' && metadata.name === 'home')!.spec.rules).toEqual([{
      matches: [{ path: { type: 'Exact', value: '/' } }],
      filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'X-Webapp-Path', value: 'exact' }] } }],
      backendRefs: [{ name: 'keda-add-ons-http-interceptor-proxy', namespace: 'keda', port: 8080 }],
      timeouts: { request: '0s' },
    }]);
    expect(rulesOf(manifests, 'home')).toEqual([{ hosts, paths: [{ value: '/' }], headers: [{ name: 'X-Webapp-Path', value: 'exact' }] }]);
  });

  test.each<[string, PlatformProps]>([
    ['behind an Ingress', INGRESS],
    ['with the add-on\'s API v1alpha1', { ...GATEWAY, httpAddon: { api: HttpAddonApi.V1ALPHA1 } }],
  ])('is an error if the interceptor would have to match it and take the requests below it, %s', (_, platform) => {
    expect(problems(apps, platform)).toEqual([
      'WebApp "home": exactPaths have "/", but the interceptor matches prefixes, '
      + 'and would take requests for "shop.example.com" below it from WebApp "chart-shop/shop"; '
      + 'use paths, which take them too, or a platform with a gateway and the add-on\'s API v1beta1',
    ]);
  });

  test.each<[string, Apps]>([
    ['its app is not scaled by HTTP', { ...apps, home: { exactPaths: ['/'], scaling: { replicas: 1 } } }],
    ['the other app is not scaled by HTTP', { ...apps, shop: { scaling: { replicas: 1 } } }],
    ['no other app would lose requests to it', { shop: { paths: ['/shop'] }, home: { exactPaths: ['/'] } }],
    ['the paths below it belong to the same app', { home: { paths: ['/'], exactPaths: ['/robots.txt'] } }],
  ])('is valid behind an Ingress if %s', (_, props) => {
    expect(problems(props)).toEqual([]);
  });

  test('is an error if another app has it too, unless as a prefix', () => {
    expect(problems({ one: { exactPaths: ['/x'] }, two: { exactPaths: ['/x'] } }, GATEWAY)).toEqual([
      'WebApp "two": hosts have "shop.example.com" with exact path "/x", which WebApp "chart-one/one" has too; '
      + 'use another host, path or header in one of them',
    ]);
    expect(problems({ one: { exactPaths: ['/x'] }, two: { paths: ['/x'] } }, GATEWAY)).toEqual([]);
  });

  test('is an error for a host within the wildcard of another app, as it does not cover all requests for the host', () => {
    expect(problems({ all: { hosts: ['*.example.com'] }, home: { exactPaths: ['/'] } })).toEqual([
      expect.stringContaining('but not all requests for it'),
    ]);
  });
});

describe('a path with a prefix that the Gateway replaces', () => {
  const apps: Apps = { shop: {}, docs: { paths: ['/docs'] }, api: { paths: ['/api', '/v1'], replacePrefixMatch: '/' } };
  const marked = [{ name: 'X-Webapp-Route', value: 'shop/api' }];

  test('is routed to its app whatever paths other apps have, by a header for the interceptor', () => {
    const manifests = synth(apps, GATEWAY);
    const { rules } = manifests.find(({ kind, metadata }) => kind === 'HTTPRoute' && metadata.name === 'api')!.spec;
    expect(rules.map(({ matches }: any) => matches)).toEqual([
      [{ path: { type: 'PathPrefix', value: '/api' } }], [{ path: { type: 'PathPrefix', value: '/v1' } }],
    ]);
    expect(rules[0].filters).toEqual([
      { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } },
      { type: 'RequestHeaderModifier', requestHeaderModifier: { set: marked } },
    ]);
    expect(rulesOf(manifests, 'api')).toEqual([{ hosts, headers: marked }, { hosts, paths: [{ value: '/docs' }], headers: marked }]);
    expect(rulesOf(manifests, 'shop')).toHaveLength(1);
  });

  test('needs no header if the Gateway routes to the app itself', () => {
    const manifests = synth({ ...apps, api: { ...apps.api, scaling: { replicas: 1 } } }, GATEWAY);
    const { rules } = manifests.find(({ kind, metadata }) => kind === 'HTTPRoute' && metadata.name === 'api')!.spec;
    expect(rules[0].filters.map(({ type }: any) => type)).toEqual(['URLRewrite']);
  });
});

describe('headers of apps that share a host', () => {
  test.each<[string, Apps]>([
    ['in two apps', { one: { headers: beta }, two: { headers: { 'X-Tenant': 'acme' } } }],
    ['in a canary and an app', { two: { headers: { 'X-Tenant': 'acme' } }, one: { rollout: { canary: { image: 'a:1', headers: beta } } } }],
    ['in an app and a canary with more headers', {
      two: { headers: { 'X-Tenant': 'acme' } },
      one: { rollout: { canary: { image: 'a:1', headers: { ...beta, 'X-More': '1' } } } },
    }],
  ])('are an error if they do not decide which app answers: %s', (_, apps) => {
    expect(problems(apps, GATEWAY)).toEqual([expect.stringMatching(new RegExp(
      '^WebApp "(one|two)": (rollout\\.canary\\.)?headers do not decide who answers: '
      + 'a request for "shop.example.com" with path "/" may have these and those of WebApp',
    ))]);
  });

  test('are valid if no request can match both apps, or if one app has more of them', () => {
    expect(problems({ one: { headers: { 'X-Tenant': 'a' } }, two: { headers: { 'X-Tenant': 'b' } } }, GATEWAY)).toEqual([]);
    expect(problems({ one: { headers: beta }, two: { headers: { ...beta, 'X-Tenant': 'b' } } }, GATEWAY)).toEqual([]);
  });

  test('are an error if too many apps are told apart by them', () => {
    const nested = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [
      `app-${i}`, { paths: [`/${Array(i).fill('p').join('/')}`], headers: { [`h${i}`]: '1' } },
    ]));
    const { 'app-7': last, ...others } = nested;
    const atPort = { headers: last.headers, hosts: ['admin.example.com'], ports: { admin: { port: 9000, hosts, paths: last.paths } } };
    expect(problems({ ...others, 'app-7': atPort }, GATEWAY)).toEqual([
      expect.stringMatching(/^WebApp "app-7": ports\.admin\.hosts have "shop.example.com" with path "[p/]+", where too many apps/),
    ]);
    expect(problems(nested, GATEWAY)).toEqual([
      expect.stringMatching(/where too many apps are told apart by headers; use fewer headers or other hosts$/),
    ]);
  });
});

describe('a host within a wildcard of the same namespace', () => {
  test('cannot share its paths with an app that has the host *', () => {
    const apps = { rest: { hosts: ['*'] }, shop: { paths: ['/shop'] } };
    expect(problems(apps, { ...INGRESS, allowCatchAll: true })).toEqual([
      expect.stringMatching(/^WebApp "shop": hosts have "shop.example.com", but not all requests for it: .* which has "\*", depends on/),
    ]);
    expect(problems({ ...apps, shop: {} }, { ...INGRESS, allowCatchAll: true })).toEqual([]);
  });

  const all = { hosts: ['*.example.com'] };

  test.each<[string, Apps]>([
    ['some paths of it', { all, shop: { paths: ['/shop'] } }],
    ['requests with certain headers', { all, shop: { headers: beta } }],
  ])('is an error if an app has only %s', (_, apps) => {
    expect(problems(apps)).toEqual([
      'WebApp "shop": hosts have "shop.example.com", but not all requests for it: '
      + 'whether the others reach WebApp "chart-all/all", which has "*.example.com", depends on the ingress controller or gateway; '
      + 'add "shop.example.com" to the hosts of that app, or give it other paths',
    ]);
  });

  test.each<[string, Apps]>([
    ['its app has all requests for it', { all, shop: {} }],
    ['another app has the rest of the requests for it', { all, shop: { paths: ['/shop'] }, rest: {} }],
    ['the app with the wildcard names it too', { all: { hosts: ['*.example.com', ...hosts] }, shop: { paths: ['/shop'] } }],
    ['its app has all paths that the wildcard has', { all: { ...all, paths: ['/shop/a'] }, shop: { paths: ['/shop'] } }],
  ])('is valid if %s', (_, apps) => {
    expect(problems(apps)).toEqual([]);
  });
});
