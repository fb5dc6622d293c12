import { responseCounts } from '../../src/engine/canary-health';

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
