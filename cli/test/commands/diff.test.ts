import { SERVICE } from '../../src/kube/types';
import { call } from '../call';
import { Folder } from '../folder';
import { TestCluster } from '../kube/test-cluster';

describe('webapp diff of an app that was not deployed by webapp', () => {
  const labels = { app: 'web' };
  const metadata = { name: 'web', namespace: 'shop' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'ghcr.io/acme/web:1' }] } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
  const file = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\ninternal: true\nscaling: { replicas: 2 }\n';
  let cluster: TestCluster;
  let folder: Folder;

  beforeEach(() => {
    cluster = new TestCluster();
    cluster.api.put(deployment);
    folder = new Folder({ 'webapp.yaml': file });
  });

  const run = async (...words: string[]) => call(words, { cwd: folder.path, cluster });

  test('shows what would be another in an object that must be replaced, why, and how', async () => {
    const { code, out, err } = await run('diff', '--no-pin');
    expect(code).toBe(2);
    expect(out).toMatch(/^replace Deployment web in namespace shop\n/m);
    expect(out).toMatch(/^- +app: web$/m);
    expect(out).toMatch(/^\+ +app.kubernetes.io\/name: web$/m);
    expect(out).not.toMatch(/^[-+] +image:/m);
    expect(out).toMatch(/^create Service web in namespace shop\n/m);
    expect(err).toContain('spec.selector: Invalid value: field is immutable');
    expect(err).toContain('webapp import --from-cluster deploy/NAME prints how to do that without downtime');
    expect(JSON.parse((await run('diff', '--no-pin', '--output', 'json')).out)).toContainEqual(
      expect.objectContaining({ kind: 'Deployment', change: 'replace', why: expect.stringContaining('immutable') }));
  });

  test('and a deploy is rejected', async () => {
    const { code, err } = await run('deploy', '--no-pin', '--force');
    expect(code).toBe(1);
    expect(err).toContain('field is immutable');
    expect(cluster.api.find(SERVICE, 'web')).toBeUndefined();
  });
});
