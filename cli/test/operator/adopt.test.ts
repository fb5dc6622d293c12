import { TestOperator } from './test-operator';
import type { Release } from '../../src/engine/release-store';
import { withSettings } from '../../src/engine/settings';
import { DEPLOYMENT, NAMESPACE, SERVICE } from '../../src/kube/types';
import type { Adopted } from '../../src/operator/adopt';
import { planAdoption, releaseFields } from '../../src/operator/adopt';
import { deployResource } from '../../src/operator/client';
import { PLATFORM_LABEL, WEB_APP } from '../../src/operator/resources';
import { synthesize } from '../../src/render/synthesis';
import { APP } from '../kube/test-cluster';
import { AppSize } from 'cdk8s-webapp';

const PROPS = { image: 'web:1', internal: true, scaling: { replicas: 2 } };
const RUNNING = `web:1@sha256:${'0'.repeat(64)}`;

describe('an app that was deployed without the operator', () => {
  let operator: TestOperator;
  beforeEach(() => {
    operator = new TestOperator();
  });

  /** Deploys the app as a program does. */
  async function deployed(
    manager: string, image = RUNNING, { settings, ...release }: Partial<Release> = {},
    props: object = PROPS,
  ): Promise<void> {
    const { cluster } = operator;
    const { apps } = synthesize([{ ...APP, props: { ...props, image } as typeof PROPS }]);
    const objects = withSettings(apps[0].objects, settings);
    for (const object of objects) await cluster.objects.apply(object, { manager });
    if (manager === 'webapp') await cluster.store(1, { objects, image, settings, ...release });
  }

  async function plan(props: object = PROPS, mayRestart = false): Promise<Adopted> {
    const specWith = (image?: string) => ({ ...props, image });
    const pins = { find: async (apps: readonly unknown[]) => apps.map(() => operator.digests) };
    return planAdoption(operator.cluster.operation(), { specWith, mayRestart, pins });
  }

  const generation = () => operator.cluster.api.find(DEPLOYMENT, 'web')!.metadata.generation;

  test.each([
    ['webapp', RUNNING], ['kubectl', RUNNING], ['kubectl', 'web:1'],
  ])('by %s with %s is taken over without a restart, and changes with its resource from then on', async (manager, image) => {
    operator.digests = new Map([['web:1', `sha256:${'1'.repeat(64)}`]]);
    await deployed(manager, image);
    const before = generation();
    const { resource, existing } = await plan();
    expect(resource).toMatchObject({ kind: 'WebApp', metadata: APP, spec: { image } });
    await releaseFields(operator.cluster.operation(), existing);
    const stop = operator.cluster.clock.every(500, () => void operator.reconcile());
    await deployResource(operator.cluster.operation(), resource.spec as object);
    expect(generation()).toBe(before);
    const { uid } = operator.resource().metadata;
    expect(operator.cluster.api.find(SERVICE, 'web')!.metadata.ownerReferences).toMatchObject([{ uid }]);
    await deployResource(operator.cluster.operation(), { ...PROPS, image: 'web:2' });
    stop();
    expect(operator.cluster.api.find(DEPLOYMENT, 'web')!.spec.template.spec!.containers[0].image).toBe('web:2');
  });

  test('and whose pods the resource would replace is left alone: the error is what differs', async () => {
    await deployed('webapp');
    const changed = { ...PROPS, env: { MODE: 'fast' } };
    await expect(plan(changed)).rejects.toThrow(/the pods of web are not as the file .*\nrun webapp deploy first.*\nDeployment web:\n/);
    await expect(plan(changed)).rejects.toThrow(/\+ .*MODE/);
    expect((await plan(changed, true)).resource.spec).toMatchObject({ env: { MODE: 'fast' } });
  });

  test('is compared with what the Platform of its namespace makes of the file', async () => {
    await deployed('webapp');
    operator.setPlatform({ appDefaults: { size: AppSize.L } }, 'big');
    expect((await plan()).existing).not.toEqual([]);
    await operator.cluster.objects.merge({ ...NAMESPACE, name: 'shop' }, { metadata: { labels: { [PLATFORM_LABEL]: 'big' } } });
    await expect(plan()).rejects.toThrow(/\+ +cpu/);
  });

  test('keeps the steps of its canary, which the next version takes', async () => {
    await deployed('webapp');
    const props = { ...PROPS, rollout: { canary: { steps: [{ setWeight: 10 }] } } };
    expect((await plan(props)).resource.spec).toMatchObject({ rollout: { canary: { steps: [{ setWeight: 10 }] } } });
  });

  test('keeps the variables of webapp config without a restart', async () => {
    await deployed('webapp', RUNNING, { settings: { config: { name: 'web-config-x7k2p', keys: ['COLOR'] } } });
    expect((await plan()).existing).not.toEqual([]);
  });

  test('stays in maintenance, which its resource says from then on', async () => {
    const props = { image: 'web:1', internal: true };
    const maintenance = { page: '<p>Back soon</p>', since: '2026-11-27T08:00:00Z', by: 'jo' };
    await deployed('webapp', RUNNING, { maintenance }, props);
    expect((await plan(props)).resource.spec).toMatchObject({ maintenance: { body: '<p>Back soon</p>', enabled: true } });
  });

  test('and which another program goes on applying is left to it', async () => {
    await deployed('argocd-controller');
    const { existing } = await plan();
    await expect(releaseFields(operator.cluster.operation(), existing)).rejects.toThrow(/Deployment web is applied by argocd-controller/);
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    ['that is not deployed', async () => {}, /web is not deployed in namespace shop/],
    ['whose canary is not in the file', async () => deployed('webapp', RUNNING, { canary: { image: 'web:2', weight: 5 } }), /has a canary/],
    ['that has a resource', async () => (await deployed('webapp'), operator.apply(PROPS)), /has a WebApp resource already; webapp deploy/],
    ['in a cluster without the operator', async () => void operator.cluster.api.uninstall(WEB_APP), /run webapp operator install first/],
  ])('%s is not taken over', async (_, prepare, message) => {
    await prepare();
    await expect(plan()).rejects.toThrow(message);
  });
});
