import { diagnoseCreation, diagnosePods } from '../../src/diagnose/pods';
import { EVENT, POD, VOLUME_CLAIM } from '../../src/kube/types';
import { TestCluster } from '../kube/test-cluster';

const PROBE = { httpGet: { path: '/healthz', port: 'http' } };
const CONTAINER = { name: 'main', image: 'web:1', ports: [{ name: 'http', containerPort: 8080 }], startupProbe: PROBE };

/** A pod with this status of its container. */
function requesting(requests: object): object {
  return { name: 'main', resources: { requests } };
}

function pod(status: object, { container = CONTAINER, phase = 'Running' }: { container?: object; phase?: string } = {}) {
  const containerStatuses = [{ name: 'main', image: '', ready: false, restartCount: 0, ...status }];
  const sources = [{ secret: { name: 'app-tls', items: [{ key: 'tls.key', path: 'tls.key' }] } }, { configMap: { name: 'ca' } }];
  const volumes = [{ name: 'tmp' }, { name: 'secret-files', projected: { sources } }];
  const spec = { restartPolicy: 'Always', containers: [container], volumes };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop' }, spec, status: { phase, containerStatuses } };
}

const waiting = (reason: string, message = '', restartCount = 0) => pod({ restartCount, state: { waiting: { reason, message } } });
const crashed = (terminated: object, restartCount = 0, more: object = {}) => (
  pod({ restartCount, lastState: { terminated }, state: { waiting: {} }, ...more }));
