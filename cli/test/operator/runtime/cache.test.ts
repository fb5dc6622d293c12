import { getMaxListeners } from 'node:events';
import * as fc from 'fast-check';
import { UnreachableError } from '../../../src/kube/errors';
import type { ConfigMap } from '../../../src/kube/types';
import { CONFIG_MAP, DEPLOYMENT, SCALED_OBJECT } from '../../../src/kube/types';
import type { CacheEvent, WatchedKind } from '../../../src/operator/runtime/cache';
import { Cache } from '../../../src/operator/runtime/cache';
import { errorResponse } from '../../kube/in-memory-api';
import { configMap, deployment, scaledObject, TestCluster } from '../../kube/test-cluster';

const OURS = { 'app.kubernetes.io/managed-by': 'cdk8s-webapp' };
const CONFIG_MAPS: WatchedKind = { kind: CONFIG_MAP, labels: OURS };
const PATH = '/api/v1/configmaps';

/** A cache of a cluster, and what it told. */
class Followed {
  public readonly cluster = new TestCluster();
  public readonly events: CacheEvent[] = [];
  public readonly errors: unknown[] = [];
  public readonly kinds: string[] = [];
  public readonly cache: Cache;
  private readonly stopped = new AbortController();

  constructor(watched: readonly WatchedKind[] = [CONFIG_MAPS]) {
    const reports = {
      onError: (_: unknown, error: unknown) => void this.errors.push(error),
      onKind: ({ kind }: { kind: string }, isServed: boolean) => void this.kinds.push(`${kind} ${isServed ? 'installed' : 'removed'}`),
    };
    this.cache = new Cache(this.cluster, watched, event => void this.events.push(event), reports, () => 0.5);
  }

  public async start(): Promise<void> {
    await this.cache.start(this.stopped.signal);
    await this.pass(0);
  }

  public async pass(seconds: number): Promise<void> {
    await this.cluster.clock.sleep(seconds * 1000);
  }

  public stop(): void {
    this.stopped.abort();
  }

  /** What happened since the last call: `added a=1`. */
  public take(): string[] {
    return this.events.splice(0).map(({ type, object }) => `${type} ${shown(object as ConfigMap)}`);
  }

  public names(): string[] {
    return [...this.cache.list(CONFIG_MAP)].map(shown).sort();
  }

  /** The requests since the last call, as `list` and `watch`. */
  public requests(): string[] {
    const all = this.cluster.api.requests.splice(0).filter(line => line.includes(PATH));
    return all.map(line => (line.startsWith('WATCH') ? 'watch' : 'list'));
  }
}

function shown({ metadata: { name }, data }: ConfigMap): string {
  return `${name}=${data?.a}`;
}

let running: Followed[] = [];
afterEach(() => {
  for (const one of running) one.stop();
  running = [];
});

async function follow(prepare: (cluster: TestCluster) => void = () => {}, watched?: readonly WatchedKind[]): Promise<Followed> {
  const followed = new Followed(watched);
  running.push(followed);
  prepare(followed.cluster);
  await followed.start();
  return followed;
}

const put = ({ api }: TestCluster, name: string, a: string) => api.put(configMap(name, { a }));
const remove = ({ api }: TestCluster, name: string) => api.delete(configMap(name));

