import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Folder } from '../folder';

const WEB = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1.4.2\n';
const INTERNAL = 'domain: apps.example.com\n';

function folderOf(webapp: string, files: { readonly [path: string]: string | Buffer } = {}): Folder {
  const folder = new Folder({ 'app/webapp.yaml': webapp, 'app/platform.yaml': INTERNAL, 'outside.txt': 'secret' });
  mkdirSync(join(folder.path, 'app/conf'));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder.path, 'app', path), content);
  return folder;
}

async function objects(webapp: string, files: { readonly [path: string]: string | Buffer } = {}, line = 'synth'): Promise<any[]> {
  const { code, out, err } = await folderOf(webapp, files).call(line, 'app');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return parseAllDocuments(out).map(document => document.toJS());
}

const kind = (all: any[], name: string) => all.find(object => object.kind === name);
const variables = (all: any[]) => Object.fromEntries(kind(all, 'Deployment').spec.template.spec.containers[0].env
  .map(({ name, value }: any) => [name, value]));

describe('a file from the folder of webapp.yaml', () => {
  test('is the same as its text in webapp.yaml', async () => {
    const text = 'a: 1\n\tb: "2"\n';
    const inline = await objects(`${WEB}files: { /etc/app.conf: ${JSON.stringify(text)} }\n`);
    expect(await objects(`${WEB}files: { /etc/app.conf: { fromFile: conf/app.conf } }\n`, { 'conf/app.conf': text })).toEqual(inline);
  });

  test.each<[string, Buffer]>([
    ['that is not UTF-8', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
    ['with a NUL', Buffer.from('a\0b')],
    ['with a character that kubectl cannot read', Buffer.from('a\u0085b')],
    ['with a byte order mark', Buffer.from('\ufeffa')],
  ])('%s is a binary one, byte for byte', async (_, content) => {
    const config = kind(await objects(`${WEB}files: { /logo.png: { fromFile: logo.png }, /a: b }\n`, { 'logo.png': content }), 'ConfigMap');
    expect(config).toMatchObject({ data: { a: 'b' } });
    expect(Buffer.from(config.binaryData['logo.png'], 'base64')).toEqual(content);
  });

  test('is a binary one in binaryFiles', async () => {
    const all = await objects(`${WEB}binaryFiles: { /a: { fromFile: a } }\n`, { a: 'text' });
    expect(kind(all, 'ConfigMap').binaryData).toEqual({ a: Buffer.from('text').toString('base64') });
  });

  test('can be another one in an environment', async () => {
    const webapp = `${WEB}files: { /a: { fromFile: a } }\nenvironments: { staging: { files: { /a: { fromFile: b } } } }\n`;
    expect(kind(await objects(webapp, { a: 'one', b: 'two' }), 'ConfigMap').data).toEqual({ a: 'one' });
    expect(kind(await objects(webapp, { a: 'one', b: 'two' }, 'synth --env staging'), 'ConfigMap').data).toEqual({ a: 'two' });
  });

  test('may be named by a resource, whose folder is that of its file', async () => {
    const resource = 'apiVersion: cdk8s-webapp.dev/v1alpha1\nkind: WebApp\nmetadata: { name: web, namespace: shop }\n'
      + 'spec: { image: ghcr.io/acme/web:1.4.2, envFile: .env, files: { /a: { fromFile: a } } }\n';
    const { code, out } = await folderOf(resource, { 'a': 'one', '.env': 'B=2' }).call('synth --file app/webapp.yaml');
    expect(code).toBe(0);
    const all = parseAllDocuments(out).map(document => document.toJS());
    expect([kind(all, 'ConfigMap').data, variables(all).B]).toEqual([{ a: 'one' }, '2']);
  });

  const bad = (yaml: string) => `${WEB}files:\n  /a: ${yaml}\n`;
  test.each<[string, string, string]>([
    [
      '{ fromFile: none }', '5:19',
      'files["/a"].fromFile is "none", which does not exist; write a path that starts at the folder of the file',
    ],
    ['{ fromFile: conf }', '5:19', 'files["/a"].fromFile is "conf", which is a folder; name each of its files'],
    [
      '{ fromFile: ../outside.txt }', '5:19',
      'files["/a"].fromFile is "../outside.txt", which is outside of the folder of the file; copy it there, and write its path',
    ],
    ['{ fromFile: /etc/passwd }', '5:19', 'files["/a"].fromFile is "/etc/passwd", which is outside of the folder of the file'],
    ['{ fromFile: link }', '5:19', 'files["/a"].fromFile is "link", which is outside of the folder of the file'],
    [
      '{ fromFile: large }', '5:19',
      'files["/a"].fromFile is "large", which has 1048577 bytes; use at most 1048576 bytes, the limit of a ConfigMap',
    ],
    ['{ fromFile: 1 }', '5:19', 'files["/a"].fromFile is 1; write the path of a file'],
    ['{ file: conf }', '5:9', 'files["/a"].file is not a known property; write the content as a string, or fromFile: PATH'],
    ['{}', '5:3', 'files["/a"] has no fromFile; write the content as a string, or fromFile: PATH'],
  ])('%s is an error at %s', async (yaml, position, message) => {
    const folder = folderOf(bad(yaml), { large: Buffer.alloc(1024 * 1024 + 1) });
    symlinkSync('../outside.txt', join(folder.path, 'app/link'));
    const { code, err } = await folder.call('check', 'app');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(`webapp.yaml:${position}: error: ${message}`) });
    expect(err).not.toContain('secret');
  });

  test('that together with others is too large is an error at its place', async () => {
    const half = Buffer.alloc(600 * 1024, 'a');
    const webapp = `${WEB}files:\n  /a: { fromFile: a }\n  /b: { fromFile: b }\n`;
    const { err } = await folderOf(webapp, { a: half, b: half }).call('check', 'app');
    expect(err).toContain('webapp.yaml:4:1: error: files have 1228800 bytes in total; use at most 1048576 bytes');
  });

  test('that is mounted at the path of a volume is an error at its place, a binary one too', async () => {
    const webapp = `${WEB}volumes: { a: { path: /a, empty: 1Mi } }\nfiles:\n  /a: { fromFile: a }\n`;
    const { err } = await folderOf(webapp, { a: Buffer.from([0xff]) }).call('check', 'app');
    expect(err).toContain('webapp.yaml:6:3: error: binaryFiles["/a"] is "/a", which volumes.a.path already uses');
  });
});

