import { deployGradually, GradualRollout } from '../../src/engine/gradual';
import type { Draft } from '../../src/engine/lock';
import { DEPLOYMENT, POD } from '../../src/kube/types';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { response } from '../kube/in-memory-api';
import { deployment, draft, interceptorRoute, proxyService, runInterceptor, service, TestCluster } from '../kube/test-cluster';

const stable = (image: string) => draft(service(), deployment(image, { replicas: 1 }), interceptorRoute(), proxyService());
const withCanary = (image: string, canary: string, weight: number): Draft => ({
  ...draft(...stable(image).objects, deployment(canary, { name: 'web-canary', replicas: 1 }), interceptorRoute('web-canary')),
  canary: { image: canary, weight },
});

describe('a gradual deploy', () => {
  let cluster: TestCluster;

  /** The responses of the canary. */
  const answers = { ok: 0, errors: 0 };

  const rollout = (image: string): GradualRollout => ({
    steps: [10, 50].map(weight => ({ weight, seconds: 60 })),
    planCanary: async weight => withCanary('web:1', image, weight),
    planFinal: async () => stable(image),
    planWithCanary: async (next, canary) => withCanary(next, canary.image, canary.weight),
  });
  const history = async () => (await cluster.releases()).map(({ state, image, canary }) => (
    `${state} ${image}${canary ? ` and ${canary.weight}% ${canary.image}` : ''}`)).reverse();

  beforeEach(async () => {
    cluster = new TestCluster();
    runControllers(cluster, { brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    Object.assign(answers, { ok: 0, errors: 0 });
    runInterceptor(cluster, () => answers);
    await cluster.store(1, { image: 'web:1', objects: stable('web:1').objects });
    await cluster.apply(...stable('web:1').objects);
  });

  test('shifts more and more traffic to a healthy version, and finally all of it', async () => {
    const began = cluster.clock.now();
    cluster.clock.every(1000, () => answers.ok++);
    await deployGradually(cluster.operation(), rollout('web:2'));
    expect(await history()).toEqual([
      'deployed web:1',
      'deployed web:1 and 10% web:2',
      'deployed web:1 and 50% web:2',
      'deployed web:2 and 50% web:2',
      'deployed web:2',
    ]);
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(120_000);
    expect(cluster.output).toContainEqual(expect.stringMatching(/^10% of the traffic for 60 s: \d\d responses, 0 errors$/));
  });

  test('rolls back as soon as too many responses are errors', async () => {
    cluster.clock.every(1000, () => answers.errors++);
    await expect(deployGradually(cluster.operation(), rollout('web:2'))).rejects.toThrow(
      /^web-canary is unhealthy: (2\d) of \1 responses were errors, more than 5%\nAll traffic goes to web:1 again$/);
    expect(await history()).toEqual(['deployed web:1', 'deployed web:1 and 10% web:2', 'deployed web:1']);
    expect(cluster.api.names()).not.toContain('Deployment web-canary');
  });

  test('does not roll back because of a few responses', async () => {
    answers.errors = 0;
    cluster.clock.after(30, () => answers.errors = 19);
    await deployGradually(cluster.operation(), { ...rollout('web:2'), steps: [{ weight: 10, seconds: 60 }] });
    expect(cluster.output).toContain('10% of the traffic for 60 s: 19 responses, 19 errors');
  });

  test('counts only responses of the canary since it began to watch', async () => {
    answers.errors = 500;
    await deployGradually(cluster.operation(), rollout('web:2'));
    expect(cluster.output).toContain('10% of the traffic for 60 s: 0 responses, 0 errors');
  });

  test('rolls back a version that fails to start', async () => {
    const failure = deployGradually(cluster.operation(), rollout('web:broken'));
    await expect(failure).rejects.toThrow(/^web-canary failed to start: cannot pull image web:broken \(not found\)\n/);
    await expect(failure).rejects.toThrow(/Release 1 is still serving traffic\nAll traffic goes to web:1 again$/);
    expect(cluster.api.find(DEPLOYMENT, 'web-canary')).toBeUndefined();
  });

  test('that is interrupted leaves the canary, and says how to continue', async () => {
    const interrupt = new AbortController();
    cluster.clock.after(90, () => interrupt.abort());
    await expect(deployGradually(cluster.operation({ signal: interrupt.signal }), rollout('web:2'))).rejects.toThrow(
      'The canary stays as it is: run webapp deploy --canary N to continue, or webapp rollback 1 to go back');
    expect((await history()).pop()).toBe('deployed web:1 and 50% web:2');
  });

  test('watches only the pods if the user is not allowed to read the metrics', async () => {
    cluster.api.denials.push({ resource: 'pods', namespace: 'keda', verb: 'list' });
    await deployGradually(cluster.operation(), { ...rollout('web:2'), steps: [{ weight: 10, seconds: 60 }] });
    expect(cluster.output).toContain('10% of the traffic for 60 s: pods healthy; its responses cannot be counted from here');
  });

  test('waits until the pods of an earlier canary have terminated, whose responses would be counted', async () => {
    cluster.api.proxy = () => response(200, '');
    await cluster.apply(deployment('web:2', { name: 'web-canary', replicas: 1 }));
    const labels = cluster.api.find(DEPLOYMENT, 'web-canary')!.spec.selector.matchLabels;
    const old = { ...POD, metadata: { name: 'old', namespace: 'shop', labels, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    cluster.api.put(old);
    cluster.clock.after(25, () => cluster.api.delete(old));
    const began = cluster.clock.now();
    await deployGradually(cluster.operation(), { ...rollout('web:3'), steps: [{ weight: 10, seconds: 60 }] });
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(85_000);
  });
});