describe('the cache has what the cluster has', () => {
  test('what exists at the start is listed, and told as added', async () => {
    const followed = await follow(cluster => {
      put(cluster, 'a', '1');
      put(cluster, 'b', '1');
    });
    expect(followed.cache.isSynced).toBe(true);
    expect(followed.names()).toEqual(['a=1', 'b=1']);
    expect(followed.take()).toEqual(['added a=1', 'added b=1']);
  });

  test('changes arrive by the watch, with the object before and after', async () => {
    const followed = await follow(cluster => put(cluster, 'a', '1'));
    followed.take();
    put(followed.cluster, 'a', '2');
    put(followed.cluster, 'b', '1');
    expect(followed.events.map(({ before }) => before && shown(before as ConfigMap))).toEqual(['a=1', undefined]);
    expect(followed.take()).toEqual(['changed a=2', 'added b=1']);
    remove(followed.cluster, 'b');
    expect(followed.take()).toEqual(['removed b=1']);
    expect(followed.requests()).toEqual(['list', 'watch']);
  });

  test('an object is found by its name, as a copy that the reader may change', async () => {
    const { cache } = await follow(cluster => put(cluster, 'a', '1'));
    const found = () => cache.get<ConfigMap>({ ...CONFIG_MAP, namespace: 'shop', name: 'a' });
    found()!.data!.a = 'changed';
    expect(found()).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
    expect(cache.get({ ...CONFIG_MAP, namespace: 'other', name: 'a' })).toBeUndefined();
    expect([...cache.list(CONFIG_MAP, 'shop')]).toHaveLength(1);
    expect([...cache.list(CONFIG_MAP, 'other')]).toEqual([]);
  });

  test('an object that gets or loses the labels is told as added or removed', async () => {
    const followed = await follow(({ api }) => api.put({ ...configMap('a'), metadata: { name: 'a', namespace: 'shop' } }));
    expect(followed.names()).toEqual([]);
    followed.cluster.api.change(configMap('a'), { metadata: { labels: OURS } });
    followed.cluster.api.change(configMap('a'), { metadata: { labels: null } });
    expect(followed.take()).toEqual(['added a=1', 'removed a=1']);
  });

  test('it has neither the managers of fields nor what is stripped', async () => {
    const strip = (object: ConfigMap) => void delete object.data!.big;
    const { cache, cluster } = await follow(({ api }) => api.put(configMap('a', { a: '1', big: '2' })), [{ kind: CONFIG_MAP, strip }]);
    const found = () => cache.get<ConfigMap>({ ...CONFIG_MAP, namespace: 'shop', name: 'a' })!;
    expect(found().data).toEqual({ a: '1' });
    expect(found().metadata.managedFields).toBeUndefined();
    cluster.api.put(configMap('a', { a: '2', big: '3' }));
    expect(found().data).toEqual({ a: '2' });
    expect(found().metadata.managedFields).toBeUndefined();
  });

  test('what a controller owns is found by its uid', async () => {
    const owned = (name: string, uid: string, controller = true) => {
      const owner = { apiVersion: 'v1', kind: 'X', name: 'x', uid, controller };
      const { metadata, ...rest } = configMap(name);
      return { ...rest, metadata: { ...metadata, ownerReferences: [owner] } };
    };
    const { cache, cluster: { api } } = await follow(cluster => cluster.api.put(owned('a', '1')));
    api.put(owned('b', '1'));
    api.put(owned('c', '2', false));
    expect(cache.ownedBy('1')).toEqual(['a', 'b'].map(name => ({ ...CONFIG_MAP, namespace: 'shop', name })));
    expect(cache.ownedBy('2')).toEqual([]);
    api.put(owned('b', '2'));
    api.delete(owned('a', '1'));
    expect(cache.ownedBy('1')).toEqual([]);
    expect(cache.ownedBy('2').map(({ name }) => name)).toEqual(['b']);
  });

  test('more objects than a page has are all listed', async () => {
    const followed = await follow(cluster => {
      for (let i = 0; i < 1201; i++) put(cluster, `a${i}`, '1');
    });
    expect(followed.cache.size(CONFIG_MAP)).toBe(1201);
    expect(followed.requests()).toEqual(['list', 'list', 'list', 'watch']);
  });

  test('a list whose next page is forgotten begins again, without pages', async () => {
    const followed = await follow(cluster => {
      for (let i = 0; i < 501; i++) put(cluster, `a${i}`, '1');
      cluster.api.intercept = (_, path, { query }) => {
        if (path === PATH && query?.continue !== undefined) cluster.api.compact();
        return undefined;
      };
    });
    expect(followed.cache.size(CONFIG_MAP)).toBe(501);
    expect(followed.errors).toEqual([]);
  });

  test('Node.js does not warn of the listeners of many kinds', async () => {
    const stop = new AbortController();
    await new Cache(new TestCluster(), [CONFIG_MAPS], () => {}).start(stop.signal);
    expect(getMaxListeners(stop.signal)).toBe(Infinity);
    stop.abort();
  });

  test('a kind that nobody follows is a mistake of the program', async () => {
    const { cache } = await follow();
    expect(() => cache.knows(DEPLOYMENT)).toThrow('the cache does not follow Deployment of apps/v1');
  });
});

