/**
 * Leader election: of several replicas, the one that holds the Lease works.
 *
 * The algorithm and its times are those of client-go, with three differences that make it safer:
 * - Time is what timers have waited, not what the wall clock says: it may jump, and those of replicas differ. The times in the Lease
 *   are for people.
 * - A leader that stops keeps the Lease until its work is done, and only then releases it.
 * - A leader that sees the name of another one stops at once, and not after the renew deadline.
 *
 * The official client for Node.js has no leader election, and the only library, @codedependant/kubernetes-leader-election, compares times
 * of different machines.
 *
 * https://github.com/kubernetes/client-go/blob/master/tools/leaderelection/leaderelection.go
 * https://kubernetes.io/docs/concepts/architecture/leases/#leader-election
 */
import { randomUUID } from 'node:crypto';
import type { Random } from './back-off';
import { sendJson } from '../../kube/api';
import type { Cluster } from '../../kube/connect';
import { isConflict, isNotFound } from '../../kube/errors';
import type { KubernetesObject } from '../../kube/types';

export interface ElectionOptions {
  readonly namespace: string;

  /** The name of the Lease. */
  readonly lease: string;

  /** The name of this replica, which no other one has, nor had: see `replicaName`. */
  readonly identity: string;

  /** How long the others wait for a leader that does not renew, in milliseconds. */
  readonly leaseDuration?: number;

  /** How long a leader tries to renew before it stops, in milliseconds: less than the others wait. */
  readonly renewDeadline?: number;

  /** How long each replica waits between two attempts, in milliseconds. */
  readonly retryPeriod?: number;
}

export interface ElectionReports {
  /** Another replica leads, or this one; empty where none does. */
  onLeader?(identity: string): void;

  /** An attempt failed, and is repeated. */
  onError?(error: unknown): void;
}

/** Another replica may lead now, and this one must not write any more. */
export class LeadershipLost extends Error {}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
interface Lease extends KubernetesObject {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** A name for this replica: that of its pod, made unique, as a container that restarts is another replica. */
export function replicaName(hostname: string): string {
  return `${hostname}_${randomUUID()}`;
}

export class LeaderElection {
  private readonly times: { readonly leaseDuration: number; readonly renewDeadline: number; readonly retryPeriod: number };

  /** The Lease as this replica has written it last, while it leads. */
  private held?: Lease;

  /** When that was. */
  private renewedAt = 0;
  private hasLost = false;

  /** What another replica wrote, and for how long it has been the same. */
  private observed = { record: '', unchanged: 0 };
  private leader?: string;

  /** @param cluster its API must not wait for leadership itself */
  constructor(
    private readonly cluster: Pick<Cluster, 'api' | 'clock'>,
    private readonly options: ElectionOptions,
    private readonly reports: ElectionReports = {},
    private readonly random: Random = Math.random,
  ) {
    const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000 } = options;
    this.times = { leaseDuration, renewDeadline, retryPeriod };
  }

  /** Whether this replica may write now. It is also false where the process was stalled for longer than the renew deadline. */
  public get isLeader(): boolean {
    return this.held !== undefined && this.cluster.clock.now() - this.renewedAt < this.times.renewDeadline;
  }

  /**
   * Waits until this replica is the leader, and works until the work is done. The Lease is renewed meanwhile, and released afterwards.
   * It runs once: a process that lost the leadership is best started anew.
   *
   * @param stop ends the wait; work that runs has to heed it by itself
   * @param work gets a signal that is aborted when another replica may lead
   * @throws LeadershipLost at that time, whether the work heeds it or not
   */
  public async run(stop: AbortSignal, work: (lost: AbortSignal) => Promise<void>): Promise<void> {
    if (!await this.acquire(stop)) return;
    const lost = new AbortController();
    const done = new AbortController();
    const renewed = this.keep(done.signal);
    const worked = work(lost.signal);
    worked.catch(() => {}); // it may fail after the leadership is lost
    try {
      await Promise.race([worked, renewed]);
    } catch (error) {
      if (error instanceof LeadershipLost) lost.abort(error);
      throw error;
    } finally {
      done.abort();
      await renewed.catch(() => {}); // thrown above
      await this.release();
    }
  }

  /** @returns false if the signal is aborted before */
  private async acquire(stop: AbortSignal): Promise<boolean> {
    while (!stop.aborted) {
      if (await this.attempt()) return true;
      // As client-go does, so that replicas do not meet again and again.
      const delay = Math.round(this.times.retryPeriod * (1 + this.random() * 1.2));
      await this.cluster.clock.sleep(delay, stop).catch(() => {}); // the signal ends the loop
      this.observed.unchanged += delay;
    }
    return false;
  }

