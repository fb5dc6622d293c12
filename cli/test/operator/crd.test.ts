import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import fc from 'fast-check';
import { refuses } from './cel';
import { Mistake, PLATFORM_MISTAKES, WEB_APP_MISTAKES } from './crd-examples';
import { documentedResources } from './documented';
import { asJsonSchema, structuralFaults } from './structural';
import { crds } from '../../../projenrc/crd';
import { CrdRule, OPERATOR_RULES, PLATFORM_RULES, WEB_APP_RULES } from '../../../projenrc/crd-rules';
import { written } from '../../../projenrc/json-schema';
import type { Problem } from '../../../src/internal';
import { Props, withImage } from '../../../test/arbitrary-props';
import platform from '../../schema/platform.crd.json';
import webapp from '../../schema/webapp.crd.json';
import { sentence } from '../../src/config/diagnostic';
import { checkGradualCanary } from '../../src/config/gradual-canary';
import { checkOperatorFields, OPERATOR_FIELDS } from '../../src/config/operator-fields';
import type { Attempt, CanaryProgress, WebAppStatus } from '../../src/operator/resources';
import { synthesize } from '../../src/render/synthesis';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

const ROOT = join(__dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const schemaOf = (crd: typeof webapp | typeof platform): any => crd.spec.versions[0].schema.openAPIV3Schema;
const CRDS = [{ name: 'webapp', crd: webapp }, { name: 'platform', crd: platform }];

describe('the CustomResourceDefinitions', () => {
  test('are up to date with the props', () => {
    const generated = crds(JSON.parse(read('.jsii')));
    expect(read('cli/schema/webapp.crd.json')).toBe(written(generated.webapp));
    expect(read('cli/schema/platform.crd.json')).toBe(written(generated.platform));
  });

  test.each(CRDS)('$name has a structural schema', ({ crd }) => {
    expect(structuralFaults(schemaOf(crd))).toEqual([]);
  });

  test.each(CRDS)('$name fits the annotation in which kubectl apply stores it, of 256 KiB with all others', ({ crd }) => {
    expect(JSON.stringify(crd).length).toBeLessThan(200 * 1024);
  });

  test.each(CRDS)('$name explains every prop to kubectl explain', ({ crd }) => {
    for (const [name, { description }] of Object.entries<any>(schemaOf(crd).properties.spec.properties)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/\w/)]);
    }
  });

  test('the spec of a WebApp has the props of a file, without the name, and the fields of the operator', () => {
    const inFile = JSON.parse(read('cli/schema/webapp.schema.json')).else.properties;
    const ofFile = ['name', 'namespace', 'environments', 'envFile', 'build', 'static'];
    const props = Object.keys(inFile).filter(name => !ofFile.includes(name));
    expect(Object.keys(schemaOf(webapp).properties.spec.properties).sort()).toEqual([...props, ...OPERATOR_FIELDS].sort());
  });

  // https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/generic.go
  test('the status of a WebApp that no operator has looked at is out of date, for clients that use kstatus', () => {
    expect(schemaOf(webapp).properties.status.default).toEqual({ observedGeneration: -1 });
  });

  test('the status of a WebApp has what the operator writes', () => {
    // A field that is missing here is an error of the compiler.
    const fields: { readonly [field in keyof Required<WebAppStatus>]: true } = {
      observedGeneration: true,
      observedSettings: true,
      url: true,
      image: true,
      release: true,
      replicas: true,
      selector: true,
      ready: true,
      revision: true,
      digests: true,
      checksum: true,
      claims: true,
      attempt: true,
      failedRevision: true,
      expires: true,
      renewal: true,
      conditions: true,
    };
    const { status } = schemaOf(webapp).properties;
    expect(Object.keys(status.properties).sort()).toEqual(Object.keys(fields).sort());
    const attempt: { readonly [field in keyof Required<Attempt>]: true } = {
      revision: true, started: true, digests: true, claims: true, canary: true,
    };
    expect(Object.keys(status.properties.attempt.properties).sort()).toEqual(Object.keys(attempt).sort());
    const canary: { readonly [field in keyof Required<CanaryProgress>]: true } = {
      image: true, weight: true, step: true, draining: true, started: true, ready: true, watched: true, before: true,
    };
    expect(Object.keys(status.properties.attempt.properties.canary.properties).sort()).toEqual(Object.keys(canary).sort());
  });

  test('the spec of a Platform has the props of a file', () => {
    const { environments, ...props } = JSON.parse(read('cli/schema/platform.schema.json')).else.properties;
    expect(Object.keys(schemaOf(platform).properties.spec.properties).sort()).toEqual(Object.keys(props).sort());
  });

  const ajv = new Ajv({ strict: false, validateFormats: false });
  const validate = {
    WebApp: ajv.compile(asJsonSchema(schemaOf(webapp).properties.spec)),
    Platform: ajv.compile(asJsonSchema(schemaOf(platform).properties.spec)),
  };
  const errorsOf = (kind: string, spec: unknown) => {
    const check = validate[kind as keyof typeof validate];
    check(spec);
    return check.errors ?? [];
  };

  test.each(documentedResources().map(one => ({ ...one, name: one.resource.metadata.name })))('accept $name of $from', ({ resource }) => {
    expect(errorsOf(resource.kind, resource.spec)).toEqual([]);
  });

  test.each([
    ['a misspelled prop', { imgae: 'ghcr.io/acme/web:1' }],
    ['a misspelled prop of a struct', { health: { pth: '/' } }],
    ['a string without the quotes that it needs in YAML', { env: { GO_VERSION: 1.2 } }],
    ['an invalid duration', { scaling: { cooldownPeriod: '5 minutes' } }],
    ['an invalid quantity', { resources: { memory: '256 MB' } }],
    ['a value that is none of an enum', { size: 'huge' }],
    ['a number that is too large', { port: 65536 }],
    ['a missing prop', { secretFiles: { '/a': { secret: 'a' } } }],
    ['the name, which is in the metadata', { name: 'web' }],
    ['what only a file can say', { environments: {} }],
  ])('refuse %s', (_, spec) => {
    expect(errorsOf('WebApp', spec)).not.toEqual([]);
  });

  test('leave patches to their objects', () => {
    expect(errorsOf('WebApp', { patches: [{ kind: 'Deployment', merge: { spec: { anything: [1, 'a'] } } }] })).toEqual([]);
  });

  test('the scale subresource is that of the web process', () => {
    const { properties: { spec, status } } = schemaOf(webapp);
    const { specReplicasPath, statusReplicasPath, labelSelectorPath } = webapp.spec.versions[0].subresources.scale;
    const typeAt = (path: string) => path.slice(1).split('.')
      .reduce((schema, name) => schema.properties[name], { properties: { spec, status } } as any).type;
    expect([specReplicasPath, statusReplicasPath, labelSelectorPath].map(typeAt)).toEqual(['integer', 'integer', 'string']);
  });

  test('a column shows a field that exists', () => {
    for (const { crd } of CRDS) {
      const { properties } = schemaOf(crd);
      for (const { jsonPath } of crd.spec.versions[0].additionalPrinterColumns.filter(column => !column.jsonPath.startsWith('.metadata'))) {
        const [, ...names] = jsonPath.replace(/\[.*?\)\]/, '').split('.');
        const found = names.reduce((schema, name) => (schema.items ?? schema).properties[name], { properties } as any);
        expect([jsonPath, found?.type]).toEqual([jsonPath, expect.stringMatching(/string|integer/)]);
      }
    }
  });
});

