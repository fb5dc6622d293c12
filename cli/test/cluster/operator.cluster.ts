import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createAccount, kubeconfigOf } from './account';
import { AppFolder } from './in-cluster';
import { TEST_LABEL } from './operator-account';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import {
  describeWithAddon, eventually, IMAGE, kubectl, NEXT_IMAGE, pods, SHORT_LIVED, temporaryNamespace,
} from '../../../test/cluster/cluster';
import { connect } from '../../src/kube/connect';
import { referenceTo } from '../../src/kube/objects';
import { DEPLOYMENT, POD, SERVICE } from '../../src/kube/types';
import { operatorManifest } from '../../src/operator/manifest/manifest';
import type { ConditionType, ResourceCondition, WebAppResource } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';
import { synthesize } from '../../src/render/synthesis';
import type { WebAppProps } from 'cdk8s-webapp';

/** The operator is in the process of the test, which must not block. */
const run = promisify(execFile);

const namespace = temporaryNamespace('operator');
const other = temporaryNamespace('operator-other');
const { objects } = connect({}, { cwd: '.', env: process.env });

const SMALL = { image: IMAGE, size: 'xs', health: SHORT_LIVED };
const ONE_POD = { ...SMALL, scaling: { replicas: 1 } };
const NO_PODS = { ...SMALL, scaling: { replicas: 0 } };

const { crds: CRDS } = operatorManifest({ namespace, image: 'unused', replicas: 1, webhook: false });
let operator: OperatorProcess;
const installation = new OperatorInstallation({ namespace, namespaces: [namespace, other], platform: { monitoring: {} } });

beforeAll(async () => {
  await installation.install();
  operator = await OperatorProcess.start(namespace);
});
afterAll(async () => installation.remove(operator));

/** Applies a resource as its developer does: fields that are no longer there are removed. */
async function apply(spec: object, name = 'web', where = namespace): Promise<void> {
  await objects.apply({ ...WEB_APP, metadata: { name, namespace: where }, spec: JSON.parse(JSON.stringify(spec)) }, { force: true });
  // A manager of its own: `webapp deploy` keeps the label.
  await objects.merge({ ...WEB_APP, name, namespace: where }, { metadata: { labels: { [TEST_LABEL]: namespace } } }, 'test');
}

async function resource(name = 'web', where = namespace): Promise<WebAppResource> {
  return (await objects.get({ ...WEB_APP, name, namespace: where }))!;
}

/** Waits for a condition of the current spec. */
async function condition(
  type: ConditionType, fields: Partial<ResourceCondition>, name = 'web', where = namespace,
): Promise<WebAppResource> {
  return eventually(async () => resource(name, where), ({ metadata: { generation }, status }) => {
    const found = status?.conditions?.find(one => one.type === type);
    return status?.observedGeneration === generation
      && Object.entries(fields).every(([field, value]) => found?.[field as keyof ResourceCondition] === value);
  }, 90);
}

function messageOf({ status }: WebAppResource, type: ConditionType): string {
  return status?.conditions?.find(one => one.type === type)?.message ?? '';
}

async function imageOf(name = 'web'): Promise<string | undefined> {
  return (await objects.get({ ...DEPLOYMENT, name, namespace }))?.spec.template.spec!.containers[0].image;
}

/** What an app has in a namespace: kinds and names. */
async function left(name: string, where = namespace): Promise<string[]> {
  const kinds = 'deployments,services,serviceaccounts,networkpolicies,poddisruptionbudgets,ingresses,secrets';
  const selector = `app.kubernetes.io/name=${name}`;
  const { stdout } = await run('kubectl', ['get', kinds, '--namespace', where, '--selector', selector, '--output', 'name']);
  return stdout.split('\n').filter(line => line !== '');
}

