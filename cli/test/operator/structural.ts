/**
 * What the API server requires of the schema of a custom resource, and accepts in it:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */

interface Schema { readonly [keyword: string]: any }

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const INT_OR_STRING = 'x-kubernetes-int-or-string';

/** The keywords of a node that the API server takes, except `type`. Everything else is forbidden or not known to it. */
const KEYWORDS = [
  'description', 'title', 'default', 'enum', 'example', 'format', 'nullable', 'required', 'properties', 'additionalProperties', 'items',
  'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
  'minItems', 'maxItems', 'minProperties', 'maxProperties',
  PRESERVE, INT_OR_STRING, 'x-kubernetes-embedded-resource', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type', 'x-kubernetes-validations',
];

const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean'];

/** Why a schema is not a structural one, with the path of each fault; empty if it is. */
export function structuralFaults(schema: Schema, path = ''): string[] {
  const faults: string[] = [];
  const add = (condition: unknown, fault: string) => condition && faults.push(`${path || '.'}: ${fault}`);
  const { type, properties, additionalProperties, items, required = [] } = schema;
  add(type === undefined && !schema[PRESERVE] && !schema[INT_OR_STRING], 'has no type');
  add(type !== undefined && !TYPES.includes(type), `has the type ${JSON.stringify(type)}`);
  for (const keyword of Object.keys(schema)) add(keyword !== 'type' && !KEYWORDS.includes(keyword), `has the keyword ${keyword}`);
  add(properties && additionalProperties, 'has both properties and additionalProperties');
  add(typeof additionalProperties === 'boolean' && !additionalProperties, 'forbids additional properties, which pruning does');
  add(type === 'array' && typeof items !== 'object', 'has no items');
  for (const name of required) add(!properties?.[name], `requires ${name}, which it does not have`);
  add(typeof schema.exclusiveMinimum === 'number', 'has an exclusiveMinimum that is a number');
  add(schema.pattern !== undefined && !isGoPattern(schema.pattern), `has the pattern ${schema.pattern}, which Go cannot read`);
  faults.push(...listFaults(schema).map(fault => `${path || '.'}: ${fault}`));
  if (path === '') add(Object.keys(properties?.metadata ?? {}).some(keyword => keyword !== 'type'), 'restricts metadata');
  return [
    ...faults,
    ...Object.entries<Schema>(properties ?? {}).flatMap(([name, one]) => structuralFaults(one, `${path}.${name}`)),
    ...typeof additionalProperties === 'object' ? structuralFaults(additionalProperties, `${path}.*`) : [],
    ...typeof items === 'object' ? structuralFaults(items, `${path}[]`) : [],
  ];
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#custom-resources-and-server-side-apply */
function listFaults({ type, items, ...schema }: Schema): string[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys: readonly string[] = schema['x-kubernetes-list-map-keys'] ?? [];
  if (type !== 'array') return listType === undefined ? [] : ['has a list type without being a list'];
  const isScalar = !['object', 'array'].includes(items.type);
  switch (listType) {
    case 'atomic': return [];
    case 'set': return isScalar ? [] : ['is a set, but not of scalars'];
    case 'map': return keys.length > 0 && keys.every(key => items.required?.includes(key)) ? [] : ['is a map whose keys may be missing'];
    default: return [`has the list type ${listType}`];
  }
}

/** Whether Go's regular expressions have what a pattern uses: https://pkg.go.dev/regexp/syntax */
function isGoPattern(pattern: string): boolean {
  const hasLookaround = /\(\?<?[=!]/.test(pattern);
  const hasOtherEscapes = /\\(?![\\dDwWsSbBAzafnrtv.*+?()[\]{}|^$/-]|x[0-9a-fA-F]{2})/.test(pattern.replace(/\\\\/g, ''));
  const repeatsTooOften = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].some(([, least, most]) => Number(most || least) > 1000);
  return !hasLookaround && !hasOtherEscapes && !repeatsTooOften;
}

/** A structural schema as JSON Schema, in which an unknown field is an error, as it is to `kubectl apply`. */
export function asJsonSchema({ exclusiveMinimum, ...schema }: Schema): Schema {
  const { properties, additionalProperties, items, minimum } = schema;
  const each = (schemas: { readonly [name: string]: Schema }) => (
    Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, asJsonSchema(one)])));
  return {
    ...schema,
    ...properties ? { properties: each(properties), additionalProperties: false } : {},
    ...additionalProperties ? { additionalProperties: asJsonSchema(additionalProperties) } : {},
    ...items ? { items: asJsonSchema(items) } : {},
    ...exclusiveMinimum ? { exclusiveMinimum: minimum } : {},
  };
}
