import { problems, synth } from '../synth';
import { HttpAddonApi, ResponseMode, StaticRoute, WebAppProps } from 'cdk8s-webapp';

const written = (staticRoutes: StaticRoute[], props: Partial<WebAppProps> = {}) => (
  synth({ ...props, staticRoutes }).get('InterceptorRoute').spec.staticRoutes);
const HEADERS = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };

describe('static routes', () => {
  test('are answered by the interceptor while the app is asleep', () => {
    expect(written([{ paths: ['/healthz', '/ping'], headers: { 'X-Probe': '1' } }])).toEqual([{
      rules: [{ paths: [{ value: '/healthz' }, { value: '/ping' }], headers: [{ name: 'X-Probe', value: '1' }] }],
      responseMode: 'WhenUnavailable',
      response: { statusCode: 200, headers: HEADERS, body: '' },
    }]);
  });

  test('can always be answered, with a custom response', () => {
    const body = 'User-agent: *\n';
    expect(written([{
      paths: ['/robots.txt'],
      responseMode: ResponseMode.ALWAYS,
      body,
      contentType: 'text/html',
      status: 404,
    }])).toEqual([{
      rules: [{ paths: [{ value: '/robots.txt' }] }],
      responseMode: 'Always',
      response: { statusCode: 404, headers: { ...HEADERS, 'Content-Type': 'text/html' }, body },
    }]);
  });

  test('come after maintenance, in the order of the props', () => {
    const routes = written([{ paths: ['/b'] }, { headers: { a: '1' } }], { maintenance: { body: 'Back at noon' } });
    const matches = routes.map(({ rules: [{ paths, headers }] }: any) => paths ?? headers ?? 'all');
    expect(matches).toEqual(['all', [{ value: '/b' }], [{ name: 'a', value: '1' }]]);
  });

  test('have large bodies in ConfigMaps, and share one for equal bodies', () => {
    const body = 'x'.repeat(40000);
    const staticRoutes = [{ paths: ['/a'], body }, { paths: ['/b'], body }, { paths: ['/c'], body: `${body}y` }];
    const manifests = synth({ staticRoutes });
    const names = manifests.all.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
    expect(names).toEqual([expect.stringMatching(/^web-static-[0-9a-f]{10}$/), expect.stringMatching(/^web-static-[0-9a-f]{10}$/)]);
    const refs = manifests.get('InterceptorRoute').spec.staticRoutes.map(({ response }: any) => response.bodyFromConfigMap.name);
    expect(refs).toEqual([names[0], names[0], names[1]]);
  });
});

describe('a static route is an error', () => {
  const paths = ['/healthz'];
  test.each<[string, Partial<WebAppProps>, string]>([
    ['of an app that is not scaled by HTTP', { staticRoutes: [{ paths }], scaling: { replicas: 1 } },
      'staticRoutes are not supported, because the app is not scaled by HTTP, so every request is answered by the app; '
      + 'remove them, or set scaling.concurrency'],
    ['for all requests', { staticRoutes: [{ body: 'a' }] },
      'staticRoutes[0].paths is missing, so the app would get no requests at all; set paths or headers, or use maintenance'],
    ['for a path that the app does not have', { staticRoutes: [{ paths: ['/api/ping', '/healthz'] }], paths: ['/api'] },
      'staticRoutes[0].paths[1] is "/healthz", which is not among the paths of the app; add it to paths'],
  ])('%s', (_, props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });

  test('with the add-on\'s API v1alpha1', () => {
    expect(problems({ staticRoutes: [{ paths }] }, { httpAddon: { api: HttpAddonApi.V1ALPHA1 } })).toEqual([
      'WebApp "web": staticRoutes is not supported by the add-on\'s API v1alpha1; '
      + 'remove it, or set the platform\'s httpAddon.api to v1beta1',
    ]);
  });

  test('if its path has the prefix that the Gateway replaces', () => {
    const props = { paths: ['/api'], replacePrefixMatch: '/v1', staticRoutes: [{ paths: ['/v1/ping'] }, { paths: ['/api/ping'] }] };
    expect(problems(props, { gateway: { name: 'public' } })).toEqual([
      expect.stringMatching(/^WebApp "web": staticRoutes\[1\].paths\[0\] is "\/api\/ping"/),
    ]);
  });

  test('for a path outside the paths of its app, which an internal app does not have', () => {
    expect(problems({ internal: true, staticRoutes: [{ paths }] })).toEqual([]);
  });
});
