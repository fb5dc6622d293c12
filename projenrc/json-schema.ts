/**
 * Writes cli/schema/, the JSON Schemas of webapp.yaml and platform.yaml, from the `.jsii` file of the compiled module, so that editors
 * complete and explain what the interfaces of the library declare. `npx projen shapes` runs it; a test fails if they are out of date.
 *
 * They use draft 7, the newest that the YAML language server supports in full.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { explained, Jsii, JsiiDocs, JsiiProperty, JsiiType, kebab, propertiesOf, tagsOf } from './shapes';
import { API_VERSION } from '../cli/src/config/api-version';
import { TTL_FORMAT } from '../cli/src/config/operator-fields';
import { ALL_FORMATS, formatNamed } from '../src/formats';
import { Format, formatsOf, FormatSchema } from '../src/validation/format';

export interface Schema { [keyword: string]: any }

const NAME: Schema = { type: 'string', description: 'The name of the app, and of its objects.' };
const NAMESPACE: Schema = {
  type: 'string',
  description: 'The namespace that the app runs in.\n\nDefault: the one that the command line names',
};

/** The schemas of both files. */
export function jsonSchemas(jsii: Jsii): { webapp: Schema; platform: Schema } {
  const definitions = inFiles({ ...structs(jsii, false), ...structs(jsii, true) });
  const environments = (struct: string, extra: Schema) => ({
    type: 'object',
    description: 'What is different in each environment, by its name; `--env` chooses one. '
      + 'Maps are merged into the rest entry by entry, lists and values replace what is there, and null removes an entry.',
    additionalProperties: { ...definitions[partial(struct)], properties: { ...definitions[partial(struct)].properties, ...extra } },
  });
  const short = (struct: string, extra: Schema, required: string[]) => ({
    ...definitions[struct],
    properties: { ...definitions[struct].properties, ...extra, environments: environments(struct, extra) },
    required,
  });
  const resource = (kind: string, struct: string, metadata: Schema, fields: Schema = {}) => ({
    type: 'object',
    description: definitions[struct].description,
    properties: {
      apiVersion: { const: API_VERSION },
      kind: { const: kind },
      metadata: { type: 'object', properties: { name: { type: 'string' }, ...metadata }, additionalProperties: false },
      spec: { ...definitions[struct], properties: { ...definitions[struct].properties, ...fields }, required: [] },
      environments: environments(struct, metadata),
    },
    required: ['apiVersion', 'kind', 'spec'],
    additionalProperties: false,
  });
  const ifKind = (kind: string, then: Schema, otherwise: Schema) => ({
    if: { properties: { kind: { const: kind } }, required: ['kind'] }, then, else: otherwise,
  });
  const either = (shortForm: Schema) => ({
    $schema: 'http://json-schema.org/draft-07/schema#',
    if: { anyOf: [{ required: ['kind'] }, { required: ['apiVersion'] }] },
    then: {
      properties: { kind: { enum: ['WebApp', 'Platform', 'List'] } },
      ...ifKind('List', LIST, ifKind('Platform',
        resource('Platform', 'PlatformProps', {}),
        resource('WebApp', 'WebAppProps', { namespace: NAMESPACE }, OPERATOR_FIELDS),
      )),
    },
    else: shortForm,
    definitions,
  });
  return {
    webapp: either(short('WebAppProps', { name: NAME, namespace: NAMESPACE }, ['name'])), // the image may come from the command line
    platform: either(short('PlatformProps', {}, [])),
  };
}

const LIST: Schema = {
  type: 'object',
  description: 'Several apps, as one document of YAML, so that an anchor of one can be used in another.',
  properties: {
    apiVersion: { const: 'v1' },
    kind: { const: 'List' },
    metadata: { type: 'object' },
    items: { type: 'array', items: { $ref: '#' } },
  },
  required: ['apiVersion', 'kind', 'items'],
  additionalProperties: false,
};

