import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Config } from '../../src/config/config';
import type { SynthesizedApp } from '../../src/render/synthesis';
import { Called, world } from '../call';
import { Folder } from '../folder';

const PLATFORM = 'domain: apps.example.com\n';
const WEB = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n';

/** What `webapp synth` prints for a file with that platform. */
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

describe('in a file', () => {
  test('an app written as a Kubernetes resource means the same as the short form', async () => {
    const resource = `
apiVersion: cdk8s-webapp.dev/v1alpha1
kind: WebApp
metadata: { name: web, namespace: shop }
spec: { image: ghcr.io/acme/web:1.4.2 }
`;
    const platform = `
apiVersion: cdk8s-webapp.dev/v1alpha1
kind: Platform
spec: { domain: apps.example.com }
`;
    expect(await synth(resource, '', platform)).toEqual(await synth(WEB));
  });

  test('there may be several apps, and a platform that takes precedence over platform.yaml', async () => {
    const platform = 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: { domain: near.example.com }\n';
    const called = await synth(`${platform}---\n${WEB}---\n# nothing\n---\n${WEB.replace('web', 'api')}`);
    expect(called.err).toBe('');
    expect(called.out).toContain('host: web.near.example.com');
    expect(called.out).toContain('host: api.near.example.com');
  });

  test('anchors and merge keys work', async () => {
    const called = await synth(`${WEB}env: &env { A: b }\nlabels:\n  <<: *env\n  C: d\n`);
    expect(get(called, 'Deployment').metadata.labels).toMatchObject({ A: 'b', C: 'd' });
  });

  test('a date is a string, like everything that is not a number or boolean', async () => {
    const called = await synth(`${WEB}env: { DATE: 2024-11-03, TIME: 12:30, YES: yes }\n`);
    expect(get(called, 'Deployment').spec.template.spec.containers[0].env).toEqual(expect.arrayContaining([
      { name: 'DATE', value: '2024-11-03' }, { name: 'TIME', value: '12:30' }, { name: 'YES', value: 'yes' },
    ]));
  });

  test('the platform comes from the nearest platform.yaml in its folder or a parent folder', async () => {
    const folder = new Folder({
      'platform.yaml': PLATFORM,
      'teams/platform.yaml': 'domain: teams.example.com\n',
      'teams/a/web/webapp.yaml': WEB,
    });
    expect(hostsOf(await folder.call('synth', 'teams/a/web'))).toEqual(['web.teams.example.com']);
    expect(hostsOf(await folder.call('synth --file teams/a/web/webapp.yaml'))).toEqual(['web.teams.example.com']);
    expect(hostsOf(await folder.call('synth --platform ../../../platform.yaml', 'teams/a/web'))).toEqual(['web.apps.example.com']);
  });
});

describe('the flag', () => {
  test('--image overrides the image in the file', async () => {
    expect(imageOf(await synth(WEB, '--image web:2'))).toBe('web:2');
    expect(imageOf(await synth('name: web\nnamespace: shop\n', '--image web:2'))).toBe('web:2');
  });

  test('--image names the app if the file has several', async () => {
    const both = `${WEB}---\n${WEB.replace('web', 'api')}`;
    const digest = `api@sha256:${'a'.repeat(64)}`;
    const { out } = await synth(both, `--image api=${digest} --image web=web:3`);
    expect(out.match(/image: .*/g)).toEqual(['image: web:3', `image: ${digest}`]);
    expect((await synth(both, '--image x:1')).err).toContain(
      '--image is x:1, but there are 2 apps; write --image APP=x:1, with one of web, api');
    expect((await synth(both, '--image apj=x:1')).err).toContain(
      '--image names apj, which is not an app of this file; did you mean api?');
  });

  test('--namespace applies to apps that set no namespace', async () => {
    expect(get(await synth(WEB.replace('namespace: shop\n', ''), '--namespace other'), 'Deployment').metadata.namespace).toBe('other');
    expect(get(await synth(WEB, '--namespace other'), 'Deployment').metadata.namespace).toBe('shop');
  });
});