describe('a resource', () => {
  test('becomes an app that is ready, at a URL of its platform', async () => {
    await apply(ONE_POD);
    await installation.untilReady();
    expect((await resource()).status).toMatchObject({
      url: `http://web.${namespace}.example.com`, image: IMAGE, release: 1, replicas: 1, ready: '1/1', observedGeneration: 1,
    });
    const { stdout } = await run('kubectl', ['get', 'webapp', 'web', '--namespace', namespace, '--no-headers']);
    expect(stdout).toMatch(/^web +http:\S+ +1\/1 +1 +\S+ +\S+\n$/);
  });

  test('is deployed without a list of the Secrets of its namespace: the operator follows all releases', () => {
    expect(operator.api.reads.filter(path => path.endsWith('/secrets'))).toEqual(['/api/v1/secrets']);
  });

  test('is not up to date before an operator has looked at it, for Flux and others that use kstatus', async () => {
    const unseen = { ...WEB_APP, metadata: { name: 'unseen', namespace }, spec: { image: IMAGE } };
    await objects.apply(unseen);
    expect(await resource('unseen')).toMatchObject({ metadata: { generation: 1 }, status: { observedGeneration: -1 } });
    await objects.remove(referenceTo(unseen));
  });

  test('is deployed as a new release when it changes', async () => {
    await apply({ ...ONE_POD, image: NEXT_IMAGE, env: { GREETING: 'hello' } });
    await condition('Released', { status: 'True', message: 'release 2 is deployed' });
    expect(await imageOf()).toBe(NEXT_IMAGE);
    const { out } = await new AppFolder(namespace).call('releases', '--output', 'json');
    expect(JSON.parse(out)).toMatchObject([{ number: 2, state: 'deployed', by: 'webapp-operator' }, { number: 1 }]);
  });

  test('whose version fails to start keeps the release before it, and says why', async () => {
    await apply({ ...ONE_POD, image: 'ghcr.io/acme/missing:1' });
    const found = await condition('Released', { status: 'False', reason: 'RolloutFailed' });
    expect(messageOf(found, 'Released')).toMatch(/web failed to start: .*acme\/missing:1[^]*\nRelease 2 is still serving traffic/);
    expect(await imageOf()).toBe(NEXT_IMAGE);
    expect(found.status).toMatchObject({ release: 2, ready: '1/1' });
  });

  test('that webapp deploy finds is edited, and not bypassed', async () => {
    const app = new AppFolder(namespace, { ...ONE_POD, env: { GREETING: 'hi' } });
    const { code, err } = await app.call('deploy', '--timeout', '90s');
    expect(err).toContain('✓ Applied WebApp web\n');
    expect(err).toContain('✓ Deployed release 4\n');
    expect(code).toBe(0);
    expect((await resource()).spec.env).toEqual({ GREETING: 'hi' });
  });
});

describe('an account that may only write WebApps in its namespace', () => {
  const rules = [{ apiGroups: ['cdk8s-webapp.dev'], resources: ['webapps'], verbs: ['get', 'create', 'patch'] }];
  let developer: string[];
  beforeAll(() => {
    createAccount(namespace, 'developer', rules);
    developer = ['--kubeconfig', kubeconfigOf(namespace, 'developer'), '--namespace', namespace];
  });

  test.each<[string, object, string]>([
    ['patches pods', { patches: [{ kind: 'Deployment', merge: { spec: { template: { spec: { hostNetwork: true } } } } }] },
      'patches[0] changes a Deployment, but the platform allows no patches'],
    ['uses another ServiceAccount', { serviceAccount: { name: 'webapp-operator' } },
      'serviceAccount.name is "webapp-operator", but the platform allows no existing ServiceAccounts'],
    ['configures the ingress controller', { annotations: { 'nginx.ingress.kubernetes.io/configuration-snippet': 'return 200;' } },
      'annotations["nginx.ingress.kubernetes.io/configuration-snippet"] is set, but the platform allows only'],
    ['uses the identity of KEDA',
      { scaling: { replicas: null, triggers: [{ type: 'cron', metadata: { timezone: 'UTC' }, authentication: { podIdentity: 'aws' } }] } },
      'podIdentity is "aws", but the platform allows no identities of KEDA'],
  ])('that %s is refused, and what runs stays', async (_, props, message) => {
    const patch = JSON.stringify({ spec: props });
    await run('kubectl', [...developer, 'patch', 'webapp', 'web', '--type', 'merge', '--patch', patch]);
    const found = await condition('Accepted', { status: 'False', reason: 'Invalid' });
    expect(messageOf(found, 'Accepted')).toContain(message);
    expect(messageOf(found, 'Ready')).toContain(message);
    expect(found.status).toMatchObject({ release: 4, ready: '1/1' });
    const undone = { ...Object.fromEntries(Object.keys(props).map(prop => [prop, null])), scaling: { triggers: null, replicas: 1 } };
    await run('kubectl', [...developer, 'patch', 'webapp', 'web', '--type', 'merge', '--patch', JSON.stringify({ spec: undone })]);
    await condition('Accepted', { status: 'True' });
  });

  test('cannot have the host of an app of another namespace', async () => {
    await apply({ ...NO_PODS, hosts: [`web.${namespace}.example.com`] }, 'thief', other);
    const found = await condition('Accepted', { status: 'False' }, 'thief', other);
    expect(messageOf(found, 'Accepted')).toContain(`which is a host of the namespace "${namespace}"`);
    expect(await left('thief', other)).toEqual([]);
    await objects.remove({ ...WEB_APP, name: 'thief', namespace: other });
  });
});

