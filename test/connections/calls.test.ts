import { App, Chart } from 'cdk8s';
import { build, IMAGE, Manifests, problemsOf } from '../synth';
import { Platform, PlatformProps, WebApp, WebAppProps } from 'cdk8s-webapp';

const URL = 'http://api-proxy.shop.svc.cluster.local:8080';

/** `web` in namespace `shop`, `api` in `apis`. */
function two(web: Partial<WebAppProps>, api: Partial<WebAppProps>, platform: PlatformProps = {}) {
  const { app, chart, web: caller } = build(web, platform);
  const other = new Chart(app, 'apis', { namespace: 'apis' });
  return { app, chart, caller, other, callee: new WebApp(other, 'api', { image: IMAGE, ...api }) };
}

const variable = (chart: Chart, name: string) => new Manifests(chart).container.env.find((entry: any) => entry.name === name)?.value;

describe('connect', () => {
  test('gives the app the other\'s URL through the interceptor, so that it wakes', () => {
    const { caller, callee, chart } = two({}, {});
    caller.connect(callee);
    expect(variable(chart, 'API_URL')).toBe('http://api-proxy.apis.svc.cluster.local:8080');
    expect(variable(chart, 'API_URL')).toBe(callee.internalUrl);
  });

  test('gives the Service\'s where it never sleeps', () => {
    const { caller, callee, chart } = two({}, { scaling: { replicas: 2 } });
    caller.connect(callee, 'backend');
    expect(variable(chart, 'BACKEND_URL')).toBe('http://api.apis.svc.cluster.local');
  });

  test('opens the policy of one that is not scaled by HTTP, to that app of that namespace', () => {
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

  test('opens it beside the entry\'s', () => {
    const { caller, callee, other } = two({}, { scaling: { replicas: 2 } }, { ingress: { controllerNamespace: 'ingress' } });
    caller.connect(callee);
    expect(new Manifests(other).get('NetworkPolicy').spec.ingress[0].from).toHaveLength(3);
  });

  test('leaves the policy of one that the interceptor leads to as it is', () => {
    const { caller, callee, other } = two({}, {});
    const before = new Manifests(other).get('NetworkPolicy');
    caller.connect(callee);
    expect(new Manifests(other).get('NetworkPolicy')).toEqual(before);
  });

  test('may go round in a circle', () => {
    const { app, caller, callee, chart, other } = two({}, {});
    caller.connect(callee);
    callee.connect(caller);
    expect(app.synthYaml()).toContain('API_URL');
    expect(variable(chart, 'API_URL')).toBe(callee.internalUrl);
    expect(variable(other, 'WEB_URL')).toBe(caller.internalUrl);
  });

  test('takes no name that is in use', () => {
    expect(problemsOf(() => {
      const { app, caller, callee } = two({ connections: { api: { type: 'redis', secret: 'x' } } }, {});
      caller.connect(callee);
      return app;
    })).toEqual(['WebApp "web": connections.api exists already, and connect(api) would add another one; give connect another name']);
  });

  test('twice is once', () => {
    const { app, caller, callee } = two({}, {});
    caller.connect(callee);
    caller.connect(callee);
    expect(app.synthYaml().match(/API_URL/g)).toHaveLength(1);
  });
});

describe('as data', () => {
  test('the URL is known without the other app', () => {
    expect(variable(build({ connections: { api: { type: 'web-app', app: 'api' } } }).chart, 'API_URL')).toBe(URL);
    expect(
      variable(build({ connections: { api: { type: 'web-app', app: 'api', namespace: 'x', bypassInterceptor: true } } }).chart, 'API_URL'),
    ).toBe('http://api.x.svc.cluster.local');
  });

  test('the policy of the other opens where it is in the tree, whichever was made first', () => {
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
  ])('a call that would not arrive is an error: %j, direct %p', (api, direct, expected) => {
    expect(
      problemsOf(
        () => two({ connections: { api: { type: 'web-app', app: 'api', namespace: 'apis', bypassInterceptor: direct } } }, api).app,
      ),
    ).toEqual([`WebApp "web": ${expected}`]);
  });

  test('and so is one to an app of another platform that is somewhere else', () => {
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