describe('an environment', () => {
  const STAGED = `${WEB}
hosts: [a.example.com]
env: { A: '1', B: '2' }
environments:
  staging:
    namespace: shop-staging
    hosts: [b.example.com]
    env: { B: null, C: '3' }
`;

  test('takes precedence: its maps are merged, its lists replace lists, and null removes an entry', async () => {
    const called = await synth(STAGED, '--env staging');
    expect(hostsOf(called)).toEqual(['b.example.com']);
    const deployment = get(called, 'Deployment');
    expect(deployment.metadata.namespace).toBe('shop-staging');
    const { env } = deployment.spec.template.spec.containers[0];
    expect(env.filter(({ name }: any) => /^[ABC]$/.test(name))).toEqual([{ name: 'A', value: '1' }, { name: 'C', value: '3' }]);
  });

  test('has no effect without --env', async () => {
    expect(hostsOf(await synth(STAGED))).toEqual(['a.example.com']);
  });

  test('may be in platform.yaml only', async () => {
    const platform = `${PLATFORM}environments: { staging: { domain: staging.example.com } }\n`;
    expect(hostsOf(await synth(WEB, '--env staging', platform))).toEqual(['web.staging.example.com']);
  });

  test('that does not exist is an error', async () => {
    expect((await synth(STAGED, '--env stagin')).err).toContain(
      '--env is stagin, but no document has an environment of that name; did you mean staging?');
    expect((await synth(WEB, '--env prod')).code).toBe(1);
  });

  test('is next to spec in a Kubernetes resource', async () => {
    const resource = `
apiVersion: cdk8s-webapp.dev/v1alpha1
kind: WebApp
metadata: { name: web, namespace: shop }
spec: { image: web:1 }
environments: { staging: { image: web:2 } }
`;
    expect(imageOf(await synth(resource, '--env staging'))).toBe('web:2');
  });
});

