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

/** A request for the host of the apps. */
interface Asked {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
}

const isBelow = (path: string, prefix: string) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
const has = (asked: Asked, headers: [string, string][]) => headers.every(([name, value]) => asked.headers[name] === value);
const pairs = (list: { name: string; value: string }[] = []): [string, string][] => list.map(({ name, value }) => [name, value]);

/** Who answers by what the props say: the longest path, then the most headers. */
function meant(apps: Apps, asked: Asked): string | undefined {
  const matching = Object.entries(apps).flatMap(([name, { paths = ['/'], headers = {} }]) => paths
    .filter(path => isBelow(asked.path, path) && has(asked, Object.entries(headers)))
    .map(path => ({ name, length: path.length, headers: Object.keys(headers).length })));
  return matching.sort((a, b) => b.length - a.length || b.headers - a.headers)[0]?.name;
}

/** Who answers by what is written: the entry passes the request to an app or to the interceptor, which looks at the longest path alone. */
function answers(manifests: Manifest[], asked: Asked): (string | undefined)[] {
  const backends = manifests.some(({ kind }) => kind === 'HTTPRoute') ? gateway(manifests, asked) : ingress(manifests, asked);
  return backends.map(backend => /interceptor|-proxy$/.test(backend) ? interceptor(manifests, asked) : backend);
}

/** The backends of the longest path: a controller may choose any of them. */
function ingress(manifests: Manifest[], asked: Asked): string[] {
  const found = manifests.filter(({ kind }) => kind === 'Ingress').flatMap(({ spec }) => spec.rules[0].http.paths)
    .filter(({ path }) => isBelow(asked.path, path));
  const longest = Math.max(...found.map(({ path }) => path.length));
  return found.filter(({ path }) => path.length === longest).map(({ backend }) => backend.service.name);
}

function gateway(manifests: Manifest[], asked: Asked): string[] {
  const found = manifests.filter(({ kind }) => kind === 'HTTPRoute').flatMap(({ spec }) => spec.rules)
    .flatMap(({ matches, backendRefs: [{ name: service }] }) => (
      matches.map((match: any) => ({ path: match.path.value, headers: pairs(match.headers), service }))))
    .filter(({ path, headers }) => isBelow(asked.path, path) && has(asked, headers))
    .sort((a, b) => b.path.length - a.path.length || b.headers.length - a.headers.length);
  return found.filter(({ path, headers }) => path.length === found[0].path.length && headers.length === found[0].headers.length)
    .map(({ service }) => service);
}

/** As its `Route` does it: https://github.com/kedacore/http-add-on/blob/main/pkg/routing/tablememory.go */
function interceptor(manifests: Manifest[], asked: Asked): string | undefined {
  const entries = manifests.filter(({ kind }) => kind === 'InterceptorRoute').flatMap(({ metadata, spec }) => spec.rules
    .filter((rule: any) => rule.hosts.includes(hosts[0]))
    .flatMap(({ paths = [{ value: '/' }], headers }: any) => (
      paths.map(({ value }: any) => ({ name: metadata.name, path: value, headers: pairs(headers) })))))
    .filter(({ path }) => isBelow(asked.path, path));
  const longest = Math.max(...entries.map(({ path }) => path.length));
  const matching = entries.filter(({ path, headers }) => path.length === longest && has(asked, headers))
    .sort((a, b) => b.headers.length - a.headers.length);
  // Of two with as many headers, the older one answers, whichever that is.
  const first = new Set(matching.filter(({ headers }) => headers.length === matching[0].headers.length).map(({ name }) => name));
  return first.size > 1 ? [...first].join(' or ') : [...first][0];
}