/** The problems of an app with these props in front of a common platform, or of a platform. */
function problemsOf(kind: 'WebApp' | 'Platform', { props }: Mistake): readonly Problem[] {
  if (kind === 'Platform') return synthesize([], props as PlatformProps).platformProblems;
  const all = JSON.parse(JSON.stringify({ image: 'ghcr.io/acme/web:1', ...props })) as WebAppProps;
  const own = checkGradualCanary(props);
  if (own.length > 0) return own;
  const access = { sso: { url: 'http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth' } };
  return synthesize([{ name: 'web', namespace: 'shop', props: all }], {
    domain: 'apps.example.com', ingress: { className: 'nginx' }, access,
  }).problems[0];
}

const TABLES = [
  { kind: 'WebApp' as const, rules: WEB_APP_RULES, others: OPERATOR_RULES, mistakes: WEB_APP_MISTAKES, crd: webapp },
  { kind: 'Platform' as const, rules: PLATFORM_RULES, others: [], mistakes: PLATFORM_MISTAKES, crd: platform },
];

describe.each(TABLES)('a rule of $kind that the API server checks', ({ kind, rules, others, mistakes, crd }) => {
  test.each(mistakes.map(one => ({ ...one, written: JSON.stringify(one.props) })))('says what the library says: $written', mistake => {
    const found = problemsOf(kind, mistake).map(({ path, message, hint }) => [path, `${message}; ${hint}`]);
    expect(found).toContainEqual([mistake.path, mistake.says]);
  });

  test('is among the examples, which a real API server gets too', () => {
    const pathOf = ({ at, prop }: CrdRule) => (
      [at, prop].filter(part => part !== '').join('.').replaceAll('[]', '[0]').replaceAll('.*', '.A'));
    const untried = rules.filter(rule => !mistakes.some(({ path, says }) => {
      return path === pathOf(rule) && `${rule.message}; ${rule.hint}`.split('%s').every(text => says.includes(text));
    }));
    expect(untried).toEqual([]);
  });

  test('is in the CustomResourceDefinition once', () => {
    expect(validations(schemaOf(crd).properties.spec)).toHaveLength(rules.length + others.length);
  });
});

