import { readBuildLog } from '../../src/engine/builds';
import { deploy } from '../../src/engine/deploy';
import { destroy } from '../../src/engine/destroy';
import { dryRun } from '../../src/engine/preflight';
import { rollback } from '../../src/engine/rollback';
import { BUILD_RUN, DEPLOYMENT } from '../../src/kube/types';
import { Behavior, IMAGE_NOT_FOUND, runControllers } from '../kube/controllers';
import { APP, buildRun, configMap, deployment, draft, service, TestCluster } from '../kube/test-cluster';

const ONE = 'ghcr.io/acme/web:aaaa';
const TWO = 'ghcr.io/acme/web:bbbb';
const release = (image: string, timeout?: string) => draft(buildRun(image, timeout), service(), deployment(image));
const imageOf = (cluster: TestCluster) => cluster.api.find(DEPLOYMENT, 'web')?.spec.template.spec!.containers[0].image;
const uidOf = (cluster: TestCluster, name: string) => cluster.api.find(BUILD_RUN, name)?.metadata.uid;
const builds = (cluster: TestCluster) => cluster.api.names().filter(name => name.startsWith('BuildRun'));
const FAILURE = { reason: 'Failed', exitCode: 2, log: '#3 npm ci\nnpm error missing script: build\n' };

function start(behavior: Behavior = {}): TestCluster {
  const cluster = new TestCluster();
  runControllers(cluster, behavior);
  return cluster;
}

describe('a deploy with a build', () => {
  test('waits for it before anything else that needs its image, and says so', async () => {
    const cluster = start();
    let during: unknown[] = [];
    cluster.clock.after(20, () => during = [cluster.api.names(), imageOf(cluster)]);
    await deploy(cluster.operation(), release(ONE));
    expect(during).toEqual([['BuildRun web-aaaa'], undefined]);
    expect(cluster.output).toEqual([
      `Started the build of ${ONE} from https://github.com/acme/web at 3f1d2c4b5a69`,
      `Built ${ONE} in 30 s`,
      'Applied 3 objects',
      'web is ready (1/1 replicas)',
      'GET / returned 200',
      'Deployed release 1',
    ]);
  });

  test('shows the last lines of its log while it runs', async () => {
    const cluster = start();
    await deploy(cluster.operation(), release(ONE));
    expect(cluster.shownLogs).toContainEqual([`building ${ONE}`, '#1 load build definition', '#2 npm ci']);
  });

  test('builds an image once', async () => {
    const cluster = start();
    await deploy(cluster.operation(), release(ONE));
    const uid = uidOf(cluster, 'web-aaaa');
    expect(await dryRun({ cluster, app: APP, objects: release(ONE).objects })).toContainEqual(
      expect.objectContaining({ kind: 'BuildRun', change: 'unchanged' }));
    await deploy(cluster.operation(), release(ONE));
    expect(cluster.output).toContain(`Skipped the build of ${ONE}, which is complete`);
    expect(uidOf(cluster, 'web-aaaa')).toBe(uid);
  });

  test('waits for a build that is running, and does not start it a second time', async () => {
    const cluster = start();
    await cluster.apply(buildRun(ONE));
    const uid = uidOf(cluster, 'web-aaaa');
    await deploy(cluster.operation(), release(ONE));
    expect(cluster.output.slice(0, 2)).toEqual([`Found the build of ${ONE}, which is running`, `Built ${ONE} in 30 s`]);
    expect(uidOf(cluster, 'web-aaaa')).toBe(uid);
  });

  test('waits longer for a build than for a workload', async () => {
    const cluster = start({ buildTime: 1800 });
    await deploy(cluster.operation({ timeout: 60 }), release(ONE));
    expect(cluster.output).toContain(`Built ${ONE} in 1800 s`);
  });
});

