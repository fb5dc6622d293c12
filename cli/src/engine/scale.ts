import type { AppName } from './release-store';
import type { Cluster } from '../kube/connect';
import { SCALE_MANAGER } from '../kube/objects';
import { Failure } from '../ui/failure';

/** Between how many pods. */
export interface Scale {
  readonly min?: number;
  readonly max?: number;
}

/** Sets between how many pods an app is scaled; what is not said stays. */
export async function scale({ objects }: Cluster, { name, namespace }: AppName, { min, max }: Scale): Promise<Required<Scale>> {
  const reference = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', namespace, name };
  const live = await objects.get(reference);
  if (!live) throw new Failure(`nothing scales ${name} in namespace ${namespace}; set scaling in the file, and deploy`);
  const wanted = { min: min ?? live.spec.minReplicaCount ?? 0, max: max ?? live.spec.maxReplicaCount };
  if (wanted.min > wanted.max) throw new Failure(`--min ${wanted.min} is more than --max ${wanted.max}`);
  await objects.merge(reference, { spec: { minReplicaCount: wanted.min, maxReplicaCount: wanted.max } }, SCALE_MANAGER);
  return wanted;
}
