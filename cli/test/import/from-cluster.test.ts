import { parseAllDocuments } from 'yaml';
import { section, sources } from './imported';
import { call } from '../call';
import { Folder } from '../folder';
import { TestCluster } from '../kube/test-cluster';

const OBJECTS = parseAllDocuments(sources('kubernetes')['shop.yaml']).map(document => document.toJS());

/** A cluster with the objects of the test source, and one that nothing refers to. */
function cluster(): TestCluster {
  const found = new TestCluster();
  const known = ['Deployment', 'ConfigMap', 'PersistentVolumeClaim', 'Service', 'Ingress', 'PodDisruptionBudget'];
  for (const object of OBJECTS.filter(({ kind }) => known.includes(kind))) found.api.put(object);
  const metadata = { name: 'other', namespace: 'shop' };
  found.api.put({ apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: 'other' } } });
  return found;
}

async function fromCluster(target: string) {
  const folder = new Folder({});
  const { code, err } = await call(['import', '--from-cluster', target], { cwd: folder.path, cluster: cluster() });
  return { code, report: err, file: code === 0 ? folder.read('webapp.yaml') : '', folder };
}

describe('webapp import --from-cluster', () => {
  test('takes over a Deployment, its workers, and the objects around it', async () => {
    const { code, file, report, folder } = await fromCluster('deploy/shop');
    expect(code).toBe(0);
    expect(file).toContain('name: shop\nnamespace: shop\nimage: ghcr.io/acme/shop:4.2.0\n');
    expect(file).toContain('hosts: [shop.example.org]\n');
    expect(file).toContain('/etc/shop/shop.toml: { configMap: shop-config, key: shop.toml }\n');
    expect(file).toContain('  mailer:\n    command: [node, mailer.js]\n');
    expect(file + report).not.toMatch(/letmein|currency/);
    expect(report).not.toContain('other');
    expect(section(report, 'To do')).toContain('kubectl delete deployment shop --namespace shop --cascade=orphan');
    expect(await folder.call('check')).toMatchObject({ code: 0 });
  });

  test.each([
    ['shop', 0, 'Wrote webapp.yaml'],
    ['deploy/none', 1, 'the namespace shop of test has no Deployment none; name its namespace with --namespace'],
    ['statefulset/shop', 1, '--from-cluster is statefulset/shop; name a Deployment, such as deploy/web'],
  ])('of %s ends with %s', async (target, code, message) => {
    expect(await fromCluster(target)).toMatchObject({ code, report: expect.stringContaining(message) });
  });

  test('needs a file otherwise', async () => {
    expect(await new Folder({}).call('import')).toMatchObject({ code: 64, err: 'name a file, or --from-cluster\n' });
  });
});
