import { destroy, objectsOf } from '../../src/engine/destroy';
import { shown } from '../../src/kube/objects';
import { APP, configMap, database, keepRenewing, service, TestCluster, volumeClaim } from '../kube/test-cluster';

describe('destroy', () => {
  let cluster: TestCluster;
  const objects = [volumeClaim(), database(), configMap('a'), service()];
  beforeEach(async () => {
    cluster = new TestCluster();
    await cluster.apply(...objects);
    cluster.api.put(configMap('of-another-client'));
    await cluster.store(1, { objects });
  });

  test('removes what the releases created, and nothing else', async () => {
    const { removed } = await destroy(cluster.operation(), true);
    expect(removed).toHaveLength(4);
    expect(cluster.api.names('shop', [])).toEqual(['ConfigMap of-another-client']);
  });

  test('keeps data, and a release that records it', async () => {
    const { kept } = await destroy(cluster.operation(), false);
    expect(kept.map(shown)).toEqual(['Cluster web-db', 'PersistentVolumeClaim web-data']);
    expect(cluster.api.names()).toEqual(['Cluster web-db', 'ConfigMap of-another-client', 'PersistentVolumeClaim web-data']);
    expect(await cluster.releases()).toMatchObject([{ number: 2, state: 'deployed', objects: [], kept }]);
  });

  test('deletes data later if told to', async () => {
    await destroy(cluster.operation(), false);
    await destroy(cluster.operation(), true);
    expect(cluster.api.names('shop', [])).toEqual(['ConfigMap of-another-client']);
  });

  test('keeps data that another client has recreated, even if told to delete data', async () => {
    cluster.api.delete(volumeClaim());
    cluster.api.put(volumeClaim());
    await destroy(cluster.operation(), true);
    expect(cluster.api.names()).toContain('PersistentVolumeClaim web-data');
  });

  test('waits until the objects are deleted', async () => {
    cluster.api.change(service(), { metadata: { finalizers: ['example.com/slow'] } });
    cluster.clock.after(20, () => cluster.api.delete(service()));
    const began = cluster.clock.now();
    await destroy(cluster.operation(), true);
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(20_000);
  });

  test('fails if an object is not deleted in time, and can be run again', async () => {
    cluster.api.change(service(), { metadata: { finalizers: ['example.com/stuck'] } });
    await expect(destroy(cluster.operation(), true)).rejects.toThrow('Service web still exists after 60 s');
    expect(await cluster.releases()).toMatchObject(
      [{ number: 2, state: 'failed', why: 'Service web still exists after 60 s' }, { number: 1 }]);
    cluster.api.delete(service());
    await destroy(cluster.operation(), true);
    expect(cluster.api.names('shop', [])).toEqual(['ConfigMap of-another-client']);
  });

  test('does nothing while a deploy is running', async () => {
    await cluster.store(2, { state: 'pending', by: 'ci@runner' });
    const stop = keepRenewing(cluster, 2);
    await expect(destroy(cluster.operation(), true)).rejects.toThrow('release 2 of web is being deployed by ci@runner');
    stop();
    expect(cluster.api.names()).toHaveLength(5);
  });

  test('says so if there is nothing to remove', async () => {
    await expect(objectsOf(cluster, { ...APP, name: 'other' })).rejects.toThrow(
      'other has no releases in namespace shop, so there is nothing to remove');
  });
});
