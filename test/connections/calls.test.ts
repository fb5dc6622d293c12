import { App, Chart } from 'cdk8s';
import { build, IMAGE, Manifests, problemsOf } from '../synth';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const URL = 'http://api-proxy.shop.svc.cluster.local:8080';

/** Two apps: `web` in namespace `shop` and `api` in `apis`. */
function two(web: Partial<WebAppProps>, api: Partial<WebAppProps>, platform: PlatformProps = {}) {
  const { app, chart, web: caller } = build(web, platform);
  const other = new Chart(app, 'apis', { namespace: 'apis' });
  return { app, chart, caller, other, callee: new WebApp(other, 'api', { image: IMAGE, ...api }) };
}

const variable = (chart: Chart, name: string) => new Manifests(chart).container.env.find((entry: any) => entry.name === name)?.value;

describe('connect', () => {
  test('sets the other app\'s URL through the interceptor, so that requests wake it', () => {
    const { caller, callee, chart } = two({}, {});
    caller.connect(callee);
    expect(variable(chart, 'API_URL')).toBe('http://api-proxy.apis.svc.cluster.local:8080');
    expect(variable(chart, 'API_URL')).toBe(callee.internalUrl);
  });

  test('sets the URL of the Service if the other app never sleeps', () => {
    const { caller, callee, chart } = two({}, { scaling: { replicas: 2 } });
    caller.connect(callee, 'backend');
    expect(variable(chart, 'BACKEND_URL')).toBe('http://api.apis.svc.cluster.local');
  });

  test('allows traffic from the calling app only, if the other app is not scaled by HTTP', () => {
    const { caller, callee, other } = two({}, { scaling: { replicas: 2 }, internal: true });
    caller.connect(callee);
    caller.connect(callee, 'again');
    expect(new Manifests(other).get('NetworkPolicy').spec.ingress[0].from).toEqual([
      { podSelector: {} },
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } },
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
      },
    ]);
  });

  test('keeps the traffic from the ingress controller allowed', () => {
    const { caller, callee, other } = two({}, { scaling: { replicas: 2 } }, { ingress: { controllerNamespace: 'ingress' } });
    caller.connect(callee);
    expect(new Manifests(other).get('NetworkPolicy').spec.ingress[0].from).toHaveLength(3);
  });

  test('does not change the NetworkPolicy of an app behind the interceptor', () => {
    const { caller, callee, other } = two({}, {});
    const before = new Manifests(other).get('NetworkPolicy');
    caller.connect(callee);
    expect(new Manifests(other).get('NetworkPolicy')).toEqual(before);
  });

  test('supports two apps that call each other', () => {
    const { app, caller, callee, chart, other } = two({}, {});
    caller.connect(callee);
    callee.connect(caller);
    expect(app.synthYaml()).toContain('API_URL');
    expect(variable(chart, 'API_URL')).toBe(callee.internalUrl);
    expect(variable(other, 'WEB_URL')).toBe(caller.internalUrl);
  });

  test('rejects a name that is in use', () => {
    expect(problemsOf(() => {
      const { app, caller, callee } = two({ connections: { api: { type: 'redis', secret: 'x' } } }, {});
      caller.connect(callee);
      return app;
    })).toEqual(['WebApp "web": connections.api exists already, and connect(api) would add another one; give connect another name']);
  });

  test('has no effect the second time', () => {
    const { app, caller, callee } = two({}, {});
    caller.connect(callee);
    caller.connect(callee);
    expect(app.synthYaml().match(/API_URL/g)).toHaveLength(1);
  });
});

describe('a connection to an app in the props', () => {
  test('has a URL even if the other app is not in the tree', () => {
    expect(variable(build({ connections: { api: { type: 'web-app', app: 'api' } } }).chart, 'API_URL')).toBe(URL);
    const { chart } = build({ connections: { api: { type: 'web-app', app: 'api', namespace: 'x', bypassInterceptor: true } } });
    expect(variable(chart, 'API_URL')).toBe('http://api.x.svc.cluster.local');
  });

  test('allows the traffic in the other app\'s NetworkPolicy, whichever app is created first', () => {
    const { other } = two(
      { connections: { api: { type: 'web-app', app: 'api', namespace: 'apis', bypassInterceptor: true } } },
      { scaling: { replicas: 1 }, internal: true },
    );
    expect(new Manifests(other).get('NetworkPolicy').spec.ingress[0].from).toHaveLength(2);
  });

  test.each<[Partial<WebAppProps>, boolean | undefined, string]>([
    [
      { scaling: { replicas: 1 } },
      undefined,
      'connections.api.bypassInterceptor is missing, but "api" is not scaled by HTTP, and no interceptor routes to it; set true',
    ],
    [
      {},
      true,
      'connections.api.bypassInterceptor is true, but "api" is scaled by HTTP, and a call to its Service does not wake it; remove it',
    ],
  ])('is an error if requests would not arrive: %j with bypassInterceptor %p', (api, direct, expected) => {
    const connections = { api: { type: 'web-app', app: 'api', namespace: 'apis', bypassInterceptor: direct } };
    expect(problemsOf(() => two({ connections }, api).app)).toEqual([`WebApp "web": ${expected}`]);
  });

  test('is an error if the other app\'s platform has different settings', () => {
    expect(problemsOf(() => {
      const app = new App();
      const chart = new Chart(app, 'shop', { namespace: 'shop' });
      new Platform(chart, 'platform', { domain: 'example.com', clusterDomain: 'one.local' });
      const web = new WebApp(chart, 'web', { image: IMAGE });
      web.connect(new WebApp(new Chart(app, 'apis', { namespace: 'apis' }), 'api', { image: IMAGE, internal: true }));
      return app;
    })).toEqual([
      'WebApp "web": connections.api calls http://api-proxy.apis.svc.one.local:8080, but "api" is at '
        + 'http://api-proxy.apis.svc.cluster.local:8080; '
        + 'give the platforms of both apps the same clusterDomain and httpAddon',
    ]);
  });
});