const DELETED = { name: 'web-1', namespace: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z' };
const running = (more: object = {}) => pod({ started: false, state: { running: {} }, ...more });

/** The problem of a pod, given its events and its log. */
async function diagnose(object: ReturnType<typeof pod>, { event, log, denied }: { event?: object; log?: string; denied?: boolean } = {}) {
  const cluster = new TestCluster();
  cluster.api.put(object);
  const live = cluster.api.find(POD, 'web-1')!;
  const involvedObject = { uid: live.metadata.uid };
  if (event) cluster.api.put({ ...EVENT, metadata: { name: 'e' }, involvedObject, ...event });
  if (log !== undefined) cluster.api.logs.set('web-1/main', log);
  if (denied) cluster.api.denials.push({ resource: 'events' });
  return diagnosePods(cluster, [live]);
}

const PLATFORM = 'build it for those of the nodes, such as linux/amd64: build.platforms, or docker build --platform';

const unhealthy = (message: string) => ({ event: { reason: 'Unhealthy', message } });

describe('a pod', () => {
  test.each([
    {
      problem: 'whose image does not exist',
      object: waiting('ImagePullBackOff', 'Back-off pulling image "web:1": ErrImagePull: web:1: not found'),
      message: 'cannot pull image web:1 (not found)',
      permanent: true,
    },
    {
      problem: 'whose image is not found at the first try',
      object: waiting('ErrImagePull', 'rpc error: web:1: not found'),
      message: 'cannot pull image web:1 (not found)',
      permanent: false,
    },
    {
      problem: 'whose registry denies access',
      object: waiting('ImagePullBackOff', 'unauthorized: authentication required'),
      message: 'cannot pull image web:1 (access denied)',
      permanent: true,
    },
    {
      problem: 'whose registry is down',
      object: waiting('ImagePullBackOff', 'dial tcp: connection refused'),
      message: 'cannot pull image web:1: dial tcp: connection refused',
      permanent: true,
    },
    {
      problem: 'whose Secret does not exist',
      object: waiting('CreateContainerConfigError', 'secret "db" not found'),
      message: 'Secret db does not exist in namespace shop',
      permanent: true,
    },
    {
      problem: 'whose ConfigMap does not exist',
      object: waiting('CreateContainerConfigError', 'configmap "app" not found'),
      message: 'ConfigMap app does not exist in namespace shop',
      permanent: true,
    },
    {
      problem: 'whose Secret lacks a key',
      object: waiting('CreateContainerConfigError', "couldn't find key url in Secret shop/db"),
      message: 'Secret db has no key url',
      permanent: true,
    },
    {
      problem: 'that cannot be configured',
      object: waiting('CreateContainerConfigError', 'runAsNonRoot and root'),
      message: 'cannot configure the container: runAsNonRoot and root',
      permanent: true,
    },
    {
      problem: 'whose command is not found at the first try',
      object: waiting('RunContainerError', 'exec: "serve": not found'),
      message: 'cannot start container main: exec: "serve": not found',
      permanent: false,
    },
    {
      problem: 'whose command does not exist',
      object: waiting('RunContainerError', 'exec: "serve": not found', 1),
      message: 'cannot start container main: exec: "serve": not found',
      permanent: true,
    },
    {
      problem: 'that crashed once',
      object: crashed({ exitCode: 3 }),
      message: 'container main exited with code 3',
      permanent: false,
    },
    {
      problem: 'that crashes',
      object: crashed({ exitCode: 3 }, 2),
      message: 'container main exited with code 3',
      permanent: true,
    },
    {
      problem: 'that crashes with a termination message',
      object: crashed({ exitCode: 3, message: 'no database' }, 2),
      message: 'container main exited with code 3: no database',
      permanent: true,
    },
    {
      problem: 'that exits by itself',
      object: crashed({ exitCode: 0 }, 2),
      message: 'container main exited with code 0, but has to keep running',
      permanent: true,
    },
    {
      problem: 'that needs too much memory',
      object: crashed({ exitCode: 137, reason: 'OOMKilled' }, 2),
      message: 'container main ran out of memory and was killed (OOMKilled)',
      permanent: true,
    },
    {
      problem: 'that is killed because its startup probe fails',
      object: crashed({ exitCode: 137, reason: 'Error' }, 1, { started: false }),
      message: 'GET /healthz on port 8080 does not return 200',
      permanent: true,
    },
  ])('$problem is reported: $message', async ({ object, message, permanent }) => {
    expect(await diagnose(object)).toMatchObject({ message, permanent });
  });

  test.each<[string, ReturnType<typeof pod>]>([
    ['that is ready', running({ ready: true })],
    [
      'that is being deleted',
      { ...waiting('ImagePullBackOff'), metadata: DELETED },
    ],
    ['that is pulling its image', waiting('ContainerCreating')],
    ['that is running without probes', pod({ state: { running: {} } }, { container: { ...CONTAINER, startupProbe: undefined } })],
  ])('%s has no problem', async (_, object) => {
    expect(await diagnose(object)).toBeUndefined();
  });

  test.each<[string, object, string]>([
    ['', {}, ''],
    [' that requests whole CPUs', { containers: [requesting({ cpu: '2' })] }, ', which requests 2 CPU'],
    [
      ' of several containers',
      {
        containers: [requesting({ cpu: '100m', memory: '256Mi' })],
        initContainers: [requesting({ cpu: '4' }), { ...requesting({ cpu: '50m', memory: '64Mi' }), restartPolicy: 'Always' }],
      },
      ', which requests 150m CPU and 320Mi of memory',
    ],
  ])('for which no node has enough CPU%s has a problem that may go away', async (_, spec, requests) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 3 Insufficient cpu.' }];
    const { spec: usual, ...rest } = pod({});
    const pending = { ...rest, spec: { ...usual, ...spec }, status: { phase: 'Pending', conditions } };
    expect(await diagnose(pending as never)).toEqual({
      message: `no node has enough CPU for the pod${requests}: 0/3 nodes are available: 3 Insufficient cpu.`,
      hint: 'choose a smaller size, scale other apps down, or add a node; a cluster that adds nodes itself takes minutes',
      permanent: false,
    });
  });

  test.each([
    ['0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.', 'no node has enough CPU and memory for the pod'],
    ['0/1 nodes are available: 1 Insufficient nvidia.com/gpu.', 'no node has enough nvidia.com/gpu for the pod'],
    ['0/1 nodes are available: 1 Too many pods.', 'no node has enough pod capacity for the pod'],
    ['0/1 nodes are available: 1 node(s) had untolerated taint {a: b}.', 'the pod is unschedulable, as no node suits it'],
  ])('that waits for a node says why: %s', async (message, expected) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const found = await diagnose({ ...pod({}), status: { phase: 'Pending', conditions } } as never);
    expect(found?.message).toMatch(new RegExp(`^${expected}`));
    expect(found?.hint).toContain(expected.includes('unschedulable') ? 'the taints of the nodes' : 'choose a smaller size');
  });

  describe('that waits for a volume', () => {
    const CLAIM = { name: 'web-data', namespace: 'shop' };
    const waitFor = async (message: string, phase?: string, event?: string) => {
      const cluster = new TestCluster();
      const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
      const { spec, ...rest } = pod({});
      const volumes = [{ name: 'tmp' }, { name: 'data', persistentVolumeClaim: { claimName: 'web-data' } }];
      cluster.api.put({ ...rest, spec: { ...spec, volumes }, status: { phase: 'Pending', conditions } });
      if (phase !== undefined) cluster.api.put({ ...VOLUME_CLAIM, metadata: CLAIM, spec: {}, status: { phase } });
      const { uid } = cluster.api.find(VOLUME_CLAIM, 'web-data')?.metadata ?? {};
      if (event !== undefined) cluster.api.put({ ...EVENT, metadata: { name: 'e' }, involvedObject: { uid }, message: event });
      return diagnosePods(cluster, [cluster.api.find(POD, 'web-1')!]);
    };

    test('has the claim, what keeps it from its storage, and the prop that says which storage', async () => {
      const event = 'storageclass.storage.k8s.io "fast" not found';
      expect(await waitFor('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.', 'Pending', event)).toEqual({
        message: `PersistentVolumeClaim web-data has no storage yet: ${event}`,
        hint: 'set volumes.data.storageClass to one that the cluster has (kubectl get storageclass), or ask your administrator',
        permanent: false,
      });
    });

    test('has the claim that does not exist', async () => {
      expect(await waitFor('0/1 nodes are available: persistentvolumeclaim "web-data" not found.')).toEqual({
        message: 'PersistentVolumeClaim web-data does not exist in namespace shop',
        hint: 'set volumes.data.claim to one that exists, or create it; volumes.data.size in its place creates one',
        permanent: true,
      });
    });

    test('says that it is on another node', async () => {
      const message = '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had volume node affinity conflict.';
      expect(await waitFor(message, 'Bound')).toMatchObject({
        message: `no node can mount a volume of the pod: ${message}`, hint: expect.stringContaining('that has volumes.data'),
      });
    });
  });

  test('whose image is for other processors says so', async () => {
    const message = 'Back-off pulling image "web:1": ErrImagePull: no match for platform in manifest: not found';
    expect(await diagnose(waiting('ImagePullBackOff', message))).toMatchObject({
      message: 'cannot pull image web:1: it is for processors of another architecture', hint: PLATFORM, permanent: true,
    });
  });

  test('that crashes is reported with the last lines of its log', async () => {
    expect(await diagnose(crashed({ exitCode: 1 }, 2), { log: 'starting\n\nno database  \n' })).toMatchObject(
      { logs: ['starting', 'no database'] });
  });

  test('whose Secret does not exist is reported with the command that creates the Secret', async () => {
    expect(await diagnose(waiting('CreateContainerConfigError', 'secret "db" not found'))).toMatchObject({
      hint: 'create it with kubectl create secret generic db --namespace shop --from-literal=KEY=VALUE',
    });
  });

  test('whose Secret of files does not exist is reported with their keys', async () => {
    const object = pod({ state: { waiting: { reason: 'ContainerCreating' } } }, { phase: 'Pending' });
    const event = { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "secret-files" : secret "app-tls" not found' };
    expect(await diagnose(object, { event })).toMatchObject({
      message: 'Secret app-tls does not exist in namespace shop',
      hint: 'create it with kubectl create secret generic app-tls --namespace shop --from-file=tls.key=FILE',
    });
  });

  test('whose Secret lacks a key is reported with the variable that names it', async () => {
    const env = [{ name: 'DB_URL', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } }];
    const state = { waiting: { reason: 'CreateContainerConfigError', message: "couldn't find key url in Secret shop/db" } };
    expect(await diagnose(pod({ state }, { container: { ...CONTAINER, env } }))).toMatchObject({
      message: 'Secret db has no key url', hint: 'add the key, or name another one: secretEnv.DB_URL, or the connection that has it',
    });
  });

  test('whose Secret does not exist is reported with the variables that need it, and their keys', async () => {
    const from = (name: string, key: string) => ({ name, valueFrom: { secretKeyRef: { name: 'db', key } } });
    const container = { ...CONTAINER, env: [from('DB_URL', 'url'), from('DB_PASSWORD', 'password'), { name: 'A', value: '1' }] };
    const state = { waiting: { reason: 'CreateContainerConfigError', message: 'secret "db" not found' } };
    expect(await diagnose(pod({ state }, { container }))).toEqual({
      message: 'Secret db does not exist in namespace shop, and DB_URL, DB_PASSWORD need it',
      hint: 'create it with kubectl create secret generic db --namespace shop --from-literal=url=VALUE --from-literal=password=VALUE, '
        + 'or replace it in secretEnv: webapp secrets set DB_URL DB_PASSWORD',
      permanent: true,
    });
  });

  test.each<[string, string]>([
    ['Startup probe failed: HTTP probe failed with statuscode: 503', 'GET /healthz on port 8080 returned 503 instead of 200'],
    ['Startup probe failed: Get "http://10.0.0.1:8080/healthz": context deadline exceeded', 'GET /healthz on port 8080 timed out'],
    ['Startup probe failed: dial tcp 10.0.0.1:8080: connect: connection refused', 'nothing listens on port 8080'],
  ])('whose probe fails is reported: %j', async (event, message) => {
    expect(await diagnose(running(), unhealthy(event))).toMatchObject({ message, permanent: false });
  });

  const killed = (reason: string) => ({ restartCount: 2, lastState: { terminated: { exitCode: 137, reason } }, state: { waiting: {} } });

  test.each<[string, string]>([
    ['128Mi', 'set size: s (256Mi), or resources.memory'],
    ['300M', 'set size: m (512Mi), or resources.memory'],
    ['4Gi', 'set resources.memory'],
  ])('that ran out of memory has its limit of %s, and what to write', async (memory, hint) => {
    const container = { ...CONTAINER, resources: { limits: { memory } } };
    expect(await diagnose(pod(killed('OOMKilled'), { container }))).toMatchObject({
      message: `container main ran out of memory and was killed (OOMKilled); its limit is ${memory}`, hint,
    });
  });

  const READ_ONLY = 'write to /tmp, add volumes: { data: { path: /app/cache, empty: 100Mi } }, or set security.readOnlyRoot: false';
  const OWNER = 'give the file to that user in the image (chown, chmod), or set security.runAsUser to the user of the image';
  test.each<[string, string, string]>([
    ["Error: EROFS: read-only file system, open '/app/cache/a'\n  at main", 'it writes to /app/cache/a, which is read-only', READ_ONLY],
    ["OSError: [Errno 30] Read-only file system: '/app/cache/a'", 'it writes to /app/cache/a, which is read-only', READ_ONLY],
    ['panic: open /app/cache/a: read-only file system', 'it writes to /app/cache/a, which is read-only', READ_ONLY],
    [
      'touch: /usr/x: Read-only file system', 'it writes to /usr/x, which is read-only',
      'write to /tmp, or set security.readOnlyRoot: false',
    ],
    ['Read-only file system', 'it writes to its file system, which is read-only', READ_ONLY.replace('/app/cache', '/folder')],
    ["[Errno 13] Permission denied: '/data/db'", 'it is not allowed to use /data/db as the user that it runs as', OWNER],
    ['mkdir: /data: Permission denied', 'it is not allowed to use /data as the user that it runs as', OWNER],
    ['exec /usr/bin/node: exec format error', 'its image is for processors of another architecture', PLATFORM],
  ])('that logs %j has the reason, and what to write', async (log, why, hint) => {
    expect(await diagnose(crashed({ exitCode: 1 }, 2), { log })).toMatchObject({
      message: `container main exited with code 1: ${why}`, hint, permanent: true,
    });
  });

  test('that ended well is not explained by what it logged', async () => {
    const log = 'permission denied for guest, as it should be';
    expect((await diagnose(crashed({ exitCode: 0 }, 2), { log }))?.hint).toBeUndefined();
  });

  test('that the node has evicted says why', async () => {
    const object = pod({}, { phase: 'Failed' });
    const message = 'Pod ephemeral local storage usage exceeds 1Gi.';
    expect(await diagnose({ ...object, status: { ...object.status, ...{ reason: 'Evicted', message } } })).toMatchObject({
      message: `the node evicted the pod: ${message}`,
      hint: expect.stringContaining('resources.ephemeralStorage'),
    });
  });

  test('that the node has evicted says why, also if its process ended well when it was told to', async () => {
    const object = pod({ state: { terminated: { exitCode: 0 } } }, { phase: 'Succeeded' });
    const event = { reason: 'Evicted', message: 'Usage of EmptyDir volume "tmp" exceeds the limit "20Mi". ' };
    expect(await diagnose(object, { event })).toMatchObject({
      message: 'the node evicted the pod: Usage of EmptyDir volume "tmp" exceeds the limit "20Mi".',
      hint: expect.stringContaining('resources.ephemeralStorage'),
    });
  });

  test('whose log the kubelet has removed is reported without one', async () => {
    const log = 'unable to retrieve container logs for containerd://8da9743bc1c3';
    expect((await diagnose(crashed({ exitCode: 1 }, 2), { log }))?.logs).toEqual([]);
  });

  test('that something else has killed may need more memory', async () => {
    const container = { ...CONTAINER, startupProbe: undefined, resources: { limits: { memory: '128Mi' } } };
    expect(await diagnose(pod(killed('Error'), { container }))).toMatchObject({
      message: 'container main exited with code 137',
      hint: 'it was killed; if it needs more memory, set size: s (256Mi), or resources.memory',
    });
  });

  test.each<[string, string]>([
    ['Startup probe failed: no such table\nmore', 'the health check check.sh -q failed: no such table'],
    ['Startup probe failed: ', 'the health check check.sh -q failed'],
    ['Startup probe failed: command timed out: "check.sh -q" timed out after 1s', 'the health check check.sh -q timed out'],
    ['Startup probe errored and resulted in unknown state: no such file', 'the health check check.sh -q failed: no such file'],
  ])('whose exec probe fails with %j', async (event, message) => {
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      const container = { ...CONTAINER, startupProbe: undefined, [probe]: { exec: { command: ['check.sh', '-q'] } } };
      const object = pod({ started: false, state: { running: {} } }, { container });
      expect(await diagnose(object, unhealthy(event))).toMatchObject({ message, hint: 'fix what it checks, or the command' });
    }
  });

  test('whose events the user is not allowed to list is reported with the probe that fails', async () => {
    expect(await diagnose(running(), { ...unhealthy('statuscode: 503'), denied: true })).toMatchObject(
      { message: 'GET /healthz on port 8080 does not return 200' });
  });

  test.each<[string, string, boolean]>([
    ['MountVolume.SetUp failed for volume "db": secret "db" not found', 'Secret db does not exist in namespace shop', true],
    [
      'MountVolume.SetUp failed for volume "secret-files" : references non-existent secret key: tls.key',
      'Secret app-tls has no key tls.key',
      true,
    ],
    [
      'MountVolume.SetUp failed for volume "config-map-files" : configmap references non-existent config key: ca.crt',
      'a Secret or ConfigMap that is mounted has no key ca.crt',
      true,
    ],
    [
      'AttachVolume.Attach failed: disk is in another zone',
      'cannot mount a volume: AttachVolume.Attach failed: disk is in another zone',
      false,
    ],
  ])('whose volume cannot be mounted is reported: %s', async (text, message, permanent) => {
    const object = pod({ state: { waiting: { reason: 'ContainerCreating' } } }, { phase: 'Pending' });
    expect(await diagnose(object, { event: { reason: 'FailedMount', message: text } })).toMatchObject({ message, permanent });
  });
});

