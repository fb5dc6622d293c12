import { SECRET } from '../../src/kube/types';
import type { World } from '../../src/ui/world';
import type { Called } from '../call';
import { call } from '../call';
import { Folder } from '../folder';
import { TestCluster } from '../kube/test-cluster';
import { TestRegistry } from '../registry/test-registry';

let cluster: TestCluster;
let registry: TestRegistry;
let folder: Folder;

beforeEach(async () => {
  cluster = new TestCluster();
  registry = await TestRegistry.start({ authentication: 'token', users: { ann: 'secret', bot: 'token', AWS: 'short-lived' } });
  folder = new Folder({ 'webapp.yaml': 'name: web\nnamespace: shop\nimage: web:1\n' });
});
afterEach(async () => registry.stop());

/** Stores credentials as `docker login` does. */
function dockerLogin(username: string, password: string): void {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  folder.write('config.json', JSON.stringify({ auths: { [registry.host]: { auth } } }));
}

async function login(words: string[], world: Partial<World> = {}): Promise<Called> {
  const env = { HOME: folder.path, DOCKER_CONFIG: folder.path };
  return call(['registry', 'login', ...words], { cwd: folder.path, cluster, registries: undefined, env, ...world });
}

interface Stored {
  readonly auths: { readonly [registry: string]: { readonly username: string; readonly password: string; readonly auth: string } };
}

/** The credentials in a Secret: the user and password by registry. */
function stored(name = 'registry', namespace = 'shop'): { [registry: string]: string } | undefined {
  const secret = cluster.api.find(SECRET, name, namespace);
  if (!secret) return undefined;
  expect(secret.type).toBe('kubernetes.io/dockerconfigjson');
  const { auths } = JSON.parse(Buffer.from(secret.data!['.dockerconfigjson'], 'base64').toString()) as Stored;
  return Object.fromEntries(Object.entries(auths).map(([host, { username, password, auth }]) => {
    expect(Buffer.from(auth, 'base64').toString()).toBe(`${username}:${password}`);
    return [host, `${username}:${password}`];
  }));
}

const platform = (text: string) => folder.write('platform.yaml', `domain: example.com\n${text}`);

describe('webapp registry login', () => {
  test('stores the credentials of docker login, and says how to use them', async () => {
    dockerLogin('ann', 'secret');
    const { code, out, err } = await login([registry.host]);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toBe(`\
✓ ${registry.host} accepts the credentials of ann
✓ Created Secret registry in namespace shop, to pull images
To use it, add to platform.yaml:
  imagePullSecrets: [registry]
`);
    expect(stored()).toEqual({ [registry.host]: 'ann:secret' });
    expect((await login([registry.host])).err).toContain('✓ Kept Secret registry');
  });

  test('reads a password from standard input', async () => {
    const called = await login([registry.host, '--username', 'bot', '--password-stdin'], { readInput: async () => 'token\n' });
    expect(called.code).toBe(0);
    expect(stored()).toEqual({ [registry.host]: 'bot:token' });
  });

  test('asks for a user and a password that nobody sees', async () => {
    const asked: string[] = [];
    const user: Partial<World> = {
      interactive: true,
      ask: async question => {
        asked.push(question);
        return 'bot';
      },
      askSecret: async question => {
        asked.push(`secret: ${question}`);
        return 'token';
      },
    };
    expect(await login([registry.host], user)).toMatchObject({ code: 0 });
    expect(asked).toEqual([`User name for ${registry.host}: `, 'secret: Password: ']);
    expect(stored()).toEqual({ [registry.host]: 'bot:token' });
  });

  test('writes the Secrets that the files name, each in its namespace', async () => {
    dockerLogin('ann', 'secret');
    platform(`imagePullSecrets: [pull]\nbuilds: { registry: ${registry.host}/acme, pushSecret: push, namespace: builds }\n`);
    cluster.api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'builds' } });
    const { err } = await login([]);
    expect(err).toBe(`\
✓ ${registry.host} accepts the credentials of ann
✓ Created Secret pull in namespace shop, to pull images
✓ Created Secret push in namespace builds, to push images
`);
    expect([stored('pull'), stored('push', 'builds')]).toEqual([{ [registry.host]: 'ann:secret' }, { [registry.host]: 'ann:secret' }]);
  });

  test('writes one Secret for both where the files name none', async () => {
    dockerLogin('ann', 'secret');
    platform(`builds: { registry: ${registry.host}/acme }\n`);
    const { err } = await login([]);
    expect(err).toContain('✓ Created Secret registry in namespace shop, to pull and push images\n');
    expect(err).toContain('add to platform.yaml:\n  imagePullSecrets: [registry]\n  builds:\n    pushSecret: registry\n');
  });

  test.each<[string, string[]]>([['pull', ['pull']], ['push', ['push']]])('with --for %s writes that one', async (purpose, names) => {
    dockerLogin('ann', 'secret');
    platform(`imagePullSecrets: [pull]\nbuilds: { registry: ${registry.host}/acme, pushSecret: push }\n`);
    expect(await login(['--for', purpose])).toMatchObject({ code: 0 });
    expect(['pull', 'push'].filter(name => stored(name))).toEqual(names);
  });

  test('keeps the credentials of other registries, and replaces those of the same one', async () => {
    const auths = { 'quay.io': { username: 'eve', password: 'x', auth: 'ZXZlOng=' }, [`https://${registry.host}`]: { auth: 'b2xkOm9sZA==' } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
    cluster.api.put({ ...SECRET, metadata: { name: 'registry', namespace: 'shop' }, type: 'kubernetes.io/dockerconfigjson', data });
    dockerLogin('ann', 'secret');
    expect((await login([registry.host])).err).toContain('Secret registry in namespace shop is managed by kubectl; change it with --force');
    expect(await login([registry.host, '--force'])).toMatchObject({ code: 0, err: expect.stringContaining('✓ Updated Secret registry') });
    expect(stored()).toEqual({ 'quay.io': 'eve:x', [registry.host]: 'ann:secret' });
  });

  test('creates the namespace with --create-namespace', async () => {
    dockerLogin('ann', 'secret');
    folder.write('webapp.yaml', 'name: web\nnamespace: new\nimage: web:1\n');
    expect(await login([registry.host])).toMatchObject({ code: 1, err: expect.stringContaining('namespace new does not exist') });
    expect(await login([registry.host, '--create-namespace'])).toMatchObject({ code: 0 });
    expect(stored('registry', 'new')).toEqual({ [registry.host]: 'ann:secret' });
  });

  test('needs no webapp.yaml', async () => {
    dockerLogin('ann', 'secret');
    const elsewhere = new Folder({});
    const world = { cwd: elsewhere.path };
    expect(await login([registry.host, '--secret', 'mine'], world)).toMatchObject({ code: 0 });
    elsewhere.write('platform.yaml', `builds: { registry: ${registry.host}/acme, pushSecret: push }\n`);
    expect(await login(['--for', 'push'], world)).toMatchObject({ code: 0 });
    expect([stored('mine'), stored('push')]).toEqual([{ [registry.host]: 'ann:secret' }, { [registry.host]: 'ann:secret' }]);
    expect(await login([registry.host, '--file', 'other.yaml'], world)).toMatchObject({ code: 1 });
  });

  test('warns about credentials that expire', async () => {
    dockerLogin('AWS', 'short-lived');
    expect((await login([registry.host])).err).toContain('! these credentials expire after 12 hours');
  });

  test('warns if the registry does not ask for credentials', async () => {
    registry.behavior.authentication = 'none';
    dockerLogin('ann', 'secret');
    expect((await login([registry.host])).err).toContain(`! ${registry.host} did not ask for credentials`);
  });
});