describe('a deploy whose build fails', () => {
  let cluster: TestCluster;
  let behavior: { failingBuilds: Behavior['failingBuilds'] };
  beforeEach(async () => {
    behavior = { failingBuilds: { [TWO]: FAILURE } };
    cluster = start(behavior);
    await deploy(cluster.operation(), release(ONE));
    cluster.output.length = 0;
  });

  test('shows its whole log, says why, and the current release is still serving traffic', async () => {
    await expect(deploy(cluster.operation(), release(TWO))).rejects.toThrow(
      `the build of ${TWO} failed: step build-and-push exited with code 2\nRelease 1 is still serving traffic`);
    expect(cluster.output.slice(1)).toEqual(['| cloned', '| #3 npm ci', '| npm error missing script: build']);
    expect(imageOf(cluster)).toBe(ONE);
    expect((await cluster.releases())[0]).toMatchObject({ state: 'failed', why: 'step build-and-push exited with code 2' });
  });

  test('runs it again the next time, as it is', async () => {
    await deploy(cluster.operation(), release(TWO)).catch(() => undefined);
    behavior.failingBuilds = {};
    const uid = uidOf(cluster, 'web-bbbb');
    expect(await dryRun({ cluster, app: APP, objects: release(TWO).objects })).toContainEqual(
      expect.objectContaining({ kind: 'BuildRun', change: 'run' }));
    await deploy(cluster.operation(), release(TWO));
    expect(imageOf(cluster)).toBe(TWO);
    expect(uidOf(cluster, 'web-bbbb')).not.toBe(uid);
  });

  test.each<[string, object, string]>([
    [
      'the strategy does not exist',
      { conditions: [{ type: 'Succeeded', status: 'False', reason: 'ClusterBuildStrategyNotFound', message: 'clusterBuildStrategy x' }] },
      'clusterBuildStrategy x\n  set builds.strategies in platform.yaml to one of kubectl get clusterbuildstrategies',
    ],
    [
      'Shipwright does not accept it',
      { conditions: [{ type: 'Succeeded', status: 'False', reason: 'BuildRegistrationFailed', message: 'clusterBuildStrategy x' }] },
      'clusterBuildStrategy x\n  it names what the cluster does not have: webapp setup --with builds installs strategies',
    ],
    [
      'it took too long',
      { conditions: [{ type: 'Succeeded', status: 'False', reason: 'BuildRunTimeout', message: 'failed to finish within "1m0s"' }] },
      'failed to finish within "1m0s"\n  increase the timeout of buildFrom or build, or make the build faster',
    ],
    [
      'the namespace does not allow its pod',
      { conditions: [{ type: 'Succeeded', status: 'False', reason: 'PodAdmissionFailed', message: 'violates PodSecurity' }] },
      'violates PodSecurity\n  a namespace with builds has to allow their pods, which Pod Security restricted does not: '
        + 'set builds.namespace in platform.yaml to one that does; see docs/build.md',
    ],
    [
      'git says why',
      {
        conditions: [{ type: 'Succeeded', status: 'False', reason: 'Failed', message: 'kubectl logs' }],
        failureDetails: { reason: 'GitRevisionNotFound', message: 'The remote revision does not exist.' },
      },
      'The remote revision does not exist.',
    ],
  ])('because %s, says so', async (_, status, message) => {
    cluster.api.onWrite = ({ kind, metadata }) => {
      if (kind === 'BuildRun' && metadata.name === 'web-bbbb') cluster.api.change(buildRun(TWO), { status });
    };
    await expect(deploy(cluster.operation(), release(TWO))).rejects.toThrow(`the build of ${TWO} failed: ${message}`);
  });

  test('because another client deletes it, says so', async () => {
    cluster.clock.after(5, () => cluster.api.delete(buildRun(TWO)));
    await expect(deploy(cluster.operation(), release(TWO))).rejects.toThrow(`the build of ${TWO} failed: it was deleted`);
  });
});

