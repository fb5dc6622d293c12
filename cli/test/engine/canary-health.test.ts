import { isNewVersion, responseCounts } from '../../src/engine/canary-health';
import type { Release } from '../../src/engine/release-store';

/** Releases that were deployed, the latest first. */
const releases = (...images: readonly (string | undefined)[]) => images.map((image): Release => (
  { number: 1, state: 'deployed', created: '', action: 'deploy', by: '', image, objects: [{} as never], shared: [], kept: [] }));
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

describe('an image is new, so that it gets the traffic step by step', () => {
  test.each<[why: string, image: string, releases: Release[], isNew: boolean]>([
    ['if it was never deployed', 'web:2', releases('web:1'), true],
    ['but not in the first release', 'web:1', [], false],
    ['but not if it runs', 'web:1', releases('web:1'), false],
    ['but not if it runs by its digest', 'web:1', releases(`web:1@${digest('a')}`), false],
    ['if its tag has another digest now', `web:1@${digest('b')}`, releases(`web:1@${digest('a')}`), true],
    ['but not if it was deployed before the one that runs', 'web:1', releases('web:2', 'web:1'), false],
    ['if it was deployed after the one that runs, which was a rollback', 'web:2', releases('web:1', 'web:2', 'web:1'), true],
    ['if it failed, and was never deployed', 'web:2', [{ ...releases('web:2')[0], state: 'failed' }, ...releases('web:1')], true],
    ['but not where nobody knows which one runs', 'web:2', releases(undefined), false],
  ])('%s', (_, image, all, isNew) => {
    expect(isNewVersion(image, all)).toBe(isNew);
  });
});

test('the responses and errors of a route are counted over all codes and methods, without those of other routes', () => {
  const metrics = [
    '# TYPE interceptor_request_count_total counter',
    'interceptor_request_count_total{code="200",method="GET",route_name="web-canary",route_namespace="shop"} 90',
    'interceptor_request_count_total{code="404",method="GET",route_name="web-canary",route_namespace="shop"} 5',
    'interceptor_request_count_total{code="502",method="POST",route_name="web-canary",route_namespace="shop"} 4',
    'interceptor_request_count_total{code="500",method="GET",route_name="web-canary",route_namespace="shop"} 1e+00',
    'interceptor_request_count_total{code="500",method="GET",route_name="web",route_namespace="shop"} 7',
    'interceptor_request_count_total{code="500",method="GET",route_name="web-canary",route_namespace="billing"} 7',
    'interceptor_request_duration_seconds_count{code="500",method="GET",route_name="web-canary",route_namespace="shop"} 7',
  ].join('\n');
  expect(responseCounts(metrics, { name: 'web-canary', namespace: 'shop' })).toEqual({ responses: 100, errors: 5 });
  expect(responseCounts('', { name: 'web-canary', namespace: 'shop' })).toEqual({ responses: 0, errors: 0 });
});