describe('an error', () => {
  const ERRORS: [what: string, webapp: string, expected: string][] = [
    ['a value', `${WEB}port: '80'\n`, 'webapp.yaml:4:7: error: port is "80"; use a number\n  4 | port: \'80\'\n    |       ^^^^'],
    [
      'an unknown prop, at its name',
      `${WEB}helth: { path: / }\n`,
      'webapp.yaml:4:1: error: helth is not a known property; did you mean health?\n  4 | helth: { path: / }\n    | ^^^^^',
    ],
    [
      'a prop that was renamed',
      `${WEB}health: { stopDelay: 5s }\n`,
      'webapp.yaml:4:11: error: health.stopDelay was renamed; use preStopDelay',
    ],
    [
      'a typo in namespace',
      WEB.replace('namespace', 'namespce'),
      'webapp.yaml:2:1: error: namespce is not a known property; did you mean namespace?',
    ],
    [
      'a typo in environments',
      `${WEB}enviroments: {}\n`,
      'webapp.yaml:4:1: error: enviroments is not a known property; did you mean environments?',
    ],
    [
      'a prop of the platform',
      `${WEB}ingress: {}\n`,
      'webapp.yaml:4:1: error: ingress is a property of Platform; set it in the Platform',
    ],
    [
      'a duration without a unit',
      `${WEB}health: { startupTimeout: 90 }\n`,
      'webapp.yaml:4:27: error: health.startupTimeout is "90", which is not a valid duration; add the unit, such as 90s',
    ],
    ['two swapped letters', `${WEB}scaling:\n  mni: 1\n`, 'webapp.yaml:5:3: error: scaling.mni is not a known property; did you mean min?'],
    ['an item of a list', `${WEB}hosts:\n  - a.example.com\n  - https://b\n`, 'webapp.yaml:6:5: error: hosts[1] is "https://b"'],
    ['an entry with an unusual key', `${WEB}files:\n  /etc/a: x\n  etc/b: y\n`, 'webapp.yaml:6:10: error: files["etc/b"]'],
    [
      'a missing value, at its parent',
      `${WEB}secretEnv:\n  KEY: { secret: a }\n`,
      'webapp.yaml:5:3: error: secretEnv.KEY.key is missing; set it to a key of the Secret\n  5 |   KEY: { secret: a }\n    |   ^^^',
    ],
    ['an empty value', `${WEB}hosts:\n`, 'webapp.yaml:4:1: error: hosts is null; use a list'],
    ['a missing name', WEB.replace('name: web\n', ''), 'webapp.yaml:1:1: error: name is missing; write one such as name: web'],
    ['an invalid name', WEB.replace('web', 'Web'), 'webapp.yaml:1:7: error: name is "Web"'],
    ['a name that is a number', WEB.replace('web', '5'), 'webapp.yaml:1:7: error: name is "5"'],
    [
      'a missing namespace',
      WEB.replace('namespace: shop\n', ''),
      'webapp.yaml:1:1: error: namespace is missing, but the host names of the app contain it; '
        + 'write one such as namespace: shop, or pass --namespace',
    ],
    ['an invalid namespace', WEB.replace('shop', 'My_Shop'), 'webapp.yaml:2:12: error: namespace is "My_Shop"'],
    [
      'a conflict of two props',
      `${WEB}scaling: { min: 5, max: 2 }\n`,
      'webapp.yaml:4:25: error: scaling.max is 2 but scaling.min is 5',
    ],
    [
      'a duplicate name',
      `${WEB}---\n${WEB}`,
      'webapp.yaml:5:7: error: name is "web", which WebApp "shop/web" in the same namespace has too',
    ],
    ['the value of an anchor, where it is used', `${WEB}env: &e { A: b }\nlabels: *e\nport: 1.5\n`, 'webapp.yaml:6:7: error: port'],
    [
      'an anchor that contains itself',
      `${WEB}env: &e { A: *e }\n`,
      'webapp.yaml:1:1: error: the value of an anchor contains the anchor; write out what is meant',
    ],
    ['deep nesting', `${WEB}env: ${'['.repeat(100000)}\n`, 'webapp.yaml:4:105: error: this is nested more than 100 levels deep'],
    [
      'an anchor that does not exist, whatever its name',
      `${WEB}env: *maxDepth\n`,
      'webapp.yaml:4:15: error: unidentified alias "maxDepth"',
    ],
    [
      'an unknown kind',
      'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Webapp\nspec: {}\n',
      'webapp.yaml:2:7: error: kind is "Webapp"; write WebApp or Platform; did you mean WebApp?',
    ],
    [
      'an unknown apiVersion',
      'apiVersion: v1\nkind: WebApp\nspec: {}\n',
      'webapp.yaml:1:13: error: apiVersion is "v1"; write cdk8s-webapp.dev/v1alpha1',
    ],
    [
      'a prop next to spec',
      'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nimage: x\nspec: {}\n',
      'webapp.yaml:3:1: error: image is not a known field; write props in spec',
    ],
    [
      'an unknown field of metadata',
      'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { nmae: x }\nspec: {}\n',
      'webapp.yaml:3:13: error: metadata.nmae is not a known field; the fields are name, namespace; did you mean name?',
    ],
    ['a document that is not a map', '- a\n', 'webapp.yaml:1:1: error: this is not a map'],
    ['an empty file', '\n', 'error: webapp.yaml has no app; write name: and image:'],
    [
      'two platforms',
      `${WEB}---\n${'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: Platform\nspec: {}\n---\n'.repeat(2)}`,
      'webapp.yaml:10:7: error: kind is Platform, and there is one already; remove one of them',
    ],
    ['invalid YAML', `${WEB}env: { A: b\n`, 'webapp.yaml:5:1: error: '],
    ['a duplicate key', `${WEB}image: b\n`, 'webapp.yaml:4:1: error: Map keys must be unique\n  4 | image: b'],
    ['an environment', `${WEB}environments:\n  staging:\n    port: x\n`, 'webapp.yaml:6:11: error: port is "x"; use a number'],
    ['environments that are not a map', `${WEB}environments: [staging]\n`, 'webapp.yaml:4:1: error: environments is not a map'],
  ];

  test('about a missing image has a location, and says that the folder can be built', async () => {
    const { code, err } = await synth('name: web\nnamespace: shop\n');
    expect(code).toBe(1);
    expect(err).toContain('webapp.yaml:1:1: error: image is missing; run webapp build, which builds the folder');
  });

  test.each(ERRORS)('about %s has a location', async (_, webapp, expected) => {
    const { code, err } = await new Folder({ 'webapp.yaml': webapp, 'platform.yaml': PLATFORM }).call('check');
    expect(code).toBe(1);
    expect(err).toContain(expected);
  });

  test('is printed once, with all other errors, in the order of the files', async () => {
    const webapp = `${WEB}port: x
environments: { staging: { size: s }, production: { size: huge } }
---
name: api
namespace: shop
image: a b
`;
    const { err } = await new Folder({ 'webapp.yaml': webapp, 'platform.yaml': 'domian: a.example.com\n' }).call('check');
    expect(err.match(/^[\w.]+:\d+:\d+: error: \S+/gm)).toEqual([
      'platform.yaml:1:1: error: domian',
      'webapp.yaml:1:1: error: hosts',
      'webapp.yaml:4:7: error: port',
      'webapp.yaml:5:59: error: size',
      'webapp.yaml:7:1: error: hosts',
      'webapp.yaml:9:8: error: image',
    ]);
  });

  test('says that a file is not UTF-8', async () => {
    const folder = new Folder({});
    writeFileSync(join(folder.path, 'webapp.yaml'), Buffer.from('name: caf\xe9\n', 'latin1'));
    expect(await folder.call('check')).toMatchObject({ code: 1, err: 'webapp.yaml is not UTF-8; save it with the encoding UTF-8\n' });
  });

  test('about a flag has no location', async () => {
    expect((await synth(WEB, '--image A')).err).toContain('error: --image is "A"');
  });

  test('is printed as JSON with --output json', async () => {
    const { code, out } = await new Folder({ 'webapp.yaml': `${WEB}port: x\n`, 'platform.yaml': PLATFORM }).call('check --output json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual([
      { file: 'webapp.yaml', line: 4, column: 7, length: 1, path: 'port', code: 'type', message: 'is "x"', hint: 'use a number' },
    ]);
  });

  test('names the file that does not exist', async () => {
    expect(await new Folder({}).call('synth')).toEqual({
      code: 1,
      out: '',
      err: 'webapp.yaml does not exist; create it with webapp init, or name another file with --file\n',
    });
  });
});