describe('drift', () => {
  const service = { ...SERVICE, name: 'drift', namespace };
  const portOf = async () => (await objects.get(service))?.spec.ports?.[0].port;
  beforeAll(async () => {
    await apply(NO_PODS, 'drift');
    await condition('Ready', { status: 'True' }, 'drift');
  });
  afterAll(async () => objects.remove({ ...WEB_APP, name: 'drift', namespace })); // what conflicts is tried again and again

  test('of a field that was edited by hand is corrected', async () => {
    await objects.merge(service, { spec: { ports: [{ name: 'http', port: 81, targetPort: 'http' }] } }, 'kubectl-edit');
    await eventually(portOf, port => port === 80);
  });

  test('of an object that was deleted is corrected', async () => {
    await objects.remove(service);
    await eventually(portOf, port => port === 80);
  });

  test('of a field that another manager applies is a conflict in the status, and stays', async () => {
    const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 9999 }];
    await objects.apply({ ...SERVICE, metadata: { name: 'drift', namespace }, spec: { ports } }, { manager: 'argocd', force: true });
    const found = await condition('Released', { status: 'False', reason: 'Conflict' }, 'drift');
    expect(messageOf(found, 'Released')).toContain('argocd');
    expect((await objects.get(service))?.spec.ports).toMatchObject(ports);
  });
});

describe('webapp restart', () => {
  const uids = async () => (await objects.list(POD, { namespace, labels: { 'app.kubernetes.io/name': 'restarted' } }))
    .filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.uid);
  afterAll(async () => objects.remove({ ...WEB_APP, name: 'restarted', namespace }));

  test('replaces the pods of an app, and is not taken back as drift', async () => {
    await apply(ONE_POD, 'restarted');
    await condition('Ready', { status: 'True' }, 'restarted');
    const before = await uids();
    const folder = new AppFolder(namespace);
    const restarted = await folder.call('restart', 'restarted', '--namespace', namespace, '--timeout', '90s');
    expect(restarted).toMatchObject({ code: 0, err: '✓ Restarted restarted (1/1 replicas ready)\n' });
    const after = await uids();
    expect(after).not.toEqual(before);
    await operator.stop();
    operator = await OperatorProcess.start(namespace); // it compares everything when it starts
    await operator.settled(1);
    expect(await uids()).toEqual(after);
    const { out } = await folder.call('ls', '--namespace', namespace, '--output', 'json');
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ name: 'restarted', state: 'ready', byOperator: true }));
  });
});

describe('an app that webapp deploy has deployed', () => {
  test('is taken over by its resource, with all of its fields', async () => {
    const input = { name: 'taken', namespace, props: { ...NO_PODS, env: { OLD: 'yes' } } as WebAppProps };
    const { apps: [app] } = synthesize([input], { domain: `${namespace}.example.com`, monitoring: {} });
    for (const object of app.objects) await objects.apply(object);
    await apply({ ...NO_PODS, env: { NEW: 'yes' } }, 'taken');
    await condition('Ready', { status: 'True' }, 'taken');
    const { metadata, spec } = (await objects.get({ ...DEPLOYMENT, name: 'taken', namespace }))!;
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'WebApp', name: 'taken', controller: true }]);
    const names = spec.template.spec!.containers[0].env!.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['NEW']));
    expect(names).not.toContain('OLD');
  });
});

