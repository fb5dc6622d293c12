/** What the operator may do, and why: RBAC has no comments, so the reasons are here and in docs/operator.md. */
import { WRITTEN_KINDS } from './kinds';
import { LABELS, OPERATOR_NAME, WEBHOOK_SECRET } from './names';
import { generatedSecret } from '../../../../src/internal';
import { API_VERSION } from '../../config/api-version';
import { GENERATED_TYPE } from '../../engine/generated';
import { RELEASE_TYPE } from '../../engine/release-store';
import { SETTINGS_TYPE } from '../../engine/settings';
import { groupOf } from '../../kube/types';
import type { Manifest } from '../../render/synthesis';

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const GROUP = groupOf(API_VERSION);
const RBAC = 'rbac.authorization.k8s.io';
const READ = ['get', 'list', 'watch'];

/** Server-side apply of an object that does not exist yet needs `create` too. */
const APPLY = [...READ, 'create', 'patch'];

function rule(group: string, resources: readonly string[], verbs: readonly string[], resourceNames?: readonly string[]): PolicyRule {
  return { apiGroups: [group], resources, verbs, ...resourceNames ? { resourceNames } : {} };
}

/** What the library writes, by group. Objects that hold data are never deleted. */
function rulesOfKinds(): PolicyRule[] {
  const rules = (holdsData: boolean, verbs: readonly string[]) => {
    const kinds = WRITTEN_KINDS.filter(one => (one.holdsData ?? false) === holdsData);
    const groups = [...new Set(kinds.map(({ group }) => group))];
    return groups.map(group => rule(group, kinds.filter(one => one.group === group).map(({ resource }) => resource), verbs));
  };
  return [...rules(false, [...APPLY, 'delete']), ...rules(true, APPLY)];
}

/** In all namespaces. */
const CLUSTER_RULES: readonly PolicyRule[] = [
  ...rulesOfKinds(),
  // What it is told to do; `patch` is for the finalizer, without which objects in other namespaces, and what `webapp` has stored before
  // there was a resource, would stay when an app is deleted, and `delete` for an app whose `ttl` is over.
  rule(GROUP, ['webapps'], [...READ, 'patch', 'delete']),
  rule(GROUP, ['webapps/status'], ['get', 'patch']),
  // Where OwnerReferencesPermissionEnforcement is on, as in OpenShift, for an owner reference that blocks the deletion of its owner.
  rule(GROUP, ['webapps/finalizers'], ['update']),
  rule(GROUP, ['platforms'], READ),
  // Which Platform a namespace names.
  rule('', ['namespaces'], READ),
  // Why an app does not start: its pods, the ReplicaSets that fail to create them, what they wrote before they exited, and their events.
  rule('', ['pods'], READ),
  rule('', ['pods/log'], ['get']),
  rule('apps', ['replicasets'], READ),
  // What changed is told in events of the WebApp. `patch` counts one that happens again.
  rule('', ['events'], ['get', 'list', 'create', 'patch']),
  // Wakes a new version, to see that it starts.
  rule('apps', ['deployments/scale'], ['get', 'patch']),
  rule('argoproj.io', ['rollouts/scale'], ['get', 'patch']),
  // Whether an app can be reached: the Gateway of its routes, and its certificate.
  rule('gateway.networking.k8s.io', ['gateways'], READ),
  rule('cert-manager.io', ['certificates'], READ),
  // Writes the authority of its certificate into its own configuration, and into no other.
  rule('admissionregistration.k8s.io', ['validatingwebhookconfigurations'], ['get', 'patch'], [OPERATOR_NAME]),
];

/**
 * Secrets, in a role of their own, so that an administrator can bind it in some namespaces only. Releases are Secrets of the app's
 * namespace, as those of the command, so that `webapp rollback` works on both; and the contents of Secrets that an app uses are part of
 * what decides whether its pods have to be replaced. RBAC cannot tell the Secrets apart: the policy below says which ones it may write.
 */
const SECRET_RULES: readonly PolicyRule[] = [
  rule('', ['secrets'], [...APPLY, 'update', 'delete']),
];

/** In the operator's own namespace. RBAC cannot restrict `create` to a name. */
const OWN_RULES: readonly PolicyRule[] = [
  // Which replica leads.
  rule('coordination.k8s.io', ['leases'], ['create']),
  rule('coordination.k8s.io', ['leases'], ['get', 'update', 'patch'], [OPERATOR_NAME]),
  // The certificate of the webhook, which both replicas serve.
  rule('', ['secrets'], ['create']),
  rule('', ['secrets'], ['get', 'update', 'patch'], [WEBHOOK_SECRET]),
];

