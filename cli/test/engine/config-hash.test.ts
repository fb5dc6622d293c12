import { deploy } from '../../src/engine/deploy';
import { dryRun } from '../../src/engine/preflight';
import { rollback } from '../../src/engine/rollback';
import { DEPLOYMENT } from '../../src/kube/types';
import type { Manifest } from '../../src/render/synthesis';
import { runControllers } from '../kube/controllers';
import { APP, configMap, deployment, draft, TestCluster } from '../kube/test-cluster';

const RELOAD = { 'reloader.stakater.com/auto': 'true' };
const secret = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' }, data });

/** A Deployment whose pods use something, and that asks to be restarted. */
function using(container: object, volumes?: object[], annotations: object = RELOAD): Manifest {
  const { metadata, spec } = deployment('web:1') as unknown as { metadata: object; spec: any };
  const { template } = spec;
  const pod = { ...template.spec, containers: [{ ...template.spec.containers[0], ...container }], volumes };
  return JSON.parse(JSON.stringify({
    ...deployment('web:1'), metadata: { ...metadata, annotations }, spec: { ...spec, template: { ...template, spec: pod } },
  }));
}

const ONE_KEY = using({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'db', key: 'a' } } }] });

describe('the pods of an app with restartOnConfigChange', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    runControllers(cluster);
    cluster.api.put(secret('db', { a: '1', b: '1' }));
    cluster.api.put(configMap('conf', { a: '1' }));
  });
  const hash = () => cluster.api.find(DEPLOYMENT, 'web')!.spec.template.metadata?.annotations?.['checksum/config'];
  const deployed = async (...objects: Manifest[]) => {
    await deploy(cluster.operation(), draft(...objects));
    return hash();
  };

  test.each<[string, Manifest]>([
    ['a variable', ONE_KEY],
    ['all variables', using({ envFrom: [{ secretRef: { name: 'db' } }] })],
    ['a volume', using({}, [{ name: 'v', secret: { secretName: 'db' } }])],
    ['a key in a volume', using({}, [{ name: 'v', secret: { secretName: 'db', items: [{ key: 'a', path: 'a' }] } }])],
    ['a projected volume', using({}, [{ name: 'v', projected: { sources: [{ secret: { name: 'db' } }] } }])],
  ])('are replaced after a change of a Secret in %s, and only then', async (_, workload) => {
    const first = await deployed(workload);
    expect(first).toMatch(/^[0-9a-f]{20}$/);
    expect(await deployed(workload)).toBe(first);
    cluster.api.change(secret('db', {}), { data: { a: '2' } });
    expect(await deployed(workload)).not.toBe(first);
  });

  test.each<[string, Manifest]>([
    ['a variable', using({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'a' } } }] })],
    ['all variables', using({ envFrom: [{ configMapRef: { name: 'conf' } }] })],
    ['a volume', using({}, [{ name: 'v', configMap: { name: 'conf' } }])],
    ['a projected volume', using({}, [{ name: 'v', projected: { sources: [{ configMap: { name: 'conf' } }] } }])],
  ])('are replaced after a change of a ConfigMap in %s', async (_, workload) => {
    const first = await deployed(workload);
    cluster.api.change(configMap('conf'), { data: { a: '2' } });
    expect(await deployed(workload)).not.toBe(first);
  });

  test('are not replaced after a change of a key that they do not use', async () => {
    const first = await deployed(ONE_KEY);
    cluster.api.change(secret('db', {}), { data: { b: '2' } });
    expect(await deployed(ONE_KEY)).toBe(first);
  });

  test('are not replaced by the second deploy of ConfigMaps of the app itself', async () => {
    const workload = using({}, [{ name: 'files', configMap: { name: 'web-files' } }]);
    const first = await deployed(configMap('web-files'), workload);
    expect(await deployed(configMap('web-files'), workload)).toBe(first);
  });

  test('have no hash where what they use does not exist', async () => {
    const secretKeyRef = { name: 'none', key: 'a', optional: true };
    expect(await deployed(using({ env: [{ name: 'A', valueFrom: { secretKeyRef } }] }))).toBeUndefined();
  });

  test('have the present values after a rollback too', async () => {
    const first = await deployed(ONE_KEY);
    await deployed(ONE_KEY);
    cluster.api.change(secret('db', {}), { data: { a: '2' } });
    await rollback(cluster.operation());
    expect(hash()).not.toBe(first);
    expect(await deployed(ONE_KEY)).toBe(hash());
  });

  test('are a change in a dry run', async () => {
    const change = async () => (await dryRun({ cluster, app: APP, objects: [ONE_KEY] }))[0].change;
    await deployed(ONE_KEY);
    expect(await change()).toBe('unchanged');
    cluster.api.change(secret('db', {}), { data: { a: '2' } });
    expect(await change()).toBe('change');
  });

  test('cannot be known to a user who may not see Secrets', async () => {
    cluster.api.denials.push({ verb: 'get', resource: 'secrets' });
    await expect(deployed(ONE_KEY)).rejects.toThrow('you are not allowed to get secrets in namespace shop');
  });
});

test('the pods of another app have no hash', async () => {
  const cluster = new TestCluster();
  runControllers(cluster);
  cluster.api.put(secret('db', { a: '1' }));
  await deploy(cluster.operation(), draft(using({ envFrom: [{ secretRef: { name: 'db' } }] }, undefined, {})));
  expect(cluster.api.find(DEPLOYMENT, 'web')!.spec.template.metadata?.annotations).toBeUndefined();
});
