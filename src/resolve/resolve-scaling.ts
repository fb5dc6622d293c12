import type { ResolvedHealth, ResolvedScaling, ResolvedVolume } from './resolved-app';
import { seconds } from '../checks/units';
import { resolveTriggers } from '../connections/connection-triggers';
import type { ResolvedConnections } from '../connections/resolved-connections';
import type { Scaling, WorkerScaling } from '../index';

/** How a web process scales: on requests, unless it names something else. */
export function resolveScaling(
  scaling: Scaling = {}, volumes: readonly ResolvedVolume[], health: ResolvedHealth, connections: ResolvedConnections,
): ResolvedScaling {
  const alone = volumes.some(({ source }) => source.kind === 'claim' && source.accessMode === 'read-write-once');
  const onOther = scaling.cpu !== undefined || scaling.memory !== undefined || (scaling.triggers ?? []).length > 0;
  const onHttp = scaling.fixed === undefined && (scaling.concurrency !== undefined || scaling.requestRate !== undefined || !onOther);
  return {
    ...resolveWorkerScaling(scaling, alone, connections),
    http: onHttp ? {
      concurrency: scaling.concurrency ?? (scaling.requestRate === undefined ? 100 : undefined),
      requestRate: scaling.requestRate,
      window: seconds(scaling.window ?? '1m')!,
    } : undefined,
    byHttpAlone: onHttp && !onOther && (scaling.schedule ?? []).length === 0,
    initialCooldown: health.startupTimeout,
  };
}

/**
 * How a process scales that no request tells how much there is to do.
 *
 * @param alone whether a volume of the app allows one replica only
 */
export function resolveWorkerScaling(scaling: WorkerScaling = {}, alone: boolean, connections: ResolvedConnections): ResolvedScaling {
  const min = scaling.min ?? 0;
  return {
    fixed: scaling.fixed,
    alone,
    min,
    max: scaling.max ?? (alone ? 1 : Math.max(10, min)),
    byHttpAlone: false,
    cpu: scaling.cpu,
    memory: scaling.memory,
    schedule: (scaling.schedule ?? []).map(times => ({ ...times, timezone: times.timezone ?? 'UTC' })),
    triggers: resolveTriggers(scaling.triggers ?? [], connections),
    scaleDownAfter: seconds(scaling.scaleDownAfter ?? '5m')!,
    initialCooldown: 0,
    fallback: scaling.fallback,
  };
}
