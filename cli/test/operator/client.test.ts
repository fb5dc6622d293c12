import { TestOperator } from './test-operator';
import { DEPLOYMENT, SERVICE } from '../../src/kube/types';
import { deleteResource, deployResource, findResource, rollbackResource } from '../../src/operator/client';
import { IMAGE_NOT_FOUND } from '../kube/controllers';
import { APP } from '../kube/test-cluster';

const ALWAYS_ON = { image: 'web:1', internal: true, scaling: { replicas: 2 } };

describe('an app that has a resource', () => {
  let operator: TestOperator;
  let stop: () => void;
  beforeEach(async () => {
    operator = new TestOperator({ brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    await deployed();
  });
  afterEach(() => stop());

  async function deployed(): Promise<void> {
    operator.cluster.api.put({ apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', metadata: APP, spec: {} }, 'nobody');
    stop = operator.cluster.clock.every(500, () => void operator.reconcile());
    await deployResource(operator.cluster.operation(), ALWAYS_ON);
    operator.cluster.output.length = 0;
  }

  test('is found, where the cluster has the operator', async () => {
    expect(await findResource(operator.cluster, APP)).toMatchObject({ spec: ALWAYS_ON });
    expect(await findResource(operator.cluster, { ...APP, name: 'other' })).toBeUndefined();
  });

  test('is deployed by its resource, and the command waits for the operator', async () => {
    const release = await deployResource(operator.cluster.operation(), { ...ALWAYS_ON, image: 'web:2' });
    expect(release).toMatchObject({ number: 2, image: 'web:2', by: 'webapp-operator' });
    expect(operator.cluster.output).toEqual(['Applied WebApp web', 'web is ready (2/2 replicas)', 'Deployed release 2']);
  });

  test('is not deployed where the operator refuses the spec: the error is what it says', async () => {
    await expect(deployResource(operator.cluster.operation(), { ...ALWAYS_ON, port: 99999 })).rejects.toThrow('port is 99999');
  });

  test('is not deployed where the new version does not start: the error is why', async () => {
    const deploying = deployResource(operator.cluster.operation(), { ...ALWAYS_ON, image: 'web:broken' });
    await expect(deploying).rejects.toThrow(/web failed to start: .*web:broken/);
  });

  test('is rolled back by giving its resource the spec of the release', async () => {
    await deployResource(operator.cluster.operation(), { ...ALWAYS_ON, image: 'web:2' });
    expect(await rollbackResource(operator.cluster.operation())).toMatchObject({ number: 3, image: 'web:1' });
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')!.spec.template.spec!.containers[0].image).toBe('web:1');
  });

  test('is rolled back to what is serving traffic while another version is being deployed', async () => {
    const endless = { ...ALWAYS_ON, image: 'web:broken', rollback: 'manual' };
    await deployResource(operator.cluster.operation(), { ...ALWAYS_ON, image: 'web:2' });
    await deployResource(operator.cluster.operation(), endless).catch(() => {});
    expect(operator.resource().status!.attempt).toBeDefined();
    expect(await rollbackResource(operator.cluster.operation())).toMatchObject({ number: 2, image: 'web:2' });
    expect(operator.resource().spec.image).toBe('web:2');
  });

  test('leaves fields to another manager that applies the resource', async () => {
    const { objects } = operator.cluster;
    const manifest = { apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', metadata: APP, spec: { image: 'web:9' } };
    await objects.apply(manifest, { manager: 'argocd', force: true });
    await expect(deployResource(operator.cluster.operation(), ALWAYS_ON)).rejects.toThrow('spec.image was set by argocd');
  });

  test('is removed with its resource', async () => {
    stop();
    await deleteResource(operator.cluster.operation());
    expect(await findResource(operator.cluster, APP)).toBeUndefined();
    expect(operator.cluster.api.find(SERVICE, 'web')!.metadata.ownerReferences).toHaveLength(1); // so the cluster deletes it
  });
});

describe('an operator that is not there', () => {
  test('is told, with the command that shows its pods', async () => {
    const operator = new TestOperator();
    operator.apply(ALWAYS_ON);
    const deploying = deployResource(operator.cluster.operation({ force: true }), ALWAYS_ON);
    const message = 'the operator has not looked at web for 60 s; check that it runs: kubectl get pods --namespace webapp-system';
    await expect(deploying).rejects.toThrow(message);
  });
});