describe('a pod whose image may run as root', () => {
  test.each([
    'container has runAsNonRoot and image has non-numeric user (node), cannot verify user is non-root',
    'container has runAsNonRoot and image will run as root',
  ])('%s', async message => {
    const ofKubelet = `${message} (pod: "web-1_shop(1f0a)", container: main)`;
    expect(await diagnose(waiting('CreateContainerConfigError', ofKubelet))).toEqual({
      message: `cannot configure the container: ${message}`,
      hint: 'set security.runAsUser to the number of a user, or name one in the USER of the image by a number other than 0',
      permanent: true,
    });
  });
});

describe('a pod with other containers', () => {
  const withInit = (init: object, main: object) => {
    const object = pod({ state: { waiting: { reason: 'PodInitializing' } }, ...main }, { phase: 'Pending' });
    const status = { name: 'proxy', image: '', ready: false, restartCount: 0, ...init };
    const initContainers = [{ name: 'proxy', image: 'proxy:1', startupProbe: { tcpSocket: { port: 5432 } } }];
    return { ...object, spec: { ...object.spec, initContainers }, status: { ...object.status, initContainerStatuses: [status] } };
  };

  test('that waits for a volume', async () => {
    const object = withInit({ state: { waiting: { reason: 'PodInitializing' } } }, {});
    const event = { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "db": secret "db" not found' };
    expect(await diagnose(object, { event })).toMatchObject({ message: 'Secret db does not exist in namespace shop' });
  });

  test('of which a sidecar accepts no connections', async () => {
    const object = withInit({ started: false, state: { running: {} } }, {});
    expect(await diagnose(object, unhealthy('dial tcp 10.0.0.1:5432: connect: connection refused')))
      .toMatchObject({ message: 'nothing listens on port 5432' });
  });

  test('of which an init container fails', async () => {
    const status = { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 3 } } };
    const object = withInit(status, {});
    expect(await diagnose(object)).toMatchObject({ message: 'container proxy exited with code 3', permanent: true });
  });
});