  /** Renews the Lease until the signal is aborted. */
  private async keep(done: AbortSignal): Promise<void> {
    const { clock } = this.cluster;
    const { renewDeadline, retryPeriod } = this.times;
    while (!done.aborted) {
      const late = new AbortController();
      const deadline = clock.sleep(renewDeadline, late.signal).then(() => 'late', () => 'renewed');
      try {
        const result = await Promise.race([this.renew(done), deadline]);
        if (result === 'late') this.lose(`the lease ${this.options.lease} was not renewed for ${renewDeadline / 1000} seconds`);
      } finally {
        late.abort();
      }
      await clock.sleep(retryPeriod, done).catch(() => {}); // the signal ends the loop
    }
  }

  /** Tries to renew until it succeeds. */
  private async renew(done: AbortSignal): Promise<void> {
    const { clock } = this.cluster;
    while (!done.aborted && this.held) {
      if (await this.attempt()) return;
      await clock.sleep(this.times.retryPeriod, done).catch(() => {}); // the signal ends the loop
    }
  }

  /**
   * Tries to acquire or to renew the Lease.
   *
   * @throws LeadershipLost if this replica has led, and another one does now
   */
  private async attempt(): Promise<boolean> {
    const signal = this.cluster.clock.timeout(this.times.renewDeadline);
    try {
      return await this.renewHeld(signal) || await this.acquireOnce(signal);
    } catch (error) {
      if (error instanceof LeadershipLost) throw error;
      // Another replica was faster, which the next attempt shows.
      if (!isConflict(error)) this.reports.onError?.(error);
      return false;
    }
  }

  /** Renews without a look, as the Lease most likely still is what this replica has written. */
  private async renewHeld(signal: AbortSignal): Promise<boolean> {
    if (!this.held) return false;
    try {
      await this.write('PUT', this.held, this.held.spec.leaseTransitions ?? 0, signal);
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  private async acquireOnce(signal: AbortSignal): Promise<boolean> {
    const { identity } = this.options;
    const lease = await this.read(signal);
    if (!lease) {
      await this.write('POST', undefined, 0, signal);
      return true;
    }
    const { holderIdentity = '', leaseDurationSeconds = 0, leaseTransitions = 0 } = lease.spec;
    this.tell(holderIdentity);
    if (holderIdentity !== identity && this.held) this.lose(`the lease ${this.options.lease} is held by ${holderIdentity || 'nobody'}`);
    if (holderIdentity !== '' && holderIdentity !== identity && !this.isExpired(lease, leaseDurationSeconds)) return false;
    await this.write('PUT', lease, leaseTransitions + (holderIdentity === identity ? 0 : 1), signal);
    return true;
  }

  private isExpired({ spec }: Lease, seconds: number): boolean {
    const record = JSON.stringify(spec);
    if (record !== this.observed.record) this.observed = { record, unchanged: 0 };
    return this.observed.unchanged > seconds * 1000;
  }

  private async read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await sendJson<Lease>(this.cluster.api, 'GET', this.path(), { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async write(method: 'POST' | 'PUT', before: Lease | undefined, leaseTransitions: number, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.cluster;
    const { namespace, lease, identity } = this.options;
    const at = clock.now();
    const time = microTime(at);
    const isRenewal = before?.spec.holderIdentity === identity;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: before?.metadata ?? { name: lease, namespace },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.times.leaseDuration / 1000),
        acquireTime: isRenewal ? before.spec.acquireTime : time,
        renewTime: time,
        leaseTransitions,
      },
    };
    const held = await sendJson<Lease>(api, method, method === 'POST' ? this.path('') : this.path(), { body, signal });
    if (this.hasLost) return; // the answer came too late
    this.held = held;
    // The others count from when they see it, which is later than it was sent.
    this.renewedAt = at;
    this.tell(identity);
  }

  /** Lets another replica lead at once. If it fails, the others wait for the lease to expire. */
  private async release(): Promise<void> {
    const lease = this.held;
    this.held = undefined;
    if (!lease) return;
    const { api, clock } = this.cluster;
    const time = microTime(clock.now());
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time };
    try {
      const signal = clock.timeout(this.times.renewDeadline);
      await sendJson(api, 'PUT', this.path(), { body: { ...lease, spec }, signal });
      this.tell('');
    } catch (error) {
      this.reports.onError?.(error);
    }
  }

  private lose(message: string): never {
    this.held = undefined;
    this.hasLost = true;
    throw new LeadershipLost(message);
  }

  private tell(leader: string): void {
    if (leader === this.leader) return;
    this.leader = leader;
    this.reports.onLeader?.(leader);
  }

  private path(name = `/${this.options.lease}`): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.options.namespace}/leases${name}`;
  }
}

/** https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#MicroTime */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
