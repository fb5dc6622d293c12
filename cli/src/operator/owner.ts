import type { WebAppResource } from './resources';
import { nameOf, WEB_APP } from './resources';
import { holdsData } from '../engine/prune';
import { referenceTo, sameObject } from '../kube/objects';
import type { KubernetesObject } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** The label of all objects of an app. */
const APP_LABEL = 'app.kubernetes.io/name';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** A resource as the owner of what the cluster deletes with it. */
export function ownerOf({ metadata: { name, uid } }: WebAppResource): object {
  return { apiVersion: WEB_APP.apiVersion, kind: WEB_APP.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/**
 * Objects that the cluster deletes with their resource. Objects of other namespaces cannot have it as an owner, what holds data outlives
 * it unless the app has a `ttl`, and what apps share belongs to none of them.
 *
 * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
 */
export function withOwner(objects: readonly Manifest[], shared: readonly Manifest[], resource: WebAppResource): Manifest[] {
  const owner = ownerOf(resource);
  const { namespace } = nameOf(resource);
  const outlives = shared.map(referenceTo);
  const keepsData = resource.spec.ttl === undefined;
  return objects.map(object => {
    const reference = referenceTo(object);
    const isKept = (keepsData && holdsData(reference)) || outlives.some(other => sameObject(other, reference));
    const isOwned = reference.namespace === namespace && !isKept;
    return isOwned ? { ...object, metadata: { ...object.metadata, ownerReferences: [owner] } } : object;
  });
}

/** What an object that exists belongs to, if that is not this app: a phrase such as `belongs to WebApp shop`. */
export function foreign(
  { metadata: { labels = {}, ownerReferences = [] } }: KubernetesObject, resource: WebAppResource,
): string | undefined {
  const { name, uid } = resource.metadata;
  const controller = ownerReferences.find(owner => owner.controller);
  if (controller) return controller.uid === uid ? undefined : `belongs to ${controller.kind} ${controller.name}`;
  if (labels[MANAGED_BY] !== 'cdk8s-webapp') return 'was created by others';
  return labels[APP_LABEL] === undefined || labels[APP_LABEL] === name ? undefined : `belongs to the app ${labels[APP_LABEL]}`;
}
