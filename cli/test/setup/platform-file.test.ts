import { Fact, PlatformFile, PlatformFileOptions } from '../../src/setup/platform-file';
import { world } from '../call';
import { Folder } from '../folder';

const DOMAIN: Fact = { prop: 'domain', value: 'apps.example.com', comment: 'Why.', existing: 'keep' };
const ADDON: Fact = { prop: 'httpAddon', value: { version: '0.15' }, existing: 'merge' };
const TLS: Fact = { prop: 'tls', value: { clusterIssuer: 'new' }, existing: 'replace' };
const NO_TLS: Fact = { prop: 'tls', value: undefined, existing: 'replace' };

/** The file after the facts are written. */
function written(before: string, facts: readonly Fact[], options: PlatformFileOptions = {}): { text: string; changed: string[] } {
  const folder = new Folder({ 'platform.yaml': before });
  const changed = PlatformFile.open(options, world({ cwd: folder.path })).write(facts);
  return { text: folder.read('platform.yaml'), changed };
}

describe('a platform.yaml that exists', () => {
  test.each<[string, string, Fact, string]>([
    ['gets what it lacks', 'podSecurity: baseline\n', DOMAIN, 'podSecurity: baseline\n\n# Why.\ndomain: apps.example.com\n'],
    ['gets it even if it has only comments', '# ours\n', ADDON, '# ours\nhttpAddon: { version: "0.15" }\n'],
    ['keeps what it has', 'domain: a.example.com # ours\n', DOMAIN, 'domain: a.example.com # ours\n'],
    ['gets a field that differs', 'httpAddon: { namespace: a, version: 0.14 }\n', ADDON, 'httpAddon: { namespace: a, version: "0.15" }\n'],
    ['keeps a field that is the same', 'httpAddon: { version: 0.15 }\n', ADDON, 'httpAddon: { version: 0.15 }\n'],
    ['gets what the command line decides', 'tls:\n  clusterIssuer: old\n', TLS, 'tls: { clusterIssuer: new }\n'],
    ['loses what the command line decides against', 'tls: {}\npodSecurity: baseline\n', NO_TLS, 'podSecurity: baseline\n'],
    [
      'may be a resource',
      'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec:\n  podSecurity: baseline\n',
      { ...DOMAIN, comment: undefined },
      'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec:\n  podSecurity: baseline\n\n  domain: apps.example.com\n',
    ],
  ])('%s', (_, before, fact, after) => {
    const { text, changed } = written(before, [fact]);
    expect(text).toBe(after);
    expect(changed).toEqual(before === after ? [] : [fact.prop]);
  });

  test('is written again with the same bytes', () => {
    const facts = [DOMAIN, ADDON, TLS];
    const { text } = written('# ours\nlabels: {team: shop}   # short\n\n\nappDefaults:\n    size: small\n', facts);
    expect(written(text, facts)).toEqual({ text, changed: [] });
  });

  test('has the values of an environment, which take precedence', () => {
    const before = 'domain: a.example.com\ntls: {}\n';
    const facts = [{ ...DOMAIN, existing: 'replace' as const }, NO_TLS];
    expect(written(before, facts, { env: 'local' }).text).toBe(
      `${before}environments:\n  local:\n    # Why.\n    domain: apps.example.com\n\n    tls: null\n`);
  });

  test.each([
    ['a: [', 'platform.yaml is not valid YAML: '],
    ['a: 1\n---\nb: 1\n', 'platform.yaml has several documents'],
  ])('is not changed if it is %j', (before, message) => {
    expect(() => written(before, [DOMAIN])).toThrow(message);
  });
});

test('the platform file is the nearest one, or a new one in this folder', () => {
  const folder = new Folder({ 'platform.yaml': '', 'apps/web/.keep': '' });
  const nameIn = (cwd: string, options: PlatformFileOptions = {}) => PlatformFile.open(options, world({ cwd })).name;
  expect(nameIn(`${folder.path}/apps/web`)).toBe('../../platform.yaml');
  expect(nameIn(`${folder.path}/apps/web`, { platform: 'mine.yaml' })).toBe('mine.yaml');
});
