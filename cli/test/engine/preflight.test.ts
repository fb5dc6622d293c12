import { dryRun, preflight } from '../../src/engine/preflight';
import type { Denial } from '../kube/in-memory-api';
import {
  APP, configMap, deployment, interceptorRoute, job, proxyService, scaledObject, service, TestCluster, volumeClaim,
} from '../kube/test-cluster';

const WOKEN = [service(), deployment('web:1'), interceptorRoute(), scaledObject(), proxyService()];

describe('a dry run shows', () => {
  const changes = async (cluster: TestCluster, ...objects: Parameters<typeof preflight>[0]['objects']) => (
    (await dryRun({ cluster, app: APP, objects })).map(({ change, kind, name }) => `${change} ${kind} ${name}`));

  test('what would be created, changed, run and removed, without changing anything', async () => {
    const cluster = new TestCluster();
    const before = [configMap('a'), configMap('b'), configMap('c'), volumeClaim()];
    await cluster.apply(...before);
    await cluster.store(1, { objects: before });
    const versions = () => before.map(({ metadata, ...kind }) => cluster.api.find(kind, metadata.name)?.metadata.resourceVersion);
    const names = cluster.api.names();
    const then = versions();
    expect(await changes(cluster, configMap('a'), configMap('b', { a: '2' }), service(), job('migrate'))).toEqual([
      'unchanged ConfigMap a', 'change ConfigMap b', 'create Service web', 'run Job web-release', 'remove ConfigMap c',
    ]);
    expect([cluster.api.names(), versions()]).toEqual([names, then]);
  });

  test('that everything would be created in a new namespace', async () => {
    const cluster = new TestCluster();
    const app = { ...APP, namespace: 'new' };
    const result = await dryRun({ cluster, app, objects: [service(), job('migrate')], createNamespace: true });
    expect(result.map(({ change, kind }) => `${change} ${kind}`)).toEqual(['create Namespace', 'create Service', 'run Job']);
  });

  test('that a changed Job would run again', async () => {
    const cluster = new TestCluster();
    await cluster.apply(job('migrate'));
    expect(await changes(cluster, job('migrate --all'))).toEqual(['run Job web-release']);
  });
});

