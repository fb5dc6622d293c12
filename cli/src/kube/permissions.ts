import type { KubernetesApi } from './api';
import { sendJson } from './api';
import { isForbidden } from './errors';

/** What a role can allow: a verb on a resource of a namespace. */
export interface Permission {
  readonly verb: string;

  /** The API group; empty for the core group. */
  readonly group: string;

  /** A subresource follows a slash: `deployments/scale`. */
  readonly resource: string;
}

/** One permission for each verb. The resource is written as kubectl has it: `deployments.apps`. */
export function permissions(resource: string, ...verbs: string[]): Permission[] {
  const [name, ...group] = resource.split('.');
  return verbs.map(verb => ({ verb, group: group.join('.'), resource: name }));
}

/** A resource as kubectl has it. */
export function resourceOf({ group, resource }: Omit<Permission, 'verb'>): string {
  const [name, ...subresource] = resource.split('/');
  return [group === '' ? name : `${name}.${group}`, ...subresource].join('/');
}

/** What a deploy needs in addition to applying objects, by purpose. */
export const DEPLOY_PERMISSIONS: { readonly [purpose: string]: readonly Permission[] } = {
  'to record releases': permissions('secrets', 'list', 'get', 'create', 'update', 'patch', 'delete'),
  'to watch the rollout': [
    ...permissions('deployments.apps', 'get'),
    ...permissions('replicasets.apps', 'list'),
    ...permissions('pods', 'list'),
  ],
};

/** A cluster that can be asked. */
interface Api {
  readonly api: KubernetesApi;
}

/** Whether the user has a permission; with a name, for the object of that name. */
export async function isAllowed(
  { api }: Api, { verb, group, resource: path }: Permission, namespace: string, name?: string,
): Promise<boolean> {
  const [resource, subresource] = path.split('/');
  const resourceAttributes = { namespace, verb, group, resource, subresource, name };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  const review = await sendJson<{ readonly status: { readonly allowed: boolean } }>(
    api, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body });
  return review.status.allowed;
}

/** The permissions that the user lacks. */
export async function missingPermissions(cluster: Api, needed: readonly Permission[], namespace: string): Promise<Permission[]> {
  const allowed = await Promise.all(needed.map(async permission => isAllowed(cluster, permission, namespace)));
  return needed.filter((_, i) => !allowed[i]);
}

/** What of some permissions for one resource the user lacks, for a message; undefined if nothing. */
export async function missingAsText(cluster: Api, needed: readonly Permission[], namespace: string): Promise<string | undefined> {
  const missing = await missingPermissions(cluster, needed, namespace);
  if (missing.length === 0) return undefined;
  return `you are not allowed to ${missing.map(({ verb }) => verb).join(', ')} ${resourceOf(missing[0])} in namespace ${namespace}`;
}

export const FORBIDDEN = Symbol('forbidden');

/** The result of a request, or `FORBIDDEN` where the user is not allowed to send it. */
export async function unlessForbidden<T>(request: () => Promise<T>): Promise<T | typeof FORBIDDEN> {
  try {
    return await request();
  } catch (error) {
    if (isForbidden(error)) return FORBIDDEN;
    throw error;
  }
}
