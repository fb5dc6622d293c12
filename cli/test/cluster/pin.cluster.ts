import { AppFolder } from './in-cluster';
import { get, IMAGE, pods, temporaryNamespace } from '../../../test/cluster/cluster';
import type { Registries } from '../../src/registry/registries';

const imageIn = (namespace: string) => get(namespace, 'deployment', 'web').spec.template.spec.containers[0].image;

/** What the kubelet pulled: `ghcr.io/acme/web@sha256:…`. */
function pulled(namespace: string): string {
  const pod = pods(namespace, 'web').find(({ metadata }) => !metadata.deletionTimestamp);
  return pod.status.containerStatuses[0].imageID;
}

describe('webapp deploy', () => {
  const namespace = temporaryNamespace('pin');
  const app = new AppFolder(namespace, { scaling: { min: 1 } });

  test('runs an image by tag and digest, which the node pulls', async () => {
    expect(await app.call('deploy', '--no-pin', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(imageIn(namespace)).toBe(IMAGE);
    const [, digest] = /@(sha256:[0-9a-f]{64})$/.exec(pulled(namespace))!;
    const registries: Registries = {
      find: async () => ({ state: 'found', digest }),
      remove: async () => {},
      credentials: async () => ({}),
      check: async () => true,
    };
    expect(await app.callIn({ registries }, 'deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(imageIn(namespace)).toBe(`${IMAGE}@${digest}`);
    expect(pulled(namespace)).toMatch(new RegExp(`@${digest}$`));
    expect(await app.callIn({ registries }, 'diff')).toMatchObject({ code: 0 });
  });
});

describe('webapp registry login', () => {
  const namespace = temporaryNamespace('login');

  test('stores credentials in a Secret that pods can pull images with', async () => {
    const app = new AppFolder(namespace, { imagePullSecrets: ['pull'], scaling: { min: 1 } });
    const login = async (registry: string, password: string) => app.callIn(
      { readInput: async () => password },
      'registry', 'login', registry, '--username', 'ann', '--password-stdin', '--no-check',
    );
    expect(await login('quay.io', 'one')).toMatchObject({ code: 0, err: expect.stringContaining('✓ Created Secret pull') });
    expect(await login('registry.example.com', 'two')).toMatchObject({ code: 0, err: expect.stringContaining('✓ Updated Secret pull') });
    const secret = get(namespace, 'secret', 'pull');
    expect(secret.type).toBe('kubernetes.io/dockerconfigjson');
    const { auths } = JSON.parse(Buffer.from(secret.data['.dockerconfigjson'], 'base64').toString());
    expect(auths).toMatchObject({ 'quay.io': { password: 'one' }, 'registry.example.com': { password: 'two' } });
    expect(await app.call('deploy', '--timeout', '60s')).toMatchObject({ code: 0 });
  });
});
