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
  test('is that of the props as they are compiled', () => {
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

  test.each<[string, string, boolean]>([
    ['the image may come from the command line', 'name: web', true],
    ['the name may not', 'image: web:1', false],
    ['an unknown prop', '{ name: web, imgae: x }', false],
    ['a wrong type', "{ name: web, port: '80' }", false],
    ['an enum is written in kebab-case', '{ name: web, volumes: { a: { path: /a, accessMode: read-write-many } } }', true],
    ['and not as in code', '{ name: web, volumes: { a: { path: /a, accessMode: READ_WRITE_MANY } } }', false],
    ['something missing', '{ name: web, secretEnv: { A: { secret: a } } }', false],
    ['an environment has a part of the props', '{ name: web, environments: { staging: { namespace: x, secretEnv: { A: { secret: a } }, env: { A: null }, scaling: null } } }', true],
    ['and no others', '{ name: web, environments: { staging: { imgae: a } } }', false],
    ['a file from the folder', '{ name: web, files: { /a: { fromFile: a } }, binaryFiles: { /b: { fromFile: b } }, envFile: .env }', true],
    ['in an environment too', '{ name: web, environments: { a: { files: { /a: { fromFile: a }, /b: null }, envFile: null } } }', true],
    ['with an unknown field', '{ name: web, files: { /a: { from: a } } }', false],
    ['a List of apps in each form', '{ apiVersion: v1, kind: List, items: [{ name: web }, { apiVersion: cdk8s-webapp.dev/v1alpha1, kind: WebApp, spec: {} }] }', true],
    ['of which one is wrong', '{ apiVersion: v1, kind: List, items: [{ name: web, imgae: a }] }', false],
    ['a resource', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: WebApp, metadata: { name: web }, spec: { port: 80 } }', true],
    ['props beside spec', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: WebApp, port: 80, spec: {} }', false],
    ['an unknown kind', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: Webapp, spec: {} }', false],
    ['a platform among the apps', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: Platform, spec: { domain: a.example.com } }', true],
    ['of which the props are others', '{ apiVersion: cdk8s-webapp.dev/v1alpha1, kind: Platform, spec: { port: 80 } }', false],
  ])('%s', (_, text, right) => {
    expect(webapp(documents(text)[0])).toBe(right);
  });

  test('explains every prop, with its default', () => {
    const { properties } = JSON.parse(read('cli/schema/webapp.schema.json')).else;
    for (const [name, { description }] of Object.entries<any>(properties)) expect([name, description]).toEqual([name, expect.stringMatching(/\w/)]);
    expect(properties.size.description).toMatch(/Default: `s`[^]*- `xxl`:/);
  });
});