describe('apps of one host', () => {
  const headers = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { maxKeys: 2 }) });
  const app = fc.record({
    paths: fc.uniqueArray(fc.constantFrom('/', '/x', '/x/y', '/x/y/z', '/w'), { minLength: 1, maxLength: 2 }),
    headers,
    scaling: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant({ replicas: 1 }) }),
    namespace: fc.constantFrom('shop', 'billing'),
  });
  const apps = fc.array(app, { minLength: 2, maxLength: 4 }).map(list => Object.fromEntries(list.map((props, i) => [`app-${i}`, props])) as Apps);
  const asked: Asked[] = ['/', '/x', '/xy', '/x/q', '/x/y', '/x/y/z', '/w/v'].flatMap(path => (
    ['', '1', '2'].flatMap(a => ['', '1', '2'].flatMap(b => ['', '1'].map(c => ({
      path, headers: Object.fromEntries(Object.entries({ a, b, c }).filter(([, value]) => value !== '')),
    }))))));

  test.each<[string, PlatformProps]>([['an Ingress', INGRESS], ['a Gateway', GATEWAY]])(
    'answer the requests that their props say, whatever these are, or it is an error, behind %s', (_, platform) => {
      const outcomes = { written: 0, refused: 0, further: 0 };
      fc.assert(fc.property(apps, props => {
        const found = problems(props, platform);
        if (found.length > 0) {
          outcomes.refused++;
          return;
        }
        const manifests = synth(props, platform);
        for (const request of asked) expect([request, answers(manifests, request)]).toEqual([request, expected(manifests, props, request)]);
        outcomes.written++;
        if (manifests.some(({ kind, spec }) => kind === 'InterceptorRoute' && spec.rules.length > 2)) outcomes.further++;
      }), { numRuns: 200, seed: 1 });
      expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(5);
    });

  /** All that the entry may choose must lead there; where it has no backend, nobody is meant. */
  function expected(manifests: Manifest[], props: Apps, request: Asked): (string | undefined)[] {
    const found = answers(manifests, request);
    return found.length > 0 ? found.map(() => meant(props, request)) : meant(props, request) === undefined ? [] : [meant(props, request)];
  }
});

describe('a request that lacks the headers of the app with the longest path', () => {
  const apps: Apps = { 'shop': {}, 'api-beta': { paths: ['/api'], headers: beta } };

  test.each<[string, PlatformProps]>([['an Ingress', INGRESS], ['a Gateway', GATEWAY]])('is the other app\'s, behind %s', (_, platform) => {
    const manifests = synth(apps, platform);
    expect(rulesOf(manifests, 'shop')[1]).toEqual({ hosts, paths: [{ value: '/api' }] });
    expect(rulesOf(manifests, 'api-beta')).toEqual([{ hosts, paths: [{ value: '/api' }], headers: [{ name: 'X-Beta', value: '1' }] }]);
  });

  test('changes nothing for apps that have no headers', () => {
    const manifests = synth({ shop: {}, api: { paths: ['/api'] } }, INGRESS);
    expect(rulesOf(manifests, 'shop')).toHaveLength(1);
    expect(rulesOf(manifests, 'api')).toHaveLength(1);
  });

  test('has a rule for every path and host that they share', () => {
    const both = ['shop.example.com', 'www.example.com'];
    const manifests = synth({ shop: { hosts: both }, beta: { hosts: both, paths: ['/api', '/v1'], headers: beta } }, INGRESS);
    expect(rulesOf(manifests, 'shop')[1]).toEqual({ hosts: both, paths: [{ value: '/api' }, { value: '/v1' }] });
  });

  test('is the canary\'s if it has its headers', () => {
    const canary = { image: 'ghcr.io/acme/web:2.0.0', headers: { 'X-Canary': 'yes' } };
    const manifests = synth({ ...apps, shop: { rollout: { canary } } }, INGRESS);
    expect(rulesOf(manifests, 'shop-canary')).toContainEqual({ hosts, paths: [{ value: '/api' }], headers: [{ name: 'X-Canary', value: 'yes' }] });
    // A request with both is that of the longer path.
    const either = [{ name: 'X-Beta', value: '1' }, { name: 'X-Canary', value: 'yes' }];
    expect(rulesOf(manifests, 'api-beta')).toContainEqual({ hosts, paths: [{ value: '/api' }], headers: either });
  });

  test('is the canary\'s if the Gateway chose it', () => {
    const canary = { image: 'ghcr.io/acme/web:2.0.0', weight: 20 };
    const manifests = synth({ ...apps, shop: { rollout: { canary } } }, GATEWAY);
    expect(rulesOf(manifests, 'shop-canary')).toContainEqual({ hosts, paths: [{ value: '/api' }], headers: [{ name: 'X-Webapp-Track', value: 'canary' }] });
  });

  test('is answered with 404 if no other app has the path', () => {
    expect(problems({ 'shop': { paths: ['/shop'] }, 'api-beta': apps['api-beta'] })).toEqual([]);
  });

  test('cannot reach an app that the interceptor does not know, behind an Ingress', () => {
    const direct = { ...apps, shop: { scaling: { replicas: 1 } } };
    expect(problems(direct)).toEqual([
      'WebApp "api-beta": headers take the requests for "shop.example.com" with path "/api" from WebApp "chart-shop/shop": an Ingress does not match headers, '
      + 'and the interceptor does not know an app that is not scaled by HTTP; '
      + 'set scaling.concurrency in WebApp "chart-shop/shop", or use another path here, or a platform with a gateway',
    ]);
    expect(problems({ ...direct, 'api-beta': { headers: beta } })).toEqual([expect.stringContaining('headers take the requests for "shop.example.com" with path "/"')]);
    expect(problems(direct, GATEWAY)).toEqual([]);
  });

  test('needs the add-on\'s newer API', () => {
    expect(problems(apps, { ...INGRESS, httpAddon: { api: HttpAddonApi.V1ALPHA1 } })).toEqual([
      'WebApp "shop": hosts have "shop.example.com" with path "/api" in common with WebApp "chart-api-beta/api-beta", '
      + 'and the add-on\'s API v1alpha1 cannot tell their requests apart by headers; use another host, or set the platform\'s httpAddon.api to v1beta1',
    ]);
  });

  test('is not split by the weight of a canary\'s Ingress', () => {
    const shop = { rollout: { canary: { image: 'ghcr.io/acme/web:2.0.0', weight: 20 } } };
    expect(problems({ ...apps, shop }, { ingress: { className: 'nginx', upstreamHeader: 'X-Upstream' } })).toEqual([
      'WebApp "shop": rollout.canary.weight is 20, but requests for "shop.example.com" with path "/api" come by way of the Ingress of '
      + 'WebApp "chart-api-beta/api-beta", which does not split them; set rollout.canary.headers, or use another host or a platform with a gateway',
    ]);
  });
});

