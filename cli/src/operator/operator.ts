import type { LiveObjects } from './live-objects';
import { WRITTEN_KINDS } from './manifest/kinds';
import type { Policy, Relations } from './plan';
import { keyOf, Planner } from './plan';
import { Reconciler } from './reconcile';
import { PLATFORM, WEB_APP } from './resources';
import type { CacheEvent, WatchedKind } from './runtime/cache';
import { Cache } from './runtime/cache';
import type { QueueObserver } from './runtime/queue';
import { WorkQueue } from './runtime/queue';
import type { ClaimIndex } from './triggers';
import { Triggers } from './triggers';
import type { Pins } from '../engine/pin';
import type { Cluster } from '../kube/connect';
import type { Kind } from '../kube/types';
import { CERTIFICATE, NAMESPACE } from '../kube/types';

/** The label of all objects of apps. */
const OWN = { 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };

/** How many apps are reconciled at a time: most of a reconcile is waiting for the API server. */
const WORKERS = 16;

/** What an operator is made of. */
export interface OperatorOptions {
  readonly cluster: Cluster;
  readonly pins: Pick<Pins, 'find'>;
  readonly claims: Relations & ClaimIndex;
  readonly policy: Policy;
  readonly observer?: QueueObserver;

  /** Something failed, and is tried again. `what` is an app, or a kind that is watched. */
  onError(what: string, error: unknown): void;
}

/** Follows the cluster, and reconciles the apps that a change is about. */
export class Operator {
  public readonly cache: Cache;
  private triggers?: Triggers;
  private reconciler?: Reconciler;

  constructor(private readonly options: OperatorOptions) {
    const { cluster, onError } = options;
    this.cache = new Cache(cluster, watchedKinds(), event => this.changed(event), {
      onKind: () => this.triggers?.all(), // what was missing may be there now
      onError: ({ kind }, error) => onError(kind, error),
    });
  }

  /** Starts to follow the cluster, which an operator that is not the leader does too. */
  public async start(signal: AbortSignal): Promise<void> {
    await this.cache.start(signal);
  }

  /**
   * Reconciles apps until the signal is aborted.
   *
   * @param leading is aborted when nothing may be written any more
   * @returns when what it was doing then is done
   */
  public async work(stop: AbortSignal, leading: AbortSignal): Promise<void> {
    const { cluster, pins, claims, policy, observer, onError } = this.options;
    const live = liveObjects(this.cache);
    const onAppError = (app: Parameters<typeof keyOf>[0], error: Error) => onError(keyOf(app), error);
    const context = { cluster, live, pins, signal: leading, onError: onAppError };
    const reconciler = new Reconciler(context, new Planner(live, claims, policy));
    const queue: WorkQueue = new WorkQueue({
      clock: cluster.clock,
      workers: WORKERS,
      observer,
      process: async key => {
        leading.throwIfAborted();
        return reconciler.reconcile(nameOf(key));
      },
    });
    this.reconciler = reconciler;
    this.triggers = new Triggers(live, claims, (app, priority) => queue.add(keyOf(app), priority));
    this.triggers.start();
    await queue.run(AbortSignal.any([stop, leading]));
    this.triggers = undefined;
    this.reconciler = undefined;
  }

  private changed(event: CacheEvent): void {
    const { type, kind: { apiVersion, kind }, object: { metadata: { name, namespace } } } = event;
    if (type === 'removed') this.reconciler?.forgetObject({ apiVersion, kind, namespace, name });
    this.triggers?.changed(event);
  }
}

/** Everything that a reconcile reads. */
function watchedKinds(): WatchedKind[] {
  const plain = (kind: Kind) => ({ kind });
  return [plain(WEB_APP), plain(PLATFORM), plain(NAMESPACE), plain(CERTIFICATE), ...WRITTEN_KINDS.map(kind => ({ kind, labels: OWN }))];
}

/** A release of long ago may have objects of a kind in a version that is not followed any more. */
function liveObjects(cache: Cache): LiveObjects {
  return {
    get: reference => cache.follows(reference) ? cache.get(reference) : undefined,
    list: (kind, namespace) => cache.list(kind, namespace),
    ownedBy: uid => cache.ownedBy(uid),
    knows: kind => cache.follows(kind) && cache.knows(kind),
  };
}

function nameOf(key: string) {
  const [namespace, name] = key.split('/');
  return { namespace, name };
}
