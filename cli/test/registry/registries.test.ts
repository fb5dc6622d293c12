import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Behavior } from './test-registry';
import { digestOf, TestRegistry, WEB } from './test-registry';
import type { DockerConfig } from '../../src/registry/docker-config';
import type { PullSecrets } from '../../src/registry/registries';
import { networkRegistries } from '../../src/registry/registries';

const home = mkdtempSync(join(tmpdir(), 'home-'));
afterAll(() => rmSync(home, { recursive: true }));

let registry: TestRegistry;
afterEach(async () => registry.stop());

/** A docker config with the credentials of a user for the registry. */
const config = (user?: string, password = 'secret'): DockerConfig => (
  { auths: user === undefined ? {} : { [registry.host]: { username: user, password } } });

/** Asks for the digest of an image with the credentials of a computer and of a cluster, and counts how often the cluster was asked. */
async function find(local: DockerConfig, cluster: Partial<PullSecrets> = {}, { tag = '1.0.0', timeout = 5_000 } = {}) {
  mkdirSync(join(home, '.docker'), { recursive: true });
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify(local));
  let asked = 0;
  const answer = await networkRegistries({ env: { HOME: home } }, timeout)
    .find({ registry: registry.host, repository: 'acme/web', tag }, async () => {
      asked++;
      return { configs: [], unreadable: [], ...cluster };
    });
  return { ...answer, asked };
}

const FOUND = { state: 'found', digest: digestOf(WEB) };
const PRIVATE: Partial<Behavior> = { authentication: 'token' };

describe('the digest of an image', () => {
  test('is found with the credentials of this computer', async () => {
    registry = await TestRegistry.start(PRIVATE);
    expect(await find(config('ann'))).toEqual({ ...FOUND, asked: 0 });
  });

  test.each<[string, DockerConfig | undefined]>([['has none', undefined], ['has wrong ones', { auths: {} }]])(
    'is found with the credentials of the cluster where this computer %s', async (_, wrong) => {
      registry = await TestRegistry.start(PRIVATE);
      expect(await find(wrong ? config('ann', 'old') : config(), { configs: [config('ann')] })).toEqual({ ...FOUND, asked: 1 });
    });

  test('is found without credentials where the image is public', async () => {
    registry = await TestRegistry.start({ ...PRIVATE, open: ['acme/web'] });
    expect(await find(config())).toEqual({ ...FOUND, asked: 1 });
    expect(await find(config('ann', 'old'), { configs: [config('ann', 'older')] })).toEqual({ ...FOUND, asked: 1 });
  });

  test('is unknown where all credentials are wrong', async () => {
    registry = await TestRegistry.start(PRIVATE);
    expect(await find(config('ann', 'old'))).toMatchObject({ state: 'unknown', why: 'it denied access (incorrect username or password)' });
  });

  test('is unknown where the user cannot read the credentials of the cluster', async () => {
    registry = await TestRegistry.start(PRIVATE);
    const { why } = await find(config(), { unreadable: ['pull'] }) as { readonly why?: string };
    expect(why).toBe(`it denied access; run docker login ${registry.host} if you have access; you are not allowed to read Secret pull`);
  });

  test('is missing where the registry has no such tag', async () => {
    registry = await TestRegistry.start(PRIVATE);
    expect(await find(config('ann'), {}, { tag: '2.0.0' })).toEqual({ state: 'missing', part: 'tag', asked: 1 });
  });

  test('is unknown rather than missing where only the cluster may see the image', async () => {
    registry = await TestRegistry.start();
    expect(await find(config(), { unreadable: ['pull'] }, { tag: '2.0.0' })).toMatchObject({ state: 'unknown' });
  });

  test('is unknown where the credential helper is not installed, and says so', async () => {
    registry = await TestRegistry.start(PRIVATE);
    expect(await find({ credsStore: 'nothing' })).toMatchObject({
      state: 'unknown', why: 'it denied access; the credential helper docker-credential-nothing is not installed',
    });
  });

  test('is unknown where the registry does not answer in time', async () => {
    registry = await TestRegistry.start({ answer: () => {} });
    const start = Date.now();
    expect(await find(config('ann'), {}, { timeout: 300 })).toMatchObject({ state: 'unknown', why: 'it did not answer within 0.3 s' });
    expect(Date.now() - start).toBeLessThan(2_000);
  });
});