describe('webapp registry login changes nothing', () => {
  afterEach(() => expect(cluster.api.requests.filter(request => !request.startsWith('GET'))).toEqual([]));

  const wrong = async (words: string[] = [], world?: Partial<World>) => {
    const called = await login([registry.host, ...words], world);
    expect(called.code).toBe(1);
    return called.err;
  };

  test('if the registry does not accept the credentials, which it does not print', async () => {
    dockerLogin('ann', 'hunter2');
    const err = await wrong();
    expect(err).toContain(`${registry.host} does not accept the credentials of ann: it denied access (incorrect username or password)`);
    expect(err).not.toMatch(/hunter2|YW5u/);
  });

  test('if the registry cannot be asked', async () => {
    dockerLogin('ann', 'secret');
    registry.behavior.answer = (_, response) => response.writeHead(503).end();
    expect(await wrong()).toContain('it answered with status 503\n  if only the cluster can reach it, pass --no-check\n');
  });

  test('if there are no credentials', async () => {
    const { host } = registry;
    expect(await wrong()).toContain(`this computer has no credentials for ${host}; run docker login ${host}, or pass --username`);
  });

  test('if the credentials are a token that Kubernetes does not take', async () => {
    folder.write('config.json', JSON.stringify({ auths: { [registry.host]: { identitytoken: 'identity-of-ann' } } }));
    expect(await wrong()).toContain('a token that Kubernetes does not take; create an access token');
  });

  test('if the password is empty', async () => {
    expect(await wrong(['--username', 'ann', '--password-stdin'], { readInput: async () => '\n' })).toBe('the password is empty\n');
  });

  test('if the Secret has another type', async () => {
    cluster.api.put({ ...SECRET, metadata: { name: 'registry', namespace: 'shop' }, type: 'Opaque', data: {} });
    dockerLogin('ann', 'secret');
    expect(await wrong()).toContain('Secret registry in namespace shop has the type Opaque');
  });

  test('if several Secrets are named, and none is for the registry', async () => {
    platform('imagePullSecrets: [one, two]\n');
    dockerLogin('ann', 'secret');
    expect(await wrong()).toContain(`one and two have no credentials for ${registry.host} yet; name one of them with --secret`);
  });

  test.each([['acme', 'acme is not a registry'], ['acme/web', 'acme/web is not a registry'], ['a b.io', 'a b.io is not a registry']])(
    'if the registry is %s', async (name, message) => {
      expect(await login([name])).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    });

  test('if no registry is named', async () => {
    expect(await login([])).toMatchObject({ code: 1, err: 'name the registry, for example webapp registry login ghcr.io\n' });
  });

  test('if the command line is wrong', async () => {
    expect(await login([registry.host, '--password-stdin'])).toMatchObject({ code: 64 });
    expect(await call(['registry'])).toMatchObject({ code: 64 });
  });
});

test('with --no-check, the credentials of a registry that only the cluster can reach are stored', async () => {
  registry.behavior.answer = (_, response) => response.writeHead(503).end();
  dockerLogin('ann', 'secret');
  expect(await login([registry.host, '--no-check'])).toMatchObject({ code: 0 });
  expect(stored()).toEqual({ [registry.host]: 'ann:secret' });
});

test.each([
  ['docker.io', 'https://index.docker.io/v1/'],
  ['https://ghcr.io/acme/', 'ghcr.io'],
])('credentials for %s are stored as those of %s', async (name, key) => {
  const find = async () => ({ state: 'unasked' as const });
  const registries = { find, remove: async () => {}, credentials: async () => ({}), check: async () => true };
  await login([name, '--username', 'ann', '--password-stdin'], { registries, readInput: async () => 'secret' });
  expect(stored()).toEqual({ [key]: 'ann:secret' });
});
