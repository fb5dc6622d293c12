import type { Cluster } from './connect';
import type { ListOptions } from './objects';
import { FORBIDDEN, unlessForbidden } from './permissions';
import type { Kind, KubernetesObject } from './types';

/** The objects of a kind that the user may see, if the cluster has it. */
export async function visible<T extends KubernetesObject>({ objects }: Cluster, kind: Kind<T>, options: ListOptions): Promise<T[]> {
  if (!await objects.knows(kind)) return [];
  const found = await unlessForbidden(async () => objects.list(kind, options));
  return found === FORBIDDEN ? [] : found;
}
