import { configMap, deployment, TestCluster } from './test-cluster';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const reference = (name: string) => ({ ...CONFIG_MAP, namespace: 'shop', name });

describe('as in the real API,', () => {
  let cluster: TestCluster;
  beforeEach(() => cluster = new TestCluster());
  const data = () => (cluster.api.find(CONFIG_MAP, 'a') as unknown as { data: object }).data;

  test('an apply removes the fields that the manager no longer has, and keeps those of other managers', async () => {
    await cluster.apply(configMap('a', { a: '1', b: '2' }));
    cluster.api.change(configMap('a'), { data: { c: '3' } });
    await cluster.apply(configMap('a', { a: '1' }));
    expect(data()).toEqual({ a: '1', c: '3' });
  });

  test('an apply of the same value as another manager is not a conflict', async () => {
    cluster.api.put(configMap('a', { a: '1' }));
    await cluster.apply(configMap('a', { a: '1' }));
    expect(cluster.api.find(CONFIG_MAP, 'a')!.metadata.managedFields).toMatchObject([{ manager: 'kubectl' }, { manager: 'webapp' }]);
  });

  test('an apply of another value is a conflict, unless it is forced, which changes the manager of the field', async () => {
    cluster.api.put(configMap('a', { a: '1' }));
    await expect(cluster.apply(configMap('a', { a: '2' }))).rejects.toMatchObject({ status: 409 });
    await cluster.objects.apply(configMap('a', { a: '2' }), { force: true });
    await cluster.apply(configMap('a', { a: '3' }));
    expect(data()).toEqual({ a: '3' });
  });

  test('a write that changes nothing does not change the version', async () => {
    const version = () => cluster.api.find(CONFIG_MAP, 'a')!.metadata.resourceVersion;
    await cluster.apply(configMap('a'));
    const first = version();
    await cluster.apply(configMap('a'));
    expect(version()).toBe(first);
    await cluster.apply(configMap('a', { a: '2' }));
    expect(version()).not.toBe(first);
  });

  test('a change with an old version is a conflict', async () => {
    await cluster.apply(configMap('a'));
    await expect(cluster.objects.merge(reference('a'), { metadata: { resourceVersion: '0' }, data: { a: '2' } })).rejects.toMatchObject(
      { reason: 'Conflict' });
  });

  test('a dry run stores nothing', async () => {
    expect(await cluster.objects.apply(configMap('a'), { dryRun: true })).toMatchObject({ data: { a: '1' } });
    expect(cluster.api.names()).toEqual([]);
    await cluster.apply(configMap('a', { a: '1', b: '2' }));
    await cluster.objects.apply(configMap('a', { a: '3' }), { dryRun: true });
    expect(data()).toEqual({ a: '1', b: '2' });
  });

  test('a deletion with the uid of another object is a conflict', async () => {
    await cluster.apply(configMap('a'));
    await expect(cluster.objects.remove(reference('a'), 'another')).rejects.toMatchObject({ status: 409 });
    await cluster.objects.remove(reference('a'), cluster.api.find(CONFIG_MAP, 'a')!.metadata.uid);
    await cluster.objects.remove(reference('a'));
    expect(cluster.api.names()).toEqual([]);
  });

  test('a list can be filtered by labels and fields', async () => {
    await cluster.apply(configMap('a'), configMap('b'));
    cluster.api.put({ ...CONFIG_MAP, metadata: { name: 'c', namespace: 'shop' } });
    const names = async (options: object) => {
      const items = await cluster.objects.list(CONFIG_MAP, { namespace: 'shop', ...options });
      return items.map(({ metadata }) => metadata.name);
    };
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ labels: { 'app.kubernetes.io/name': 'web' } })).toEqual(['a', 'b']);
    expect(await names({ labels: { 'app.kubernetes.io/name': 'web' }, fields: { 'metadata.name': 'b' } })).toEqual(['b']);
  });

  describe('a watch', () => {
    const PATH = '/api/v1/namespaces/shop/configmaps';

    /** The events since a version, such as `ADDED a`, until the test is done. */
    function watch(resourceVersion: string, query: object = {}): string[] {
      const events: string[] = [];
      let text = '';
      void cluster.api.stream(PATH, { query: { watch: true, resourceVersion, ...query } }, part => {
        text += part;
        if (!part.endsWith('\n')) return;
        const { type, object: { metadata, code } } = JSON.parse(text);
        events.push(`${type} ${metadata?.name ?? code ?? ''}`);
        text = '';
      });
      return events;
    }
    const version = async () => JSON.parse((await cluster.api.send('GET', PATH)).text).metadata.resourceVersion;

    test('tells what happened since a version, and what happens', async () => {
      await cluster.apply(configMap('a'));
      const since = await version();
      await cluster.apply(configMap('b'));
      const events = watch(since);
      await cluster.apply(configMap('b', { a: '2' }));
      cluster.api.delete(configMap('a'));
      cluster.api.put(deployment('web:1'));
      expect(events).toEqual(['ADDED b', 'MODIFIED b', 'DELETED a']);
    });

    test('of labels tells of an object that gets and loses them', async () => {
      const events = watch(await version(), { labelSelector: 'team=a' });
      await cluster.apply(configMap('a'));
      for (const team of ['a', 'b']) cluster.api.change(configMap('a'), { metadata: { labels: { team } } });
      expect(events).toEqual(['ADDED a', 'DELETED a']);
    });

    test('from a version that is forgotten ends with the code 410', async () => {
      const since = await version();
      await cluster.apply(configMap('a'));
      cluster.api.compact();
      const events = watch(since);
      await cluster.clock.sleep(0);
      expect(events).toEqual(['ERROR 410']);
      expect(cluster.api.watches).toBe(0);
    });

    test('has bookmarks if it asks for them', async () => {
      const [without, events] = [watch(await version()), watch(await version(), { allowWatchBookmarks: true })];
      await cluster.clock.sleep(0);
      cluster.api.sendBookmarks();
      expect([without, events]).toEqual([[], ['BOOKMARK ']]);
    });
  });

  test('the generation counts changes to the spec', async () => {
    const generation = () => cluster.api.find({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'web')!.metadata.generation;
    await cluster.apply(deployment('web:1'));
    cluster.api.change(deployment('web:1'), { status: { replicas: 1 } });
    expect(generation()).toBe(1);
    await cluster.apply(deployment('web:2'));
    expect(generation()).toBe(2);
  });
});

test('the virtual clock skips the time that everything waits', async () => {
  const { clock } = new TestCluster();
  const began = Date.now();
  const start = clock.now();
  await Promise.all([clock.sleep(3_600_000), clock.sleep(60_000)]);
  expect(clock.now() - start).toBe(3_600_000);
  expect(Date.now() - began).toBeLessThan(1000);
});
