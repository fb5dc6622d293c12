import { build, Manifest, problems, synth } from '../synth';
import { HttpAddonApi, Overflow, WebAppProps } from 'cdk8s-webapp';

/** The route of an app, with fields of add-on 0.16 that the schemas in `test/schemas` do not have yet. */
function newestRoute(props: Partial<WebAppProps>): any {
  return build(props).chart.toJson().find(({ kind }: Manifest) => kind === 'InterceptorRoute').spec;
}

function warnings(props: Partial<WebAppProps>): string[] {
  return build(props).web.node.metadata.filter(({ type }) => type === 'warning').map(({ data }) => data);
}

const placeholder = { body: '<p>One moment</p>' };

describe('a placeholder', () => {
  test('that is too large for the route is in an immutable ConfigMap, which the add-on finds by label', () => {
    const body = 'ä'.repeat(20000);
    const manifests = synth({ coldStart: { placeholder: { body } } });
    const { metadata, data, immutable } = manifests.get('ConfigMap');
    expect(metadata.name).toMatch(/^web-placeholder-[0-9a-f]{10}$/);
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'web', 'http.keda.sh/response-body': 'true' });
    expect({ data, immutable }).toEqual({ data: { body }, immutable: true });
    expect(manifests.get('InterceptorRoute').spec.coldStart.placeholder.response).toEqual({
      statusCode: 503,
      headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Retry-After': '1' },
      bodyFromConfigMap: { name: metadata.name, key: 'body' },
    });
    const kinds = manifests.list.map(item => item.split(' ')[0]);
    expect(kinds.indexOf('ConfigMap')).toBeLessThan(kinds.indexOf('InterceptorRoute'));
  });

  test('that changes gets a new ConfigMap', () => {
    const name = (body: string) => synth({ coldStart: { placeholder: { body } } }).get('ConfigMap').metadata.name;
    expect(name('a'.repeat(32769))).not.toBe(name('b'.repeat(32769)));
  });

  test('of 32768 bytes needs no ConfigMap', () => {
    expect(synth({ coldStart: { placeholder: { body: 'a'.repeat(32768) } } }).has('ConfigMap')).toBe(false);
  });

  test('also scales the app by request rate, because requests that get the placeholder finish at once', () => {
    expect(synth({ coldStart: { placeholder } }).get('InterceptorRoute').spec.scalingMetric)
      .toEqual({ concurrency: { targetValue: 100 }, requestRate: { targetValue: 100, window: '60s' } });
    expect(warnings({ coldStart: { placeholder } })).toEqual([]);
  });

  test('with concurrency as the only metric causes a warning, unless the app never sleeps', () => {
    const warning =
      'scaling.concurrency alone rarely wakes an app with a placeholder, because requests that get the placeholder end at '
      + 'once; set scaling.requestRate too';
    expect(warnings({ coldStart: { placeholder }, scaling: { concurrency: 20 } })).toEqual([warning]);
    expect(warnings({ coldStart: { placeholder }, scaling: { concurrency: 20, requestRate: 10 } })).toEqual([]);
    expect(warnings({ coldStart: { placeholder }, scaling: { concurrency: 20, min: 1 } })).toEqual([]);
  });

  test('keeps the request rate when code adds a trigger', () => {
    const { web, chart } = build({ coldStart: { placeholder } });
    web.addTrigger({ type: 'prometheus', metadata: { query: 'up' } });
    expect(chart.toJson().find(({ kind }: Manifest) => kind === 'InterceptorRoute').spec.scalingMetric).toHaveProperty('requestRate');
    expect(web.node.metadata).toEqual([]);
  });
});

describe('a limit on pending requests', () => {
  test.each<[string, Partial<WebAppProps>, object]>([
    ['rejects requests above it', { coldStart: { maxPending: { requests: 50 } } }, { maxPendingRequests: 50, overflow: 'Reject' }],
    [
      'can be combined with a fallback',
      { coldStart: { maxPending: { requests: 50, overflow: Overflow.REJECT }, fallback: { service: 'sorry' } } },
      { maxPendingRequests: 50, overflow: 'Reject' },
    ],
    [
      'responds with the placeholder to requests above it',
      { coldStart: { maxPending: { requests: 50 }, placeholder } },
      { maxPendingRequests: 50, overflow: 'Placeholder' },
    ],
  ])('%s', (_, props, expected) => {
    expect(newestRoute(props).coldStart).toMatchObject(expected);
  });

  test('keeps concurrency as the only metric, because requests wait and wake the app', () => {
    expect(newestRoute({ coldStart: { maxPending: { requests: 50 }, placeholder } }).scalingMetric).toEqual({
      concurrency: { targetValue: 100 },
    });
  });

  test.each([
    [
      { coldStart: { maxPending: { requests: 5, overflow: Overflow.PLACEHOLDER } } },
      {},
      'coldStart.maxPending.overflow is placeholder, but coldStart.placeholder is missing; set coldStart.placeholder, or overflow: reject',
    ],
    [
      { coldStart: { maxPending: { requests: 5, overflow: Overflow.REJECT }, placeholder } },
      {},
      'coldStart.maxPending.overflow is reject, but with a placeholder no request waits; set overflow: placeholder, or remove one of them',
    ],
    [
      { coldStart: { maxPending: { requests: 5 } } },
      { httpAddon: { api: HttpAddonApi.V1ALPHA1 } },
      'coldStart.maxPending is not supported by the add-on\'s API v1alpha1; remove it, or set the platform\'s httpAddon.api to v1beta1',
    ],
  ])('%j with the platform %j is an error', (props, platform, expected) => {
    expect(problems(props, platform)).toEqual([`WebApp "web": ${expected}`]);
  });
});