describe('preflight reports', () => {
  const problems = async (cluster: TestCluster, objects = WOKEN, force = false) => (
    preflight({ cluster, app: APP, objects, force }).then(() => [], (error: Error) => error.message.split('\n')));

  test('nothing if everything is allowed', async () => {
    expect(await problems(new TestCluster())).toEqual([]);
  });

  test.each<[string, Denial[], string[]]>([
    ['a missing permission for several objects in one line', [{ verb: 'patch', resource: 'services' }], [
      'you are not allowed to patch services in namespace shop (needed for Service web, for Service web-proxy)',
    ]],
    ['all missing verbs in one line', [{ resource: 'secrets' }], [
      'you are not allowed to list, get, create, update, patch, delete secrets in namespace shop (needed to record releases)',
    ]],
    ['missing permissions for several kinds', [{ verb: 'list', resource: 'pods' }, { verb: 'list', resource: 'replicasets' }], [
      'you are not allowed to list replicasets.apps in namespace shop (needed to watch the rollout)',
      'you are not allowed to list pods in namespace shop (needed to watch the rollout)',
    ]],
    [
      'that the user is allowed neither to send a request nor to scale',
      [{ resource: 'services/proxy' }, { resource: 'deployments/scale' }],
      [
        'you are not allowed to patch deployments.apps/scale in namespace shop '
          + '(needed to wake it, unless you are allowed to get services/proxy in namespace keda)',
      ],
    ],
  ])('%s', async (_, denials, lines) => {
    const cluster = new TestCluster();
    cluster.api.denials.push(...denials);
    expect((await problems(cluster)).sort()).toEqual([...lines, '  ask your cluster administrator for a role that allows it'].sort());
  });

  test.each<[string, Denial[]]>([
    ['scale, but is allowed to send requests', [{ resource: 'deployments/scale' }]],
    ['send requests, but is allowed to scale', [{ resource: 'services/proxy' }]],
  ])('nothing if the user is not allowed to %s', async (_, denials) => {
    const cluster = new TestCluster();
    cluster.api.denials.push(...denials);
    expect(await problems(cluster)).toEqual([]);
  });

  test('that an orphan could not be removed', async () => {
    const cluster = new TestCluster();
    await cluster.apply(configMap('a'));
    await cluster.store(1, { objects: [configMap('a')] });
    cluster.api.denials.push({ verb: 'delete', resource: 'configmaps' });
    expect(await problems(cluster)).toEqual([
      'you are not allowed to delete configmaps in namespace shop (needed to remove ConfigMap a, which is not in the file any more)',
      '  ask your cluster administrator for a role that allows it',
    ]);
  });

  test('nothing about the Job of a current release, whose name the image decides that is not built yet', async () => {
    const cluster = new TestCluster();
    await cluster.apply(job('migrate'));
    await cluster.store(1, { objects: [job('migrate')] });
    cluster.api.denials.push({ verb: 'delete', resource: 'jobs' });
    const plan = { cluster, app: APP, objects: [deployment('unbuilt:1')] };
    await expect(preflight(plan)).rejects.toThrow('you are not allowed to delete jobs.batch');
    await expect(preflight({ ...plan, placeholder: 'unbuilt:1' })).resolves.toEqual([expect.objectContaining({ change: 'create' })]);
  });

  test('kinds that are not installed, and how to install them', async () => {
    const cluster = new TestCluster();
    cluster.api.absent.add('ScaledObject').add('InterceptorRoute');
    expect(await problems(cluster)).toEqual([
      'The KEDA HTTP add-on is not installed, or too old: the cluster does not have the kind InterceptorRoute of http.keda.sh/v1beta1',
      expect.stringMatching(/^ {2}run webapp setup, or see .*http-add-on/),
      expect.stringMatching(/^KEDA is not installed, or too old: /),
      expect.stringMatching(/^ {2}run webapp setup, or see .*keda/),
    ]);
  });

  test.each([
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      product: 'Traefik with its CRDs',
      hint: 'or remove http, access, tls.redirect and the weight of a canary',
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'SecurityPolicy',
      product: 'Envoy Gateway',
      hint: 'or remove gateway.controller from platform.yaml',
    },
  ])('that $kind of $apiVersion is not installed, and what to do', async ({ apiVersion, kind, product, hint }) => {
    const found = await problems(new TestCluster(), [{ ...configMap('a'), apiVersion, kind }]);
    expect(found).toEqual([
      `${product} is not installed, or too old: the cluster does not have the kind ${kind} of ${apiVersion}`,
      expect.stringContaining(hint),
    ]);
  });

  test('a missing namespace only once', async () => {
    const objects = [service(), configMap('a')].map(object => ({ ...object, metadata: { ...object.metadata, namespace: 'new' } }));
    const app = { ...APP, namespace: 'new' };
    await expect(preflight({ cluster: new TestCluster(), app, objects })).rejects.toThrow(
      'namespace new does not exist; create it with --create-namespace, or with kubectl create namespace new');
  });

  test('fields of other managers, unless the deploy takes them over', async () => {
    const cluster = new TestCluster();
    cluster.api.put(configMap('a', { a: 'by hand' }));
    expect(await problems(cluster, [configMap('a')])).toEqual([
      'ConfigMap a has fields that other managers set:',
      '  data.a was set by kubectl',
      'leave the fields to them with a patch in the file, or take ownership with --force',
    ]);
    expect(await problems(cluster, [configMap('a')], true)).toEqual([]);
  });

  test('nothing about fields that webapp scale has set, which a deploy takes over', async () => {
    const cluster = new TestCluster();
    await cluster.apply(scaledObject());
    await cluster.objects.merge({ ...scaledObject(), namespace: 'shop', name: 'web' }, { spec: { maxReplicaCount: 50 } }, 'webapp-scale');
    expect(await problems(cluster, [scaledObject()])).toEqual([]);
  });

  test.each([
    ['pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', [
      'Deployment web: namespace shop does not allow such pods: "restricted:latest": allowPrivilegeEscalation != false',
      '  see docs/security.md',
    ]],
    ['pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2', [
      'Deployment web: cannot create pods: pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    ]],
    ['pods "x" is forbidden: exceeded quota: small, requested: pods=1', []], // the quota may allow it later
    ['admission webhook "x" denied the request: not you', []], // the webhook may allow the controller
  ])('that pods would be rejected, if no later attempt can succeed: %s', async (message, lines) => {
    const cluster = new TestCluster();
    cluster.api.admit = ({ kind }) => (kind === 'Pod' ? message : undefined);
    expect(await problems(cluster, [deployment('web:1')])).toEqual(lines);
  });
});
