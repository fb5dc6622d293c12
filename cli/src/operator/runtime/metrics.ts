/**
 * What Prometheus reads of the operator.
 *
 * Names and labels are those of controller-runtime and client-go where they exist, so that dashboards and alerts for operators work
 * unchanged; what they do not have begins with `webapp_operator_`. The metrics of the process and of Node.js are those of prom-client.
 *
 * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/internal/controller/metrics/metrics.go
 * https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/internal/metrics/workqueue.go
 * https://prometheus.io/docs/practices/naming/
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Cache } from './cache';
import type { QueueObserver, WorkQueue } from './queue';
import { PRIORITIES } from './queue';
import type { RequestObserver } from './requests';
import type { Kind } from '../../kube/types';

/** What is read at the time that Prometheus asks. */
export interface Observed {
  readonly queue: Pick<WorkQueue, 'depth' | 'running'>;
  readonly cache: Pick<Cache, 'size' | 'knows'>;

  /** The kinds that the cache follows. */
  readonly kinds: readonly Kind[];

  /** How many keys are processed at a time. */
  readonly workers: number;

  /** The name of the Lease. */
  readonly lease: string;
  readonly isLeader: () => boolean;
}

interface Sample {
  readonly labels: { [label: string]: string };
  readonly value: number;
}

/** The name of the queue and of its controller. */
const WEB_APP = { controller: 'webapp' };
const QUEUE = { name: 'webapp', ...WEB_APP };

/** As in controller-runtime, in seconds. */
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5,
  5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];

/** From a millisecond, which is as precise as the clock is, to five minutes. */
const WAIT_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** As in client-go. */
const REQUEST_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export class Metrics {
  private readonly registry = new Registry();
  private readonly registers = [this.registry];

  private readonly reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Total number of reconciliations per controller',
    labelNames: ['controller', 'result'],
    registers: this.registers,
  });

  private readonly reconcileErrors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Total number of reconciliation errors per controller',
    labelNames: ['controller'],
    registers: this.registers,
  });

  private readonly reconcileTime = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Length of time per reconciliation per controller',
    labelNames: ['controller'],
    buckets: RECONCILE_BUCKETS,
    registers: this.registers,
  });

  private readonly adds = new Counter({
    name: 'workqueue_adds_total',
    help: 'Total number of adds handled by workqueue',
    labelNames: ['name', 'controller'],
    registers: this.registers,
  });

  private readonly waits = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long in seconds an item stays in workqueue before being requested',
    labelNames: ['name', 'controller'],
    buckets: WAIT_BUCKETS,
    registers: this.registers,
  });

  private readonly works = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long in seconds processing an item from workqueue takes',
    labelNames: ['name', 'controller'],
    buckets: RECONCILE_BUCKETS,
    registers: this.registers,
  });

  private readonly retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Total number of items added to the workqueue with a delay, after a failure or because the reconcile asked for it',
    labelNames: ['name', 'controller'],
    registers: this.registers,
  });

  private readonly requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Number of requests to the API server, partitioned by status code, method, verb and resource',
    labelNames: ['code', 'method', 'verb', 'resource'],
    registers: this.registers,
  });

  private readonly requestTime = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds, except watches, broken down by verb and resource',
    labelNames: ['verb', 'resource'],
    buckets: REQUEST_BUCKETS,
    registers: this.registers,
  });

  private readonly watchFailures = new Counter({
    name: 'webapp_operator_watch_failures_total',
    help: 'Number of lists and watches that failed and were repeated, by kind',
    labelNames: ['kind'],
    registers: this.registers,
  });

  /** For the work queue. */
  public readonly queue: QueueObserver = {
    added: () => this.adds.inc(QUEUE),
    started: waited => this.waits.observe(QUEUE, waited / 1000),
    finished: (took, result) => {
      this.reconciles.inc({ ...WEB_APP, result });
      if (result === 'error') this.reconcileErrors.inc(WEB_APP);
      this.reconcileTime.observe(WEB_APP, took / 1000);
      this.works.observe(QUEUE, took / 1000);
    },
    retried: () => this.retries.inc(QUEUE),
  };

  /** @param withProcess whether to include memory, CPU and the event loop of the process */
  constructor(withProcess = true) {
    if (withProcess) collectDefaultMetrics({ register: this.registry });
    // Counters begin at 0, so that a first error is seen as an increase.
    for (const result of ['success', 'error', 'requeue_after']) this.reconciles.inc({ ...WEB_APP, result }, 0);
    this.reconcileErrors.inc(WEB_APP, 0);
    this.adds.inc(QUEUE, 0);
    this.retries.inc(QUEUE, 0);
  }

  /** For requests to the API server. */
  public readonly api: RequestObserver = ({ method, verb, resource, code, took }) => {
    this.requests.inc({ code, method, verb, resource });
    if (verb !== 'watch') this.requestTime.observe({ verb, resource }, took / 1000);
  };

  /** For the cache. */
  public readonly watchFailed = ({ kind }: Kind): void => this.watchFailures.inc({ kind });

  /** Reads these from now on whenever Prometheus asks. */
  public observe({ queue, cache, kinds, workers, lease, isLeader }: Observed): void {
    const seconds = (milliseconds: number) => milliseconds / 1000;
    this.gauge('workqueue_depth', 'Current depth of workqueue by workqueue and priority', () => (
      PRIORITIES.map(priority => ({ labels: { ...QUEUE, priority }, value: queue.depth(priority) }))));
    this.gauge('workqueue_unfinished_work_seconds', 'How many seconds of work is in progress', () => (
      [{ labels: QUEUE, value: seconds(queue.running().reduce((sum, one) => sum + one, 0)) }]));
    this.gauge('workqueue_longest_running_processor_seconds', 'How many seconds the longest running processor has been running', () => (
      [{ labels: QUEUE, value: seconds(Math.max(0, ...queue.running())) }]));
    this.gauge('controller_runtime_active_workers', 'Number of currently used workers per controller', () => (
      [{ labels: WEB_APP, value: queue.running().length }]));
    this.gauge('controller_runtime_max_concurrent_reconciles', 'Maximum number of concurrent reconciles per controller', () => (
      [{ labels: WEB_APP, value: workers }]));
    this.gauge('leader_election_master_status', 'Whether this replica is the leader: 1, or a backup: 0', () => (
      [{ labels: { name: lease }, value: isLeader() ? 1 : 0 }]));
    this.gauge('webapp_operator_cache_objects', 'Number of objects in memory, by kind that the cluster has', () => (
      kinds.filter(kind => cache.knows(kind)).map(kind => ({ labels: { kind: kind.kind }, value: cache.size(kind) }))));
  }

  /** The text format that Prometheus reads, with its content type. */
  public async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.registry.contentType, body: await this.registry.metrics() };
  }

  private gauge(name: string, help: string, read: () => readonly Sample[]): void {
    const labelNames = ['name', 'controller', 'priority', 'kind'];
    new Gauge({
      name,
      help,
      labelNames,
      registers: this.registers,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.set(labels, value);
      },
    });
  }
}
