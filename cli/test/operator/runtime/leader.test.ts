import type { KubernetesApi } from '../../../src/kube/api';
import { UnreachableError } from '../../../src/kube/errors';
import type { Kind, KubernetesObject } from '../../../src/kube/types';
import { LeaderElection, LeadershipLost, replicaName } from '../../../src/operator/runtime/leader';
import { TestCluster } from '../../kube/test-cluster';

interface Lease extends KubernetesObject {
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number; readonly renewTime: string };
}
const LEASE: Kind<Lease> = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

/** Replicas of one Lease, and when each worked: `0 a leads`. */
class Replicas {
  public readonly cluster = new TestCluster();
  public readonly log: string[] = [];
  private readonly began = this.cluster.clock.now();
  private readonly stops: (() => void)[] = [];

  /**
   * Starts a replica.
   *
   * @param skew how far its wall clock is ahead, in milliseconds
   * @param shutdown how long it takes to finish its work when it is stopped, in milliseconds
   */
  public start(identity: string, { skew = 0, shutdown = 0, api = this.cluster.api as KubernetesApi } = {}): Replica {
    const { clock } = this.cluster;
    const skewed = {
      now: () => clock.now() + skew,
      sleep: clock.sleep.bind(clock),
      every: clock.every.bind(clock),
      timeout: clock.timeout.bind(clock),
    };
    const stop = new AbortController();
    this.stops.push(() => stop.abort());
    const election = new LeaderElection({ api, clock: skewed }, { namespace: 'shop', lease: 'operator', identity }, {}, () => 0);
    const ended = election.run(stop.signal, async lost => {
      this.tell(`${identity} leads`);
      await new Promise<void>(resolve => {
        stop.signal.addEventListener('abort', () => resolve());
        lost.addEventListener('abort', () => resolve());
      });
      if (lost.aborted) return this.tell(`${identity} stops at once`);
      await clock.sleep(shutdown);
      this.tell(`${identity} is done`);
    }).catch(error => this.tell(`${identity}: ${error instanceof LeadershipLost ? 'lost' : 'failed'}: ${(error as Error).message}`));
    return { election, ended, stop: () => stop.abort() };
  }

  public async pass(seconds: number): Promise<void> {
    await this.cluster.clock.sleep(seconds * 1000);
  }

  public lease(): Lease['spec'] {
    return this.cluster.api.find(LEASE, 'operator')!.spec;
  }

  public async stopAll(): Promise<void> {
    this.cluster.api.intercept = undefined;
    for (const stop of this.stops) stop();
    await this.pass(60);
  }

  private tell(what: string): void {
    this.log.push(`${Math.round((this.cluster.clock.now() - this.began) / 1000)} ${what}`);
  }
}

interface Replica {
  readonly election: LeaderElection;
  readonly ended: Promise<void>;
  readonly stop: () => void;
}

let replicas: Replicas;
beforeEach(() => replicas = new Replicas());
afterEach(() => replicas.stopAll());