describe('an interrupted watch misses nothing', () => {
  test('a watch that ends continues where it was, without a list', async () => {
    const followed = await follow(cluster => put(cluster, 'a', '1'));
    followed.take();
    followed.requests();
    followed.cluster.api.endWatches();
    put(followed.cluster, 'a', '2');
    await followed.pass(5);
    expect(followed.take()).toEqual(['changed a=2']);
    expect(followed.requests()).toEqual(['watch']);
  });

  test('a connection that breaks is reported, and continues too', async () => {
    const followed = await follow(cluster => put(cluster, 'a', '1'));
    followed.requests();
    followed.cluster.api.endWatches(new Error('aborted'));
    remove(followed.cluster, 'a');
    await followed.pass(5);
    expect(followed.names()).toEqual([]);
    expect(followed.errors).toEqual([new Error('aborted')]);
    expect(followed.requests()).toEqual(['watch']);
  });

  test('a connection that is silent for two and a half minutes is replaced', async () => {
    const followed = await follow(cluster => put(cluster, 'a', '1'));
    followed.requests();
    followed.cluster.api.silenceWatches();
    put(followed.cluster, 'a', '2');
    await followed.pass(100);
    expect(followed.names()).toEqual(['a=1']);
    await followed.pass(100);
    expect(followed.names()).toEqual(['a=2']);
    expect(followed.requests()).toEqual(['watch']);
    expect(followed.cluster.api.watches).toBe(1);
  });

  test('a connection on which bookmarks arrive is not replaced', async () => {
    const followed = await follow();
    followed.requests();
    for (let minute = 0; minute < 10; minute++) {
      followed.cluster.api.sendBookmarks();
      await followed.pass(60);
    }
    expect(followed.requests()).toEqual([]);
  });

  test('changes that the server has forgotten are found by a list, which tells only what changed', async () => {
    const followed = await follow(cluster => {
      put(cluster, 'a', '1');
      put(cluster, 'b', '1');
      put(cluster, 'c', '1');
    });
    followed.take();
    followed.requests();
    followed.cluster.api.endWatches();
    put(followed.cluster, 'a', '2');
    remove(followed.cluster, 'b');
    followed.cluster.api.compact();
    await followed.pass(10);
    expect(followed.take().sort()).toEqual(['changed a=2', 'removed b=1']);
    expect(followed.requests()).toEqual(['watch', 'list', 'watch']);
    expect(followed.errors).toEqual([]);
  });

  test('a bookmark spares the list', async () => {
    const followed = await follow();
    followed.requests();
    followed.cluster.api.put(deployment('web:1'));
    followed.cluster.api.sendBookmarks();
    followed.cluster.api.compact();
    followed.cluster.api.endWatches();
    put(followed.cluster, 'a', '1');
    await followed.pass(10);
    expect(followed.names()).toEqual(['a=1']);
    expect(followed.requests()).toEqual(['watch']);
  });

  test('a server that is down is asked less and less often, and the cache keeps what it has', async () => {
    const followed = await follow(cluster => put(cluster, 'a', '1'));
    followed.cluster.api.intercept = () => {
      throw new UnreachableError('10.0.0.1:443: connect ECONNREFUSED');
    };
    followed.cluster.api.endWatches();
    await followed.pass(600);
    expect(followed.names()).toEqual(['a=1']);
    expect(followed.errors.length).toBeGreaterThan(10);
    expect(followed.errors.length).toBeLessThan(30);
    followed.cluster.api.intercept = undefined;
    put(followed.cluster, 'a', '2');
    await followed.pass(50);
    expect(followed.names()).toEqual(['a=2']);
  });

  test('a watch that is refused again and again is followed by a list, as after the restore of a backup', async () => {
    const followed = await follow();
    followed.requests();
    followed.cluster.api.intercept = (_, __, { query }) => (
      query?.watch === true && query.resourceVersion !== '0' ? errorResponse(504, 'Timeout', 'Too large resource version') : undefined);
    followed.cluster.api.endWatches();
    await followed.pass(120);
    expect(followed.requests()).toContain('list');
  });

  test('a server that ends each watch at once is not asked without a pause', async () => {
    const followed = await follow();
    let watches = 0;
    followed.cluster.api.intercept = (_, __, { query }) => {
      if (query?.watch !== true) return undefined;
      watches++;
      return { status: 200, headers: {}, text: '' };
    };
    followed.cluster.api.endWatches();
    await followed.pass(60);
    expect(watches).toBeLessThan(12);
  });

  test('nothing is asked after the stop', async () => {
    const followed = await follow();
    followed.requests();
    followed.stop();
    expect(followed.cluster.api.watches).toBe(0);
    put(followed.cluster, 'a', '1');
    await followed.pass(600);
    expect(followed.requests()).toEqual([]);
    expect(followed.names()).toEqual([]);
  });

  test('a start that is stopped fails', async () => {
    const cluster = new TestCluster();
    cluster.api.intercept = () => errorResponse(503, 'ServiceUnavailable', 'starting');
    const stop = new AbortController();
    const started = new Cache(cluster, [CONFIG_MAPS], () => {}).start(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(started).rejects.toThrow('stopped');
  });
});

describe('kinds may be installed and removed while the operator runs', () => {
  const KINDS = [CONFIG_MAPS, { kind: SCALED_OBJECT }];

  test('the start does not wait for a kind that is not installed', async () => {
    const followed = await follow(({ api }) => api.uninstall(SCALED_OBJECT), KINDS);
    expect(followed.cache.knows(CONFIG_MAP)).toBe(true);
    expect(followed.cache.knows(SCALED_OBJECT)).toBe(false);
    expect([...followed.cache.list(SCALED_OBJECT)]).toEqual([]);
    expect(followed.kinds).toEqual([]);
  });

  test('a kind that is installed later is followed within a minute', async () => {
    const followed = await follow(({ api }) => api.uninstall(SCALED_OBJECT), KINDS);
    followed.cluster.api.absent.delete('ScaledObject');
    followed.cluster.api.put(scaledObject());
    await followed.pass(60);
    expect(followed.cache.knows(SCALED_OBJECT)).toBe(true);
    expect([...followed.cache.list(SCALED_OBJECT)]).toHaveLength(1);
    expect(followed.kinds).toEqual(['ScaledObject installed']);
  });

  test('a kind that is removed has no objects, and may be installed again', async () => {
    const followed = await follow(({ api }) => api.put(scaledObject()), KINDS);
    followed.cluster.api.uninstall(SCALED_OBJECT);
    await followed.pass(60);
    expect(followed.cache.knows(SCALED_OBJECT)).toBe(false);
    expect(followed.cache.size(SCALED_OBJECT)).toBe(0);
    followed.cluster.api.absent.delete('ScaledObject');
    followed.cluster.api.put(scaledObject());
    await followed.pass(60);
    expect(followed.cache.size(SCALED_OBJECT)).toBe(1);
    expect(followed.kinds).toEqual(['ScaledObject removed', 'ScaledObject installed']);
  });

  test('a kind that a starting server does not know for a moment is not taken for removed', async () => {
    const followed = await follow(({ api }) => api.put(scaledObject()), KINDS);
    followed.cluster.api.absent.add('ScaledObject');
    followed.cluster.api.endWatches();
    followed.cluster.clock.after(4, () => followed.cluster.api.absent.delete('ScaledObject'));
    await followed.pass(60);
    expect(followed.kinds).toEqual([]);
    expect(followed.events.map(({ type }) => type)).toEqual(['added']);
    expect(followed.cluster.api.watches).toBe(2);
  });

  test('discovery that fails does not make a kind absent', async () => {
    const followed = await follow(({ api, clock }) => {
      api.put(scaledObject());
      const message = 'the request has been made before all known HTTP paths have been installed';
      api.intercept = () => errorResponse(503, 'ServiceUnavailable', message);
      clock.after(20, () => api.intercept = undefined);
    }, KINDS);
    expect(followed.cache.knows(SCALED_OBJECT)).toBe(true);
    expect(followed.kinds).toEqual([]);
  });
});

describe('whatever happens, the cache equals the cluster in the end, and its events tell how', () => {
  type Step = (followed: Followed) => unknown;
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const numbers = fc.integer({ min: 0, max: 9 });
  const durations = fc.constantFrom(0, 1, 10, 100, 400);
  const step = (weight: number, arbitrary: fc.Arbitrary<[string, Step]>) => ({ weight, arbitrary });

  /** A change of an object, which takes a cluster that has the kind. */
  const change = (title: string, act: (cluster: TestCluster) => void): [string, Step] => (
    [title, ({ cluster }) => cluster.api.absent.size === 0 && act(cluster)]);
  const unlabel = { metadata: { labels: null } };
  const steps = fc.oneof(
    step(6, fc.tuple(name, numbers).map(([one, a]) => change(`put ${one}=${a}`, cluster => put(cluster, one, String(a))))),
    step(3, name.map(one => change(`remove ${one}`, cluster => remove(cluster, one)))),
    step(2, name.map(one => change(`unlabel ${one}`, ({ api }) => api.change(configMap(one), unlabel)))),
    step(4, durations.map(seconds => [`pass ${seconds}`, followed => followed.pass(seconds)])),
    ...Object.entries<Step>({
      'the watches end': ({ cluster }) => cluster.api.endWatches(),
      'the connections break': ({ cluster }) => cluster.api.endWatches(new Error('aborted')),
      'the connections are silent': ({ cluster }) => cluster.api.silenceWatches(),
      'bookmarks': ({ cluster }) => cluster.api.sendBookmarks(),
      'the history is forgotten': ({ cluster }) => cluster.api.compact(),
      'the watches fail': ({ cluster }) => cluster.api.failWatches(500, 'InternalError'),
      'the server is down': ({ cluster: { api } }) => {
        api.endWatches(new Error('aborted'));
        api.intercept = () => {
          throw new UnreachableError('down');
        };
      },
      'the server starts': ({ cluster: { api } }) => {
        api.endWatches();
        api.intercept = () => errorResponse(503, 'ServiceUnavailable', 'starting');
      },
      'the server is ready': ({ cluster: { api } }) => api.intercept = undefined,
      'the kind is removed': ({ cluster: { api } }) => api.uninstall(CONFIG_MAP),
      'the kind is installed': ({ cluster: { api } }) => api.absent.clear(),
    }).map(([title, act]) => step(1, fc.constant([title, act]))),
  );
  const sequence = fc.array(steps, { maxLength: 40, size: 'max' });

  test('for every sequence of changes and interruptions', async () => {
    await fc.assert(fc.asyncProperty(sequence, async all => {
      const followed = new Followed();
      running.push(followed);
      const told = new Map<string, string>();
      await followed.start();
      for (const [, act] of all) await act(followed);
      followed.cluster.api.intercept = undefined;
      followed.cluster.api.absent.clear();
      await followed.pass(600);

      const ours = followed.cluster.api.names('shop').filter(one => one.startsWith('ConfigMap '))
        .map(one => followed.cluster.api.find<ConfigMap>(CONFIG_MAP, one.split(' ')[1])!)
        .filter(({ metadata }) => metadata.labels !== undefined);
      expect(followed.names()).toEqual(ours.map(shown).sort());

      for (const { type, object, before } of followed.events) {
        expect([type, told.get(object.metadata.name)]).toEqual([type, type === 'added' ? undefined : before!.metadata.resourceVersion]);
        if (type === 'removed') told.delete(object.metadata.name);
        else told.set(object.metadata.name, object.metadata.resourceVersion);
      }
      expect([...told].sort()).toEqual(ours.map(({ metadata }) => [metadata.name, metadata.resourceVersion]).sort());
      followed.stop();
    }), { numRuns: 150 });
  });
});
