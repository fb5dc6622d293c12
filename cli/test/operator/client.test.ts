import { TestOperator } from './test-operator';
import { setVariables } from '../../src/engine/settings-change';
import { DEPLOYMENT, SCALED_OBJECT, SERVICE } from '../../src/kube/types';
import { changeResourceSettings } from '../../src/operator/change-settings';
import {
  changeResource, deleteResource, deployResource, findResource, rollbackResource, scaleResource,
} from '../../src/operator/client';
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
    expect(release).toMatchObject({ number: 2, image: 'web:2', action: 'deploy', by: expect.stringMatching(/^tester@/) });
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
    expect(await rollbackResource(operator.cluster.operation())).toMatchObject({ number: 3, image: 'web:1', action: 'rollback to 1' });
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

describe('what a command does to the spec of a resource', () => {
  let operator: TestOperator;
  let stop: () => void;
  beforeEach(async () => {
    operator = new TestOperator({ brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    stop = operator.cluster.clock.every(500, () => void operator.reconcile());
    await deployResource(operation(), ALWAYS_ON);
  });
  afterEach(() => stop());
  const operation = () => operator.cluster.operation();
  const latest = async () => (await operator.cluster.releases())[0];
  const BY_USER = expect.stringMatching(/^tester@/) as string;

  test('is in the release: what was done, and by whom', async () => {
    expect(await latest()).toMatchObject({ number: 1, action: 'deploy', by: BY_USER });
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:2' }, { action: 'promoted from staging release 7' });
    expect(await latest()).toMatchObject({ number: 2, action: 'promoted from staging release 7', by: BY_USER });
    await changeResource(operation(), operator.resource(), { env: { A: '1' } }, 'maintenance on');
    expect(await latest()).toMatchObject({ number: 3, action: 'maintenance on', by: BY_USER });
  });

  test('is taken back where the operator refuses it', async () => {
    await expect(changeResource(operation(), operator.resource(), { port: 99999 }, 'maintenance on')).rejects.toThrow('port is 99999');
    expect(operator.resource().spec).toEqual(ALWAYS_ON);
    expect(await latest()).toMatchObject({ number: 1 });
  });

  test('is in the release that failed, too', async () => {
    const promoting = deployResource(operation(), { ...ALWAYS_ON, image: 'web:broken' }, { action: 'promoted from staging release 7' });
    await expect(promoting).rejects.toThrow('failed to start');
    expect(await latest()).toMatchObject({ state: 'failed', action: 'promoted from staging release 7', by: BY_USER });
  });

  test('is not said of what others apply later', async () => {
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:2' }, { action: 'promoted from staging release 7' });
    operator.apply({ ...ALWAYS_ON, image: 'web:3' });
    await operator.settle();
    expect(await latest()).toMatchObject({ number: 3, action: 'deploy', by: 'webapp-operator' });
  });

  test('is not said of a change of the platform, which leaves the spec as it is', async () => {
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:2' }, { action: 'promoted from staging release 7' });
    operator.setPlatform({ labels: { team: 'shop' } });
    await operator.settle();
    expect(await latest()).toMatchObject({ number: 3, action: 'deploy', by: 'webapp-operator' });
  });

  test('is not said of variables, which are changed by another command', async () => {
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:2' }, { action: 'promoted from staging release 7' });
    await changeResourceSettings(operation(), setVariables('config', { A: '1' }));
    expect(await latest()).toMatchObject({ number: 3, action: 'config set A' });
    await deployResource(operation(), { ...ALWAYS_ON, image: 'web:4' });
    expect(await latest()).toMatchObject({ number: 4, action: 'deploy', by: BY_USER });
  });
});

describe('webapp scale of an app that has a resource', () => {
  const workers = { mailer: { args: ['mail'], scaling: { cpu: 70, min: 1, max: 2 } } };
  const SCALED = { image: 'web:1', internal: true, scaling: { max: 4 }, workers };
  let operator: TestOperator;
  let stop: () => void;
  beforeEach(async () => {
    operator = new TestOperator();
    stop = operator.cluster.clock.every(500, () => void operator.reconcile());
    await deployResource(operation(), SCALED);
  });
  afterEach(() => stop());
  const operation = () => operator.cluster.operation();
  const limits = (name = 'web') => {
    const { minReplicaCount: min, maxReplicaCount: max } = operator.cluster.api.find(SCALED_OBJECT, name)!.spec;
    return { min, max };
  };

  test('changes its spec, and is a release', async () => {
    const release = await scaleResource(operation(), operator.resource(), { min: 2, max: 6 });
    expect(release).toMatchObject({ number: 2, action: 'scale --min 2 --max 6', by: expect.stringMatching(/^tester@/) });
    expect(limits()).toEqual({ min: 2, max: 6 });
    expect(limits('web-mailer')).toEqual({ min: 1, max: 2 });
  });

  test('changes one worker', async () => {
    await scaleResource(operation(), operator.resource(), { min: 2, max: 9 }, 'mailer');
    expect(limits('web-mailer')).toEqual({ min: 2, max: 9 });
    expect(limits()).toEqual({ min: 0, max: 4 });
    expect((await operator.cluster.releases())[0].action).toBe('scale mailer --min 2 --max 9');
  });

  test('holds until the next deploy, which takes it back, also what its file does not say', async () => {
    await scaleResource(operation(), operator.resource(), { min: 2, max: 6 });
    const release = await deployResource(operation(), { ...SCALED, image: 'web:2' });
    expect(release).toMatchObject({ number: 3, image: 'web:2', action: 'deploy', by: expect.stringMatching(/^tester@/) });
    expect(limits()).toEqual({ min: 0, max: 4 });
    expect(operator.resource().spec).toEqual({ ...SCALED, image: 'web:2' });
  });

  test('is taken back where the operator refuses it', async () => {
    operator.setPlatform({ bounds: { scaling: { max: 5 } } });
    await expect(scaleResource(operation(), operator.resource(), { min: 0, max: 50 })).rejects.toThrow(/scaling.max/);
    expect(operator.resource().spec.scaling).toEqual({ max: 4 });
    await operator.settle();
    expect(operator.condition('Accepted')).toMatchObject({ status: 'True' });
  });

  test('names the worker that there is not', async () => {
    await expect(scaleResource(operation(), operator.resource(), { min: 0, max: 9 }, 'canary')).rejects.toThrow('has no worker canary');
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