describe('envFile', () => {
  test('has variables over which those of env take precedence, and which Kubernetes does not change', async () => {
    const webapp = `${WEB}envFile: .env\nenv: { A: own }\n`;
    const all = await objects(webapp, { '.env': 'A=file\nB=2\nPASSWORD=pa$$(word)$$x$y\n' });
    expect(variables(all)).toEqual({ PORT: '8080', A: 'own', B: '2', PASSWORD: 'pa$$$$(word)$$$$x$y' });
  });

  test.each<[string, string, string]>([
    ['envFile: .env.local', '4:10', 'envFile is ".env.local", which does not exist; write a path that starts at the folder of the file'],
    ['envFile: ../outside.txt', '4:10', 'envFile is "../outside.txt", which is outside of the folder of the file'],
    ['envFile: .env', '4:10', 'envFile is invalid: line 2 of .env is not NAME=value; write one variable a line, and comments after #'],
    ['envFile: logo', '4:10', 'envFile is "logo", which is not UTF-8; save it with the encoding UTF-8'],
    ['envFile: [.env]', '4:1', 'envFile is [".env"]; write the path of a file, such as .env'],
    ['envFile: port', '4:10', 'env.PORT is reserved: the app always gets it; set port'],
    ['envFiel: .env', '4:1', 'envFiel is not a known property; did you mean envFile?'],
  ])('%s is an error at %s', async (yaml, position, message) => {
    const files = { '.env': 'A=1\nB\n', 'logo': Buffer.from([0xff]), 'port': 'PORT=1' };
    const { code, err } = await folderOf(`${WEB}${yaml}\n`, files).call('check', 'app');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(`webapp.yaml:${position}: error: ${message}`) });
  });

  test('is not a prop of a platform', async () => {
    const folder = folderOf(WEB);
    folder.write('app/platform.yaml', 'envFile: .env\n');
    expect((await folder.call('check', 'app')).err).toContain('envFile is not a known property');
  });
});

describe('a List', () => {
  const list = 'apiVersion: v1\nkind: List\nitems:\n'
    + '  - { name: web, namespace: shop, image: web:1, env: &env { A: "1" } }\n'
    + '  - apiVersion: cdk8s-webapp.dev/v1alpha1\n    kind: WebApp\n    metadata: { name: api, namespace: shop }\n'
    + '    spec: { image: api:1, env: { <<: *env, B: "2" } }\n';

  test('has apps in each form, which share the values of anchors', async () => {
    const [web, api] = (await objects(list)).filter(object => object.kind === 'Deployment');
    expect([web.metadata.name, variables([web])]).toEqual(['web', { PORT: '8080', A: '1' }]);
    expect([api.metadata.name, variables([api])]).toEqual(['api', { PORT: '8080', A: '1', B: '2' }]);
  });

  test.each<[string, string, string]>([
    [
      'a mistake in an item',
      list.replace('image: api:1,', 'prot: 1, image: api:1,'),
      '8:13: error: prot is not a known property; did you mean port?',
    ],
    ['an unknown field', `${list}item: []\n`, '9:1: error: item is not a known field; the fields are apiVersion, kind, metadata, items'],
    ['items that are not a list', 'apiVersion: v1\nkind: List\nitems: {}\n', '3:1: error: items is not a list; write the apps in it'],
    ['another version', list.replace('v1\n', 'v2\n'), '1:13: error: apiVersion is not that of a List; write apiVersion: v1'],
  ])('with %s is an error there', async (_, yaml, message) => {
    const { code, err } = await folderOf(yaml).call('check', 'app');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(`webapp.yaml:${message}`) });
  });
});

test('webapp eject writes the contents of files into the code', async () => {
  const webapp = `${WEB}envFile: .env\nfiles: { /a: { fromFile: a }, /b: { fromFile: b } }\n`;
  const folder = folderOf(webapp, { '.env': 'A=1', 'a': 'text', 'b': Buffer.from([0xff]) });
  expect(await folder.call('eject', 'app')).toMatchObject({ code: 0 });
  expect(folder.read('app/cdk8s/main.ts')).toContain(`new WebApp(shop, 'web', {
  image: 'ghcr.io/acme/web:1.4.2',
  files: { '/a': 'text' },
  binaryFiles: { '/b': '/w==' },
  env: { A: '1' },
});`);
});
