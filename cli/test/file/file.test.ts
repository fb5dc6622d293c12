import { parseAllDocuments } from 'yaml';
import { Folder } from './folder';
import type { Called } from '../call';

const PLATFORM = 'domain: apps.example.com\n';
const WEB = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n';

/** What is printed for a file beside that platform. */
async function synth(webapp: string, options = '', platform = PLATFORM): Promise<Called> {
  return new Folder({ 'webapp.yaml': webapp, 'platform.yaml': platform }).call(`synth ${options}`.trim());
}

/** The one object of a kind. */
function get({ code, out, err }: Called, kind: string): any {
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const found = parseAllDocuments(out).map(document => document.toJS()).filter(object => object.kind === kind);
  expect(found.length).toBe(1);
  return found[0];
}

const imageOf = (called: Called) => get(called, 'Deployment').spec.template.spec.containers[0].image;
const hostsOf = (called: Called) => get(called, 'Ingress').spec.rules.map((rule: any) => rule.host);

describe('the forms of a file', () => {
  test('the resource form says the same as the short one', async () => {
    const resource = 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { name: web, namespace: shop }\nspec: { image: ghcr.io/acme/web:1.4.2 }\n';
    const platform = 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: { domain: apps.example.com }\n';
    expect(await synth(resource, '', platform)).toEqual(await synth(WEB));
  });

  test('a file has several apps, and may have its platform too, which is nearer than platform.yaml', async () => {
    const platform = 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: { domain: near.example.com }\n';
    const called = await synth(`${platform}---\n${WEB}---\n# nothing\n---\n${WEB.replace('web', 'api')}`);
    expect(called.err).toBe('');
    expect(called.out).toContain('host: web.near.example.com');
    expect(called.out).toContain('host: api.near.example.com');
  });

  test('an anchor is written once and used twice', async () => {
    const called = await synth(`${WEB}env: &env { A: b }\nlabels:\n  <<: *env\n  C: d\n`);
    expect(get(called, 'Deployment').metadata.labels).toMatchObject({ A: 'b', C: 'd' });
  });

  test('a date is a text, as everything that is not written as a number or truth', async () => {
    const called = await synth(`${WEB}env: { DATE: 2024-11-03, TIME: 12:30, YES: yes }\n`);
    expect(get(called, 'Deployment').spec.template.spec.containers[0].env).toEqual(expect.arrayContaining([
      { name: 'DATE', value: '2024-11-03' }, { name: 'TIME', value: '12:30' }, { name: 'YES', value: 'yes' },
    ]));
  });

  test('the platform is found beside the file and above it, the nearest first', async () => {
    const folder = new Folder({ 'platform.yaml': PLATFORM, 'teams/a/web/webapp.yaml': WEB, 'teams/platform.yaml': 'domain: teams.example.com\n' });
    expect(hostsOf(await folder.call('synth', 'teams/a/web'))).toEqual(['web.teams.example.com']);
    expect(hostsOf(await folder.call('synth --file teams/a/web/webapp.yaml'))).toEqual(['web.teams.example.com']);
    expect(hostsOf(await folder.call('synth --platform ../../../platform.yaml', 'teams/a/web'))).toEqual(['web.apps.example.com']);
  });
});

describe('what the command line adds', () => {
  test('an image takes the place of the one in the file', async () => {
    expect(imageOf(await synth(WEB, '--image web:2'))).toBe('web:2');
    expect(imageOf(await synth('name: web\nnamespace: shop\n', '--image web:2'))).toBe('web:2');
  });

  test('of several apps an image names its own', async () => {
    const both = `${WEB}---\n${WEB.replace('web', 'api')}`;
    const digest = `api@sha256:${'a'.repeat(64)}`;
    const { out } = await synth(both, `--image api=${digest} --image web=web:3`);
    expect(out.match(/image: .*/g)).toEqual(['image: web:3', `image: ${digest}`]);
    expect((await synth(both, '--image x:1')).err).toContain('--image is x:1, but there are 2 apps; write --image APP=x:1, with one of web, api');
    expect((await synth(both, '--image apj=x:1')).err).toContain('--image names apj, which is no app here; did you mean api?');
  });

  test('a namespace is that of apps that name none', async () => {
    expect(get(await synth(WEB.replace('namespace: shop\n', ''), '--namespace other'), 'Deployment').metadata.namespace).toBe('other');
    expect(get(await synth(WEB, '--namespace other'), 'Deployment').metadata.namespace).toBe('shop');
  });
});

