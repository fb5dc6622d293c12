import { CONFIG_MAP, SCALED_OBJECT } from '../../../src/kube/types';
import { Cache } from '../../../src/operator/runtime/cache';
import { Metrics } from '../../../src/operator/runtime/metrics';
import { WorkQueue } from '../../../src/operator/runtime/queue';
import { OperatorApi } from '../../../src/operator/runtime/requests';
import { configMap, TestCluster } from '../../kube/test-cluster';

/** The samples of a metric, except the buckets of histograms. */
async function samples(metrics: Metrics, name: string): Promise<string[]> {
  const { body } = await metrics.text();
  return body.split('\n').filter(line => line.startsWith(name) && !line.includes('_bucket{')).map(line => line.slice(name.length));
}

test('the text has the content type that Prometheus reads', async () => {
  const { type, body } = await new Metrics().text();
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(body).toContain('# TYPE controller_runtime_reconcile_total counter\n');
  expect(body).toContain('process_resident_memory_bytes ');
});

test('counters begin at 0, so that the first error is an increase', async () => {
  const metrics = new Metrics(false);
  expect(await samples(metrics, 'controller_runtime_reconcile_errors_total')).toEqual(['{controller="webapp"} 0']);
  expect(await samples(metrics, 'controller_runtime_reconcile_total')).toEqual(
    ['success', 'error', 'requeue_after'].map(result => `{controller="webapp",result="${result}"} 0`));
});

test('the queue', async () => {
  const { clock } = new TestCluster();
  const metrics = new Metrics(false);
  const outcomes = [{}, { requeueAfter: 3_600_000 }];
  const queue = new WorkQueue({
    clock,
    workers: 1,
    observer: metrics.queue,
    process: async key => {
      await clock.sleep(100);
      if (key === 'failing') throw new Error('no');
      return outcomes.shift() ?? {};
    },
  });
  const cache = { size: () => 0, knows: () => false };
  metrics.observe({ queue, cache, kinds: [], workers: 1, lease: 'operator', isLeader: () => true });
  for (const key of ['a', 'b', 'failing']) queue.add(key);
  queue.add('c', 'resync');
  expect(await samples(metrics, 'workqueue_depth')).toEqual([
    '{name="webapp",controller="webapp",priority="change"} 3',
    '{name="webapp",controller="webapp",priority="resync"} 1',
  ]);
  const stop = new AbortController();
  const ended = queue.run(stop.signal);
  await clock.sleep(50);
  expect(await samples(metrics, 'controller_runtime_active_workers')).toEqual(['{controller="webapp"} 1']);
  expect(await samples(metrics, 'workqueue_longest_running_processor_seconds')).toEqual(['{name="webapp",controller="webapp"} 0.05']);
  expect(await samples(metrics, 'workqueue_unfinished_work_seconds')).toEqual(['{name="webapp",controller="webapp"} 0.05']);
  await clock.sleep(400);
  stop.abort();
  await ended;
  expect(await samples(metrics, 'controller_runtime_reconcile_total')).toEqual([
    '{controller="webapp",result="success"} 2',
    '{controller="webapp",result="error"} 1',
    '{controller="webapp",result="requeue_after"} 1',
  ]);
  expect(await samples(metrics, 'controller_runtime_reconcile_errors_total')).toEqual(['{controller="webapp"} 1']);
  expect(await samples(metrics, 'controller_runtime_reconcile_time_seconds')).toEqual([
    '_sum{controller="webapp"} 0.4',
    '_count{controller="webapp"} 4',
  ]);
  expect(await samples(metrics, 'workqueue_adds_total')).toEqual(['{name="webapp",controller="webapp"} 4']);
  expect(await samples(metrics, 'workqueue_retries_total')).toEqual(['{name="webapp",controller="webapp"} 2']);
  expect(await samples(metrics, 'workqueue_queue_duration_seconds')).toEqual([
    expect.stringMatching(/^_sum\{name="webapp",controller="webapp"\} 0\.6/),
    '_count{name="webapp",controller="webapp"} 4',
  ]);
  expect(await samples(metrics, 'workqueue_depth')).toHaveLength(2);
});

test('the cache, the leader, and requests to the API server', async () => {
  const cluster = new TestCluster();
  cluster.api.put(configMap('a'));
  cluster.api.uninstall(SCALED_OBJECT);
  const metrics = new Metrics(false);
  const api = new OperatorApi(cluster.api, { clock: cluster.clock, observe: metrics.api, mayWrite: () => true });
  const kinds = [CONFIG_MAP, SCALED_OBJECT];
  const cache = new Cache({ ...cluster, api }, kinds.map(kind => ({ kind })), () => {}, { onError: metrics.watchFailed });
  let isLeader = false;
  const queue = new WorkQueue({ clock: cluster.clock, workers: 4, process: async () => ({}) });
  metrics.observe({ queue, cache, kinds, workers: 4, lease: 'operator', isLeader: () => isLeader });
  const stop = new AbortController();
  await cache.start(stop.signal);
  await cluster.clock.sleep(0);
  cluster.api.endWatches(new Error('aborted'));
  await cluster.clock.sleep(0);
  stop.abort();

  expect(await samples(metrics, 'webapp_operator_cache_objects')).toEqual(['{kind="ConfigMap"} 1']);
  expect(await samples(metrics, 'webapp_operator_watch_failures_total')).toEqual(['{kind="ConfigMap"} 1']);
  expect(await samples(metrics, 'rest_client_requests_total')).toEqual([
    '{code="200",method="GET",verb="list",resource="configmaps"} 1',
    '{code="<error>",method="GET",verb="watch",resource="configmaps"} 1',
  ]);
  expect(await samples(metrics, 'rest_client_request_duration_seconds_count')).toEqual(['{verb="list",resource="configmaps"} 1']);
  expect(await samples(metrics, 'controller_runtime_max_concurrent_reconciles')).toEqual(['{controller="webapp"} 4']);
  expect(await samples(metrics, 'leader_election_master_status')).toEqual(['{name="operator"} 0']);
  isLeader = true;
  expect(await samples(metrics, 'leader_election_master_status')).toEqual(['{name="operator"} 1']);
});
