import { liveObjects } from './test-operator';
import { API_VERSION } from '../../src/config/api-version';
import { sentence } from '../../src/config/diagnostic';
import { Planner } from '../../src/operator/plan';
import { Platforms } from '../../src/operator/platforms';
import type { PlatformResource, WebAppResource } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';
import { Claims } from '../../src/operator/tenancy/claims';
import { escapes } from '../../src/operator/tenancy/escapes';
import { validator } from '../../src/operator/validate';
import { TestCluster } from '../kube/test-cluster';

const AUTHOR = { username: 'dev' };

function webApp(name: string, spec: object, namespace = 'shop'): WebAppResource {
  const metadata = { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-02T00:00:00Z' };
  return { apiVersion: API_VERSION, kind: 'WebApp', metadata, spec } as unknown as WebAppResource;
}

describe('a resource that is about to be stored', () => {
  const cluster = new TestCluster();
  const live = liveObjects(cluster);
  const platforms = new Platforms(live);
  const claims = new Claims();
  const planner = new Planner(live, platforms, claims, escapes);
  const validate = validator({ live, platforms, claims, planner, now: () => cluster.clock.now() });
  const found = async (resource: WebAppResource | PlatformResource) => (await validate(resource, AUTHOR)).problems.map(sentence);

  test('has no problems if the operator would deploy it', async () => {
    expect(await found(webApp('web', { image: 'web:1', hosts: ['a.example.com'] }))).toEqual([]);
  });

  test('is refused with the words of the checks, all at once', async () => {
    expect(await found(webApp('web', { image: 'web:1', hosts: ['a.example.com'], port: 99999, scaling: { min: 5, max: 2 } }))).toEqual([
      expect.stringContaining('port is 99999'), expect.stringContaining('scaling'),
    ]);
  });

  test('is refused where it reaches beyond its namespace', async () => {
    const [problem] = await found(webApp('web', { image: 'web:1', internal: true, serviceAccount: { name: 'admin' } }));
    expect(problem).toContain('serviceAccount.name');
  });

  test('is refused where an app of another namespace has its host, and claims nothing itself', async () => {
    const other = webApp('first', { image: 'web:1', hosts: ['b.example.com'] }, 'keda');
    cluster.api.put({ ...WEB_APP, metadata: { name: 'first', namespace: 'keda' }, spec: other.spec });
    claims.update({ ...other, metadata: { ...other.metadata, creationTimestamp: '2026-01-01T00:00:00Z' } });
    const [problem] = await found(webApp('web', { image: 'web:1', hosts: ['b.example.com', 'c.example.com'] }));
    expect(problem).toContain('b.example.com');
    expect(await found(webApp('third', { image: 'web:1', hosts: ['c.example.com'] }))).toEqual([]);
  });

  test('can be a platform', async () => {
    const platform = { apiVersion: API_VERSION, kind: 'Platform', metadata: { name: 'default' }, spec: { domain: 'not a domain' } };
    expect(await found(platform as unknown as PlatformResource)).toEqual([expect.stringContaining('domain is "not a domain"')]);
  });
});