describe('webapp operator adopt', () => {
  test('gives an app to the operator without replacing its pod', async () => {
    const folder = new AppFolder(namespace, { ...ONE_POD, name: 'adopted', scaling: { replicas: 1 } }, { monitoring: {} });
    const { out } = await folder.call('synth');
    await writeFile(join(folder.path, 'all.yaml'), out);
    await run('kubectl', ['apply', '--server-side', '--filename', join(folder.path, 'all.yaml')]);
    await run('kubectl', ['rollout', 'status', 'deployment/adopted', '--namespace', namespace]);
    const podsOf = () => pods(namespace, 'adopted').map(({ metadata }) => metadata.uid);
    const before = podsOf();
    const adoption = folder.call('operator', 'adopt', 'adopted');
    await eventually(async () => resource('adopted'), found => found !== undefined);
    await objects.merge({ ...WEB_APP, name: 'adopted', namespace }, { metadata: { labels: { [TEST_LABEL]: namespace } } }, 'test');
    expect(await adoption).toMatchObject({ code: 0, err: expect.stringContaining('Deployed release 1') });
    expect(podsOf()).toEqual(before);
    await apply({ ...ONE_POD, image: NEXT_IMAGE, labels: { team: 'a' } }, 'adopted');
    await condition('Ready', { status: 'True' }, 'adopted');
    await apply({ ...ONE_POD, image: NEXT_IMAGE }, 'adopted');
    await condition('Ready', { status: 'True' }, 'adopted');
    expect(await imageOf('adopted')).toBe(NEXT_IMAGE);
    expect((await objects.get({ ...SERVICE, name: 'adopted', namespace }))!.metadata.labels).not.toHaveProperty('team');
  });
});

describe('a platform', () => {
  test('that changes moves the apps of its namespaces', async () => {
    await apply(NO_PODS, 'moved');
    await condition('Ready', { status: 'True' }, 'moved');
    await installation.setPlatform({ domain: `new.${namespace}.example.com`, monitoring: {} });
    await eventually(async () => resource('moved'), ({ status }) => status?.url === `http://moved.new.${namespace}.example.com`);
    await installation.setPlatform({ domain: `${namespace}.example.com`, monitoring: {} });
    await eventually(async () => resource('moved'), ({ status }) => status?.url === `http://moved.${namespace}.example.com`);
  });
});

describeWithAddon('a kind that the cluster does not have', () => {
  beforeAll(async () => {
    await operator.stop();
    operator = await OperatorProcess.start(namespace, ['monitoring.coreos.com/v1', 'http.keda.sh/v1beta1']);
  });

  test.each([
    { name: 'measured', spec: { ...NO_PODS, metrics: { path: '/metrics' } }, kind: 'PodMonitor', group: 'monitoring.coreos.com/v1' },
    { name: 'scaled', spec: { ...SMALL, scaling: { min: 1, max: 2 } }, kind: 'InterceptorRoute', group: 'http.keda.sh/v1beta1' },
  ])('is named in the status, with what to install, and used as soon as it is there: $kind', async ({ name, spec, kind, group }) => {
    await apply(spec, name);
    const found = await condition('Released', { status: 'False', reason: 'NotInstalled' }, name);
    expect(messageOf(found, 'Released')).toContain(kind);
    operator.api.hidden = operator.api.hidden.filter(hidden => hidden !== group);
    await condition('Ready', { status: 'True' }, name);
  });
});

describe('a CustomResourceDefinition', () => {
  test('may be upgraded under the operator, which goes on', async () => {
    const version = '/spec/versions/0';
    const upgrade = [
      { op: 'add', path: `${version}/additionalPrinterColumns/-`, value: { name: 'Port', type: 'integer', jsonPath: '.spec.port' } },
      { op: 'add', path: `${version}/schema/openAPIV3Schema/properties/spec/properties/ofTomorrow`, value: { type: 'string' } },
    ];
    kubectl(['patch', 'crd', 'webapps.cdk8s-webapp.dev', '--type', 'json', '--patch', JSON.stringify(upgrade)]);
    await eventually(() => kubectl(['explain', 'webapp.spec']), text => text.includes('ofTomorrow'));
    await apply({ ...NO_PODS, env: { SINCE: 'upgrade' } }, 'upgraded');
    await condition('Ready', { status: 'True' }, 'upgraded');
    for (const crd of CRDS) await objects.apply(crd, { force: true });
    await apply({ ...NO_PODS, env: { SINCE: 'downgrade' } }, 'upgraded');
    await condition('Ready', { status: 'True' }, 'upgraded');
    const { spec } = (await objects.get({ ...DEPLOYMENT, name: 'upgraded', namespace }))!;
    expect(spec.template.spec!.containers[0].env).toContainEqual({ name: 'SINCE', value: 'downgrade' });
  });
});

