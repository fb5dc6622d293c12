import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { atPods } from './interceptor-metrics';
import { OPERATOR_NAME } from './manifest/names';
import { Operator, WATCHED_KINDS, WORKERS } from './operator';
import { keyOf } from './resources';
import { LeaderElection, replicaName } from './runtime/leader';
import type { Logger } from './runtime/log';
import { Metrics } from './runtime/metrics';
import { OperatorApi } from './runtime/requests';
import { resolver } from './runtime/resolver';
import { startServer } from './runtime/server';
import { Claims } from './tenancy/claims';
import { escapes } from './tenancy/escapes';
import type { RunWebhookOptions } from './webhook/webhook';
import { runWebhook } from './webhook/webhook';
import { Pins } from '../engine/pin';
import type { Cluster } from '../kube/connect';
import { Objects } from '../kube/objects';
import type { Registries } from '../registry/registries';

/** How the operator runs. */
export interface RunOptions {
  /** The namespace of its Lease. */
  readonly namespace: string;
  readonly registries: Registries;
  readonly log: Logger;

  /** The ports on which it answers; 0 for one that is free. */
  readonly ports: { readonly metrics: number; readonly health: number; readonly webhook: number };

  /** Whether it checks resources before the API server stores them. */
  readonly webhook: boolean;

  /** Aborted when it is to stop. */
  readonly signal: AbortSignal;
}

/** How long a reconcile may take before the process counts as stuck, in milliseconds: each of its requests has a deadline. */
const LONGEST_RECONCILE = 900_000;

/** How long to wait before the webhook is started again, in milliseconds. */
const WEBHOOK_RETRY = 30_000;

/** Serves the webhook until the signal is aborted. Without it, apps are deployed all the same. */
async function keepServing(options: RunWebhookOptions): Promise<void> {
  const { cluster: { clock }, signal, onError } = options;
  while (!signal.aborted) {
    await runWebhook(options).catch(onError);
    await clock.sleep(WEBHOOK_RETRY, signal).catch(() => {}); // the signal ends the loop
  }
}

/**
 * Runs the operator until it is asked to stop. Of several replicas one works, and the others follow the cluster to take over at once.
 *
 * @throws LeadershipLost where another replica has taken over
 */
export async function runOperator(cluster: Cluster, { namespace, registries, log, ports, webhook, signal }: RunOptions): Promise<void> {
  setMaxListeners(0, signal); // each kind that is followed listens to it
  const metrics = new Metrics();
  const identity = replicaName(hostname());
  const election = new LeaderElection(cluster, { namespace, lease: OPERATOR_NAME, identity }, {
    onLeader: leader => log.info(leader === '' ? 'no replica leads' : 'leader', { leader, isThis: leader === identity }),
    onError: error => log.warn('leader election failed, and is tried again', { error }),
  });
  const api = new OperatorApi(cluster.api, { clock: cluster.clock, observe: metrics.api, mayWrite: () => election.isLeader });
  const own: Cluster = { ...cluster, api, objects: new Objects(api) };
  const warn = (message: string) => log.warn(message);
  const operator = new Operator({
    cluster: own,
    // A registry is asked again for each release: a tag moves.
    pins: { find: async apps => new Pins({ cluster: own, registries, warn }).find(apps) },
    claims: new Claims(),
    policy: escapes,
    readMetrics: atPods(own),
    lookUp: resolver(),
    signal,
    observer: {
      ...metrics.queue,
      failed: (app, error, failures) => log.error('reconcile failed, and is tried again', { app, error, failures }),
    },
    onError: (app, error) => log.warn('a request in the background failed', { app: keyOf(app), error }),
    onWatchError: (kind, error) => {
      metrics.watchFailed(kind);
      log.warn('watch failed, and is tried again', { kind: kind.kind, error });
    },
  });
  const { cache, queue } = operator;
  metrics.observe({ queue, cache, kinds: WATCHED_KINDS, workers: WORKERS, lease: OPERATOR_NAME, isLeader: () => election.isLeader });
  const isStuck = () => queue.running().some(took => took > LONGEST_RECONCILE);
  const health = {
    healthy: { reconcile: () => isStuck() ? `an app is being reconciled for more than ${LONGEST_RECONCILE / 60_000} minutes` : undefined },
    ready: { cache: () => cache.isSynced ? undefined : 'the cluster is not listed yet' },
    metrics: async () => metrics.text(),
  };
  const servers = await Promise.all([ports.metrics, ports.health].map(async port => startServer({ ...health, port })));
  try {
    await operator.start();
    log.info('the cluster is listed', { apps: operator.size });
    const onError = (error: Error) => log.error('the webhook failed: resources are not checked when they are applied', { error });
    // Every replica serves it, and may write its certificate.
    if (webhook) void keepServing({ cluster, namespace, validate: operator.validate, port: ports.webhook, signal, onError });
    await election.run(signal, async lost => operator.work(lost));
  } finally {
    await Promise.all(servers.map(async server => server.close()));
  }
}
