import { Diagnoses } from './diagnoses';
import type { HostNamesOptions } from './host-names';
import { HostNames } from './host-names';
import { KnownReleases } from './known-releases';
import type { LiveObjects } from './live-objects';
import { WRITTEN_KINDS } from './manifest/kinds';
import type { Policy, Relations } from './plan';
import { Planner } from './plan';
import { Platforms } from './platforms';
import { Reconciler } from './reconcile';
import { keyOf, PLATFORM, WEB_APP } from './resources';
import type { CacheEvent } from './runtime/cache';
import { Cache } from './runtime/cache';
import type { QueueObserver } from './runtime/queue';
import { WorkQueue } from './runtime/queue';
import type { ClaimIndex } from './triggers';
import { Triggers } from './triggers';
import { validator } from './validate';
import type { Validate } from './webhook/review';
import type { ReadMetrics } from '../engine/canary-health';
import type { Pins } from '../engine/pin';
import type { Cluster } from '../kube/connect';
import type { AppName, Kind } from '../kube/types';
import { CERTIFICATE, GATEWAY, NAMESPACE } from '../kube/types';

/** The label of all objects of apps. */
const OWN = { 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };

/** The kinds that a reconcile reads besides those that it writes. */
const READ_KINDS: readonly Kind[] = [WEB_APP, PLATFORM, NAMESPACE, CERTIFICATE, GATEWAY];

/** Everything that a reconcile reads without a request. */
export const WATCHED_KINDS: readonly Kind[] = [...READ_KINDS, ...WRITTEN_KINDS];

/** How many apps are reconciled at a time: most of a reconcile is waiting for the API server. */
export const WORKERS = 16;

/** How long an answer of DNS may wait for something else that changes, in milliseconds: a new app gets it while its pods start. */
const DNS_DELAY = 2_000;

/** The parts of an operator that tests replace. */
export interface OperatorOptions {
  readonly cluster: Cluster;
  readonly pins: Pick<Pins, 'find'>;
  readonly claims: Relations & ClaimIndex;
  readonly policy: Policy;
  readonly readMetrics: ReadMetrics;

  /** The addresses of a host, as the cluster resolves it. */
  readonly lookUp: HostNamesOptions['lookUp'];
  readonly observer?: QueueObserver;

  /** Aborted when it is to stop. */
  readonly signal: AbortSignal;

  /** Receives what went wrong in the background. */
  onError(app: AppName, error: Error): void;

  /** A list or a watch failed, and is tried again. */
  onWatchError(kind: Kind, error: unknown): void;
}

/** Follows the cluster, and reconciles the apps that a change is about. */
export class Operator {
  public readonly cache: Cache;
  public readonly queue: WorkQueue;

  /** Checks resources before they are stored, also where another replica leads. */
  public readonly validate: Validate;
  private readonly reconciler: Reconciler;
  private readonly triggers: Triggers;
  private readonly hostNames: HostNames;
  private readonly releases: KnownReleases;
  private readonly leading = new AbortController();
  private isStarted = false;

  constructor(private readonly options: OperatorOptions) {
    const { cluster, pins, claims, policy, readMetrics, lookUp, signal, observer, onError, onWatchError } = options;
    const watched = [...READ_KINDS.map(kind => ({ kind })), ...WRITTEN_KINDS.map(kind => ({ kind, labels: OWN }))];
    this.cache = new Cache(cluster, watched, event => this.changed(event), {
      onKind: () => this.isStarted && this.triggers.all(), // what was missing may be there now
      onError: onWatchError,
    });
    const live = liveObjects(this.cache);
    const platforms = new Platforms(live);
    const planner = new Planner(live, platforms, claims, policy, app => this.relatedChanged(app));
    const working = AbortSignal.any([signal, this.leading.signal]);
    const onChange = (app: AppName) => this.queue.addAfter(keyOf(app), DNS_DELAY, 'resync');
    this.hostNames = new HostNames({ clock: cluster.clock, lookUp, onChange });
    const onForeign = (app: AppName) => {
      if (live.get({ ...WEB_APP, ...app })) this.queue.add(keyOf(app), 'change');
    };
    this.releases = new KnownReleases(cluster, { onForeign, onError: onWatchError });
    const { hostNames, releases } = this;
    const context = { cluster, live, releases, pins, diagnoses: new Diagnoses(cluster), hostNames, readMetrics, signal: working, onError };
    this.reconciler = new Reconciler(context, planner);
    const process = async (key: string) => this.reconciler.reconcile(nameOf(key));
    this.queue = new WorkQueue({ clock: cluster.clock, workers: WORKERS, observer, process });
    this.triggers = new Triggers(live, platforms, claims, (app, priority) => this.queue.add(keyOf(app), priority));
    this.validate = validator({ live, platforms, claims, planner, now: () => cluster.clock.now() });
  }

  /** How many apps there are. */
  public get size(): number {
    return this.cache.size(WEB_APP);
  }

  /** Starts to follow the cluster, which a replica that does not lead does too. */
  public async start(): Promise<void> {
    void this.releases.run(this.options.signal);
    await this.cache.start(this.options.signal);
    this.isStarted = true;
    this.triggers.start();
  }

  /**
   * Reconciles apps until it is to stop, or the signal is aborted because another replica may lead. It works once.
   *
   * @returns when what it was doing then is done
   */
  public async work(lost: AbortSignal): Promise<void> {
    lost.addEventListener('abort', () => this.leading.abort(lost.reason), { once: true });
    this.triggers.all();
    const stop = AbortSignal.any([this.options.signal, lost]);
    await Promise.all([this.queue.run(stop), this.hostNames.run(stop)]);
  }

  private changed(event: CacheEvent): void {
    const { type, kind: { apiVersion, kind }, object: { metadata: { name, namespace } } } = event;
    if (type === 'removed') this.reconciler.forgetObject({ apiVersion, kind, namespace, name });
    if (this.isStarted) this.triggers.changed(event);
  }

  private relatedChanged(app: AppName): void {
    for (const other of this.options.claims.related(app)) this.queue.add(keyOf(other), 'change');
  }
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

function nameOf(key: string): AppName {
  const [namespace, name] = key.split('/');
  return { namespace, name };
}
