import { problems, synth } from '../synth';
import { HttpAddonApi } from 'cdk8s-webapp';

const maintenance = { body: '<h1>Back at noon</h1>' };

describe('maintenance', () => {
  test('makes the interceptor respond to every request without calling the app', () => {
    const { staticRoutes, rules } = synth({ maintenance }).get('InterceptorRoute').spec;
    expect(staticRoutes).toEqual([{
      rules,
      responseMode: 'Always',
      response: {
        statusCode: 503,
        headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Retry-After': '120' },
        body: '<h1>Back at noon</h1>',
      },
    }]);
  });

  test('uses the given status and media type', () => {
    const { response } = synth({ maintenance: { body: '{}', status: 200, contentType: 'application/json' } }).get('InterceptorRoute').spec
      .staticRoutes[0];
    expect(response).toEqual({ statusCode: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body: '{}' });
  });

  test('changes nothing else, so that the diff is small', () => {
    const on = synth({ maintenance }).all;
    const off = synth().all;
    for (const object of on.filter(({ kind }) => kind === 'InterceptorRoute')) delete object.spec.staticRoutes;
    expect(on).toEqual(off);
  });

  test('that is disabled writes nothing', () => {
    expect(synth({ maintenance: { ...maintenance, enabled: false } }).all).toEqual(synth().all);
    expect(synth({ maintenance: { body: 'x'.repeat(40000), enabled: false } }).all).toEqual(synth().all);
  });

  test('stores a large page in a ConfigMap', () => {
    const manifests = synth({ maintenance: { body: 'x'.repeat(40000) } });
    const { metadata: { name, labels } } = manifests.get('ConfigMap');
    expect(name).toMatch(/^web-maintenance-[0-9a-f]{10}$/);
    expect(labels).toMatchObject({ 'http.keda.sh/response-body': 'true' });
    expect(manifests.get('InterceptorRoute').spec.staticRoutes[0].response.bodyFromConfigMap).toEqual({ name, key: 'body' });
  });

  test.each([
    [{ maintenance: {} }, {}, 'maintenance.body is missing; use a string'],
    [{ maintenance: { body: 'x', status: 42 } }, {}, 'maintenance.status is 42, which is too small; use a number from 200 to 599'],
    [
      { maintenance, scaling: { replicas: 2 } },
      {},
      'maintenance is not supported, because the app is not scaled by HTTP, so nothing can answer in its place; '
        + 'remove it, or set scaling.concurrency',
    ],
    [
      { maintenance: { ...maintenance, enabled: false } },
      { httpAddon: { api: HttpAddonApi.V1ALPHA1 } },
      'maintenance is not supported by the add-on\'s API v1alpha1; remove it, or set the platform\'s httpAddon.api to v1beta1',
    ],
  ])('%j with the platform %j is an error', (props, platform, expected) => {
    expect(problems(props, platform)).toEqual([`WebApp "web": ${expected}`]);
  });
});