describe('headers that do not decide who answers', () => {
  test.each<[string, Apps]>([
    ['of two apps', { one: { headers: beta }, two: { headers: { 'X-Tenant': 'acme' } } }],
    ['of a canary and an app', { two: { headers: { 'X-Tenant': 'acme' } }, one: { rollout: { canary: { image: 'a:1', headers: beta } } } }],
    ['of a canary that has more, and an app', {
      two: { headers: { 'X-Tenant': 'acme' } }, one: { rollout: { canary: { image: 'a:1', headers: { ...beta, 'X-More': '1' } } } },
    }],
  ])('are an error: %s', (_, apps) => {
    expect(problems(apps, GATEWAY)).toEqual([expect.stringMatching(
      /^WebApp "(one|two)": (rollout\.canary\.)?headers do not decide who answers: a request for "shop.example.com" with path "\/" may have these and those of WebApp/,
    )]);
  });

  test('are fine if no request has both, or one app has more', () => {
    expect(problems({ one: { headers: { 'X-Tenant': 'a' } }, two: { headers: { 'X-Tenant': 'b' } } }, GATEWAY)).toEqual([]);
    expect(problems({ one: { headers: beta }, two: { headers: { ...beta, 'X-Tenant': 'b' } } }, GATEWAY)).toEqual([]);
  });

  test('of more apps than anybody means are an error', () => {
    const nested = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [
      `app-${i}`, { paths: [`/${Array(i).fill('p').join('/')}`], headers: { [`h${i}`]: '1' } },
    ]));
    expect(problems(nested, GATEWAY)).toEqual([expect.stringMatching(/where too many apps are told apart by headers; use fewer headers or other hosts$/)]);
  });
});

describe('a host within a wildcard of the same namespace', () => {
  const all = { hosts: ['*.example.com'] };

  test.each<[string, Apps]>([
    ['some paths of it', { all, shop: { paths: ['/shop'] } }],
    ['requests with certain headers', { all, shop: { headers: beta } }],
  ])('is an error if an app has only %s', (_, apps) => {
    expect(problems(apps)).toEqual([
      'WebApp "shop": hosts have "shop.example.com", but not all requests for it: whether the others reach WebApp "chart-all/all", which has "*.example.com", '
      + 'depends on the ingress controller or gateway; add "shop.example.com" to the hosts of that app, or give it other paths',
    ]);
  });

  test.each<[string, Apps]>([
    ['all of it', { all, shop: {} }],
    ['the rest together with another app', { all, shop: { paths: ['/shop'] }, rest: {} }],
    ['what the wildcard names itself', { all: { hosts: ['*.example.com', ...hosts] }, shop: { paths: ['/shop'] } }],
    ['all that the wildcard has', { all: { ...all, paths: ['/shop/a'] }, shop: { paths: ['/shop'] } }],
  ])('is fine if its app has %s', (_, apps) => {
    expect(problems(apps)).toEqual([]);
  });
});