describe('of the problems of several pods', () => {
  test('a permanent problem takes precedence over one that may go away', async () => {
    const cluster = new TestCluster();
    const named = (object: ReturnType<typeof pod>, name: string) => ({ ...object, metadata: { name, namespace: 'shop' } });
    cluster.api.put(named(crashed({ exitCode: 1 }), 'a'));
    cluster.api.put(named(waiting('ImagePullBackOff', 'not found'), 'b'));
    const pods = ['a', 'b'].map(name => cluster.api.find(POD, name)!);
    expect(await diagnosePods(cluster, pods)).toMatchObject({ message: 'cannot pull image web:1 (not found)' });
  });
});

describe('pods that cannot be created', () => {
  test.each([
    [
      'pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2',
      'the quota of namespace shop is exceeded: small, requested: pods=1, used: pods=2',
    ],
    [
      'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot',
      'namespace shop does not allow such pods: "restricted:latest": runAsNonRoot',
    ],
    ['something else', 'cannot create pods: something else'],
  ])('%s', (text, message) => {
    expect(diagnoseCreation([{ type: 'ReplicaFailure', status: 'True', message: text }], 'shop')).toMatchObject(
      { message, permanent: true });
  });

  test('are not reported without such a condition', () => {
    expect(diagnoseCreation([{ type: 'Available', status: 'False' }], 'shop')).toBeUndefined();
  });
});
