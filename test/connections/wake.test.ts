import { App, Chart } from 'cdk8s';
import { IMAGE, Manifests, problemsOf } from '../synth';
import { Color, HttpAddonApi, Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

type Apps = { readonly [name: string]: Partial<WebAppProps> };

/** A connection to an app that requests for this one wake too. */
const waking = (app: string, more = {}) => ({ connections: { [app]: { type: 'web-app', app, wake: true, ...more } } });

/** Apps in a chart of namespace `shop`, in the order of their names in the map. */
function build(apps: Apps, platform: PlatformProps = {}): { app: App; chart: Chart; webApps: { [name: string]: WebApp } } {
  const app = new App();
  new Platform(app, 'platform', { domain: 'apps.example.com', ...platform });
  const chart = new Chart(app, 'shop', { namespace: 'shop' });
  return { app, chart, webApps: add(chart, apps) };
}

function add(chart: Chart, apps: Apps): { [name: string]: WebApp } {
  return Object.fromEntries(Object.entries(apps).map(([name, props]) => [name, new WebApp(chart, name, { image: IMAGE, ...props })]));
}

/** The routes whose requests a ScaledObject counts. */
function routesOf(manifests: Manifests, name: string, reference = 'interceptorRoute'): string[] {
  return manifests.get('ScaledObject', name).spec.triggers.map(({ metadata }: any) => metadata[reference]);
}

const routes = (apps: Apps, name: string, platform: PlatformProps = {}) => routesOf(new Manifests(build(apps, platform).chart), name);

const OLDER: PlatformProps = { httpAddon: { api: HttpAddonApi.V1ALPHA1 } };

describe('an app that is woken with another one', () => {
  test.each<[string, Apps]>([
    ['first', { api: {}, shop: waking('api') }],
    ['last', { shop: waking('api'), api: {} }],
  ])('counts the requests for the other app after its own, if it is created %s', (_, apps) => {
    const { chart } = build(apps);
    const scalerAddress = 'keda-add-ons-http-external-scaler.keda:9090';
    expect(new Manifests(chart).get('ScaledObject', 'api').spec.triggers).toEqual([
      { type: 'external-push', metadata: { scalerAddress, interceptorRoute: 'api' } },
      { type: 'external-push', metadata: { scalerAddress, interceptorRoute: 'shop' } },
    ]);
    expect(routesOf(new Manifests(chart), 'shop')).toEqual(['shop']);
  });

  test('keeps the other things that it scales on', () => {
    const api = { scaling: { concurrency: 50, cpu: 70 } };
    const { triggers } = new Manifests(build({ shop: waking('api'), api }).chart).get('ScaledObject', 'api').spec;
    expect(triggers.map(({ type }: any) => type)).toEqual(['external-push', 'external-push', 'cpu']);
  });

  test.each<[string, Partial<WebAppProps>, string[]]>([
    ['a further port of the other app', { ports: { admin: { port: 9000, paths: ['/admin'] } } }, ['shop', 'shop-admin']],
    ['its canary', { rollout: { canary: { image: 'shop:2', headers: { beta: 'yes' } } } }, ['shop', 'shop-canary']],
    ['its preview, with blue active', { rollout: { blueGreen: { active: Color.BLUE } } }, ['shop', 'shop-preview']],
    ['its preview, with green active', { rollout: { blueGreen: { active: Color.GREEN } } }, ['shop', 'shop-preview']],
  ])('counts the requests for %s', (_, shop, expected) => {
    expect(routes({ api: {}, shop: { ...shop, ...waking('api') } }, 'api')).toEqual(['api', ...expected]);
  });

  test.each<[string, Partial<WebAppProps>, { [scaledObject: string]: string[] }]>([
    ['the app, not its canary', { rollout: { canary: { image: 'api:2' } } }, { 'api': ['api', 'shop'], 'api-canary': ['api-canary'] }],
    [
      'the active color',
      { rollout: { blueGreen: { active: Color.GREEN } } },
      { 'api': ['api-preview'], 'api-green': ['api', 'shop'] },
    ],
  ])('is woken in the version that gets its requests: %s', (_, api, expected) => {
    const manifests = new Manifests(build({ api, shop: waking('api') }).chart);
    for (const [name, triggers] of Object.entries(expected)) expect(routesOf(manifests, name)).toEqual(triggers);
  });

  test.each<[string, Apps, { [app: string]: string[] }]>([
    ['two apps', { web: waking('api'), shop: waking('api'), api: {} }, { api: ['api', 'web', 'shop'] }],
    [
      'an app that wakes it through another one',
      { db: {}, api: waking('db'), shop: waking('api') },
      { shop: ['shop'], api: ['api', 'shop'], db: ['db', 'api', 'shop'] },
    ],
    ['an app that it wakes in turn', { shop: waking('api'), api: waking('shop') }, { shop: ['shop', 'api'], api: ['api', 'shop'] }],
    [
      'all apps of a circle',
      { a: waking('b'), b: waking('c'), c: waking('a') },
      { a: ['a', 'b', 'c'], b: ['b', 'a', 'c'], c: ['c', 'a', 'b'] },
    ],
  ])('counts the requests of %s, each once', (_, apps, expected) => {
    const manifests = new Manifests(build(apps).chart);
    for (const [name, triggers] of Object.entries(expected)) expect(routesOf(manifests, name)).toEqual(triggers);
  });

  test('counts the requests of an app once that connects to it twice', () => {
    const connections = { api: { type: 'web-app', app: 'api', wake: true }, again: { type: 'web-app', app: 'api', wake: true } };
    expect(routes({ shop: { connections }, api: {} }, 'api')).toEqual(['api', 'shop']);
  });

  test('sleeps during its own maintenance', () => {
    expect(routes({ shop: waking('api'), api: { maintenance: { body: 'Back at noon' } } }, 'api')).toEqual(['api']);
  });

  test('limits its replicas at certain times whatever the requests for the other app need', () => {
    const api = { scaling: { concurrency: 20, schedule: [{ start: '0 20 * * *', end: '0 6 * * *', max: 2 }] } };
    const shop = { scaling: { requestRate: 5 }, ...waking('api') };
    const { spec } = new Manifests(build({ shop, api }).chart).get('ScaledObject', 'api');
    expect(spec.triggers.map(({ name }: any) => name)).toEqual(['http1', 'http2', 'limit1']);
    expect(spec.advanced.scalingModifiers.formula).toBe('1000000 * min(max(http1 / 20, http2 / 5), limit1 > 0 ? 2 : 10000)');
  });

  test('is not woken by a connection without wake', () => {
    expect(routes({ shop: waking('api', { wake: false }), api: {} }, 'api')).toEqual(['api']);
  });

  const patched = { patches: [{ kind: 'ScaledObject', merge: { spec: { pollingInterval: 7 } } }] };

  test.each<[string, Apps]>([
    ['first', { api: patched, shop: waking('api') }],
    ['last', { shop: waking('api'), api: patched }],
  ])('has a ScaledObject of its own with the API v1alpha1, with its patches, if it is created %s', (_, apps) => {
    const { chart, webApps } = build(apps, OLDER);
    const manifests = new Manifests(chart);
    expect(manifests.list.filter(one => one.startsWith('ScaledObject'))).toEqual(['ScaledObject api']);
    expect(routesOf(manifests, 'api', 'httpScaledObject')).toEqual(['api', 'shop']);
    expect(manifests.get('ScaledObject').spec.pollingInterval).toBe(7);
    expect(webApps.api.scaledObject?.name).toBe('api');
    const { metadata, spec } = manifests.get('HTTPScaledObject', 'api');
    expect(metadata.annotations).toEqual({ 'httpscaledobject.keda.sh/skip-scaledobject-creation': 'true' });
    expect(spec.replicas).toBeUndefined();
    expect(manifests.get('HTTPScaledObject', 'shop').metadata.annotations).toBeUndefined();
  });
});

describe('the order of the objects of apps that wake each other', () => {
  test.each<[string, Apps]>([
    ['the app that is woken first', { api: {}, shop: waking('api') }],
    ['the app that wakes first', { shop: waking('api'), api: {} }],
    ['apps that wake each other', { shop: waking('api'), api: waking('shop') }],
    ['a canary', { api: {}, shop: { ...waking('api'), rollout: { canary: { image: 'shop:2' } } } }],
    ['three apps', { db: {}, api: waking('db'), shop: waking('api') }],
  ])('has each ScaledObject after the routes that it names: %s', (_, apps) => {
    const { list, all } = new Manifests(build(apps).chart);
    for (const { kind, metadata, spec } of all) {
      if (kind !== 'ScaledObject') continue;
      for (const trigger of spec.triggers) {
        const route = list.indexOf(`InterceptorRoute ${trigger.metadata.interceptorRoute}`);
        expect(route).toBeGreaterThanOrEqual(0);
        expect(route).toBeLessThan(list.indexOf(`ScaledObject ${metadata.name}`));
      }
    }
  });

  test('puts charts of one namespace in no order, as they may depend on each other', () => {
    const { app, chart } = build({ shop: waking('api'), db: {} });
    const other = new Chart(app, 'other', { namespace: 'shop' });
    add(other, { api: waking('db') });
    expect(routesOf(new Manifests(other), 'api')).toEqual(['api', 'shop']);
    expect(routesOf(new Manifests(chart), 'db')).toEqual(['db', 'shop', 'api']);
    expect(app.charts.map(({ node }) => node.id)).toEqual(['shop', 'other']);
  });
});

describe('wake is an error', () => {
  test.each<[string, Apps, string]>([
    [
      'for an app that is not in the tree',
      { shop: waking('api') },
      'is true, but WebApp "api", whose ScaledObject would count the requests for this app, is not written with it; '
        + 'write both together, or remove it and set in "api" scaling: { concurrency: 100, triggers: [{ type: \'external-push\', '
        + 'metadata: { scalerAddress: \'keda-add-ons-http-external-scaler.keda:9090\', interceptorRoute: \'shop\' } }] }',
    ],
    [
      'for an app of another namespace',
      { shop: waking('api', { namespace: 'apis' }) },
      'is true, but the other app is in namespace "apis", and its ScaledObject can only count requests of its own namespace; '
        + 'remove it, or use one namespace for both apps',
    ],
    [
      'if requests bypass the interceptor',
      { shop: waking('api', { bypassInterceptor: true }), api: { scaling: { replicas: 1 } } },
      'cannot be combined with bypassInterceptor, because only the interceptor holds a call until the other app is ready; '
        + 'remove one of them',
    ],
    [
      'if the app itself is not scaled by HTTP',
      { shop: { ...waking('api'), scaling: { cpu: 70 } }, api: {} },
      'is true, but this app is not scaled by HTTP, so its requests cannot be counted; remove it, or set scaling.concurrency',
    ],
    [
      'in an app without a web process',
      { shop: { ...waking('api'), web: false, workers: { mails: { command: ['mails'] } } }, api: {} },
      'is true, but this app is not scaled by HTTP, so its requests cannot be counted; remove it',
    ],
  ])('%s', (_, apps, expected) => {
    expect(problemsOf(() => build(apps).app)).toEqual([`WebApp "shop": connections.api.wake ${expected}`]);
  });

  test.each<[string, Partial<WebAppProps>]>([
    ['a fixed number of replicas', { scaling: { replicas: 1 } }],
    ['cpu alone', { scaling: { cpu: 70 } }],
    ['a queue alone', { scaling: { triggers: [{ type: 'prometheus', metadata: {} }] } }],
  ])('if the other app has %s', (_, api) => {
    expect(problemsOf(() => build({ shop: waking('api'), api }).app)).toEqual([
      'WebApp "shop": connections.api.bypassInterceptor is missing, but "api" is not scaled by HTTP, and no interceptor routes to it; '
        + 'set true',
      'WebApp "shop": connections.api.wake is true, but "api" is not scaled by HTTP, so no request could wait for it; '
        + 'remove it, or scale "api" by HTTP',
    ]);
  });

  test('if the other app has no web process, which is all that it says', () => {
    const api = { web: false, workers: { mails: { command: ['mails'] } } };
    expect(problemsOf(() => build({ shop: waking('api'), api }).app)).toEqual([
      'WebApp "shop": connections.api.app is "api", whose web is false: it has no web process that could be called; '
        + 'use the name of another app',
    ]);
  });

  test('if the replicas of an app are limited at certain times that is woken by one with two metrics, also through others', () => {
    const limited = { scaling: { schedule: [{ start: '0 20 * * *', end: '0 6 * * *', max: 2 }] } };
    const shop = { scaling: { concurrency: 10, requestRate: 5 }, ...waking('api') };
    expect(problemsOf(() => build({ shop, api: waking('db'), db: limited }).app)).toEqual([
      'WebApp "db": scaling.schedule[0].max cannot be combined with both concurrency and requestRate of "shop", '
        + 'whose requests wake this app; set scaling.concurrency or scaling.requestRate alone in "shop"',
    ]);
  });

  test('for a connection that is not to an app', () => {
    const connections = { db: { type: 'redis', secret: 'redis', wake: true } };
    expect(problemsOf(() => build({ shop: { connections } }).app)).toEqual([
      'WebApp "shop": connections.db.wake is not supported by redis; remove it',
    ]);
  });
});