describe('a build that does not start', () => {
  test('is an error after the timeout: Shipwright does not run', async () => {
    const cluster = new TestCluster();
    await expect(deploy(cluster.operation({ timeout: 30 }), release(ONE))).rejects.toThrow(
      `the build of ${ONE} did not start within 30 s: Shipwright has not looked at it\n`
      + '  check that its controller is running: kubectl get pods --namespace shipwright-build');
  });

  test('for lack of a Secret says which one', async () => {
    const cluster = new TestCluster();
    const conditions = [{ type: 'Succeeded', status: 'False', reason: 'CreateContainerConfigError', message: 'config error' }];
    cluster.api.onWrite = ({ kind, status: ended }) => {
      if (kind !== 'BuildRun' || ended !== undefined) return;
      const metadata = { name: 'a', namespace: 'shop', labels: { 'buildrun.shipwright.io/name': 'web-aaaa' } };
      const state = { waiting: { reason: 'CreateContainerConfigError', message: 'secret "npm" not found' } };
      const status = { phase: 'Pending', containerStatuses: [{ name: 'step-build-and-push', restartCount: 0, state }] };
      cluster.api.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] }, status });
      cluster.api.change(buildRun(ONE), { status: { conditions } });
    };
    await expect(deploy(cluster.operation(), release(ONE))).rejects.toThrow(
      `the build of ${ONE} failed: Secret npm does not exist in namespace shop`);
  });

  test('for lack of a node says so', async () => {
    const cluster = new TestCluster();
    cluster.api.onWrite = ({ kind }) => {
      if (kind !== 'BuildRun') return;
      const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: 1 Insufficient cpu.' }];
      const metadata = { name: 'a', namespace: 'shop', labels: { 'buildrun.shipwright.io/name': 'web-aaaa' } };
      cluster.api.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] }, status: { phase: 'Pending', conditions } });
    };
    await expect(deploy(cluster.operation({ timeout: 30 }), release(ONE))).rejects.toThrow(
      `the build of ${ONE} did not start within 30 s: no node has enough CPU for the pod: 0/1 nodes are available`);
  });
});

describe('a build that does not end', () => {
  test.each([['1m', 120], ['0.05h30s', 270], ['900s', 960]])('with a timeout of %s is an error after %i s', async (timeout, seconds) => {
    const cluster = start({ buildTime: 100_000 });
    await expect(deploy(cluster.operation(), release(ONE, timeout))).rejects.toThrow(
      `the build of ${ONE} is not complete after ${seconds} s: it is still running\n  run webapp deploy to wait for it again`);
  });

  test('is not removed by the next deploy, but by the first one after its end', async () => {
    const cluster = start({ buildTime: 100_000 });
    await expect(deploy(cluster.operation(), release(ONE, '1m'))).rejects.toThrow('No release is serving traffic');
    runControllers(cluster);
    for (let i = 0; i < 10; i++) await deploy(cluster.operation(), release(TWO));
    expect(await cluster.releases()).toHaveLength(10);
    expect(builds(cluster)).toEqual(['BuildRun web-aaaa', 'BuildRun web-bbbb']);
    cluster.api.change(buildRun(ONE), { status: { conditions: [{ type: 'Succeeded', status: 'True' }] } });
    await deploy(cluster.operation(), release(TWO));
    expect(builds(cluster)).toEqual(['BuildRun web-bbbb']);
  });

  test('stays where the deploy is interrupted', async () => {
    const cluster = start();
    const interrupt = new AbortController();
    cluster.clock.after(10, () => interrupt.abort());
    await expect(deploy(cluster.operation({ signal: interrupt.signal }), release(ONE))).rejects.toThrow('run webapp deploy to continue');
    await deploy(cluster.operation(), draft(service(), deployment('web:1')));
    expect(builds(cluster)).toEqual(['BuildRun web-aaaa']);
  });

  test('is removed by webapp destroy', async () => {
    const cluster = start({ buildTime: 100_000 });
    await deploy(cluster.operation(), release(ONE, '1m')).catch(() => undefined);
    await destroy(cluster.operation(), false);
    expect(cluster.api.names()).toEqual([]);
  });
});