describe('a rule of the fields that a resource has besides the props', () => {
  test('says what the operator says', () => {
    const spec = { ttl: '72h', deletionPolicy: 'orphan' };
    const [{ prop, message, hint, ...rule }] = OPERATOR_RULES;
    expect(refuses({ ...rule, prop, message, hint }, spec)).toBe(true);
    expect(checkOperatorFields(spec).map(sentence)).toEqual([`${prop} ${message}; ${hint}`]);
    expect(refuses(OPERATOR_RULES[0], { ttl: '72h', deletionPolicy: 'delete' })).toBe(false);
  });
});

describe('the API server refuses nothing that the library accepts', () => {
  const accepts = (crd: typeof webapp | typeof platform) => (
    new Ajv({ strict: false, validateFormats: false }).compile(asJsonSchema(schemaOf(crd).properties.spec)));
  const complaints = (rules: readonly CrdRule[], props: unknown) => (
    rules.filter(rule => refuses(rule, props)).map(({ message }) => message));
  const plain = <T>(props: T): T => JSON.parse(JSON.stringify(props));

  test.each(TABLES)('among the mistakes of $kind, each is refused by a rule', ({ kind, rules, mistakes }) => {
    const image = kind === 'WebApp' ? { image: 'ghcr.io/acme/web:1' } : {};
    for (const { props } of mistakes) expect(complaints(rules, plain({ ...image, ...props }))).not.toEqual([]);
  });

  test('among apps', () => {
    const accept = accepts(webapp);
    let accepted = 0;
    fc.assert(fc.property(new Props(0).struct('WebAppProps').map(withImage), fc.boolean(), (props: object, internal) => {
      const { name, ...spec } = plain({ ...props, ...internal ? { internal } : {} }) as WebAppProps;
      const { problems } = synthesize([{ name: 'web', namespace: 'shop', props: spec }], { domain: 'apps.example.com' });
      if (problems[0].length > 0) return;
      accepted++;
      expect([accept(spec), accept.errors]).toEqual([true, null]);
      expect(complaints(WEB_APP_RULES, spec)).toEqual([]);
    }), { numRuns: 500, seed: 1 });
    expect(accepted).toBeGreaterThan(50);
  });

  test('among platforms', () => {
    const accept = accepts(platform);
    let accepted = 0;
    fc.assert(fc.property(new Props(0).struct('PlatformProps'), (props: object) => {
      const spec = plain(props) as PlatformProps;
      if (synthesize([], spec).platformProblems.length > 0) return;
      accepted++;
      expect([accept(spec), accept.errors]).toEqual([true, null]);
      expect(complaints(PLATFORM_RULES, spec)).toEqual([]);
    }), { numRuns: 1000, seed: 1 });
    expect(accepted).toBeGreaterThan(50);
  });
});

function validations(schema: any): unknown[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => (
    keyword === 'x-kubernetes-validations' ? value as unknown[] : validations(value)));
}

describe('the check of structural schemas', () => {
  test.each([
    ['no type', { properties: { a: { description: 'a' } }, type: 'object' }, '.a: has no type'],
    ['two types', { type: 'object', properties: { a: { type: ['string', 'number'] } } }, '.a: has the type ["string","number"]'],
    ['a reference', { type: 'object', properties: { a: { type: 'object', $ref: '#' } } }, '.a: has the keyword $ref'],
    ['no other properties', { type: 'object', additionalProperties: false }, '.: forbids additional properties, which pruning does'],
    ['a lookahead', { type: 'string', pattern: '^(?!a)b' }, '.: has the pattern ^(?!a)b, which Go cannot read'],
    ['a list that says nothing of how it is merged', { type: 'array', items: { type: 'string' } }, '.: has the list type undefined'],
    ['a restriction of metadata', { type: 'object', properties: { metadata: { type: 'object', required: [] } } }, '.: restricts metadata'],
  ])('finds %s', (_, schema, fault) => {
    expect(structuralFaults(schema)).toContainEqual(fault);
  });
});

describe('a list in which a value may be there once', () => {
  const blueGreen = { active: 'blue', blue: { image: 'a:1' }, green: { image: 'a:2' } };

  test.each([
    [{ access: { allow: ['10.0.0.0/8', '10.0.0.0/8'] } }],
    [{ hosts: ['a.example.com', 'a.example.com'] }],
    [{ paths: ['/a', '/a'] }],
    [{ exactPaths: ['/a', '/a'] }],
    [{ http: { redirectFrom: ['www.web.apps.example.com', 'www.web.apps.example.com'] } }],
    [{ ports: { admin: { port: 81, hosts: ['b.example.com', 'b.example.com'] } } }],
    [{ ports: { admin: { port: 81, hosts: ['b.example.com'], paths: ['/a', '/a'] } } }],
    [{ rollout: { blueGreen: { ...blueGreen, previewHosts: ['c.example.com', 'c.example.com'] } } }],
    [{ rollout: { argo: { strategy: 'blue-green', previewHosts: ['c.example.com', 'c.example.com'] } } }],
  ])('is one in which the library refuses the second: %j', props => {
    expect(problemsOf('WebApp', { props, path: '', says: '' })).toContainEqual(expect.objectContaining({ code: 'duplicate' }));
  });
});
