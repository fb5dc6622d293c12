/**
 * Writes cli/schema/*.crd.json, the CustomResourceDefinitions of WebApp and Platform, from the `.jsii` file of the compiled module.
 * `npx projen shapes` runs it; a test fails if they are out of date.
 *
 * Their schemas are structural: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 * They accept all that the library accepts in a resource, and may accept more, which the operator then refuses: the keys of maps, and
 * what depends on the platform. A string is a string in them: the API server gets numbers such as 1.20 without their digits, as 1.2.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { CrdRule, OPERATOR_RULES, PLATFORM_RULES, WEB_APP_RULES } from './crd-rules';
import { OPERATOR_FIELDS, Schema, written } from './json-schema';
import { explained, Jsii, JsiiDefinition, JsiiProperty, JsiiType, kebab, propertiesOf, tagsOf } from './shapes';
import { API_VERSION } from '../cli/src/config/api-version';
import { ALL_FORMATS } from '../src/formats';
import { Format, FormatSchema, formatsOf } from '../src/validation/format';
import { LONGEST_NAME } from '../src/validation/names';
import type { ProblemCode } from '../src/validation/problem';

const [GROUP, VERSION] = API_VERSION.split('/');

/** Props that a resource has in its metadata. */
const IN_METADATA = ['name'];

/** Lists in which the library refuses a value that is there twice. The other lists are atomic: who applies one owns it as a whole. */
const SETS: { readonly [struct: string]: readonly string[] } = {
  Access: ['allow'],
  AppHttp: ['redirectFrom'],
  AppPort: ['hosts', 'paths'],
  ArgoRollout: ['previewHosts'],
  BlueGreen: ['previewHosts'],
  WebAppProps: ['hosts', 'paths', 'exactPaths'],
};

/** Structs that a resource may have in the place of others. A structural schema has the props of both, and rules for what fits together. */
const ALTERNATIVES: { readonly [struct: string]: string | undefined } = { Canary: 'GradualCanary' };

