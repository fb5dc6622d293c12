import { orphans, prune, unfinishedJobs } from '../../src/engine/prune';
import type { Release } from '../../src/engine/release-store';
import { referenceTo, shown } from '../../src/kube/objects';
import { APP, buildRun, configMap, database, deployment, job, service, TestCluster, volumeClaim } from '../kube/test-cluster';

const A = configMap('a');
const B = configMap('b');
const C = configMap('c');
const JOB = job('migrate');

function release(state: Release['state'], ...objects: Release['objects']): Release {
  return { number: 1, state, created: '', action: 'deploy', by: '', objects, shared: [], kept: [] };
}

describe('orphans are', () => {
  test.each<[string, Release[], string[]]>([
    ['no objects before the first release', [], []],
    ['objects that the deployed release has and the new one does not', [release('deployed', A, B)], ['ConfigMap b']],
    ['objects of a failed release after it, too', [release('failed', A, C), release('deployed', A, B)], ['ConfigMap c', 'ConfigMap b']],
    [
      'no objects of a release before the deployed one, which removed them',
      [release('deployed', A, B), release('deployed', A, C)],
      ['ConfigMap b'],
    ],
    ['objects of all releases, if none was deployed', [release('failed', B), release('failed', C)], ['ConfigMap b', 'ConfigMap c']],
    ['listed only once', [release('failed', B), release('failed', B)], ['ConfigMap b']],
    ['no objects that other apps may need', [{ ...release('deployed', A, B), shared: [referenceTo(B)] }], []],
    [
      'data that was kept before, since it may be deleted now',
      [{ ...release('deployed', A), kept: [referenceTo(B)] }],
      ['ConfigMap b'],
    ],
    ['not builds, which stay as long as their release', [release('deployed', A, buildRun('web:1'))], []],
    ['no objects that the new release has in another version of their API', [release('deployed', { ...A, apiVersion: 'v2' })], []],
  ])('%s', (_, earlier, names) => {
    expect(orphans(earlier, [A]).map(shown)).toEqual(names);
  });
});

describe('Jobs that may still run are', () => {
  test.each<[string, Release[], string[]]>([
    ['the Jobs of a release that was not deployed', [release('failed', JOB), release('deployed', A)], ['Job web-release']],
    ['not the Jobs of the deployed release, which waited for them', [release('failed', JOB), release('deployed', JOB)], []],
    ['not other objects', [release('failed', B), release('deployed', A)], []],
    ['the Jobs of all releases, if none was deployed', [release('failed', JOB)], ['Job web-release']],
  ])('%s', (_, earlier, names) => {
    expect(unfinishedJobs(earlier, [A]).map(shown)).toEqual(names);
  });

  test('not the Jobs of the new release, which waits for them', () => {
    expect(unfinishedJobs([release('failed', JOB)], [JOB])).toEqual([]);
  });
});

describe('prune', () => {
  const references = [volumeClaim(), database(), configMap('a'), service()].map(object => referenceTo(object));
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = new TestCluster();
    await cluster.apply(volumeClaim(), database(), configMap('a'), service());
  });

  test('removes the objects that the command applied in reverse order, and keeps those that hold data', async () => {
    const { removed, kept } = await prune(cluster, APP, references);
    expect(removed.map(shown)).toEqual(['Service web', 'ConfigMap a']);
    expect(kept.map(shown)).toEqual(['Cluster web-db', 'PersistentVolumeClaim web-data']);
    expect(cluster.api.names()).toEqual(['Cluster web-db', 'PersistentVolumeClaim web-data']);
  });

  test('deletes data if told to', async () => {
    await prune(cluster, APP, references, { data: true });
    expect(cluster.api.names()).toEqual([]);
  });

  test('keeps an object that another client has recreated', async () => {
    cluster.api.delete(service());
    cluster.api.put(service());
    expect((await prune(cluster, APP, references)).removed.map(shown)).toEqual(['ConfigMap a']);
    expect(cluster.api.names()).toContain('Service web');
  });

  test('keeps an object that now belongs to another app', async () => {
    cluster.api.change(service(), { metadata: { labels: { 'app.kubernetes.io/name': 'shop' } } });
    await prune(cluster, APP, references);
    expect(cluster.api.names()).toContain('Service web');
  });

  test.each<[string, { [label: string]: string }, string[]]>([
    ['removes a build of the app', { 'cdk8s-webapp.dev/app-namespace': 'shop' }, []],
    ['keeps one of an app of the same name in another namespace', { 'cdk8s-webapp.dev/app-namespace': 'billing' }, ['BuildRun web-1']],
    ['keeps one of an app of the same name in the namespace itself', {}, ['BuildRun web-1']],
  ])('in the namespace of builds, %s', async (_, labels, left) => {
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    const build = buildRun('web:1');
    const own = build.metadata as { labels?: object };
    const metadata = { ...build.metadata, namespace: 'builds', labels: { ...own.labels, ...labels } };
    await cluster.apply({ ...build, metadata });
    cluster.api.change({ ...build, metadata }, { status: { conditions: [{ type: 'Succeeded', status: 'True' }] } });
    await prune(cluster, APP, [referenceTo({ ...build, metadata })]);
    expect(cluster.api.names('builds')).toEqual(left);
  });

  test('keeps a database of an app of the same name in another namespace', async () => {
    const metadata = { name: 'shop-web-db', namespace: 'keda', labels: { 'cdk8s-webapp.dev/app-namespace': 'shop-web' } };
    const theirs = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Database', metadata };
    await cluster.apply(theirs);
    await prune(cluster, APP, [referenceTo(theirs)]);
    expect(cluster.api.names('keda')).toEqual(['Database shop-web-db']);
  });

  test('keeps an object that was replaced between the check and the deletion', async () => {
    cluster.api.intercept = method => {
      if (method === 'DELETE') {
        cluster.api.intercept = () => undefined;
        cluster.api.delete(service());
        cluster.api.put(service());
      }
      return undefined;
    };
    await prune(cluster, APP, [referenceTo(service())]);
    expect(cluster.api.names()).toContain('Service web');
  });

  test.each<[string, (cluster: TestCluster) => void]>([
    ['is gone', ({ api }) => api.delete(configMap('a'))],
    ['is being deleted', ({ api }) => api.change(configMap('a'), { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
    ['has a kind that was uninstalled', ({ api }) => api.absent.add('ConfigMap')],
  ])('skips an object that %s', async (_, change) => {
    change(cluster);
    expect((await prune(cluster, APP, references)).removed.map(shown)).toEqual(['Service web']);
  });

  test('fails if the user is not allowed to delete an object', async () => {
    cluster.api.denials.push({ verb: 'delete', resource: 'services' });
    await expect(prune(cluster, APP, references)).rejects.toMatchObject({ status: 403 });
  });

  test('removes a workload of the app too', async () => {
    await cluster.apply(deployment('web:1'));
    expect((await prune(cluster, APP, [referenceTo(deployment('web:1'))])).removed.map(shown)).toEqual(['Deployment web']);
  });
});
