import { traceRequest } from '../../src/diagnose/request';
import { statusOf } from '../../src/diagnose/status';
import { deploy } from '../../src/engine/deploy';
import type { Scale } from '../../src/engine/scale';
import { newLimits, scale } from '../../src/engine/scale';
import { DEPLOYMENT, SCALED_OBJECT } from '../../src/kube/types';
import { activeImage, findProcess } from '../../src/kube/workload';
import { synthesize } from '../../src/render/synthesis';
import { IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { APP, deployment, draft, scaledObject, TestCluster } from '../kube/test-cluster';

async function scaledIn(cluster: TestCluster, limits: Scale, worker?: string): Promise<object> {
  const found = await newLimits(cluster, APP, limits, worker);
  await scale(cluster, found);
  return { process: found.process, ...found.limits };
}

const worker = (name: string, image = 'web:1') => deployment(image, { name: `web-${name}` });

describe('an app of workers alone', () => {
  let cluster: TestCluster;
  beforeEach(() => {
    cluster = new TestCluster();
    runControllers(cluster, { brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
  });
  const trace = async () => (
    await traceRequest({ cluster, app: APP, lookUp: async () => [], signal: new AbortController().signal })
  ).map(({ name, status, message }) => `${status} ${name}: ${message}`);

  test('is deployed once its workers are ready, and asked nothing', async () => {
    await deploy(cluster.operation(), draft(worker('emails'), worker('images')));
    expect(cluster.output).toEqual([
      'Applied 2 objects', 'web-emails is ready (1/1 replicas)', 'web-images is ready (1/1 replicas)', 'Deployed release 1',
    ]);
    expect((await statusOf(cluster, APP)).processes.map(({ name, state }) => [name, state]))
      .toEqual([['web-emails', 'ready'], ['web-images', 'ready']]);
  });

  test('is not deployed if one does not start', async () => {
    await expect(deploy(cluster.operation(), draft(worker('emails', 'web:broken'))))
      .rejects.toThrow('web-emails failed to start: cannot pull image');
  });

  test('has the image of its first worker', () => {
    expect(activeImage([worker('emails', 'web:7'), worker('images', 'web:8')], 'web')).toBe('web:7');
  });

  test('is diagnosed by its workers', async () => {
    const objects = [worker('emails'), worker('images', 'web:broken'), scaledObject('web-emails', 0, 3)];
    await cluster.store(1, { objects });
    await cluster.apply(...objects);
    cluster.api.change(scaledObject('web-emails'), { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    expect(await trace()).toEqual([
      'ok requests: the app has no web process, so it gets none',
      'ok ScaledObject of web-emails: 0 to 3 pods',
      'failed HPA of web-emails: keda-hpa-web-emails does not exist; KEDA should create it',
      'ok pods of web-emails: 1/1 ready',
      'failed pods of web-images: cannot pull image web:broken (not found)',
    ]);
  });

  test('has one process that a command is about, or several that it can name', async () => {
    await cluster.apply(worker('emails'));
    expect((await findProcess(cluster, APP)).metadata.name).toBe('web-emails');
    await cluster.apply(worker('images'));
    expect((await findProcess(cluster, APP, 'images')).metadata.name).toBe('web-images');
    await expect(findProcess(cluster, APP))
      .rejects.toThrow('web has no web process; name one of its workers with --worker: emails, images');
    await expect(findProcess(cluster, APP, 'none'))
      .rejects.toThrow('there is no process web-none in namespace shop; web has web-emails, web-images');
    await expect(findProcess(cluster, { ...APP, name: 'api' }))
      .rejects.toThrow('there is no process api in namespace shop; api is not deployed there');
  });

  test('is scaled by worker', async () => {
    await cluster.apply(worker('emails'), scaledObject('web-emails', 0, 3), worker('images'));
    expect(await scaledIn(cluster, { max: 5 }, 'emails')).toEqual({ process: 'web-emails', min: 0, max: 5 });
    expect(cluster.api.find(SCALED_OBJECT, 'web-emails')!.spec.maxReplicaCount).toBe(5);
    await expect(scaledIn(cluster, { max: 5 }, 'images')).rejects.toThrow('web-images is not autoscaled in namespace shop');
  });
});

test('a worker of an app with a web process is scaled by its name', async () => {
  const cluster = new TestCluster();
  await cluster.apply(deployment('web:1'), scaledObject('web'), worker('emails'), scaledObject('web-emails', 1, 3));
  expect(await scaledIn(cluster, { min: 2 }, 'emails')).toEqual({ process: 'web-emails', min: 2, max: 3 });
  expect(await scaledIn(cluster, { min: 1 })).toEqual({ process: 'web', min: 1, max: 10 });
  expect(cluster.api.find(DEPLOYMENT, 'web')).toBeDefined();
});

test('a file with web: false becomes an app without URLs', () => {
  const props = { image: 'ghcr.io/acme/web:1', web: false, workers: { emails: { args: ['emails'] } } };
  const { apps: [{ url, internalUrl, objects }] } = synthesize([{ name: 'web', namespace: 'shop', props }]);
  expect({ url, internalUrl }).toEqual({ url: undefined, internalUrl: undefined });
  expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy']);
});
