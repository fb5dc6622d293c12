/** What an author could try beyond the props, with the rights that `edit` of a namespace gives: see docs/operator-tenancy.md. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Release } from '../../../src/engine/release-store';
import { releaseSecret } from '../../../src/engine/release-store';
import { OPERATOR_MANAGER } from '../../../src/kube/objects';
import type { Secret } from '../../../src/kube/types';
import { BUILD_RUN, DEPLOYMENT, SECRET, SERVICE } from '../../../src/kube/types';
import { operatorManifest } from '../../../src/operator/manifest/manifest';
import { PLATFORM, PLATFORM_LABEL, WEB_APP } from '../../../src/operator/resources';
import type { Manifest } from '../../../src/render/synthesis';
import { buildRun, deployment } from '../../kube/test-cluster';
import { RunningOperator } from '../running-operator';

const APP = { name: 'web', namespace: 'shop' };
const ALWAYS_ON = { internal: true, scaling: { replicas: 2 } };
const INVALID = { ...ALWAYS_ON, port: 99999 };

let operator: RunningOperator;
beforeEach(async () => {
  operator = new RunningOperator(['billing']);
  await operator.start();
});
afterEach(async () => operator.stop());

async function restart(): Promise<void> {
  await operator.stop();
  await operator.start();
  await operator.pass(5);
}

/** Changes a release in the way of an author who may write Secrets. */
function forge(number: number, change: (release: Release) => Partial<Release>): void {
  const { api } = operator.cluster;
  const { name } = releaseSecret(APP, number);
  const { data } = api.find<Secret>(SECRET, name)!;
  const release = JSON.parse(gunzipSync(Buffer.from(data!.release, 'base64')).toString()) as Release;
  const forged = gzipSync(JSON.stringify({ ...release, ...change(release) })).toString('base64');
  api.change({ ...SECRET, metadata: { name, namespace: APP.namespace } }, { data: { release: forged } });
}

const released = () => operator.condition('Released', 'web');
const inBilling = (name: string): Manifest => {
  const { metadata, ...rest } = deployment('registry.example.com/miner:1', { name });
  return { ...rest, metadata: { ...metadata, namespace: 'billing' } };
};

