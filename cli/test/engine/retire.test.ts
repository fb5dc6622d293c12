import { scalersOfOthers } from '../../src/engine/prune';
import { retireAll } from '../../src/engine/retire';
import { timestamp } from '../../src/kube/clock';
import { referenceTo, shown } from '../../src/kube/objects';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { deployment, ingress, scaledObject, service, TestCluster, volumeClaim } from '../kube/test-cluster';

const CANARY = deployment('web:2', { name: 'web-canary' });
const OBJECTS = [volumeClaim(), service('web-canary'), CANARY, ingress('web-canary')];

describe('a version that a deploy removes', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = new TestCluster();
  });

  /** Removes the version, which has been without a ready pod for some seconds, and says what is left after some more. */
  async function leftAfter(seconds: number, wakingSince: number, becomesReadyAfter?: number): Promise<string[]> {
    await cluster.apply(...OBJECTS);
    const since = cluster.clock.now() - wakingSince * 1000;
    const report = (status: string, time: number) => cluster.api.change(CANARY, {
      status: { conditions: [{ type: 'Available', status, lastTransitionTime: timestamp(time) }] },
    });
    report('False', since);
    if (becomesReadyAfter !== undefined) cluster.clock.after(becomesReadyAfter, () => report('True', cluster.clock.now()));
    let left: string[] = [];
    cluster.clock.after(seconds, () => left = cluster.api.names());
    await retireAll(cluster.operation(), OBJECTS.map(object => referenceTo(object)));
    return left;
  }

  const END = ['PersistentVolumeClaim web-data'];

  test('gets no further requests at once, and stays while it is waking, since requests may wait for it', async () => {
    expect(await leftAfter(5, 0, 20)).toEqual(['Deployment web-canary', 'PersistentVolumeClaim web-data', 'Service web-canary']);
  });

  test('stays where its controller has not seen yet that it is to wake', async () => {
    await cluster.apply(...OBJECTS);
    const conditions = (status: string) => [{ type: 'Available', status, lastTransitionTime: timestamp(cluster.clock.now()) }];
    cluster.api.change(CANARY, { spec: { replicas: 0 } });
    cluster.api.change(CANARY, { status: { observedGeneration: 2, conditions: conditions('True') } });
    cluster.api.change(CANARY, { spec: { replicas: 1 } });
    cluster.clock.after(1, () => cluster.api.change(CANARY, { status: { observedGeneration: 3, conditions: conditions('False') } }));
    cluster.clock.after(9, () => cluster.api.change(CANARY, { status: { conditions: conditions('True') } }));
    const start = cluster.clock.now();
    await retireAll(cluster.operation(), OBJECTS.map(object => referenceTo(object)));
    expect(cluster.api.names()).toEqual(END);
    expect(cluster.clock.now() - start).toBeGreaterThanOrEqual(9_000);
  });

  test('is removed when it has woken', async () => {
    const start = cluster.clock.now();
    await leftAfter(5, 0, 20);
    expect(cluster.api.names()).toEqual(END);
    expect(cluster.clock.now() - start).toBeLessThan(22_000);
  });

  test('is removed when no request can wait for it any more, ready or not', async () => {
    const start = cluster.clock.now();
    await leftAfter(5, 100);
    expect(cluster.api.names()).toEqual(END);
    expect(cluster.clock.now() - start).toBeLessThan(22_000);
  });

  test.each(['asleep', 'broken'])('is removed at once if it is %s', async state => {
    runControllers(cluster, { brokenImages: { 'web:2': IMAGE_NOT_FOUND } });
    await cluster.apply(...OBJECTS);
    const conditions = [{ type: 'Available', status: 'False', lastTransitionTime: timestamp(cluster.clock.now()) }];
    cluster.api.change(CANARY, { spec: { replicas: state === 'asleep' ? 0 : 1 }, status: { conditions } });
    const start = cluster.clock.now();
    await retireAll(cluster.operation(), OBJECTS.map(object => referenceTo(object)));
    expect(cluster.api.names()).toEqual(END);
    expect(cluster.clock.now()).toBe(start);
  });
});

test('a scaler stops before its workload gets its own number of pods, but goes on waking one that is removed with it', () => {
  const orphans = [scaledObject('web'), scaledObject('web-canary'), CANARY].map(object => referenceTo(object));
  expect(scalersOfOthers(orphans).map(shown)).toEqual(['ScaledObject web']);
});
