import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writtenCredentials } from '../../src/registry/docker-config';
import { localCredentials } from '../../src/registry/local-credentials';

const auth = (user: string, password = 'secret') => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') });
const password = (username: string, secret = 'secret') => ({ type: 'password', username, password: secret });

describe('the credentials that a docker config has for a repository', () => {
  test.each([
    ['those of its registry', { 'ghcr.io': auth('ann') }, password('ann')],
    ['with a colon in the password', { 'ghcr.io': auth('ann', 'a:b') }, password('ann', 'a:b')],
    ['as user and password', { 'ghcr.io': { username: 'ann', password: 'secret' } }, password('ann')],
    ['under a URL', { 'https://ghcr.io/v2/': auth('ann') }, password('ann')],
    ['those of the nearest path', { 'ghcr.io': auth('bob'), 'ghcr.io/acme': auth('ann'), 'ghcr.io/ac': auth('eve') }, password('ann')],
    ['under a pattern', { '*.io': auth('ann') }, password('ann')],
    ['under its name rather than a pattern', { '*.io': auth('bob'), 'ghcr.io': auth('ann') }, password('ann')],
    ['an identity token', { 'ghcr.io': { ...auth('0', ''), identitytoken: 'abc' } }, { type: 'identity', token: 'abc' }],
    ['a registry token', { 'ghcr.io': { registrytoken: 'abc', identitytoken: 'def' } }, { type: 'bearer', token: 'abc' }],
    ['none of another registry', { 'ghcr.io.example.com': auth('eve'), 'hcr.io': auth('eve'), '*.*.io': auth('eve') }, undefined],
    ['none of another path', { 'ghcr.io/acme/web2': auth('eve'), 'ghcr.io/acme/we': auth('eve') }, undefined],
    ['none of an entry that a credential helper has', { 'ghcr.io': {} }, undefined],
  ])('%s', (_, auths, expected) => {
    expect(writtenCredentials({ auths }, { registry: 'ghcr.io', repository: 'acme/web' })).toEqual(expected);
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'index.docker.io'])('Docker Hub is %s', key => {
    const config = { auths: { [key]: auth('ann') } };
    expect(writtenCredentials(config, { registry: 'docker.io', repository: 'library/nginx' })).toEqual(password('ann'));
  });
});

describe('the credentials of this computer', () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  afterEach(() => rmSync(home, { recursive: true }));
  const write = (path: string, content: string | object) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const helper = (name: string, script: string) => {
    write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, `bin/docker-credential-${name}`), 0o755);
  };
  const found = async (env: { readonly [name: string]: string } = {}, registry = 'ghcr.io') => (
    localCredentials({ registry }, { env: { HOME: home, PATH: `${home}/bin:/usr/bin:/bin`, ...env } }, AbortSignal.timeout(5_000)));

  test('are those of ~/.docker/config.json', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('ann') } });
    expect(await found()).toEqual({ credentials: password('ann') });
  });

  test('are those of $DOCKER_CONFIG/config.json in its place', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('bob') } });
    write('other/config.json', { auths: { 'ghcr.io': auth('ann') } });
    expect(await found({ DOCKER_CONFIG: join(home, 'other') })).toEqual({ credentials: password('ann') });
  });

  test.each([
    ['$XDG_RUNTIME_DIR/containers/auth.json', 'run/containers/auth.json', (path: string) => ({ XDG_RUNTIME_DIR: join(path, 'run') })],
    ['REGISTRY_AUTH_FILE', 'auth.json', (path: string) => ({ REGISTRY_AUTH_FILE: join(path, 'auth.json') })],
    ['~/.config/containers/auth.json', '.config/containers/auth.json', () => ({})],
  ])('are those of podman in %s, where docker has none', async (_, path, env) => {
    write('.docker/config.json', { auths: { 'quay.io': auth('bob') } });
    write(path, { auths: { 'ghcr.io': auth('ann') } });
    expect(await found(env(home))).toEqual({ credentials: password('ann') });
  });

  test('are those of DOCKER_AUTH_CONFIG first, as GitLab CI has them', async () => {
    write('.docker/config.json', { auths: { 'ghcr.io': auth('bob') } });
    const config = JSON.stringify({ auths: { 'ghcr.io': auth('ann') } });
    expect(await found({ DOCKER_AUTH_CONFIG: config })).toEqual({ credentials: password('ann') });
  });

  test('are what the credential helper of the registry gives for its name', async () => {
    write('.docker/config.json', { credHelpers: { 'ghcr.io': 'one' }, credsStore: 'two' });
    helper('one', 'read server; echo "{\\"Username\\": \\"$1 $server\\", \\"Secret\\": \\"secret\\"}"');
    expect(await found()).toEqual({ credentials: password('get ghcr.io'), helper: 'one' });
  });

  test('are what the store of all registries gives, for Docker Hub by its old name', async () => {
    write('.docker/config.json', { credHelpers: { 'ghcr.io': 'one' }, credsStore: 'two' });
    helper('two', 'read server; echo "{\\"Username\\": \\"$server\\", \\"Secret\\": \\"secret\\"}"');
    expect(await found({}, 'docker.io')).toEqual({ credentials: password('https://index.docker.io/v1/'), helper: 'two' });
  });

  test('are an identity token if the helper says so', async () => {
    write('.docker/config.json', { credsStore: 'one' });
    helper('one', 'echo \'{"Username": "<token>", "Secret": "abc"}\'');
    expect(await found()).toEqual({ credentials: { type: 'identity', token: 'abc' }, helper: 'one' });
  });

  test.each<[string, string | undefined, string | undefined]>([
    ['knows none', 'echo "credentials not found in native keychain"; exit 1', undefined],
    ['is not installed', undefined, 'the credential helper docker-credential-one is not installed'],
    ['fails', 'echo secret; exit 1', 'the credential helper docker-credential-one failed'],
    ['prints something else', 'echo secret', 'the credential helper docker-credential-one did not print JSON'],
  ])('are none if the helper %s', async (_, script, problem) => {
    write('.docker/config.json', { credsStore: 'one' });
    if (script !== undefined) helper('one', script);
    expect(await found()).toEqual(problem === undefined ? {} : { problem });
  });

  test('are none if the file is not valid', async () => {
    write('.docker/config.json', '{');
    expect(await found()).toEqual({ problem: `${join(home, '.docker/config.json')} is not valid JSON` });
  });
});
