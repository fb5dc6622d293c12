import { TestOperator } from './test-operator';
import { timestamp } from '../../src/kube/clock';
import { DEPLOYMENT, SERVICE } from '../../src/kube/types';
import { PLATFORM_LABEL, WEB_APP } from '../../src/operator/resources';
import { synthesize } from '../../src/render/synthesis';
import { IMAGE_NOT_FOUND } from '../kube/controllers';
import { APP } from '../kube/test-cluster';

const imageOf = ({ cluster: { api } }: TestOperator) => api.find(DEPLOYMENT, 'web')!.spec.template.spec!.containers[0].image;
/** An app that is always on, so that nothing scales it. */
const ALWAYS_ON = { image: 'web:1', internal: true, scaling: { replicas: 2 } };

const GATEWAY = { domain: 'example.com', gateway: { name: 'public', namespace: 'gateways' } };

const DENIED = 'admission webhook "policy.example.com" denied the request: no';

describe('a resource', () => {
  let operator: TestOperator;
  beforeEach(() => {
    operator = new TestOperator();
  });

  test('becomes the objects that webapp synth prints, which it owns', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    expect(operator.cluster.api.names('shop', ['Secret', 'Event', 'ReplicaSet', 'WebApp'])).toEqual([
      'Deployment web', 'NetworkPolicy web', 'PodDisruptionBudget web', 'Service web', 'ServiceAccount web',
    ]);
    const { uid } = operator.resource().metadata;
    const { ownerReferences } = operator.cluster.api.find(SERVICE, 'web')!.metadata;
    expect(ownerReferences).toMatchObject([{ kind: 'WebApp', name: 'web', uid, controller: true }]);
  });

  test('says that it is ready, and what runs', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    expect(operator.resource().status).toMatchObject({
      observedGeneration: 1,
      image: 'web:1',
      release: 1,
      replicas: 2,
      ready: '2/2',
      selector: 'app.kubernetes.io/component=web,app.kubernetes.io/name=web',
      url: 'http://web.shop.svc.cluster.local',
    });
    expect(operator.condition('Ready')).toMatchObject({ status: 'True', reason: 'Ready', observedGeneration: 1 });
    expect(operator.events).toEqual(['Normal Released: release 1 is deployed']);
  });

  test('tells warnings of a new app too', async () => {
    operator.apply({ ...ALWAYS_ON, image: 'web:latest' });
    await operator.settle();
    expect(operator.events[0]).toMatch(/^Normal Accepted: warning: /);
  });

  const lookUps: [boolean | undefined, number][] = [[false, 0], [undefined, 2]];
  test.each(lookUps)('takes few requests besides its objects: for a release, a status and an event', async (has, lists) => {
    operator.hasReleases = has; // what the command may have deployed before is looked up where the operator cannot watch it
    operator.apply(ALWAYS_ON);
    await operator.settle();
    const { requests } = operator.cluster.api;
    const count = (pattern: RegExp) => requests.filter(request => pattern.test(request)).length;
    expect(count(/^GET \S+\/secrets/)).toBe(lists);
    expect(count(/^POST/)).toBe(operator.cluster.api.names('shop', ['ReplicaSet', 'WebApp']).length);
    expect(count(/^PATCH/)).toBe(1);
  });

  test('has its first status after a second, if it is not ready before', async () => {
    operator = new TestOperator({ brokenImages: { 'web:1': IMAGE_NOT_FOUND } });
    operator.apply(ALWAYS_ON);
    const { requeueAfter } = await operator.reconcile();
    expect(requeueAfter).toBeLessThanOrEqual(1_000);
    await operator.cluster.clock.sleep(requeueAfter! - 1);
    await operator.reconcile();
    expect(operator.resource().status).toBeUndefined();
    await operator.cluster.clock.sleep(1);
    await operator.reconcile();
    expect(operator.condition('Released')).toMatchObject({ status: 'False', reason: 'Progressing' });
    const { started } = operator.resource().status!.attempt!;
    expect(operator.cluster.clock.now() - Date.parse(started)).toBe(1_000);
  });

  test('is told at once that it cannot be deployed, also while its first status waits', async () => {
    operator = new TestOperator({ brokenImages: { 'web:1': IMAGE_NOT_FOUND } });
    operator.apply(ALWAYS_ON);
    await operator.reconcile();
    operator.policy = () => [{ path: 'image', code: 'format', message: 'is not allowed', hint: 'use another one' }];
    operator.apply({ ...ALWAYS_ON, scaling: { replicas: 3 } });
    await operator.reconcile();
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', reason: 'Invalid' });
    expect(operator.resource().status!.attempt).toBeUndefined();
  });

  test('has an attempt of its own, not that of an app of its name that was deleted', async () => {
    operator.apply(ALWAYS_ON);
    await operator.reconcile();
    await operator.cluster.clock.sleep(500);
    operator.cluster.api.delete({ ...WEB_APP, metadata: APP });
    operator.apply(ALWAYS_ON);
    await operator.reconcile(); // the cluster has not deleted yet what the other one owned
    expect(operator.condition('Released')).toMatchObject({ reason: 'Conflict' });
    expect(operator.resource().status!.attempt!.started).toBe('2026-01-01T00:00:00.500Z');
  });

  test('tells how far it is once a second, and at once what has changed for good', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    const { cluster: { api, clock } } = operator;
    const { metadata } = api.find(DEPLOYMENT, 'web')!;
    const report = (status: object) => api.change({ ...DEPLOYMENT, metadata }, { status });
    report({ replicas: 3 });
    const { requeueAfter } = await operator.reconcile();
    expect(requeueAfter).toBeLessThanOrEqual(1_000);
    expect(operator.resource().status).toMatchObject({ replicas: 2 });
    await clock.sleep(requeueAfter!);
    await operator.reconcile();
    expect(operator.resource().status).toMatchObject({ replicas: 3 });
    report({ replicas: 2, availableReplicas: 0 });
    await operator.reconcile();
    expect(operator.condition('Available')).toMatchObject({ status: 'False' });
  });

  test.each([false, undefined])('is a later release where another was stored since it was looked for', async has => {
    operator.hasReleases = has;
    operator.apply(ALWAYS_ON);
    await operator.reconcile();
    await operator.cluster.store(1, {});
    await operator.settle();
    expect((await operator.cluster.releases()).map(({ number }) => number)).toEqual([2, 1]);
    expect(operator.condition('Released')).toMatchObject({ status: 'True', message: 'release 2 is deployed' });
  });

  test('keeps a canary that ends while a request wakes it, until it has answered', async () => {
    operator.setPlatform(GATEWAY);
    operator.apply({ image: 'web:1', scaling: { replicas: 2 }, rollout: { canary: { image: 'web:2', weight: 10 } } });
    await operator.settle();
    const { cluster: { api, clock } } = operator;
    const live = api.find(DEPLOYMENT, 'web-canary')!;
    const report = (status: string) => api.change({ ...DEPLOYMENT, metadata: live.metadata }, {
      status: { conditions: [{ type: 'Available', status, lastTransitionTime: timestamp(clock.now()) }] },
    });
    report('False');
    operator.apply({ image: 'web:1', scaling: { replicas: 2 } });
    for (let pass = 0; pass < 5; pass++) await operator.reconcile();
    expect(operator.condition('Released')).toMatchObject({ status: 'True', message: 'release 2 is deployed' });
    expect(api.find(DEPLOYMENT, 'web-canary')).toBeDefined();
    report('True');
    await operator.settle();
    expect(api.find(DEPLOYMENT, 'web-canary')).toBeUndefined();
  });

  test('gives a canary no traffic before its pods are ready', async () => {
    operator = new TestOperator({ brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    operator.setPlatform(GATEWAY);
    operator.apply({ image: 'web:1', scaling: { replicas: 2 } });
    await operator.settle();
    const { api } = operator.cluster;
    const { onWrite } = api;
    const routes: string[] = [];
    api.onWrite = (object, server) => {
      if (object.kind === 'HTTPRoute') routes.push(JSON.stringify(object.spec));
      onWrite?.(object, server);
    };
    operator.apply({ image: 'web:1', scaling: { replicas: 2 }, rollout: { canary: { image: 'web:broken', weight: 10 } } });
    await operator.settle();
    expect(operator.condition('Released')).toMatchObject({ reason: 'RolloutFailed', message: expect.stringContaining('web-canary') });
    expect(routes.filter(route => route.includes('web-canary'))).toEqual([]);
  });

  test('causes no write when nothing has changed, also for an operator that has just started', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    const first = operator.cluster.api.requests.length;
    await operator.reconcile();
    operator.restart();
    await operator.reconcile();
    expect(operator.writesSince(first)).toEqual([]);
  });

  test('is deployed to its end by another operator, whenever the first one is stopped', async () => {
    operator.apply(ALWAYS_ON);
    for (let i = 0; i < 12; i++) {
      await operator.reconcile();
      operator.restart();
      await operator.cluster.clock.sleep(1000);
    }
    expect(operator.resource().status).toMatchObject({ release: 1, ready: '2/2' });
    expect(await operator.cluster.releases()).toMatchObject([{ number: 1, state: 'deployed', spec: ALWAYS_ON }]);
  });

  test('has each of its versions as a release, as those of webapp deploy', async () => {
    operator.apply(ALWAYS_ON);
    await operator.settle();
    operator.apply({ ...ALWAYS_ON, image: 'web:2' });
    await operator.settle();
    expect(imageOf(operator)).toBe('web:2');
    expect(await operator.cluster.releases()).toMatchObject([
      { number: 2, state: 'deployed', by: 'webapp-operator', image: 'web:2' }, { number: 1, image: 'web:1' },
    ]);
  });

  test('runs the digest that its tag has when it is deployed, until it is changed', async () => {
    operator.digests = new Map([['web:1', 'sha256:aaa']]);
    operator.apply(ALWAYS_ON);
    await operator.settle();
    operator.digests = new Map([['web:1', 'sha256:bbb']]);
    operator.restart();
    await operator.settle();
    expect(operator.resource().status).toMatchObject({ release: 1, image: 'web:1@sha256:aaa' });
    expect(imageOf(operator)).toBe('web:1@sha256:aaa');
  });

  test('loses fields that its spec no longer asks for', async () => {
    const annotationsOf = () => operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata.annotations;
    operator.apply({ ...ALWAYS_ON, annotations: { team: 'red' } });
    await operator.settle();
    expect(annotationsOf()).toMatchObject({ team: 'red' });
    operator.apply(ALWAYS_ON);
    await operator.settle();
    expect(annotationsOf()).not.toHaveProperty('team');
  });

  test('loses objects that its spec no longer asks for', async () => {
    operator.apply({ ...ALWAYS_ON, workers: { mail: { command: ['mail'] } } });
    await operator.settle();
    expect(operator.cluster.api.names()).toContain('Deployment web-mail');
    operator.apply(ALWAYS_ON);
    await operator.settle();
    expect(operator.cluster.api.names()).not.toContain('Deployment web-mail');
  });
});