/** What the spec of a resource has besides the props: see cli/src/config/operator-fields.ts. */
export const OPERATOR_FIELDS: { readonly [field: string]: Schema } = {
  deletionPolicy: {
    description: 'What becomes of the app\'s objects when the resource is deleted: `delete` deletes them, except what holds data; '
      + '`orphan` keeps them as they are.',
    type: 'string',
    enum: ['delete', 'orphan'],
  },
  rollback: {
    description: 'What becomes of a version that fails to start: `automatic` restores the release before it; `manual` keeps it as it is.',
    type: 'string',
    enum: ['automatic', 'manual'],
  },
  ttl: {
    description: 'How long the app lives without a change of its resource, such as `72h`. The operator then deletes the resource, and '
      + 'whatever deletes it deletes the app with its data, volumes and databases included.',
    type: 'string',
    ...formatNamed(TTL_FORMAT).schema,
  },
};

const FROM_FILE: Schema = {
  type: 'object',
  properties: {
    fromFile: { type: 'string', minLength: 1, description: 'A file in the folder of webapp.yaml or below it, by its path there.' },
  },
  required: ['fromFile'],
  additionalProperties: false,
};

const ENV_FILE: Schema = {
  type: 'string',
  minLength: 1,
  description: 'A file such as `.env`, with variables as `NAME=value` lines, by its path in the folder of webapp.yaml. '
    + '`env` takes precedence.\n\nDefault: none',
};

/** How the command builds the image from a folder: see cli/src/config/folder-build.ts. */
function buildFields(overlay: boolean): Schema {
  const struct = 'FolderBuild';
  const build = { $ref: `#/definitions/${overlay ? partial(struct) : struct}` };
  const files = { type: 'string', minLength: 1 };
  const orNull = (schema: Schema) => overlay ? { anyOf: [schema, { type: 'null' }] } : schema;
  return {
    build: {
      description: 'How `webapp deploy` and `webapp build` build the image from a folder, if there is no `image`.\n\n'
        + 'Default: the folder of webapp.yaml, with its Dockerfile or else with buildpacks',
      allOf: [orNull(build)],
    },
    static: {
      description: 'Folder of static files, relative to the context of the build: the image is a web server with these files.\n\n'
        + 'Default: the app is a program',
      ...orNull(files),
    },
  };
}

/** Schemas of props with what a file can say in a form of its own: see cli/src/config/expand.ts. */
function inFiles(definitions: { [name: string]: Schema }): { [name: string]: Schema } {
  const orFromFile = ({ anyOf, ...map }: Schema): Schema => anyOf
    ? { ...map, anyOf: anyOf.map((one: Schema) => one.type === 'object' ? orFromFile(one) : one) }
    : { ...map, additionalProperties: { anyOf: [map.additionalProperties, FROM_FILE] } };
  const extended = (name: string) => {
    const { properties: { files, binaryFiles, ...others }, ...rest } = definitions[name];
    const envFile = name === 'WebAppProps' ? ENV_FILE : { anyOf: [ENV_FILE, { type: 'null' }] };
    const forms = { files: orFromFile(files), binaryFiles: orFromFile(binaryFiles), envFile, ...buildFields(name !== 'WebAppProps') };
    return { ...rest, properties: { ...others, ...forms } };
  };
  const either = (name: string) => {
    const { properties: { canary, ...others }, ...rest } = definitions[name];
    const ref = (struct: string) => ({ $ref: `#/definitions/${name === 'Rollout' ? struct : partial(struct)}` });
    const schema = { description: canary.description, anyOf: [...nullable(canary), ref('Canary'), ref('GradualCanary')] };
    return { ...rest, properties: { ...others, canary: schema } };
  };
  // In overlays, each of them may be in the rest of the file.
  const oneSource = (name: string) => ({
    ...definitions[name],
    oneOf: [
      { required: ['secret', 'key'], properties: { generate: false } },
      { required: ['generate'], properties: { secret: false, key: false } },
    ],
  });
  const changed: { readonly [name: string]: (name: string) => Schema } = {
    SecretVariable: oneSource,
    WebAppProps: extended,
    [partial('WebAppProps')]: extended,
    Rollout: either,
    [partial('Rollout')]: either,
  };
  return Object.fromEntries(Object.keys(definitions).map(name => [name, changed[name]?.(name) ?? definitions[name]]));
}