describe('the Secret of a release, which authors may write,', () => {
  beforeEach(async () => operator.apply('web', ALWAYS_ON));

  test.each<[string, () => Promise<void>]>([
    ['at once', async () => {}],
    ['after a restart', restart],
  ])('does not get the operator to apply objects of theirs: %s', async (_, wait) => {
    forge(1, ({ objects }) => ({ objects: [...objects, inBilling('web-miner'), deployment('miner:1', { name: 'web-miner' })] }));
    await operator.apply('web', INVALID);
    await wait();
    const { api } = operator.cluster;
    expect([api.find(DEPLOYMENT, 'web-miner', 'billing'), api.find(DEPLOYMENT, 'web-miner')]).toEqual([undefined, undefined]);
    expect(released()).toMatchObject({ status: 'False', reason: 'ReleaseChanged' });
    expect(released()!.message).toBe('the Secret of release 1 was deleted or changed, so the app stays as it is: apply a valid spec');
    expect(api.find(DEPLOYMENT, 'web')).toBeDefined();
  });

  test('may be deleted: the app stays as it is', async () => {
    operator.cluster.api.delete({ ...SECRET, metadata: { name: releaseSecret(APP, 1).name, namespace: APP.namespace } });
    await operator.apply('web', INVALID);
    expect(released()).toMatchObject({ status: 'False', reason: 'ReleaseChanged' });
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')).toBeDefined();
  });

  test('keeps nothing from being deployed: a valid spec is the next release', async () => {
    forge(1, ({ objects }) => ({ objects: [...objects, inBilling('web-miner')] }));
    await operator.apply('web', INVALID);
    await operator.apply('web', { ...ALWAYS_ON, env: { A: '1' } });
    await operator.pass(30);
    expect(released()).toMatchObject({ status: 'True', message: 'release 2 is deployed' });
    expect(operator.cluster.api.find(DEPLOYMENT, 'web-miner', 'billing')).toBeUndefined();
  });

  test('does not get it to delete an object of an app of the same name elsewhere, with a new release or the resource', async () => {
    const { api } = operator.cluster;
    const victim = inBilling('web');
    api.put(victim, OPERATOR_MANAGER);
    forge(1, ({ objects }) => ({ objects: [...objects, victim], kept: [{ ...DEPLOYMENT, name: 'web', namespace: 'billing' }] }));
    await operator.apply('web', { ...ALWAYS_ON, env: { A: '1' } });
    expect(released()).toMatchObject({ message: 'release 2 is deployed' });
    expect(api.find(DEPLOYMENT, 'web', 'billing')).toBeDefined();
    const finalizers = ['cdk8s-webapp.dev/operator'];
    api.change({ ...WEB_APP, metadata: APP }, { metadata: { finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    await operator.pass(5);
    expect(operator.find('web')!.metadata.finalizers ?? []).toEqual([]);
    expect(api.find(DEPLOYMENT, 'web', 'billing')).toBeDefined();
  });

  test('does not get it to delete a build of an app of the same name elsewhere, where builds of all apps are', async () => {
    const { api } = operator.cluster;
    api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    const { metadata, ...build } = buildRun('web:1');
    const labels = { 'app.kubernetes.io/name': 'web', 'cdk8s-webapp.dev/app-namespace': 'billing' };
    const victim: Manifest = { ...build, metadata: { ...metadata, namespace: 'builds', labels } };
    api.put(victim, OPERATOR_MANAGER);
    api.change(victim, { status: { conditions: [{ type: 'Succeeded', status: 'True' }] } });
    forge(1, ({ objects }) => ({ objects: [...objects, victim], kept: [{ ...BUILD_RUN, name: metadata.name, namespace: 'builds' }] }));
    for (let i = 1; i <= 11; i++) await operator.apply('web', { ...ALWAYS_ON, env: { A: String(i) } });
    expect(released()).toMatchObject({ message: 'release 12 is deployed' });
    expect(api.find(BUILD_RUN, metadata.name, 'builds')).toBeDefined();
  });

  test('does not fill the memory of the operator', async () => {
    const { api } = operator.cluster;
    const release = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64');
    api.change({ ...SECRET, metadata: { name: releaseSecret(APP, 1).name, namespace: APP.namespace } }, { data: { release } });
    await operator.apply('web', INVALID);
    expect(operator.errors).toContainEqual(expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }));
  });
});

describe('metadata of the resource', () => {
  test('does not choose its platform: only the label of the namespace does', async () => {
    operator.setPlatform({ bounds: { scaling: { max: 3 } } });
    operator.cluster.api.put({ ...PLATFORM, metadata: { name: 'open' }, spec: {} } as Manifest);
    const metadata = { ...APP, labels: { [PLATFORM_LABEL]: 'open' } };
    operator.cluster.api.put({ ...WEB_APP, metadata, spec: { image: 'web:1', scaling: { replicas: 9 } } } as Manifest);
    await operator.pass(5);
    expect(operator.condition('Accepted', 'web')).toMatchObject({ status: 'False', reason: 'Invalid' });
  });

  test('does not change the owner of what the operator creates', async () => {
    operator.cluster.api.put({
      ...WEB_APP,
      metadata: { ...APP, ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'billing', uid: '1', controller: true }] },
      spec: { image: 'web:1', ...ALWAYS_ON },
    } as Manifest);
    await operator.pass(5);
    expect(operator.cluster.api.find(SERVICE, 'web')!.metadata.ownerReferences).toMatchObject([{ kind: 'WebApp', name: 'web' }]);
  });
});

describe('kubectl scale', () => {
  test('exceeds no bound: the last release keeps its replicas', async () => {
    operator.setPlatform({ bounds: { scaling: { max: 3 } } });
    await operator.apply('web', ALWAYS_ON);
    operator.cluster.api.change({ ...WEB_APP, metadata: APP }, { spec: { scaling: { replicas: 50 } } });
    await operator.pass(5);
    expect(operator.condition('Accepted', 'web')).toMatchObject({ status: 'False', reason: 'Invalid' });
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')!.spec.replicas).toBe(2);
  });
});

describe('an object that is not of the app', () => {
  test('is not taken over, whatever its name is', async () => {
    operator.cluster.api.put({ ...SERVICE, metadata: { name: 'web', namespace: 'shop' }, spec: { ports: [{ port: 53 }] } } as Manifest);
    await operator.apply('web', ALWAYS_ON);
    expect(released()).toMatchObject({ status: 'False', reason: 'Conflict', message: expect.stringContaining('was created by others') });
    expect(operator.cluster.api.find(SERVICE, 'web')!.spec).toMatchObject({ ports: [{ port: 53 }] });
  });
});

describe('the ClusterRoles of people', () => {
  const roles = operatorManifest({ namespace: 'webapp-system', image: 'a', replicas: 1, webhook: true }).objects
    .filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name.startsWith('cdk8s-webapp-')) as any[];

  test('let nobody write a status, of which the operator remembers what apps have', () => {
    const isStatus = ({ resources }: { readonly resources: string[] }) => resources.some(one => /status|finalizers|\*/.test(one));
    const rules = roles.flatMap(role => role.rules).filter(isStatus);
    expect(rules.length).toBeGreaterThan(0);
    for (const { verbs } of rules) expect(verbs.filter((verb: string) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
  });

  test('let only administrators of the cluster write platforms', () => {
    const rules = roles.flatMap(role => role.rules).filter(({ resources }) => resources.includes('platforms'));
    expect(rules.map(({ verbs }) => verbs)).toEqual([['get', 'list', 'watch']]);
  });
});
