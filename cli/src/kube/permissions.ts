import type { Cluster } from './connect';
import { ApiError } from './kubernetes-api';

/** What somebody does with a resource of a namespace: `['list', 'apps', 'replicasets']`. A subresource comes after a slash. */
export type Deed = readonly [verb: string, group: string, resource: string];

/** What a deploy does beside applying objects, by what it does it for. */
export const BESIDE_APPLYING: { readonly [purpose: string]: readonly Deed[] } = {
  'to write down releases': ['list', 'get', 'create', 'update', 'patch', 'delete'].map((verb): Deed => [verb, '', 'secrets']),
  'to see whether it comes up': [['get', 'apps', 'deployments'], ['list', 'apps', 'replicasets'], ['list', '', 'pods']],
};

/** Whether a deed is allowed, with the object of a name if one is given. */
export async function may({ api }: Cluster, [verb, group, path]: Deed, namespace: string, name?: string): Promise<boolean> {
  const [resource, subresource] = path.split('/');
  const resourceAttributes = { namespace, verb, group, resource, subresource, name };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  return (await api.json('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body })).status.allowed;
}

/** Those of deeds that are not allowed. */
export async function notAllowed(cluster: Cluster, deeds: readonly Deed[], namespace: string): Promise<Deed[]> {
  const answers = await Promise.all(deeds.map(async deed => may(cluster, deed, namespace)));
  return deeds.filter((_, i) => !answers[i]);
}

/** A resource as `kubectl` names it. */
export function resourceOf([, group, resource]: Deed): string {
  return group === '' ? resource : `${resource}.${group}`;
}

export const FORBIDDEN = Symbol('forbidden');

/** What was asked for, unless who asks may not see it. */
export async function allowed<T>(ask: () => Promise<T>): Promise<T | typeof FORBIDDEN> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return FORBIDDEN;
    throw error;
  }
}