/** What a schema allows beside its type: null in overlays. */
function nullable({ anyOf = [] }: Schema): Schema[] {
  return anyOf.filter(({ type }: Schema) => type === 'null');
}

/** The name of the schema for an overlay of a struct. */
function partial(struct: string): string {
  return `${struct}Overlay`;
}

/** The schemas of all structs. In overlays, nothing is required, and null removes an entry. */
function structs({ types }: Jsii, overlay: boolean): { [name: string]: Schema } {
  const all = Object.values(types).filter(({ datatype }) => datatype).sort((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(all.map(struct => {
    const properties = propertiesOf(struct, types);
    const required = overlay ? [] : properties.filter(({ optional }) => !optional).map(({ name }) => name);
    return [overlay ? partial(struct.name) : struct.name, {
      type: 'object',
      description: text(struct.docs),
      properties: Object.fromEntries(properties.map(property => [property.name, described(property)])),
      ...required.length > 0 ? { required } : {},
      additionalProperties: false,
    }];
  }));

  function described(property: JsiiProperty): Schema {
    const { docs, type } = property;
    const { value, key } = formatsOf(tagsOf(property), ALL_FORMATS);
    const plain = schemaOf(type, value, key?.schema);
    const schema = overlay ? { anyOf: [plain, { type: 'null' }] } : plain;
    const members = type.fqn && types[type.fqn].kind === 'enum' ? types[type.fqn].members! : [];
    const list = members.map(member => `\n- \`${kebab(member.name)}\`: ${member.docs?.summary ?? ''}`).join('');
    // Validators ignore keywords next to $ref.
    return { description: text(docs) + (list && `\n${list}`), ...'$ref' in schema ? { allOf: [schema] } : schema };
  }

  function schemaOf({ primitive, fqn, collection }: JsiiType, value?: Format, key?: FormatSchema): Schema {
    if (collection?.kind === 'array') return { type: 'array', items: schemaOf(collection.elementtype, value) };
    if (collection) {
      const item = schemaOf(collection.elementtype, value);
      return {
        type: 'object',
        ...key ? { propertyNames: key } : {},
        additionalProperties: overlay ? { anyOf: [item, { type: 'null' }] } : item,
      };
    }
    if (!fqn) return primitive === 'any' ? {} : { type: primitive === 'string' ? scalars(value) : primitive, ...value?.schema };
    const { kind, name, members } = types[fqn];
    if (kind === 'enum') return { enum: members!.map(member => kebab(member.name)) };
    return { $ref: `#/definitions/${overlay ? partial(name) : name}` };
  }

  function text(docs?: JsiiDocs): string {
    return explained(docs, types);
  }
}

/** The types that a string may be written as: a number or boolean is read as the string in the file, which may be valid. */
function scalars(format?: Format): string | string[] {
  const valid = (...texts: string[]) => texts.some(text => format?.check(text) === undefined);
  const types = ['string', ...valid('1', '1.5', '1.30', '10000000') ? ['number'] : [], ...valid('true') ? ['boolean'] : []];
  return types.length === 1 ? 'string' : types;
}

export function written(schema: Schema): string {
  return `${JSON.stringify(schema, undefined, 1)}\n`;
}

if (require.main === module) {
  mkdirSync('cli/schema', { recursive: true });
  for (const [name, schema] of Object.entries(jsonSchemas(JSON.parse(readFileSync('.jsii', 'utf8'))))) {
    writeFileSync(`cli/schema/${name}.schema.json`, written(schema));
  }
}
