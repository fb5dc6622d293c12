import { RunningOperator } from './running-operator';
import { INGRESS } from '../../src/kube/types';

const NAMESPACES = ['billing', 'evil'];
const SHOP = 'shop.example.com';

let operator: RunningOperator;
beforeEach(async () => {
  operator = new RunningOperator(NAMESPACES);
  await operator.start();
});
afterEach(async () => {
  await operator.stop();
  expect(operator.errors).toEqual([]);
});

async function restart(): Promise<void> {
  await operator.stop();
  await operator.start();
  await operator.pass(5);
}

const accepted = (name: string, namespace: string) => operator.condition('Accepted', name, namespace);
const hostsOf = (name: string, namespace: string) => (
  operator.cluster.api.find(INGRESS, name, namespace)?.spec.rules?.map(({ host }) => host));

describe('a host that an app serves stays its own', () => {
  test('when an older app comes to claim it, and after a restart too', async () => {
    await operator.apply('old', { hosts: ['old.example.com'] }, 'billing');
    await operator.apply('young', { hosts: [SHOP] }, 'shop');
    await operator.apply('old', { hosts: ['old.example.com', SHOP] }, 'billing');
    for (const again of [async () => {}, restart]) {
      await again();
      expect(accepted('old', 'billing')).toMatchObject({ status: 'False', reason: 'Taken' });
      expect(accepted('old', 'billing')!.message).toContain(`"${SHOP}", which is a host of the namespace "shop"`);
      expect(accepted('young', 'shop')).toMatchObject({ status: 'True' });
      expect([hostsOf('old', 'billing'), hostsOf('young', 'shop')]).toEqual([['old.example.com'], [SHOP]]);
    }
  });

  test('within a namespace too, where the path is the same', async () => {
    await operator.apply('old', { hosts: [SHOP], paths: ['/api'] });
    await operator.apply('young', { hosts: [SHOP] });
    await operator.apply('old', { hosts: [SHOP], paths: ['/'] });
    for (const again of [async () => {}, restart]) {
      await again();
      expect(accepted('old', 'shop')).toMatchObject({ status: 'False', reason: 'Taken' });
      expect(accepted('young', 'shop')).toMatchObject({ status: 'True' });
      expect(operator.condition('Ready', 'young')).toMatchObject({ reason: expect.not.stringMatching('Taken|Invalid') });
    }
  });

  test('while its spec is refused, as the release before still serves it', async () => {
    await operator.apply('web', { hosts: [SHOP] }, 'billing');
    await operator.apply('web', { hosts: ['other.example.com'], port: 99999 }, 'billing');
    await operator.apply('web', { hosts: [SHOP] }, 'shop');
    expect(accepted('web', 'shop')).toMatchObject({ status: 'False', reason: 'Taken' });
    expect(hostsOf('web', 'shop')).toBeUndefined();
  });

  test('until a release without it is deployed: then the app that waits for it gets it', async () => {
    await operator.apply('web', { hosts: [SHOP] }, 'billing');
    await operator.apply('web', { hosts: [SHOP] }, 'shop');
    expect(accepted('web', 'shop')).toMatchObject({ status: 'False' });
    await operator.apply('web', { hosts: ['billing.example.com'] }, 'billing');
    expect(operator.find('web', 'billing')!.status).toMatchObject({ claims: ['billing.example.com/'], release: 2 });
    expect(accepted('web', 'shop')).toMatchObject({ status: 'True' });
    expect(hostsOf('web', 'shop')).toEqual([SHOP]);
  });

  test('and of those that wait for it, the oldest gets it when its app is deleted', async () => {
    for (const namespace of ['billing', 'shop', 'evil']) await operator.apply('web', { hosts: [SHOP] }, namespace);
    await operator.remove('web', 'billing');
    expect([accepted('web', 'shop')?.status, accepted('web', 'evil')?.status]).toEqual(['True', 'False']);
  });
});

describe('an app that its platform refuses', () => {
  test('keeps no host from the app that may have it', async () => {
    operator.setPlatform({ bounds: { hosts: { shop: [SHOP], evil: ['*.evil.example.com'] } } });
    await operator.apply('squatter', { hosts: [SHOP] }, 'evil');
    expect(accepted('squatter', 'evil')).toMatchObject({ status: 'False', reason: 'Invalid' });
    await operator.apply('web', { hosts: [SHOP] }, 'shop');
    expect(accepted('web', 'shop')).toMatchObject({ status: 'True' });
    await restart();
    expect(accepted('web', 'shop')).toMatchObject({ status: 'True' });
  });
});

describe('the status', () => {
  test('has what no other app can have meanwhile, and nothing is written when nothing has changed', async () => {
    await operator.apply('web', { hosts: [SHOP], paths: ['/', '/api'], volumes: { data: { path: '/data', claim: 'data' } } });
    expect(operator.find('web')!.status!.claims).toEqual([`${SHOP}/`, `${SHOP}/api`, 'volume shop/data']);
    const before = operator.find('web')!.metadata.resourceVersion;
    await restart();
    expect(operator.find('web')!.metadata.resourceVersion).toBe(before);
  });
});