/** Both CustomResourceDefinitions. */
export function crds(jsii: Jsii): { readonly webapp: Schema; readonly platform: Schema } {
  const props = (struct: string, rules: readonly CrdRule[]) => structSchema(jsii, struct, rules);
  const webApp = props('WebAppProps', [...WEB_APP_RULES, ...OPERATOR_RULES]);
  return {
    webapp: definition({
      names: { kind: 'WebApp', plural: 'webapps', singular: 'webapp', shortNames: ['wa'], categories: ['all'] },
      scope: 'Namespaced',
      description: 'A web app: the operator turns it into the Kubernetes objects that run it.',
      properties: { spec: { ...webApp, properties: { ...webApp.properties, ...OPERATOR_FIELDS } }, status: STATUS },
      rules: NAME_RULES,
      subresources: {
        status: {},
        scale: {
          specReplicasPath: '.spec.scaling.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
      columns: [
        column('URL', '.status.url', 'Where the app answers.'),
        column('Ready', '.status.ready', 'How many pods of the web process are ready.'),
        column('Replicas', '.status.replicas', 'How many pods of the web process there are.', { type: 'integer' }),
        column('Image', '.status.image', 'The image that serves traffic.'),
        column('Release', '.status.release', 'The number of the current release.', { type: 'integer', priority: 1 }),
        column('Reason', '.status.conditions[?(@.type=="Ready")].reason', 'Why it is ready or not.', { priority: 1 }),
        column('Expires', '.status.expires', 'When the app is deleted, if it has a ttl.', { priority: 1 }),
        AGE,
      ],
    }),
    platform: definition({
      names: { kind: 'Platform', plural: 'platforms', singular: 'platform' },
      scope: 'Cluster',
      description: 'How the cluster does things, for the apps of all namespaces or of those whose label names it.',
      properties: { spec: props('PlatformProps', PLATFORM_RULES) },
      columns: [
        column('Domain', '.spec.domain', 'The domain of apps without hosts.'),
        column('Ingress', '.spec.ingress.className', 'The class of Ingresses.'),
        column('Gateway', '.spec.gateway.name', 'The Gateway of routes.'),
        AGE,
      ],
    }),
  };
}

interface Definition {
  readonly names: { readonly kind: string; readonly plural: string; readonly [field: string]: unknown };
  readonly scope: 'Namespaced' | 'Cluster';
  readonly description: string;
  readonly properties: { readonly spec: Schema; readonly status?: Schema };
  readonly rules?: readonly Schema[];
  readonly subresources?: Schema;
  readonly columns: readonly Schema[];
}

function definition({ names, scope, description, properties, rules, subresources, columns }: Definition): Schema {
  const openAPIV3Schema = {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      ...properties,
    },
    ...rules ? { 'x-kubernetes-validations': rules } : {},
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${names.plural}.${GROUP}`,
      labels: { 'app.kubernetes.io/name': 'webapp-operator', 'app.kubernetes.io/managed-by': 'webapp' },
    },
    spec: {
      group: GROUP,
      names: { ...names, listKind: `${names.kind}List` },
      scope,
      versions: [{
        name: VERSION,
        served: true,
        storage: true,
        schema: { openAPIV3Schema },
        ...subresources ? { subresources } : {},
        additionalPrinterColumns: columns,
      }],
    },
  };
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns */
function column(name: string, jsonPath: string, description: string, { type = 'string', priority = 0 } = {}): Schema {
  return { name, jsonPath, description, type, ...priority > 0 ? { priority } : {} };
}

const AGE = { name: 'Age', jsonPath: '.metadata.creationTimestamp', type: 'date' };

/** The name of an app, which the library checks as the prop `name`; the API server allows dots and longer names. */
const NAME_RULES: readonly Schema[] = [
  {
    rule: 'self.metadata.name.matches(\'^[a-z]([-a-z0-9]*[a-z0-9])?$\')',
    messageExpression: '\'the name is "%s", which is not a valid DNS label; '
      + 'use lowercase letters, digits and dashes, starting with a letter, such as web\'.format([self.metadata.name])',
    message: 'the name is not a valid DNS label; use lowercase letters, digits and dashes, starting with a letter, such as web',
    reason: 'FieldValueInvalid',
  },
  {
    rule: `size(self.metadata.name) <= ${LONGEST_NAME}`,
    messageExpression: `'the name has %s characters; use at most ${LONGEST_NAME}'.format([size(self.metadata.name)])`,
    message: `the name is too long; use at most ${LONGEST_NAME} characters`,
    reason: 'FieldValueInvalid',
  },
];

const DIGESTS: Schema = {
  description: 'The digests that the tags of its images had when it was made, by image.',
  type: 'object',
  additionalProperties: { type: 'string' },
};

const CLAIMS: Schema = {
  'description': 'What no other app can have as long as this one has it: hosts with their paths and headers, and volumes.',
  'type': 'array',
  'x-kubernetes-list-type': 'atomic',
  'items': { type: 'string' },
};

/**
 * Without the default, a resource that was just created has no status, which Flux and others that use kstatus take for done:
 * https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/generic.go
 */
const STATUS: Schema = {
  description: 'What the operator last observed of the app.',
  type: 'object',
  default: { observedGeneration: -1 },
  properties: {
    observedGeneration: { type: 'integer', format: 'int64', description: 'The generation of the spec that this status is about.' },
    observedSettings: {
      type: 'string',
      description: 'The names of the objects with variables of webapp config and webapp secrets that this status is about.',
    },
    url: { type: 'string' },
    image: { type: 'string', description: 'The image that serves traffic, with its digest where that is known.' },
    release: { type: 'integer', description: 'The number of the current release.' },
    replicas: { type: 'integer', format: 'int32', description: 'How many pods of the web process there are.' },
    selector: { type: 'string', description: 'The label selector of these pods.' },
    ready: { type: 'string', description: 'How many of them are ready.' },
    revision: { type: 'string', description: 'A hash of what the current release was made of.' },
    checksum: { type: 'string', description: 'A hash of the objects of the current release.' },
    digests: DIGESTS,
    claims: CLAIMS,
    attempt: {
      description: 'The release that is being deployed, if one is.',
      type: 'object',
      properties: {
        revision: { type: 'string' },
        started: { type: 'string', format: 'date-time', description: 'When it began.' },
        digests: DIGESTS,
        claims: CLAIMS,
        canary: {
          description: 'How far its canary is, where its image gets the traffic step by step.',
          type: 'object',
          properties: {
            image: { type: 'string', description: 'The image that gets a part of the traffic.' },
            weight: { type: 'integer', format: 'int32', description: 'The percentage of the traffic that it gets.' },
            step: { type: 'integer', format: 'int32', description: 'The step, from 0; the one after the last is the takeover.' },
            draining: { type: 'boolean', description: 'Whether it has taken over, and only waits for the last requests.' },
            started: { type: 'string', format: 'date-time', description: 'When the step began.' },
            ready: { type: 'string', format: 'date-time', description: 'When its pods were ready.' },
            watched: { type: 'integer', format: 'int64', description: 'How long it has been watched since then, in seconds.' },
            before: {
              description: 'What the interceptor had counted of the responses of the new version when the step began.',
              type: 'object',
              properties: { responses: { type: 'integer', format: 'int64' }, errors: { type: 'integer', format: 'int64' } },
              required: ['responses', 'errors'],
            },
          },
          required: ['image', 'weight', 'step', 'started'],
        },
      },
      required: ['revision', 'started'],
    },
    failedRevision: { type: 'string', description: 'The same for the last one that failed, until another one is deployed.' },
    expires: { type: 'string', format: 'date-time', description: 'When the operator deletes the app, which has a ttl.' },
    renewal: { type: 'string', description: 'The annotation cdk8s-webapp.dev/renewed that this time is from.' },
    conditions: {
      'type': 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      'items': {
        type: 'object',
        properties: {
          type: { type: 'string', maxLength: 316 },
          status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
          reason: { type: 'string', minLength: 1, maxLength: 1024 },
          message: { type: 'string', maxLength: 32768 },
          lastTransitionTime: { type: 'string', format: 'date-time' },
          observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
        },
        required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
      },
    },
  },
};

/** The schema of a struct, with those of its props in it: a structural schema has no references. */
function structSchema({ types }: Jsii, name: string, rules: readonly CrdRule[]): Schema {
  const named = Object.values(types).find(type => type.name === name)!;
  const used = new Set<string>();
  const schema = ofStruct(named, '', []);
  const unused = rules.find(({ at }) => !used.has(at));
  if (unused) throw new Error(`a rule is about ${unused.at}, which ${name} does not have`);
  return schema;

  function ofStruct(struct: JsiiDefinition, path: string, around: readonly string[]): Schema {
    if (around.includes(struct.name)) throw new Error(`${struct.name} is part of itself, which a structural schema cannot say`);
    const other = Object.values(types).find(type => type.name === ALTERNATIVES[struct.name]);
    const own = propertiesOf(struct, types).filter(property => path !== '' || !IN_METADATA.includes(property.name));
    const others = other ? propertiesOf(other, types).filter(added => !own.some(property => property.name === added.name)) : [];
    const properties = [...own, ...others];
    const required = other ? [] : properties.filter(({ optional }) => !optional).map(property => property.name);
    const here = rules.filter(rule => rule.at === path);
    if (here.length > 0) used.add(path);
    return {
      type: 'object',
      properties: Object.fromEntries(properties.map(property => [
        property.name, described(property, struct.name, path === '' ? property.name : `${path}.${property.name}`, [...around, struct.name]),
      ])),
      ...required.length > 0 ? { required } : {},
      ...here.length > 0 ? { 'x-kubernetes-validations': here.map(validation) } : {},
    };
  }

  function described(property: JsiiProperty, struct: string, path: string, around: readonly string[]): Schema {
    const { value } = formatsOf(tagsOf(property), ALL_FORMATS);
    const ofIt = ofType(property.type, value, path, around);
    return {
      description: explained(property.docs, types),
      ...ofIt,
      ...SETS[struct]?.includes(property.name) ? { 'x-kubernetes-list-type': 'set' } : {},
    };
  }

  function ofType({ primitive, fqn, collection }: JsiiType, value: Format | undefined, path: string, around: readonly string[]): Schema {
    if (collection?.kind === 'array') {
      return { 'type': 'array', 'x-kubernetes-list-type': 'atomic', 'items': ofType(collection.elementtype, value, `${path}[]`, around) };
    }
    if (collection) {
      const { primitive: any } = collection.elementtype;
      if (any === 'any') return { 'type': 'object', 'x-kubernetes-preserve-unknown-fields': true };
      return { type: 'object', additionalProperties: ofType(collection.elementtype, value, `${path}.*`, around) };
    }
    if (!fqn) return { type: primitive, ...keywords(value?.schema) };
    const type = types[fqn];
    if (type.kind === 'enum') return { type: 'string', enum: type.members!.map(member => kebab(member.name)) };
    return ofStruct(type, path, around);
  }
}

/** The keywords of a format as OpenAPI 3.0 and the regular expressions of Go have them. */
function keywords({ pattern, exclusiveMinimum, ...others }: FormatSchema = {}): Schema {
  return {
    ...others,
    ...pattern === undefined ? {} : { pattern: withoutLookaheads(pattern) },
    ...exclusiveMinimum === undefined ? {} : { minimum: exclusiveMinimum, exclusiveMinimum: true },
  };
}

/** Go's regular expressions have no lookaheads: https://pkg.go.dev/regexp/syntax. What is left accepts more. */
function withoutLookaheads(pattern: string): string {
  return pattern.replace(/\(\?[=!][^()]*\)/g, '');
}

/** The kinds of problems, as the API server has them. */
const REASONS: { readonly [code in ProblemCode]?: string } = {
  missing: 'FieldValueRequired',
  conflict: 'FieldValueForbidden',
  duplicate: 'FieldValueForbidden',
};

function validation({ prop, when, message, hint, code, values }: CrdRule): Schema {
  const text = `${message}; ${hint}`;
  return {
    rule: `!(${when})`,
    ...values.length === 0 ? { message: text } : { messageExpression: `'${text}'.format([${values.join(', ')}])` },
    reason: REASONS[code] ?? 'FieldValueInvalid',
    ...prop === '' ? {} : { fieldPath: `.${prop}` },
  };
}

if (require.main === module) {
  mkdirSync('cli/schema', { recursive: true });
  for (const [name, crd] of Object.entries(crds(JSON.parse(readFileSync('.jsii', 'utf8'))))) {
    writeFileSync(`cli/schema/${name}.crd.json`, written(crd));
  }
}
