import type { Cluster } from '../kube/connect';
import type { Reference } from '../kube/objects';
import { SCALE_MANAGER } from '../kube/objects';
import type { AppName, ScaledObject } from '../kube/types';
import { SCALED_OBJECT } from '../kube/types';
import { findProcess } from '../kube/workload';
import { Failure } from '../ui/failure';

/** The limits of an app's number of pods. */
export interface Scale {
  readonly min?: number;
  readonly max?: number;
}

/** The new limits of a process, and what has them. */
export interface ScaledProcess {
  readonly process: string;
  readonly limits: Required<Scale>;
  readonly scaler: Reference<ScaledObject>;
}

/** KEDA's default for `maxReplicaCount`. */
export const DEFAULT_MAX = 100;

/**
 * The limits of the number of pods of an app, or of one of its workers, as they will be. One that is undefined stays.
 *
 * @throws Failure where nothing scales it, or no number would be within them
 */
export async function newLimits(cluster: Cluster, app: AppName, { min, max }: Scale, worker?: string): Promise<ScaledProcess> {
  const { namespace } = app;
  const { metadata: { name } } = await findProcess(cluster, app, worker);
  const scaler = { ...SCALED_OBJECT, namespace, name };
  const live = await cluster.objects.get(scaler);
  if (!live) throw new Failure(`${name} is not autoscaled in namespace ${namespace}; set scaling in the file, and deploy`);
  const { minReplicaCount = 0, maxReplicaCount = DEFAULT_MAX } = live.spec;
  const limits = { min: min ?? minReplicaCount, max: max ?? maxReplicaCount };
  if (limits.min > limits.max) throw new Failure(`--min ${limits.min} is greater than --max ${limits.max}`);
  return { process: name, limits, scaler };
}

/** Sets them until the next deploy. */
export async function scale({ objects }: Cluster, { limits: { min, max }, scaler }: ScaledProcess): Promise<void> {
  await objects.merge(scaler, { spec: { minReplicaCount: min, maxReplicaCount: max } }, SCALE_MANAGER);
}
