import { resolveTriggers } from './connection-triggers';
import type { AppDefaults, WorkerScaling } from '../../index';
import type { ResolvedHealth, ResolvedScaling, ResolvedVolume } from '../../model/app';
import type { ResolvedConnections } from '../../model/connections';
import type { ResolvedPlatform } from '../../platform/resolve';
import { seconds } from '../../validation/units';

/** Requests at a time, or in a second, that a replica is for where nobody says otherwise. */
const PER_REPLICA = 100;

/** How a web process scales: on requests, unless it names something else. */
export function resolveScaling(
  app: string,
  { scaling = {}, coldStart = {} }: AppDefaults,
  volumes: readonly ResolvedVolume[],
  health: ResolvedHealth,
  connections: ResolvedConnections,
  platform: ResolvedPlatform,
): ResolvedScaling {
  const alone = volumes.some(({ source }) => source.kind === 'claim' && source.accessMode === 'read-write-once');
  const onOther = scaling.cpu !== undefined || scaling.memory !== undefined || (scaling.triggers ?? []).length > 0;
  const onHttp = scaling.replicas === undefined && (scaling.concurrency !== undefined || scaling.requestRate !== undefined || !onOther);
  const unnamed = scaling.concurrency === undefined && scaling.requestRate === undefined;
  // The add-on sees the requests at a time twice a second, and not one that got the placeholder in between: only the rate remembers it.
  const overAtOnce = coldStart.placeholder !== undefined && coldStart.maxPending === undefined && platform.httpAddon.api !== 'v1alpha1';
  return {
    ...resolveWorkerScaling(scaling, alone, connections),
    http: onHttp ? {
      concurrency: unnamed ? PER_REPLICA : scaling.concurrency,
      requestRate: unnamed && overAtOnce ? PER_REPLICA : scaling.requestRate,
      window: seconds(scaling.window ?? '1m')!,
      route: app,
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
    replicas: scaling.replicas,
    alone,
    min,
    max: scaling.max ?? (alone ? 1 : Math.max(10, min)),
    byHttpAlone: false,
    cpu: scaling.cpu,
    memory: scaling.memory,
    schedule: (scaling.schedule ?? []).map(times => ({ ...times, timezone: times.timezone ?? 'UTC' })),
    triggers: resolveTriggers(scaling.triggers ?? [], connections),
    cooldownPeriod: seconds(scaling.cooldownPeriod ?? '5m')!,
    initialCooldown: 0,
    fallback: scaling.fallback,
  };
}
