import type { Reference } from '../kube/objects';
import { referenceTo } from '../kube/objects';
import type { Kind, KubernetesObject } from '../kube/types';
import type { Workload } from '../kube/workload';

/** What the cluster has, as far as the operator watches it: reading costs no request, and may be a moment behind. */
export interface LiveObjects {
  get<T extends KubernetesObject>(reference: Reference<T>): T | undefined;

  list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): Iterable<T>;

  /** The objects whose controller is the resource with this uid. */
  ownedBy(uid: string): readonly Reference[];

  /** Whether the cluster has a kind, as far as it is watched. */
  knows(kind: Kind): boolean;
}

/** A workload as it is in the cluster. */
export function liveWorkload(live: LiveObjects, workload: Workload): Workload | undefined {
  const { apiVersion, kind } = workload;
  const seen = live.get(referenceTo<Workload>(workload));
  return seen && { ...seen, apiVersion, kind };
}