describe('an environment', () => {
  const STAGED = `${WEB}hosts: [a.example.com]\nenv: { A: '1', B: '2' }\nenvironments:\n  staging:\n    namespace: shop-staging\n    hosts: [b.example.com]\n    env: { B: null, C: '3' }\n`;

  test('is laid over the rest: maps entry by entry, lists as a whole, and null takes away', async () => {
    const called = await synth(STAGED, '--env staging');
    expect(hostsOf(called)).toEqual(['b.example.com']);
    const deployment = get(called, 'Deployment');
    expect(deployment.metadata.namespace).toBe('shop-staging');
    expect(deployment.spec.template.spec.containers[0].env.filter(({ name }: any) => /^[ABC]$/.test(name))).toEqual([{ name: 'A', value: '1' }, { name: 'C', value: '3' }]);
  });

  test('changes nothing where it is not asked for', async () => {
    expect(hostsOf(await synth(STAGED))).toEqual(['a.example.com']);
  });

  test('may be the platform\'s alone', async () => {
    const platform = `${PLATFORM}environments: { staging: { domain: staging.example.com } }\n`;
    expect(hostsOf(await synth(WEB, '--env staging', platform))).toEqual(['web.staging.example.com']);
  });

  test('that nobody knows is an error', async () => {
    expect((await synth(STAGED, '--env stagin')).err).toContain('--env is stagin, which no document has in its environments; did you mean staging?');
    expect((await synth(WEB, '--env prod')).code).toBe(1);
  });

  test('in the resource form stands beside spec', async () => {
    const resource = 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { name: web, namespace: shop }\nspec: { image: web:1 }\nenvironments: { staging: { image: web:2 } }\n';
    expect(imageOf(await synth(resource, '--env staging'))).toBe('web:2');
  });
});

