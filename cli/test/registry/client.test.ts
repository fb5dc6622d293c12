import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { TestRegistry, WEB, digestOf } from './test-registry';
import type { Behavior } from './test-registry';
import { checkCredentials, deleteManifest, findManifest, listTags } from '../../src/registry/client';
import type { Credentials } from '../../src/registry/docker-config';

const ANN: Credentials = { type: 'password', username: 'ann', password: 'secret' };
const WRONG: Credentials = { type: 'password', username: 'ann', password: 'wrong' };

let registry: TestRegistry;
const start = async (behavior: Partial<Behavior> = {}) => void (registry = await TestRegistry.start(behavior));
afterEach(async () => registry.stop());

const image = (tag?: string, repository = 'acme/web') => ({ registry: registry.host, repository, tag });

describe('the digest of a tag', () => {
  test('is asked for without the content', async () => {
    await start();
    expect(await findManifest(image('1.0.0'))).toEqual({ digest: digestOf(WEB) });
    expect(registry.requests).toEqual(['HEAD /v2/acme/web/manifests/1.0.0']);
  });

  test('is that of the content where the registry does not tell it', async () => {
    await start({ tellsDigests: false });
    expect(await findManifest(image('1.0.0'))).toEqual({ digest: digestOf(WEB) });
  });

  test('is that of latest where there is no tag', async () => {
    await start({ repositories: { 'acme/web': { latest: 'new' } } });
    expect(await findManifest(image())).toEqual({ digest: digestOf('new') });
  });

  test('can be asked for a digest, which the registry may not have', async () => {
    await start();
    expect(await findManifest({ ...image(), digest: digestOf(WEB) })).toEqual({ digest: digestOf(WEB) });
    expect(await findManifest({ ...image(), digest: digestOf('gone') })).toEqual({ missing: 'tag' });
  });

  test('is missing where the registry has no such tag or repository', async () => {
    await start();
    expect(await findManifest(image('2.0.0'))).toEqual({ missing: 'tag' });
    expect(await findManifest(image('1.0.0', 'acme/wbe'))).toEqual({ missing: 'repository' });
  });

  test('is not missing where a server that is not a registry answers with 404', async () => {
    await start({ answer: (_, response) => response.writeHead(404).end('<h1>Not found</h1>') });
    await expect(findManifest(image('1.0.0'))).rejects.toMatchObject({ reason: 'failed', message: expect.stringContaining('404') });
  });
});

describe.each<[Behavior['authentication']]>([['basic'], ['token']])('a registry with %s authentication', authentication => {
  beforeEach(async () => start({ authentication, open: ['acme/open'], repositories: { 'acme/web': { 1: WEB }, 'acme/open': { 1: WEB } } }));

  test('gives the digest to a user', async () => {
    expect(await findManifest(image('1'), { credentials: ANN })).toEqual({ digest: digestOf(WEB) });
  });

  test('gives the digest of a public image to anybody', async () => {
    expect(await findManifest(image('1', 'acme/open'))).toEqual({ digest: digestOf(WEB) });
  });

  test.each<[string, Credentials | undefined]>([['wrong credentials', WRONG], ['no credentials', undefined]])(
    'denies access with %s', async (_, credentials) => {
      await expect(findManifest(image('1'), { credentials })).rejects.toMatchObject({ reason: 'denied' });
    });

  test('accepts or rejects credentials', async () => {
    expect(await checkCredentials(registry.host, { credentials: ANN })).toBe(true);
    await expect(checkCredentials(registry.host, { credentials: WRONG })).rejects.toMatchObject({ reason: 'denied' });
  });
});

describe('a token server', () => {
  test('exchanges an identity token', async () => {
    await start({ authentication: 'token' });
    const credentials: Credentials = { type: 'identity', token: 'identity-of-ann' };
    expect(await findManifest(image('1.0.0'), { credentials })).toEqual({ digest: digestOf(WEB) });
    await expect(findManifest(image('1.0.0'), { credentials: { ...credentials, token: 'x' } })).rejects.toMatchObject({ reason: 'denied' });
  });

  test('is not asked where the token is known', async () => {
    await start({ authentication: 'token' });
    const token = Buffer.from(JSON.stringify(['ann', 'test', 'repository:acme/web:pull'])).toString('base64url');
    expect(await findManifest(image('1.0.0'), { credentials: { type: 'bearer', token } })).toEqual({ digest: digestOf(WEB) });
    expect(registry.requests).not.toContain('GET /token');
  });

  test('gets no credentials over HTTP', async () => {
    const realm = 'http://auth.example.com/token';
    await start({ answer: (_, response) => response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end() });
    await expect(findManifest(image('1.0.0'), { credentials: ANN })).rejects.toMatchObject({
      reason: 'failed', message: `its token server ${realm} does not use HTTPS`,
    });
  });
});

