import fc from 'fast-check';
import { sharedProblems } from '../../src/preview/shared';

const NAME = fc.stringMatching(/^[a-z]{1,8}$/);
const SECRET = fc.record({ secret: NAME, key: NAME });

/** Props with what a preview could share with its app, and what it may. */
const PROPS = fc.record({
  secretEnv: fc.dictionary(NAME, SECRET),
  secretFiles: fc.dictionary(NAME.map(name => `/etc/${name}`), SECRET),
  envFromSecrets: fc.array(NAME),
  volumes: fc.dictionary(NAME, fc.record({ path: NAME, claim: NAME })),
  connections: fc.dictionary(NAME, fc.oneof(
    fc.record({ type: fc.constant('redis'), secret: NAME }),
    fc.record({ type: fc.constant('external-secret'), external: fc.dictionary(NAME, fc.record({ key: NAME }), { minKeys: 1 }) }),
    fc.record({ type: fc.constant('postgres') }),
  )),
  env: fc.dictionary(NAME, fc.oneof(NAME, NAME.map(host => `postgres://${host}/db`))),
  releaseCommand: fc.record({ command: fc.array(NAME), volumes: fc.dictionary(NAME, fc.record({ claim: NAME })) }),
}, { requiredKeys: [] });

const check = (props: object, named: object, isElsewhere = false, hosts: readonly string[] = []) => sharedProblems({
  props: props as never, named: named as never, environment: 'environments.preview', isElsewhere, hosts, types: {},
});

describe('what a preview would share with its app by accident', () => {
  test('is nothing where its environment writes everything, even if it is the same', () => {
    fc.assert(fc.property(PROPS, props => {
      expect(check(props, props)).toEqual([]);
    }));
  });

  test('is every Secret, volume and address that its environment does not write', () => {
    fc.assert(fc.property(PROPS, props => {
      const expected = [
        ...Object.keys(props.secretEnv ?? {}),
        ...Object.keys(props.secretFiles ?? {}),
        ...props.envFromSecrets ?? [],
        ...Object.keys(props.volumes ?? {}),
        ...Object.values(props.connections ?? {}).filter(({ type }) => type !== 'postgres'),
        ...Object.values(props.env ?? {}).filter(value => value.startsWith('postgres:')),
        ...Object.keys(props.releaseCommand?.volumes ?? {}),
      ];
      expect(check(props, {})).toHaveLength(expected.length);
    }));
  });

  test('excludes Secrets and volumes in another namespace', () => {
    fc.assert(fc.property(PROPS, props => {
      for (const { path } of check(props, {}, true)) expect(path).toMatch(/^env\b|\.external$/);
    }));
  });

  test.each(['env', 'secret', 'claim', 'existing', 'envFromSecrets'])('is told by props, and not by names such as %s', name => {
    expect(check({ volumes: { [name]: { path: '/data', claim: 'data' } } }, {}).map(({ path }) => path)).toEqual([`volumes.${name}.claim`]);
    expect(check({ volumes: { [name]: { path: '/data', size: '1Gi' } }, workers: { [name]: { env: { [name]: 'any' } } } }, {})).toEqual([]);
  });

  test.each([
    ['https://api.stripe.com/v1', false],
    ['postgresql+asyncpg://$(DB_USER):$(DB_PASSWORD)@$(DB_HOST)/$(DB_DATABASE)', false],
    ['redis-cache', false],
    ['rediss://cache.prod:6379', true],
    ['jdbc:mysql://db.prod/shop', true],
    ['mongodb+srv://cluster0.example.net', true],
    ['https://token@git.example.com/shop.git', true],
  ])('is an address such as %s: %s', (value, isShared) => {
    expect(check({ env: { URL: value } }, {})).toHaveLength(isShared ? 1 : 0);
  });

  test.each([
    ['shop.example.com', ['shop.example.com'], true],
    ['a.example.com,shop.example.com', ['shop.example.com'], true],
    ['https://shop.example.com/login', ['shop.example.com'], false],
    ['new.shop.example.com', ['shop.example.com'], false],
    ['x.example.com', ['*.example.com'], false],
    ['*.example.com', ['*.example.com'], true],
  ])('is a host in annotations: %s with %j', (value, hosts, isShared) => {
    const problems = check({ annotations: { 'example.com/hostname': value } }, {}, false, hosts);
    expect(problems.map(({ path }) => path)).toEqual(isShared ? ['annotations'] : []);
  });
});