/** The objects that give the operator its rights. */
export function operatorRights(namespace: string): Manifest[] {
  const secrets = `${OPERATOR_NAME}-secrets`;
  const subjects = [{ kind: 'ServiceAccount', name: OPERATOR_NAME, namespace }];
  return [
    clusterRole(OPERATOR_NAME, CLUSTER_RULES),
    clusterRole(secrets, SECRET_RULES),
    { ...object('Role', OPERATOR_NAME, namespace), rules: OWN_RULES },
    binding('ClusterRoleBinding', OPERATOR_NAME, 'ClusterRole', subjects),
    binding('ClusterRoleBinding', secrets, 'ClusterRole', subjects),
    binding('RoleBinding', OPERATOR_NAME, 'Role', subjects, namespace),
    ...secretPolicy(namespace),
  ];
}

/**
 * The rights of people: those who may edit or view a namespace may edit or view its apps, and everyone may read platforms, which say
 * what apps can use.
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export function userRights(): Manifest[] {
  const edit = 'cdk8s-webapp-edit';
  const view = 'cdk8s-webapp-view';
  const platforms = 'cdk8s-webapp-platform-view';
  return [
    clusterRole(edit, [
      rule(GROUP, ['webapps'], [...APPLY, 'update', 'delete', 'deletecollection']),
      rule(GROUP, ['webapps/scale'], ['get', 'update', 'patch']),
    ], 'edit', 'admin'),
    clusterRole(view, [rule(GROUP, ['webapps', 'webapps/status', 'webapps/scale'], READ)], 'view', 'edit', 'admin'),
    clusterRole(platforms, [rule(GROUP, ['platforms'], READ)]),
    binding('ClusterRoleBinding', platforms, 'ClusterRole', [{ apiGroup: RBAC, kind: 'Group', name: 'system:authenticated' }]),
  ];
}

/**
 * What of Secrets the operator may write: releases, and what is in its own namespace; it adds keys to the generated values of apps, of
 * which it changes and removes none, and deletes old settings of apps, which people write. It holds for the operator alone.
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
function secretPolicy(namespace: string): Manifest[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const name = `${OPERATOR_NAME}-secrets`;
  const metadata = { name, labels: LABELS };
  const user = `system:serviceaccount:${namespace}:${OPERATOR_NAME}`;
  const written = "(request.operation == 'DELETE' ? oldObject : object)";
  const rules = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE', 'UPDATE', 'DELETE'] };
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [rules] },
        matchConditions: [{ name: 'is-the-operator', expression: `request.userInfo.username == '${user}'` }],
        validations: [{
          expression: [
            `request.namespace == '${namespace}'`,
            `${written}.type == '${RELEASE_TYPE}'`,
            `(request.operation == 'DELETE' && oldObject.type == '${SETTINGS_TYPE}')`,
            `(request.operation == 'UPDATE' && oldObject.type == '${SETTINGS_TYPE}' && has(oldObject.immutable) && oldObject.immutable)`,
            `(request.operation == 'CREATE' && ${isOfValues('object')})`,
            `(request.operation == 'UPDATE' && ${isOfValues('oldObject')} && ${isOfValues('object')} && ${KEEPS_VALUES})`,
          ].join(' || '),
          message: [
            `the operator writes only Secrets of type ${RELEASE_TYPE}, adds keys to those of type ${GENERATED_TYPE}`,
            `and deletes those of type ${SETTINGS_TYPE}, or changes their owner`,
          ].join(', '),
        }],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}

/** Whether an object has generated values, in CEL. */
function isOfValues(secret: string): string {
  return `${secret}.type == '${GENERATED_TYPE}' && ${secret}.metadata.name.endsWith('${generatedSecret('')}')`;
}

/** Whether a change of a Secret leaves all values that there are as they are, in CEL. */
const KEEPS_VALUES = '(!has(oldObject.data) || oldObject.data.all(key, '
  + 'has(object.data) && key in object.data && object.data[key] == oldObject.data[key]))';

function clusterRole(name: string, rules: readonly PolicyRule[], ...aggregatedTo: string[]): Manifest {
  const { metadata, ...role } = object('ClusterRole', name);
  const aggregation = Object.fromEntries(aggregatedTo.map(one => [`${RBAC}/aggregate-to-${one}`, 'true']));
  return { ...role, metadata: { ...metadata, labels: { ...LABELS, ...aggregation } }, rules };
}

function binding(kind: string, name: string, role: string, subjects: readonly object[], namespace?: string): Manifest {
  return { ...object(kind, name, namespace), roleRef: { apiGroup: RBAC, kind: role, name }, subjects };
}

function object(kind: string, name: string, namespace?: string): Manifest {
  return { apiVersion: `${RBAC}/v1`, kind, metadata: { name, ...namespace === undefined ? {} : { namespace }, labels: LABELS } };
}
