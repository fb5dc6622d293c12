/**
 * Writes test/schemas/: for each kind that this library emits, a JSON Schema that ajv can check its YAML against
 * without a cluster.
 *
 *   npm run schemas    reads them from the cluster in KUBECONFIG, with kubectl
 *
 * The schemas are those of the API server, made stricter: an unknown field is an error (as with
 * `kubectl apply --validate=strict`), and so is a `status`. What JSON Schema cannot express (CEL rules, formats,
 * defaults) is omitted. Running it again with the same server writes the same bytes.
 */
import { execFileSync } from 'child_process';
import { mkdirSync, rmSync, writeFileSync } from 'fs';
import { join, resolve } from 'path';

/** The kinds, by the group and version that serve them. */
const wanted: Record<string, string[]> = {
  'v1': ['ServiceAccount', 'Service', 'ConfigMap', 'PersistentVolumeClaim', 'Secret', 'Namespace'],
  'apps/v1': ['Deployment'],
  'policy/v1': ['PodDisruptionBudget'],
  'networking.k8s.io/v1': ['NetworkPolicy', 'Ingress'],
  'batch/v1': ['Job', 'CronJob'],
  'http.keda.sh/v1beta1': ['InterceptorRoute'],
  'http.keda.sh/v1alpha1': ['HTTPScaledObject'],
  'keda.sh/v1alpha1': ['ScaledObject', 'TriggerAuthentication'],
  'gateway.networking.k8s.io/v1': ['HTTPRoute'],
  'gateway.networking.k8s.io/v1beta1': ['ReferenceGrant'],
  'monitoring.coreos.com/v1': ['PodMonitor', 'PrometheusRule'],
  'postgresql.cnpg.io/v1': ['Cluster', 'Database', 'Backup', 'ScheduledBackup'],
  'shipwright.io/v1beta1': ['Build', 'BuildRun'],
  'argoproj.io/v1alpha1': ['Rollout', 'AnalysisTemplate'],
  'traefik.io/v1alpha1': ['IngressRoute', 'Middleware', 'ServersTransport'],
  'gateway.envoyproxy.io/v1alpha1': ['SecurityPolicy', 'BackendTrafficPolicy'],
  // What `webapp operator manifest` prints.
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'admissionregistration.k8s.io/v1': ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'ValidatingWebhookConfiguration'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
};

/** The keywords of a schema that constrain a value by themselves. */
const constraining = [
  'type', 'enum', 'pattern', 'required', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
  'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties',
];

type Schema = Record<string, any>;

const written = new Map<string, string>();
for (const [apiVersion, kinds] of Object.entries(wanted)) {
  const served = servedSchemas(apiVersion);
  for (const kind of kinds) {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : 'core';
    written.set(`${group}-${kind}.json`, JSON.stringify(schemaOf(served, apiVersion, kind), null, 1) + '\n');
  }
}

const folder = resolve(__dirname, '../test/schemas');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, text] of written) {
  writeFileSync(join(folder, file), text);
}

/** All schemas of the cluster for one group and version, by name. */
function servedSchemas(apiVersion: string): Record<string, Schema> {
  const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const response = execFileSync('kubectl', ['get', '--raw', `/openapi/v3/${path}`], { encoding: 'utf8', maxBuffer: 100_000_000 });
  return JSON.parse(response).components.schemas;
}

/** The schema of one kind, and under `definitions` each schema that it refers to, directly or not. */
function schemaOf(served: Record<string, Schema>, apiVersion: string, kind: string): Schema {
  const root = Object.values(served).find(schema => schema['x-kubernetes-group-version-kind']?.some(
    (is: Schema) => is.kind === kind && (is.group ? `${is.group}/${is.version}` : is.version) === apiVersion));
  if (!root) {
    throw new Error(`schemas: the cluster does not have the kind ${kind} of ${apiVersion}; install its CRDs`);
  }

  const definitions: Record<string, Schema> = {};
  const define = (name: string): string => {
    if (!definitions[name]) {
      definitions[name] = {}; // a schema may refer to itself
      definitions[name] = strict(served[name], define);
    }
    return `#/definitions/${name}`;
  };
  const { status, ...properties } = root.properties;
  const object = strict({ ...root, properties }, define);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...object,
    required: [...new Set(['apiVersion', 'kind', 'metadata', ...(object.required ?? [])])],
    properties: { ...object.properties, apiVersion: { const: apiVersion }, kind: { const: kind } },
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The parts of a schema that constrain a value. `define` turns the name of another schema into a reference to it. */
function strict(from: Schema, define: (name: string) => string): Schema {
  const reference = from.$ref ?? (from.allOf?.length === 1 && from.allOf[0].$ref);
  if (reference) {
    const name = reference.split('/').pop();
    if (name.endsWith('.IntOrString')) return { type: ['integer', 'string'] };
    if (name.endsWith('.Quantity')) return { type: ['number', 'string'] };
    return { $ref: define(name) };
  }

  const schema: Schema = constraints(from);
  if (from['x-kubernetes-int-or-string']) {
    delete schema.anyOf;
    delete schema.oneOf;
    schema.type = ['integer', 'string'];
  }
  if (from.nullable && schema.type) schema.type = [schema.type, 'null'].flat();
  if (from.items) schema.items = strict(from.items, define);
  if (from.properties) {
    schema.properties = mapValues(from.properties, (property: Schema) => strict(property, define));
  }
  if (typeof from.additionalProperties === 'object') {
    schema.additionalProperties = strict(from.additionalProperties, define);
  } else if (from.properties && !from['x-kubernetes-preserve-unknown-fields']) {
    schema.additionalProperties = false;
  }
  return schema;
}

/** The plain constraints of a schema, and its alternatives, which allow other fields: those are declared next to the alternatives. */
function constraints(from: Schema): Schema {
  const schema: Schema = {};
  for (const keyword of constraining) {
    if (from[keyword] !== undefined) schema[keyword] = from[keyword];
  }
  if (/^\^?\(\?i\)/.test(schema.pattern)) delete schema.pattern; // a flag that JavaScript does not have there
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    if (from[keyword]) schema[keyword] = from[keyword].map(alternative);
  }
  if (from.not) schema.not = alternative(from.not);
  return schema;
}

function alternative(from: Schema): Schema {
  const schema = constraints(from);
  if (from.items) schema.items = alternative(from.items);
  if (from.properties) schema.properties = mapValues(from.properties, alternative);
  return schema;
}

function mapValues<T>(from: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]));
}