describe('a config', () => {
  test('does not change after it is loaded, even if the files do', async () => {
    const folder = new Folder({ 'webapp.yaml': WEB, 'platform.yaml': PLATFORM });
    const config = await Config.load({ file: 'webapp.yaml', images: [] }, world({ cwd: folder.path }));
    const before = await config.plan();
    folder.write('webapp.yaml', `${WEB}port: x\n`);
    folder.write('platform.yaml', 'domain: other.example.com\n');
    expect(await config.plan()).toEqual(before);
  });

  test('can be planned with other props, which do not change it', async () => {
    const folder = new Folder({ 'webapp.yaml': `${WEB}---\n${WEB.replace('web', 'api')}`, 'platform.yaml': PLATFORM });
    const config = await Config.load({ file: 'webapp.yaml', images: [] }, world({ cwd: folder.path }));
    const images = (apps: readonly SynthesizedApp[]) => JSON.stringify(apps).match(/"image":"[^"]*"/g);
    const before = images(await config.plan());
    expect(images(await config.plan({ web: { image: 'web:2' } }))).toEqual([
      '"image":"web:2"', '"image":"ghcr.io/acme/web:1.4.2"',
    ]);
    expect(images(await config.plan())).toEqual(before);
  });

  test('locates the old name of a prop at the name, not at the value', async () => {
    const folder = new Folder({ 'webapp.yaml': `${WEB}health: { drain: 5s }\n`, 'platform.yaml': PLATFORM });
    const { apps: [app] } = await Config.load({ file: 'webapp.yaml', images: [] }, world({ cwd: folder.path }));
    const { location } = await app.locate({ code: 'renamed', path: 'health.drain', message: 'was renamed', hint: 'use preStopDelay' });
    expect(location).toEqual({ file: 'webapp.yaml', line: 4, column: 11, length: 5 });
  });

  test('reports a problem with a prop at the flag that sets it', async () => {
    const folder = new Folder({ 'webapp.yaml': WEB, 'platform.yaml': PLATFORM });
    const config = await Config.load({ file: 'webapp.yaml', images: [] }, world({ cwd: folder.path }));
    const props = { rollout: { canary: { image: 'ghcr.io/acme/web:2', weight: 110 } } };
    const { diagnostics } = await config.check({ web: props });
    expect(diagnostics.map(({ code, path, location }) => ({ code, path, location }))).toContainEqual({ code: 'range', path: '--canary' });
  });
});

describe('webapp synth', () => {
  test('--output writes one file per app', async () => {
    const folder = new Folder({ 'webapp.yaml': `${WEB}---\n${WEB.replace('web', 'api')}`, 'platform.yaml': PLATFORM });
    expect((await folder.call('synth --output out')).out).toBe('');
    expect(folder.list('out')).toEqual(['api.k8s.yaml', 'web.k8s.yaml']);
    expect(`${folder.read('out/web.k8s.yaml')}---\n${folder.read('out/api.k8s.yaml')}`).toBe((await folder.call('synth')).out);
  });

  test('quotes strings that kubectl would misread', async () => {
    const { out } = await synth(`${WEB}env: { UMASK: 0o22 }\nlabels: { team: '0o7' }\n`);
    expect(out).toContain('value: "0o22"\n');
    expect(out).toContain('team: "0o7"\n');
    expect(out.match(/0o\d+/g)!.length).toBe(out.match(/"0o\d+"/g)!.length);
  });

  test('prints warnings to standard error', async () => {
    const { code, out, err } = await synth(WEB.replace(':1.4.2', ''));
    expect(err).toMatch(/^warning: web: image .* uses a mutable tag; use a version or a digest\n$/);
    expect(code).toBe(0);
    expect(out).not.toContain('warning');
  });
});
