import { AppFolder } from './in-cluster';
import { eventually, get, kubectl, NEXT_IMAGE, temporaryNamespace } from '../../../test/cluster/cluster';

/** The objects of the namespace that are of previews, their Secrets included. */
function objectsOf(namespace: string): string[] {
  const kinds = 'deployments,services,serviceaccounts,networkpolicies,poddisruptionbudgets,ingresses,interceptorroutes,scaledobjects,'
    + 'persistentvolumeclaims,secrets';
  return kubectl(['get', kinds, '--namespace', namespace, '--output', 'name']).split('\n').filter(name => name.includes('web-'));
}

describe('a preview', () => {
  const namespace = temporaryNamespace('preview');
  const app = new AppFolder(namespace, {
    hosts: ['shop.example.com'],
    scaling: { min: 2, cooldownPeriod: '5s' },
    workers: {
      mailer: { command: ['mail'] },
      // Without pods, as a cluster need not provide volumes.
      archive: { command: ['archive'], scaling: { replicas: 0 }, volumes: { uploads: { path: '/uploads', size: '1Mi' } } },
    },
    environments: { preview: { workers: { archive: {} } } },
  });
  const preview = async (...words: string[]) => app.call('preview', ...words);
  const up = async (name: string, ...words: string[]) => preview('up', name, '--no-resource', '--timeout', '90s', ...words);

  test('is accepted by the cluster, and is ready at a host of its own', async () => {
    const called = await up('feature/Cart', '--ttl', '3d', '--output', 'json');
    expect(called).toMatchObject({ code: 0 });
    const url = `http://web-feature-cart.${namespace}.example.com`;
    expect(JSON.parse(called.out)).toMatchObject([{ preview: 'feature-cart', of: 'web', name: 'web-feature-cart', release: 1, url }]);
    expect(get(namespace, 'scaledobject', 'web-feature-cart').spec).toMatchObject({ minReplicaCount: 0 });
    expect(objectsOf(namespace).some(name => name.includes('mailer'))).toBe(false);
  });

  test('is updated by another up, and is an app for the other commands', async () => {
    expect(await up('feature/Cart', '--image', NEXT_IMAGE)).toMatchObject({ code: 0 });
    const { out } = await app.call('releases', 'web-feature-cart', '--output', 'json');
    expect(JSON.parse(out)).toMatchObject([{ number: 2, state: 'deployed' }, { number: 1 }]);
    expect((await app.call('status', 'web-feature-cart')).out).toContain(`http://web-feature-cart.${namespace}.example.com`);
    const listed = JSON.parse((await preview('ls', '--output', 'json')).out);
    expect(listed).toMatchObject([{ preview: 'feature-cart', name: 'web-feature-cart', namespace }]);
    expect(Date.parse(listed[0].expires) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  });

  test('is removed with its data when its time is over, and others are not', async () => {
    expect(await up('old', '--ttl', '1m')).toMatchObject({ code: 0 });
    expect(objectsOf(namespace)).toContain('persistentvolumeclaim/web-old-archive-uploads');
    await eventually(async () => preview('prune', '--dry-run'), ({ out }) => out === 'web-old (old)\n', 90);
    expect(await preview('prune', '--yes')).toMatchObject({ code: 0, err: expect.stringMatching(/^✓ Removed web-old \(\d+ objects\)\n$/) });
    await eventually(() => objectsOf(namespace), names => !names.some(name => name.includes('web-old')));
    expect(objectsOf(namespace)).toContain('deployment.apps/web-feature-cart');
  });

  test('is removed by down, and nothing is left', async () => {
    expect(await preview('down', 'feature/Cart', '--yes')).toMatchObject({ code: 0 });
    await eventually(() => objectsOf(namespace), names => names.length === 0);
    const again = await preview('down', 'feature/Cart', '--yes');
    expect(again).toMatchObject({ code: 0, err: expect.stringContaining('There is no preview feature-cart') });
  });
});
