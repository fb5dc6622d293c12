/** What tells the items of a list apart: a key that each has, and others that have a default. */
export interface MergeKey {
  readonly required: string;
  readonly optional?: { readonly [key: string]: string };
}

const PROTOCOL = { protocol: 'TCP' };

/**
 * The keys of the lists of the API, by the name of the field that has the list: `x-kubernetes-patch-merge-key` and
 * `x-kubernetes-list-map-keys` of its OpenAPI document. A list that is in none of the rows has no keys, or is told apart by `name`.
 *
 * `ports` are those of a container or those of a Service.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.0/api/openapi-spec/swagger.json
 */
const KEYS: { readonly [field: string]: readonly MergeKey[] } = {
  ports: [{ required: 'containerPort', optional: PROTOCOL }, { required: 'port', optional: PROTOCOL }, { required: 'name' }],
  volumeMounts: [{ required: 'mountPath' }],
  volumeDevices: [{ required: 'devicePath' }],
  hostAliases: [{ required: 'ip' }],
  topologySpreadConstraints: [{ required: 'topologyKey', optional: { whenUnsatisfiable: '' } }],
  ownerReferences: [{ required: 'uid' }],
  conditions: [{ required: 'type' }],
  // KEDA names no keys: a parameter is given once.
  secretTargetRef: [{ required: 'parameter' }],
};

const BY_NAME: readonly MergeKey[] = [{ required: 'name' }];

/** The keys that may tell the items of a list apart, of which the first that all items have counts. */
export function mergeKeys(field: string): readonly MergeKey[] {
  return Object.hasOwn(KEYS, field) ? KEYS[field] : BY_NAME;
}
