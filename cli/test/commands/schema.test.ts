import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { parseAllDocuments } from 'yaml';
import { jsonSchemas, written } from '../../../projenrc/json-schema';
import { call } from '../call';

const ROOT = join(__dirname, '../../..');
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const schemaOf = (file: string) => new Ajv({ strictTypes: false }).compile(JSON.parse(read('cli/schema', `${file}.schema.json`)));
const webapp = schemaOf('webapp');
const platform = schemaOf('platform');
const documents = (text: string) => parseAllDocuments(text).map(document => document.toJS());

describe('the JSON Schema', () => {
  test('is up to date with the props', () => {
    const { webapp: first, platform: second } = jsonSchemas(JSON.parse(read('.jsii')));
    expect(read('cli/schema/webapp.schema.json')).toBe(written(first));
    expect(read('cli/schema/platform.schema.json')).toBe(written(second));
  });

  test('is printed by webapp schema', async () => {
    expect(JSON.parse((await call(['schema'])).out)).toEqual(JSON.parse(read('cli/schema/webapp.schema.json')));
    expect(JSON.parse((await call(['schema', 'platform'])).out)).toEqual(JSON.parse(read('cli/schema/platform.schema.json')));
  });

  const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.yaml'));

  test.each(examples.map(file => join('examples', file)))('accepts %s', path => {
    const validate = path.endsWith('platform.yaml') ? platform : webapp;
    for (const document of documents(read(path))) expect([validate(document), validate.errors]).toEqual([true, null]);
  });

  const OVERRIDES = '{ namespace: x, secretEnv: { A: { secret: a } }, env: { A: null }, scaling: null }';

  test.each([
    ['an app without an image, which may come from the command line', 'name: web'],
    ['an enum in kebab-case', '{ name: web, volumes: { a: { path: /a, accessMode: read-write-many } } }'],
    ['an environment with some of the props', `{ name: web, environments: { staging: ${OVERRIDES} } }`],
    ['a file from the folder', '{ name: web, files: { /a: { fromFile: a } }, binaryFiles: { /b: { fromFile: b } }, envFile: .env }'],
    [
      'a file from the folder in an environment',
      '{ name: web, environments: { a: { files: { /a: { fromFile: a }, /b: null }, envFile: null } } }',
    ],
    [
      'a List of apps in each form',
      '{ apiVersion: v1, kind: List, items: [{ name: web }, { apiVersion: cdk8s-webapp.dev/v1alpha1, kind: WebApp, spec: {} }] }',
    ],
    ['a WebApp resource', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: WebApp, metadata: { name: web }, spec: { port: 80 } }'],
    ['a Platform resource', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: Platform, spec: { domain: a.example.com } }'],
  ])('accepts %s', (_, text) => {
    expect(webapp(documents(text)[0])).toBe(true);
  });

  test.each([
    ['an app without a name', 'image: web:1'],
    ['an unknown prop', '{ name: web, imgae: x }'],
    ['a value of the wrong type', "{ name: web, port: '80' }"],
    ['an enum as it is written in code', '{ name: web, volumes: { a: { path: /a, accessMode: READ_WRITE_MANY } } }'],
    ['a missing prop', '{ name: web, secretFiles: { /a: { secret: a } } }'],
    ['a variable without a source', '{ name: web, secretEnv: { A: { secret: a } } }'],
    ['a variable with two sources', '{ name: web, secretEnv: { A: { secret: a, key: b, generate: 32 } } }'],
    ['a generated value that is too short', '{ name: web, secretEnv: { A: { generate: 8 } } }'],
    ['an unknown prop in an environment', '{ name: web, environments: { staging: { imgae: a } } }'],
    ['an unknown field of a file from the folder', '{ name: web, files: { /a: { from: a } } }'],
    ['a List with an invalid app', '{ apiVersion: v1, kind: List, items: [{ name: web, imgae: a }] }'],
    ['props next to spec', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: WebApp, port: 80, spec: {} }'],
    ['an unknown kind', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: Webapp, spec: {} }'],
    ['the props of an app in a Platform', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: Platform, spec: { port: 80 } }'],
  ])('rejects %s', (_, text) => {
    expect(webapp(documents(text)[0])).toBe(false);
  });

  test('describes every prop, with its default', () => {
    const { properties } = JSON.parse(read('cli/schema/webapp.schema.json')).else;
    for (const [name, { description }] of Object.entries<any>(properties)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\w/)]);
    }
    expect(properties.size.description).toMatch(/Default: `s`[^]*- `xxl`:/);
  });
});
