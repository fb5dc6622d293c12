import type { Cluster } from '../kube/connect';
import { SCALE_MANAGER } from '../kube/objects';
import type { AppName } from '../kube/types';
import { SCALED_OBJECT } from '../kube/types';
import { findProcess } from '../kube/workload';
import { Failure } from '../ui/failure';

/** The limits of an app's number of pods. */
export interface Scale {
  readonly min?: number;
  readonly max?: number;
}

/** KEDA's default for `maxReplicaCount`. */
export const DEFAULT_MAX = 100;

/**
 * Sets the limits of the number of pods of an app, or of one of its workers. A limit that is undefined stays.
 *
 * @returns the limits, and the name of the process that has them
 */
export async function scale(
  cluster: Cluster, app: AppName, { min, max }: Scale, worker?: string,
): Promise<Required<Scale> & { readonly process: string }> {
  const { objects } = cluster;
  const { namespace } = app;
  const { metadata: { name } } = await findProcess(cluster, app, worker);
  const reference = { ...SCALED_OBJECT, namespace, name };
  const live = await objects.get(reference);
  if (!live) throw new Failure(`${name} is not autoscaled in namespace ${namespace}; set scaling in the file, and deploy`);
  const { minReplicaCount = 0, maxReplicaCount = DEFAULT_MAX } = live.spec;
  const limits = { min: min ?? minReplicaCount, max: max ?? maxReplicaCount };
  if (limits.min > limits.max) throw new Failure(`--min ${limits.min} is greater than --max ${limits.max}`);
  await objects.merge(reference, { spec: { minReplicaCount: limits.min, maxReplicaCount: limits.max } }, SCALE_MANAGER);
  return { ...limits, process: name };
}