describe('drift', () => {
  let operator: TestOperator;
  beforeEach(async () => {
    operator = new TestOperator();
    operator.apply(ALWAYS_ON);
    await operator.settle();
  });

  test('by hand is corrected: a field that was changed', async () => {
    const change = { spec: { type: 'NodePort', ports: [{ name: 'http', port: 81 }] } };
    operator.cluster.api.change({ ...SERVICE, metadata: APP }, change, 'kubectl-edit');
    await operator.settle();
    expect(operator.cluster.api.find(SERVICE, 'web')!.spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  });

  test('by hand is corrected: an object that was deleted', async () => {
    operator.remove(SERVICE);
    await operator.settle();
    expect(operator.cluster.api.names()).toContain('Service web');
  });

  test('of a field that another manager applies is a conflict that the status tells, and is not undone', async () => {
    const port = { spec: { ports: [{ name: 'http', port: 80, targetPort: 81 }] } };
    await operator.cluster.objects.apply({ ...SERVICE, metadata: APP, ...port }, { manager: 'argocd', force: true });
    await operator.settle();
    expect(operator.cluster.api.find(SERVICE, 'web')!.spec.ports).toMatchObject([{ port: 80, targetPort: 81 }]);
    const message = expect.stringContaining('argocd');
    expect(operator.condition('Released')).toMatchObject({ status: 'False', reason: 'Conflict', message });
    expect(operator.condition('Ready')).toMatchObject({ status: 'False', reason: 'Conflict' });
  });
});

describe('an object that exists', () => {
  test('and is not of the app is left alone', async () => {
    const operator = new TestOperator();
    operator.cluster.api.put({ ...SERVICE, metadata: { ...APP, labels: { app: 'other' } }, spec: { ports: [{ port: 9 }] } });
    operator.apply(ALWAYS_ON);
    await operator.settle();
    expect(operator.cluster.api.find(SERVICE, 'web')!.spec.ports).toEqual([{ port: 9 }]);
    expect(operator.condition('Released')).toMatchObject(
      { status: 'False', reason: 'Conflict', message: 'Service web was created by others: choose another name for the app' });
  });
});

describe('an app that webapp deploy has deployed', () => {
  test('belongs to its resource from then on, and changes with it', async () => {
    const operator = new TestOperator();
    const { apps: [{ objects }] } = synthesize([{ ...APP, props: { ...ALWAYS_ON, labels: { team: 'a' } } }]);
    for (const object of objects) await operator.cluster.objects.apply(object);
    operator.apply({ ...ALWAYS_ON, image: 'web:2', scaling: { replicas: 3 } });
    await operator.settle();
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
    expect(imageOf(operator)).toBe('web:2');
    const { uid } = operator.resource().metadata;
    const { ownerReferences, labels } = operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata;
    expect(ownerReferences).toMatchObject([{ uid, controller: true }]);
    expect(labels).not.toHaveProperty('team');
  });
});

describe('a bad spec', () => {
  let operator: TestOperator;
  beforeEach(async () => {
    operator = new TestOperator({ brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    operator.apply(ALWAYS_ON);
    await operator.settle();
  });

  test('is refused with what to write instead, and the last good version keeps serving traffic', async () => {
    operator.apply({ ...ALWAYS_ON, port: 99999 });
    await operator.settle();
    const message = expect.stringContaining('port is 99999');
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', reason: 'Invalid', message });
    expect(operator.condition('Ready')).toMatchObject({ status: 'False', reason: 'Invalid' });
    expect(operator.condition('Available')).toMatchObject({ status: 'True' });
    const { generation } = operator.resource().metadata;
    expect(operator.resource().status).toMatchObject({ release: 1, image: 'web:1', observedGeneration: generation });
  });

  test('does not keep drift from being corrected', async () => {
    operator.apply({ ...ALWAYS_ON, port: 99999 });
    await operator.settle();
    operator.remove(SERVICE);
    await operator.settle();
    expect(operator.cluster.api.names()).toContain('Service web');
  });

  test('that the API server refuses changes nothing', async () => {
    const { api } = operator.cluster;
    api.admit = object => JSON.stringify(object).includes('web:2') && object.kind !== 'WebApp' ? DENIED : undefined;
    operator.apply({ ...ALWAYS_ON, image: 'web:2', env: { A: '1' } });
    await operator.settle();
    expect(imageOf(operator)).toBe('web:1');
    expect(operator.condition('Released')).toMatchObject({ status: 'False', reason: 'Rejected' });
  });

  test('that does not start is rolled back, once', async () => {
    operator.apply({ ...ALWAYS_ON, image: 'web:broken' });
    await operator.settle();
    expect(imageOf(operator)).toBe('web:1');
    expect(operator.condition('Released')).toMatchObject({
      status: 'False', reason: 'RolloutFailed', message: expect.stringContaining('Release 1 is still serving traffic'),
    });
    expect(await operator.cluster.releases()).toMatchObject([{ number: 2, state: 'failed' }, { number: 1, state: 'deployed' }]);
    const first = operator.cluster.api.requests.length;
    operator.restart();
    await operator.settle();
    expect(operator.writesSince(first)).toEqual([]);
  });

  test('that does not start leaves nothing of itself', async () => {
    operator.apply({ ...ALWAYS_ON, image: 'web:broken', annotations: { team: 'red' } });
    await operator.settle();
    expect(operator.cluster.api.find(SERVICE, 'web')!.metadata.annotations).not.toHaveProperty('team');
  });

  test('that does not start stays as it is with rollback: manual', async () => {
    operator.apply({ ...ALWAYS_ON, image: 'web:broken', rollback: 'manual' } as never);
    await operator.settle();
    expect(imageOf(operator)).toBe('web:broken');
    expect(operator.condition('Released')).toMatchObject({ status: 'False', reason: 'RolloutFailed' });
  });

  test('is forgotten as soon as a good one follows', async () => {
    operator.apply({ ...ALWAYS_ON, image: 'web:broken' });
    await operator.settle();
    operator.apply({ ...ALWAYS_ON, image: 'web:3' });
    await operator.settle();
    expect(operator.condition('Ready')).toMatchObject({ status: 'True' });
    expect(operator.resource().status).toMatchObject({ release: 3, image: 'web:3' });
    expect(operator.resource().status).not.toHaveProperty('failedRevision');
  });
});

describe('an app without a release', () => {
  test('keeps nothing of a first attempt when its spec is refused', async () => {
    const operator = new TestOperator({ brokenImages: { 'web:broken': IMAGE_NOT_FOUND } });
    operator.apply({ ...ALWAYS_ON, image: 'web:broken' });
    await operator.settle();
    expect(operator.cluster.api.names()).toContain('Deployment web');
    const taken = { code: 'duplicate', path: 'hosts', message: 'is taken', hint: 'use another' } as const;
    operator.relations = { ...operator.relations, conflicts: () => [taken] };
    await operator.settle();
    expect(operator.cluster.api.names('shop', ['Secret', 'Event', 'Pod', 'ReplicaSet'])).toEqual(['WebApp web']);
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False' });
  });
});

describe('the build of an image', () => {
  test('stays as long as a release that has it, also when another one has been deployed', async () => {
    const operator = new TestOperator();
    operator.setPlatform({ builds: { registry: 'registry.example.com/acme' } });
    const from = (revision: string) => {
      operator.apply({ internal: true, scaling: { replicas: 2 }, buildFrom: { git: 'https://github.com/acme/web', revision } });
      return operator.settle();
    };
    const builds = () => operator.cluster.api.names().filter(name => name.startsWith('BuildRun'));
    await from('a'.repeat(40));
    await from('b'.repeat(40));
    operator.restart();
    await operator.settle();
    expect(operator.resource().status).toMatchObject({ release: 2 });
    expect(builds()).toHaveLength(2);
  });
});

describe('the release command', () => {
  test('runs before the new version, and once', async () => {
    const operator = new TestOperator();
    operator.apply({ ...ALWAYS_ON, releaseCommand: { command: ['migrate'] } });
    await operator.settle();
    expect(operator.cluster.api.requests.filter(request => /^POST.*(jobs|deployments)/.test(request))).toEqual([
      expect.stringContaining('jobs'), expect.stringContaining('deployments'),
    ]);
  });
});

describe('the platform', () => {
  let operator: TestOperator;
  beforeEach(() => {
    operator = new TestOperator();
    operator.setPlatform({ domain: 'apps.example.com' });
    operator.setPlatform({ domain: 'beta.example.com' }, 'beta');
  });

  test('named default is that of all namespaces', async () => {
    operator.apply();
    await operator.settle();
    expect(operator.resource().status!.url).toBe('http://web.apps.example.com');
  });

  test('is another one where the namespace says so', async () => {
    operator.cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { [PLATFORM_LABEL]: 'beta' } } });
    operator.apply();
    await operator.settle();
    expect(operator.resource().status!.url).toBe('http://web.beta.example.com');
  });

  test('must exist where a namespace names one', async () => {
    operator.cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { [PLATFORM_LABEL]: 'gamma' } } });
    operator.apply();
    await operator.settle();
    expect(operator.condition('Accepted')).toMatchObject({ status: 'False', message: expect.stringContaining('no Platform of that name') });
  });

  test('changes the apps when it changes', async () => {
    operator.apply();
    await operator.settle();
    operator.setPlatform({ domain: 'new.example.com' });
    await operator.settle();
    expect(operator.resource().status).toMatchObject({ url: 'http://web.new.example.com', release: 2 });
  });
});

describe('deletion', () => {
  test('is left to the cluster where the resource owns everything', async () => {
    const operator = new TestOperator();
    operator.apply(ALWAYS_ON);
    await operator.settle();
    expect(operator.resource().metadata.finalizers).toBeUndefined();
  });

  test.each(['first', 'later'])('with deletionPolicy: orphan, set %s, leaves the app running', async when => {
    const operator = new TestOperator();
    if (when === 'later') operator.apply(ALWAYS_ON);
    await operator.settle();
    operator.apply({ ...ALWAYS_ON, deletionPolicy: 'orphan' } as never);
    await operator.settle();
    await operator.cluster.objects.remove({ apiVersion: 'cdk8s-webapp.dev/v1alpha1', kind: 'WebApp', ...APP });
    await operator.reconcile();
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata.ownerReferences).toEqual([]);
    expect(operator.resource().metadata.finalizers).toEqual([]);
  });
});
