import { deploy } from '../../src/engine/deploy';
import { restart } from '../../src/engine/restart';
import { DEPLOYMENT, ROLLOUT } from '../../src/kube/types';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { deployment, draft, service, TestCluster } from '../kube/test-cluster';
import { TestOperator } from '../operator/test-operator';

const RESTARTED = 'kubectl.kubernetes.io/restartedAt';

const restartedAt = (cluster: TestCluster, name = 'web') => (
  cluster.api.find(DEPLOYMENT, name)!.spec.template.metadata?.annotations?.[RESTARTED]);

describe('webapp restart', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    runControllers(cluster);
  });

  test('replaces the pods of the web process and of the workers, and waits until they are ready', async () => {
    await cluster.apply(deployment('web:1', { replicas: 2 }), deployment('web:1', { name: 'web-mailer' }));
    await restart(cluster.operation());
    expect(cluster.output).toEqual(['Restarted web (2/2 replicas ready)', 'Restarted web-mailer (1/1 replicas ready)']);
    expect(restartedAt(cluster)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('replaces those of one worker', async () => {
    await cluster.apply(deployment('web:1'), deployment('web:1', { name: 'web-mailer' }));
    await restart(cluster.operation(), 'mailer');
    expect(cluster.output).toEqual(['Restarted web-mailer (1/1 replicas ready)']);
    expect(restartedAt(cluster)).toBeUndefined();
  });

  test('does not change what is asleep: it would be another version', async () => {
    await cluster.apply(deployment('web:1', { replicas: 0 }));
    await restart(cluster.operation());
    expect(cluster.output).toEqual(['web is asleep, so its next pods are new']);
    expect(restartedAt(cluster)).toBeUndefined();
  });

  test('does not touch workloads of other programs that have the same name label', async () => {
    const { metadata, ...other } = deployment('web:1');
    await cluster.apply({ ...other, metadata: { ...metadata, labels: { 'app.kubernetes.io/name': 'web' } } });
    await expect(restart(cluster.operation())).rejects.toThrow('web is not deployed in namespace shop; run webapp deploy first');
  });

  test('says why new pods do not start, and that the old ones stay', async () => {
    await cluster.apply(deployment('web:1'));
    runControllers(cluster, { brokenImages: { 'web:1': IMAGE_NOT_FOUND } });
    const message = /web failed to start: cannot pull image web:1[^]*\nThe old pods of web stay until the new ones are ready$/;
    await expect(restart(cluster.operation())).rejects.toThrow(message);
  });

  test('uses the field that Argo Rollouts has for it, and waits until all pods are new', async () => {
    const { spec, metadata } = deployment('web:1');
    const status = { phase: 'Healthy', observedGeneration: '9', availableReplicas: 1, replicas: 1 };
    cluster.api.put({ ...ROLLOUT, metadata, spec, status });
    cluster.api.onWrite = object => {
      const { restartAt } = object.spec as { readonly restartAt?: string };
      if (restartAt !== undefined) cluster.clock.after(5, () => cluster.api.change(object, { status: { restartedAt: restartAt } }));
    };
    await restart(cluster.operation());
    expect(cluster.output).toEqual(['Restarted web (1/1 replicas ready)']);
    expect(cluster.api.find(ROLLOUT, 'web')!.spec.template.metadata?.annotations).toBeUndefined();
  });
});

describe('a restart', () => {
  test('is not taken back by the next deploy, which would replace the pods once more', async () => {
    const cluster = new TestCluster();
    runControllers(cluster);
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    await restart(cluster.operation());
    const before = cluster.api.find(DEPLOYMENT, 'web')!.metadata.generation;
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    expect(restartedAt(cluster)).toBeDefined();
    expect(cluster.api.find(DEPLOYMENT, 'web')!.metadata.generation).toBe(before);
  });

  test('is not drift to the operator', async () => {
    const operator = new TestOperator();
    operator.apply({ image: 'web:1', internal: true, scaling: { replicas: 2 } });
    await operator.settle();
    await restart(operator.cluster.operation());
    const first = operator.cluster.api.requests.length;
    await operator.settle();
    expect(operator.writesSince(first).filter(request => request.includes('/deployments/'))).toEqual([]);
    expect(restartedAt(operator.cluster)).toBeDefined();
  });
});