describe('the deletion of a resource', () => {
  test('leaves nothing', async () => {
    await apply(NO_PODS, 'gone');
    await condition('Ready', { status: 'True' }, 'gone');
    expect((await left('gone')).length).toBeGreaterThan(5);
    await objects.remove({ ...WEB_APP, name: 'gone', namespace });
    await eventually(async () => left('gone'), names => names.length === 0);
  });

  test('follows when the ttl is over, with the data', async () => {
    await apply({ ...NO_PODS, ttl: '1m', volumes: { uploads: { path: '/uploads', size: '1Mi' } } }, 'temporary');
    const { status, metadata: { creationTimestamp } } = await condition('Released', { status: 'True' }, 'temporary');
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'temporary-uploads', namespace };
    expect(await objects.get(claim)).toMatchObject({ metadata: { ownerReferences: [{ kind: 'WebApp', name: 'temporary' }] } });
    expect(Date.parse(status!.expires!)).toBeGreaterThanOrEqual(Date.parse(creationTimestamp) + 60_000);
    await eventually(async () => objects.get({ ...WEB_APP, name: 'temporary', namespace }), found => found === undefined, 120);
    await eventually(async () => objects.get(claim), found => found === undefined);
    await eventually(async () => left('temporary'), names => names.length === 0);
  });

  test('with deletionPolicy orphan leaves the app as it is, for webapp deploy', async () => {
    await apply({ ...NO_PODS, deletionPolicy: 'orphan' }, 'orphan');
    await condition('Ready', { status: 'True' }, 'orphan');
    const before = await left('orphan');
    await objects.remove({ ...WEB_APP, name: 'orphan', namespace });
    await eventually(async () => objects.get({ ...WEB_APP, name: 'orphan', namespace }), found => found === undefined);
    const { metadata } = (await objects.get({ ...DEPLOYMENT, name: 'orphan', namespace }))!;
    expect(metadata.ownerReferences).toBeUndefined();
    expect(await left('orphan')).toEqual(before);
  });
});

describe('an operator', () => {
  const names = Array.from({ length: 20 }, (_, i) => `app-${i}`);

  test('that starts again writes nothing when nothing has changed', async () => {
    await operator.settled(1);
    await operator.stop();
    operator = await OperatorProcess.start(namespace);
    const { items } = JSON.parse((await run('kubectl', ['get', 'webapps', '--namespace', namespace, '--output', 'json'])).stdout);
    await operator.settled(items.length);
    expect(operator.api.writes).toEqual([]);
  });

  test('hands over to another replica, which waits meanwhile', async () => {
    const next = await OperatorProcess.start(namespace);
    expect([await operator.isLeader(), await next.isLeader()]).toEqual([true, false]);
    await Promise.all(names.slice(0, 5).map(async name => apply(NO_PODS, name)));
    await operator.stop();
    await eventually(async () => next.isLeader(), leads => leads);
    operator = next;
    for (const name of names.slice(0, 5)) await condition('Ready', { status: 'True' }, name);
  });

  test('may be killed at any moment: everything is right in the end, and nothing is left over', async () => {
    await Promise.all(names.map(async name => apply(NO_PODS, name)));
    for (const pause of [100, 700, 1900]) {
      await new Promise(resolve => setTimeout(resolve, pause * (0.5 + Math.random())));
      await operator.kill();
      await Promise.all(names.slice(0, 12).map(async name => apply({ ...NO_PODS, env: { PAUSE: String(pause) } }, name)));
      await Promise.all(names.slice(15).map(async name => objects.remove({ ...WEB_APP, name, namespace })));
      operator = await OperatorProcess.start(namespace);
    }
    for (const name of names.slice(0, 15)) {
      const { status } = await condition('Ready', { status: 'True' }, name);
      expect(status).not.toHaveProperty('attempt');
    }
    for (const name of names.slice(0, 12)) {
      const { spec } = (await objects.get({ ...DEPLOYMENT, name, namespace }))!;
      expect(spec.template.spec!.containers[0].env).toContainEqual({ name: 'PAUSE', value: '1900' });
    }
    for (const name of names.slice(15)) await eventually(async () => left(name), found => found.length === 0);
    await operator.settled(1);
    expect(operator.api.writes).not.toEqual([]);
    await operator.stop();
    operator = await OperatorProcess.start(namespace);
    await operator.settled(15);
    expect(operator.api.writes).toEqual([]);
  });
});