describe('an old build', () => {
  test('stays as long as its release, so that a rollback builds nothing', async () => {
    const cluster = start();
    await deploy(cluster.operation(), release(ONE));
    const uid = uidOf(cluster, 'web-aaaa');
    await deploy(cluster.operation(), release(TWO));
    expect(builds(cluster)).toEqual(['BuildRun web-aaaa', 'BuildRun web-bbbb']);
    await rollback(cluster.operation());
    expect(imageOf(cluster)).toBe(ONE);
    expect(uidOf(cluster, 'web-aaaa')).toBe(uid);
  });

  test('is removed with the last release that has it', async () => {
    const cluster = start();
    await deploy(cluster.operation(), release(ONE));
    for (let i = 0; i < 9; i++) await deploy(cluster.operation(), release(TWO));
    expect(builds(cluster)).toEqual(['BuildRun web-aaaa', 'BuildRun web-bbbb']);
    await deploy(cluster.operation(), release(TWO));
    expect(builds(cluster)).toEqual(['BuildRun web-bbbb']);
  });

  test('that failed is removed with its release, also by a deploy that fails', async () => {
    const cluster = start({ failingBuilds: { [ONE]: FAILURE, [TWO]: FAILURE } });
    await deploy(cluster.operation(), draft(configMap('a')));
    await deploy(cluster.operation(), release(ONE)).catch(() => undefined);
    for (let i = 0; i < 10; i++) await deploy(cluster.operation(), release(TWO)).catch(() => undefined);
    expect(builds(cluster)).toEqual(['BuildRun web-bbbb']);
  });
});

describe('an image error', () => {
  const broken = { brokenImages: { [ONE]: IMAGE_NOT_FOUND } };
  const inTheEnd = (cluster: TestCluster) => cluster.api.change(deployment(ONE), {
    status: { availableReplicas: 1, readyReplicas: 1 },
  });

  test('from before the end of the build is not the last word', async () => {
    const cluster = start(broken);
    await cluster.apply(buildRun(ONE), deployment(ONE)); // as a pipeline does
    cluster.clock.after(120, () => inTheEnd(cluster));
    await deploy(cluster.operation({ timeout: 300 }), release(ONE));
    expect(cluster.output).toContain('web is ready (1/1 replicas)');
  });

  test('of a pod that is newer than the image is', async () => {
    const cluster = start(broken);
    await expect(deploy(cluster.operation(), release(ONE))).rejects.toThrow('web failed to start: cannot pull image');
  });
});

test('a user who may not remove the builds of earlier releases is told so before anything is changed', async () => {
  const cluster = start();
  await deploy(cluster.operation(), release(ONE));
  cluster.api.denials.push({ verb: 'delete', resource: 'buildruns' });
  await expect(deploy(cluster.operation(), draft(service(), deployment('web:1')))).rejects.toThrow(
    'you are not allowed to delete buildruns.shipwright.io in namespace shop (needed to run builds)\n'
    + '  ask your cluster administrator for a role that allows it\nnothing was changed');
  expect(imageOf(cluster)).toBe(ONE);
});

test('a user who may not remove builds is told so before anything is changed', async () => {
  const cluster = start();
  cluster.api.denials.push({ verb: 'delete', resource: 'buildruns' });
  await expect(deploy(cluster.operation(), release(ONE))).rejects.toThrow(
    'you are not allowed to delete buildruns.shipwright.io in namespace shop (needed to run builds)');
  expect(cluster.api.names()).toEqual([]);
});

test('the log of a build whose pod has not started is followed from its first line', async () => {
  const cluster = start();
  await cluster.apply(buildRun(ONE));
  let log = '';
  const options = { follow: true, signal: new AbortController().signal };
  await readBuildLog(cluster, { ...BUILD_RUN, ...APP, name: 'web-aaaa' }, options, text => log += text);
  expect(log).toBe('cloned\n#1 load build definition\n#2 npm ci\n');
});
