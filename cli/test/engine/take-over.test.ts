import type { Draft } from '../../src/engine/lock';
import { deployWithTakeOver } from '../../src/engine/take-over';
import { shown } from '../../src/kube/objects';
import { DEPLOYMENT, POD } from '../../src/kube/types';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { deployment, draft, ingress, service, TestCluster } from '../kube/test-cluster';

const withCanary = (image: string, canary: string): Draft => ({
  ...draft(service(), deployment(image), deployment(canary, { name: 'web-canary' })), canary: { image: canary, weight: 10 },
});

describe('a canary', () => {
  let cluster: TestCluster;
  let planned: string[];
  const plan = async (image: string, canary: { readonly image: string }) => {
    planned.push(image);
    return withCanary(image, canary.image);
  };
  const images = async () => (await cluster.releases()).map(({ image, canary }) => (canary ? `${image} and ${canary.image}` : image));
  beforeEach(async () => {
    cluster = new TestCluster();
    runControllers(cluster);
    planned = [];
    await deployWithTakeOver(cluster.operation(), draft(service(), deployment('web:1')), plan);
    await deployWithTakeOver(cluster.operation(), withCanary('web:1', 'web:2'), plan);
  });

  test('is removed only after the app has its version, so that no user gets the old version again', async () => {
    await deployWithTakeOver(cluster.operation(), draft(service(), deployment('web:2')), plan);
    expect(await images()).toEqual(['web:2', 'web:2 and web:2', 'web:1 and web:2', 'web:1']);
    expect(cluster.api.names()).toEqual(['Deployment web', 'Service web']);
  });

  test('is removed only after the old pods have terminated', async () => {
    const labels = cluster.api.find(DEPLOYMENT, 'web')!.spec.selector.matchLabels;
    const pod = { ...POD, metadata: { name: 'old', namespace: 'shop', labels, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    cluster.api.put(pod);
    cluster.clock.after(25, () => cluster.api.delete(pod));
    const began = cluster.clock.now();
    await deployWithTakeOver(cluster.operation(), draft(service(), deployment('web:2')), plan);
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(25_000);
    expect(cluster.output).toContain('Old pods of web terminated');
  });

  test('gets no traffic before its pods are ready', async () => {
    runControllers(cluster, { brokenImages: { 'web:3': IMAGE_NOT_FOUND } });
    const written: string[] = [];
    const { onWrite } = cluster.api;
    cluster.api.onWrite = (object, api) => {
      written.push(shown(object));
      onWrite?.(object, api);
    };
    const next = withCanary('web:1', 'web:3');
    const deploying = deployWithTakeOver(cluster.operation(), { ...next, objects: [...next.objects, ingress('web-canary')] }, plan);
    await expect(deploying).rejects.toThrow(/web-canary failed to start/);
    expect(written).toContain('Deployment web-canary');
    expect(written).not.toContain('Ingress web-canary');
  });

  test('of another version is replaced in one deploy', async () => {
    await deployWithTakeOver(cluster.operation(), draft(service(), deployment('web:3')), plan);
    expect(planned).toEqual([]);
    expect(await images()).toEqual(['web:3', 'web:1 and web:2', 'web:1']);
  });

  test('gets more traffic in one deploy', async () => {
    await deployWithTakeOver(cluster.operation(), { ...withCanary('web:1', 'web:2'), canary: { image: 'web:2', weight: 50 } }, plan);
    expect(planned).toEqual([]);
    expect(cluster.output.at(-1)).toBe('Deployed release 3 (50% of the traffic goes to web:2, the rest to web:1)');
  });
});

describe('a deploy', () => {
  test('reads the releases once', async () => {
    const cluster = new TestCluster();
    runControllers(cluster);
    await deployWithTakeOver(cluster.operation(), draft(service(), deployment('web:1')), async () => draft());
    expect(cluster.api.requests.filter(request => request === 'GET /api/v1/namespaces/shop/secrets')).toHaveLength(1);
  });

  test('reports that the user is not allowed to list releases, together with all other problems', async () => {
    const cluster = new TestCluster();
    cluster.api.denials.push({ verb: 'list', resource: 'secrets' });
    await expect(deployWithTakeOver(cluster.operation(), draft(service()), async () => draft())).rejects.toThrow(
      'you are not allowed to list secrets in namespace shop (needed to record releases)');
  });
});