describe('a redirect', () => {
  test('is followed to where the content is, without the credentials', async () => {
    await start({ authentication: 'basic' });
    const other = await TestRegistry.start({ authentication: 'none' });
    const seen: (string | undefined)[] = [];
    registry.behavior.answer = (request, response) => {
      seen.push(request.headers.authorization);
      if (seen.length === 1) response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end();
      else response.writeHead(307, { location: `http://${other.host}/v2/acme/web/manifests/1.0.0` }).end();
    };
    other.behavior.answer = (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'docker-content-digest': digestOf(WEB) }).end();
    };
    expect(await findManifest(image('1.0.0'), { credentials: ANN })).toEqual({ digest: digestOf(WEB) });
    expect(seen).toEqual([undefined, 'Basic YW5uOnNlY3JldA==', undefined]);
    await other.stop();
  });

  test('is not followed for ever', async () => {
    await start({ answer: (_, response) => response.writeHead(302, { location: '/v2/' }).end() });
    await expect(findManifest(image('1.0.0'))).rejects.toMatchObject({ reason: 'failed', message: 'it answered with status 302' });
  });
});

describe('a registry that does not answer', () => {
  test('is unreachable', async () => {
    await start();
    const { host } = registry;
    await registry.stop();
    await start();
    await expect(findManifest({ registry: host, repository: 'acme/web' })).rejects.toMatchObject({
      reason: 'unreachable', message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('is not waited for', async () => {
    await start({ answer: () => {} });
    await expect(findManifest(image('1.0.0'), { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      reason: 'unreachable', message: 'it did not answer in time',
    });
  });

  test('keeps no connection, even where there is no TLS yet, so that the command ends', async () => {
    await start();
    const sockets: Socket[] = [];
    const mute = createServer(socket => void sockets.push(socket.on('error', () => {}).resume()));
    await new Promise<void>(resolve => mute.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const asked = findManifest({ registry: host, repository: 'acme/web' }, { signal: AbortSignal.timeout(200) });
    await expect(asked).rejects.toMatchObject({ reason: 'unreachable' });
    await new Promise(resolve => mute.close(resolve)); // it waits for all connections to end
    expect(sockets).toHaveLength(1);
  });

  test.each<[number, string]>([[429, 'it limits the number of requests'], [500, 'it answered with status 500']])(
    'but with %i says why', async (status, message) => {
      await start({ answer: (_, response) => response.writeHead(status).end() });
      await expect(findManifest(image('1.0.0'))).rejects.toMatchObject({ reason: 'failed', message });
    });
});

describe('the tags of a repository', () => {
  test('are listed, page by page', async () => {
    await start({ repositories: { 'acme/web': { 1: 'a', 2: 'b', 3: 'c', 4: 'd', 5: 'e' } } });
    expect(await listTags(image())).toEqual(['1', '2', '3', '4', '5']);
  });

  test('are undefined where there is no such repository', async () => {
    await start();
    expect(await listTags(image(undefined, 'acme/wbe'))).toBeUndefined();
  });
});

describe('a manifest', () => {
  const web = (tag?: string) => ({ ...image(tag), digest: digestOf(WEB) });

  test('is deleted by its digest', async () => {
    await start();
    expect(await deleteManifest(web())).toBe(true);
    expect(await findManifest(image('1.0.0'))).toEqual({ missing: 'tag' });
    expect(await deleteManifest(web())).toBe(false);
  });

  test('stays where the registry does not support deleting it', async () => {
    await start({ answer: (_, response) => response.writeHead(405).end() });
    const error = { reason: 'unsupported', message: 'it does not support deleting images' };
    await expect(deleteManifest(web())).rejects.toMatchObject(error);
  });

  test('is deleted after its tag where the registry wants that', async () => {
    await start({ deletesTagsFirst: true });
    expect(await deleteManifest(web('1.0.0'))).toBe(true);
    expect(registry.requests.filter(request => request.startsWith('DELETE')).map(request => request.split('/').at(-1))).toEqual([
      digestOf(WEB), '1.0.0', digestOf(WEB),
    ]);
  });

  test('stays, with its tags, where the tag is another one', async () => {
    await start({ deletesTagsFirst: true, repositories: { 'acme/web': { '1.0.0': 'other', 'old': WEB } } });
    const error = { reason: 'failed', message: 'it answered with status 400 (it has the tag old)' };
    await expect(deleteManifest(web('1.0.0'))).rejects.toMatchObject(error);
    expect(await findManifest(image('1.0.0'))).toEqual({ digest: digestOf('other') });
  });
});