describe('one replica leads at a time', () => {
  test('the first one, for as long as it renews the lease', async () => {
    const a = replicas.start('a');
    await replicas.pass(1);
    const b = replicas.start('b');
    await replicas.pass(600);
    expect(replicas.log).toEqual(['0 a leads']);
    expect([a.election.isLeader, b.election.isLeader]).toEqual([true, false]);
    expect(replicas.lease()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    const age = replicas.cluster.clock.now() - Date.parse(replicas.lease().renewTime);
    expect(age).toBeLessThanOrEqual(2000);
    expect(replicas.lease().renewTime).toMatch(/^2026-01-01T00:\d\d:\d\d\.\d{6}Z$/);
  });

  test('of many that start at once', async () => {
    const all = ['a', 'b', 'c', 'd'].map(identity => replicas.start(identity));
    await replicas.pass(60);
    expect(all.filter(({ election }) => election.isLeader)).toHaveLength(1);
    expect(replicas.log).toHaveLength(1);
  });

  test.each([{ skew: 3_600_000 }, { skew: -3_600_000 }])('whatever the wall clock of another one says: %j', async ({ skew }) => {
    replicas.start('a');
    await replicas.pass(1);
    replicas.start('b', { skew });
    await replicas.pass(600);
    expect(replicas.log).toEqual(['0 a leads']);
  });

  test('when the leader disappears, another one follows after the lease', async () => {
    let isGone = false;
    const api = replicas.cluster.api;
    const gone = {
      ...only(api),
      send: async (...request: Parameters<KubernetesApi['send']>) => {
        if (isGone) throw new UnreachableError('no network');
        return api.send(...request);
      },
    };
    const a = replicas.start('a', { api: gone });
    await replicas.pass(1);
    replicas.start('b');
    await replicas.pass(20);
    isGone = true;
    await replicas.pass(60);
    expect(a.election.isLeader).toBe(false);
    const [lost, follows] = ['a stops', 'b leads'].map(what => replicas.log.findIndex(line => line.includes(what)));
    expect(lost).toBeGreaterThan(0);
    expect(follows).toBeGreaterThan(lost);
    expect(replicas.log).toContainEqual(expect.stringMatching(/a: lost: the lease operator was not renewed for 10 seconds/));
    expect(parseInt(replicas.log[follows])).toBeLessThan(45);
    expect(replicas.lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });
});

describe('a leader whose lease is lost stops at once', () => {
  test('when the API server does not answer for 10 seconds', async () => {
    const a = replicas.start('a');
    await replicas.pass(21);
    replicas.cluster.api.intercept = () => {
      throw new UnreachableError('no route to host');
    };
    await replicas.pass(14);
    expect(a.election.isLeader).toBe(false);
    expect(replicas.log.slice(1)).toEqual(['32 a stops at once', '32 a: lost: the lease operator was not renewed for 10 seconds']);
  });

  test('when a request hangs', async () => {
    const { api } = replicas.cluster;
    let hangs = false;
    const a = replicas.start('a', {
      api: {
        ...only(api),
        send: async (...request) => (hangs ? new Promise((_, reject) => {
          request[2]!.signal!.addEventListener('abort', () => reject(new Error('timeout')));
        }) : api.send(...request)),
      },
    });
    await replicas.pass(21);
    hangs = true;
    await replicas.pass(14);
    expect(a.election.isLeader).toBe(false);
    expect(replicas.log.slice(1)).toContainEqual('32 a stops at once');
  });

  test('when another replica holds it', async () => {
    replicas.start('a');
    await replicas.pass(1);
    replicas.cluster.api.change({ ...LEASE, metadata: { name: 'operator' } }, { spec: { holderIdentity: 'b' } });
    await replicas.pass(2);
    expect(replicas.log.slice(1)).toEqual(['2 a stops at once', '2 a: lost: the lease operator is held by b']);
    expect(replicas.lease().holderIdentity).toBe('b');
  });

  test('but an outage of a few seconds does not matter', async () => {
    const a = replicas.start('a');
    await replicas.pass(21);
    replicas.cluster.api.intercept = () => {
      throw new UnreachableError('no route to host');
    };
    await replicas.pass(6);
    replicas.cluster.api.intercept = undefined;
    await replicas.pass(20);
    expect(a.election.isLeader).toBe(true);
    expect(replicas.log).toEqual(['0 a leads']);
  });

  test('nor does a change of the lease by another client', async () => {
    const a = replicas.start('a');
    await replicas.pass(1);
    replicas.cluster.api.change({ ...LEASE, metadata: { name: 'operator' } }, { metadata: { labels: { team: 'a' } } });
    await replicas.pass(20);
    expect(a.election.isLeader).toBe(true);
    expect(replicas.cluster.api.find(LEASE, 'operator')!.metadata.labels).toEqual({ team: 'a' });
  });

  test('nor does its deletion', async () => {
    const a = replicas.start('a');
    await replicas.pass(1);
    replicas.cluster.api.delete({ ...LEASE, metadata: { name: 'operator' } });
    await replicas.pass(20);
    expect(a.election.isLeader).toBe(true);
    expect(replicas.lease().holderIdentity).toBe('a');
  });
});

describe('a stop hands over', () => {
  test('the lease is kept until the work is done, and released then, so that another replica leads within seconds', async () => {
    const a = replicas.start('a', { shutdown: 30_000 });
    await replicas.pass(1);
    replicas.start('b');
    await replicas.pass(20);
    a.stop();
    await replicas.pass(29);
    expect(replicas.lease().holderIdentity).toBe('a');
    await replicas.pass(6);
    const [, done, next] = replicas.log;
    expect(done).toBe('51 a is done');
    expect(next).toMatch(/^5[123] b leads$/);
    expect(replicas.lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('a replica that waits ends without the lease', async () => {
    replicas.start('a');
    await replicas.pass(1);
    const b = replicas.start('b');
    b.stop();
    await b.ended;
    expect(replicas.lease().holderIdentity).toBe('a');
    expect(replicas.log).toEqual(['0 a leads']);
  });

  test('work that fails releases it too', async () => {
    const election = new LeaderElection(replicas.cluster, { namespace: 'shop', lease: 'operator', identity: 'a' });
    const failed = election.run(new AbortController().signal, async () => {
      throw new Error('broken');
    });
    await expect(failed).rejects.toThrow('broken');
    expect(replicas.lease().holderIdentity).toBe('');
  });
});

test('a replica has another name each time that it starts', () => {
  expect(replicaName('pod-1')).toMatch(/^pod-1_[\da-f-]{36}$/);
  expect(replicaName('pod-1')).not.toBe(replicaName('pod-1'));
});

/** The methods that a Lease does not need. */
function only(api: KubernetesApi): KubernetesApi {
  return {
    send: api.send.bind(api),
    stream: api.stream.bind(api),
    exec: api.exec.bind(api),
    attach: api.attach.bind(api),
    forward: api.forward.bind(api),
  };
}