describe('what is wrong', () => {
  const PLACES: [what: string, webapp: string, expected: string][] = [
    ['a value', `${WEB}port: '80'\n`, 'webapp.yaml:4:7: error: port is "80"; write a number\n  4 | port: \'80\'\n    |       ^^^^'],
    ['an unknown prop, at its name', `${WEB}helth: { path: / }\n`, 'webapp.yaml:4:1: error: helth is no property; did you mean health?\n  4 | helth: { path: / }\n    | ^^^^^'],
    ['letters that changed places', `${WEB}scaling:\n  mni: 1\n`, 'webapp.yaml:5:3: error: scaling.mni is no property; did you mean min?'],
    ['an item of a list', `${WEB}hosts:\n  - a.example.com\n  - https://b\n`, 'webapp.yaml:6:5: error: hosts[1] is "https://b"'],
    ['an entry with a strange key', `${WEB}files:\n  /etc/a: x\n  etc/b: y\n`, 'webapp.yaml:6:10: error: files["etc/b"]'],
    ['something missing, where it should be', `${WEB}secretEnv:\n  KEY: { secret: a }\n`, 'webapp.yaml:5:3: error: secretEnv.KEY.key is missing; write a text\n  5 |   KEY: { secret: a }\n    |   ^^^'],
    ['no value', `${WEB}hosts:\n`, 'webapp.yaml:4:1: error: hosts is null; write a list'],
    ['no image', 'name: web\nnamespace: shop\n', 'webapp.yaml:1:1: error: image is missing; write one such as image: ghcr.io/acme/web:1.4.2, give it with --image, or write buildFrom'],
    ['no name', WEB.replace('name: web\n', ''), 'webapp.yaml:1:1: error: name is missing; write one such as name: web'],
    ['a name that is none', WEB.replace('web', 'Web'), 'webapp.yaml:1:7: error: name is "Web"'],
    ['a name that is a number', WEB.replace('web', '5'), "webapp.yaml:1:7: error: name is 5; write it in quotes: '5'"],
    ['no namespace', WEB.replace('namespace: shop\n', ''), 'webapp.yaml:1:1: error: namespace is missing: the app is called by names that have it; write one such as namespace: shop, or give it with --namespace'],
    ['a namespace that is none', WEB.replace('shop', 'My_Shop'), 'webapp.yaml:2:12: error: namespace is "My_Shop"'],
    ['what does not fit together', `${WEB}scaling: { min: 5, max: 2 }\n`, 'webapp.yaml:4:25: error: scaling.max is 2, less than min, which is 5'],
    ['two of one name', `${WEB}---\n${WEB}`, 'webapp.yaml:5:7: error: name is "web", which WebApp "shop/web" in the same namespace has as well'],
    ['an anchor\'s value, where it is used', `${WEB}env: &e { A: b }\nlabels: *e\nport: 1.5\n`, 'webapp.yaml:6:7: error: port'],
    ['an unknown kind', 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Webapp\nspec: {}\n', 'webapp.yaml:2:7: error: kind is "Webapp"; write WebApp or Platform; did you mean WebApp?'],
    ['another version', 'apiVersion: v1\nkind: WebApp\nspec: {}\n', 'webapp.yaml:1:13: error: apiVersion is "v1"; write cdk8s-webapp.dev/v1alpha1'],
    ['a prop beside spec', 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nimage: x\nspec: {}\n', 'webapp.yaml:3:1: error: image is no field; props belong in spec'],
    ['metadata that have no meaning', 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { nmae: x }\nspec: {}\n', 'webapp.yaml:3:13: error: metadata.nmae is no field; known are name, namespace; did you mean name?'],
    ['a document that is no map', '- a\n', 'webapp.yaml:1:1: error: this is no map'],
    ['nothing at all', '\n', 'error: webapp.yaml has no app; write name: and image:'],
    ['two platforms', `${WEB}---\n${'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: {}\n---\n'.repeat(2)}`, 'webapp.yaml:10:7: error: kind is Platform, of which there is one already; leave one away'],
    ['YAML that is none', `${WEB}env: { A: b\n`, 'webapp.yaml:5:1: error: '],
    ['a key twice', `${WEB}image: b\n`, 'webapp.yaml:4:1: error: Map keys must be unique\n  4 | image: b'],
    ['an environment', `${WEB}environments:\n  staging:\n    port: x\n`, 'webapp.yaml:6:11: error: port is "x"; write a number'],
    ['environments that are none', `${WEB}environments: [staging]\n`, 'webapp.yaml:4:1: error: environments is no map'],
  ];

  test.each(PLACES)('%s is shown at its place', async (_, webapp, expected) => {
    const { code, err } = await new Folder({ 'webapp.yaml': webapp, 'platform.yaml': PLATFORM }).call('check');
    expect(code).toBe(1);
    expect(err).toContain(expected);
  });

  test('of all documents and files is shown at once, in their order, and once', async () => {
    const webapp = `${WEB}port: x\nenvironments: { staging: { size: s }, production: { size: huge } }\n---\nname: api\nnamespace: shop\nimage: a b\n`;
    const { err } = await new Folder({ 'webapp.yaml': webapp, 'platform.yaml': 'domian: a.example.com\n' }).call('check');
    expect(err.match(/^[\w.]+:\d+:\d+: error: \S+/gm)).toEqual([
      'platform.yaml:1:1: error: domian', 'webapp.yaml:1:1: error: hosts', 'webapp.yaml:4:7: error: port', 'webapp.yaml:5:59: error: size', 'webapp.yaml:7:1: error: hosts', 'webapp.yaml:9:8: error: image',
    ]);
  });

  test('on the command line has no place', async () => {
    expect((await synth(WEB, '--image A')).err).toContain('error: --image is "A"');
  });

  test('for a program is printed as JSON', async () => {
    const { code, out } = await new Folder({ 'webapp.yaml': `${WEB}port: x\n`, 'platform.yaml': PLATFORM }).call('check --output json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual([{ file: 'webapp.yaml', line: 4, column: 7, length: 1, path: 'port', message: 'is "x"', hint: 'write a number' }]);
  });

  test('a file that is not there', async () => {
    expect(await new Folder({}).call('synth')).toEqual({ code: 1, out: '', err: 'there is no webapp.yaml; write one with webapp init, or name another with --file\n' });
  });
});

describe('webapp synth', () => {
  test('--output writes one file an app', async () => {
    const folder = new Folder({ 'webapp.yaml': `${WEB}---\n${WEB.replace('web', 'api')}`, 'platform.yaml': PLATFORM });
    expect((await folder.call('synth --output out')).out).toBe('');
    expect(folder.list('out')).toEqual(['api.k8s.yaml', 'web.k8s.yaml']);
    expect(`${folder.read('out/web.k8s.yaml')}---\n${folder.read('out/api.k8s.yaml')}`).toBe((await folder.call('synth')).out);
  });

  test('warns beside what it prints', async () => {
    const { code, out, err } = await synth(WEB.replace(':1.4.2', ''));
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^warning: web: image .* name a version or a digest\n$/) });
    expect(out).not.toContain('warning');
  });
});
