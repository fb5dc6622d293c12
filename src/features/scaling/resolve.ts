import { resolveTriggers } from './connection-triggers';
import type { Scaling, WorkerScaling } from './props';
import { resolveSchedule } from './schedule';
import type { VolumeModel } from '../../model/component';
import { isExclusive } from '../../model/component';
import type { ConnectionsModel } from '../../model/connections';
import type { ScalingModel } from '../../model/scaling';
import type { PlatformModel } from '../../platform/resolve';
import { seconds } from '../../validation/units';
import type { AppDefaults } from '../../web-app-props';

/** Requests at a time, or per second, for each replica, by default. */
const PER_REPLICA = 100;

/** What the scaling of a web process depends on. */
export interface ScalingContext {
  readonly volumes: readonly VolumeModel[];
  readonly connections: ConnectionsModel;
  readonly platform: PlatformModel;
  /** In seconds. */
  readonly startupTimeout: number;
  /** Whether something must be able to reach it at all times that cannot wake it. */
  readonly alwaysOn: boolean;
  /** Name of the route whose requests are counted. */
  readonly route: string;
  /** What the app itself says, without the defaults of its platform. */
  readonly own?: Scaling;
}

/** How a web process scales: on requests, unless its props name something else. */
export function resolveScaling({ scaling = {}, coldStart = {} }: AppDefaults, context: ScalingContext): ScalingModel {
  const { volumes, connections, platform, alwaysOn, startupTimeout, route, own } = context;
  const singleReplica = volumes.some(isExclusive);
  const onOther = scaling.cpu !== undefined || scaling.memory !== undefined || (scaling.triggers ?? []).length > 0;
  const unnamed = scaling.concurrency === undefined && scaling.requestRate === undefined;
  const onHttp = scaling.replicas === undefined && (!unnamed || !onOther);
  // The add-on samples concurrency twice a second, and misses a request that got the placeholder in between: only the rate remembers it.
  const overAtOnce = coldStart.placeholder !== undefined && coldStart.maxPending === undefined && platform.httpAddon.api !== 'v1alpha1';
  const wakes = (onHttp || wakesItself(scaling)) && !alwaysOn;
  const bounds = resolveBounds({ ...scaling, ...withinBounds(scaling, own, wakes) }, { singleReplica, connections, platform });
  return {
    ...bounds,
    http: onHttp ? {
      concurrency: unnamed ? PER_REPLICA : scaling.concurrency,
      requestRate: unnamed && overAtOnce ? PER_REPLICA : scaling.requestRate,
      window: seconds(scaling.window ?? '1m')!,
      routes: [route],
    } : undefined,
    byHttpAlone: onHttp && !onOther && bounds.schedule.length + bounds.limits.length === 0,
    initialCooldownPeriod: startupTimeout,
  };
}

/** Whether something other than requests wakes a process: cpu and memory cannot, nor can the times at which it may sleep. */
function wakesItself({ schedule = [], triggers = [] }: WorkerScaling): boolean {
  return triggers.length > 0 || schedule.some(({ replicas = 0 }) => replicas > 0);
}

/**
 * Bounds that the app does not say itself give way to what it says, so that no default contradicts it: `{ cpu: 70 }` alone never sleeps,
 * and `{ min: 20 }` alone has a maximum of 20.
 */
function withinBounds(
  scaling: WorkerScaling, own: WorkerScaling = scaling, wakes = wakesItself(scaling),
): Pick<WorkerScaling, 'min' | 'max'> {
  const inherited = Math.max(scaling.min ?? 0, wakes ? 0 : 1);
  const min = own.min ?? Math.min(inherited, own.max ?? inherited);
  return { min, max: own.max ?? (scaling.max === undefined ? undefined : Math.max(scaling.max, neededMax(min, scaling))) };
}

/** The least that the maximum must be. */
function neededMax(min: number, { fallback = 1, schedule = [] }: WorkerScaling): number {
  return Math.max(min, fallback, ...schedule.map(({ replicas = 0 }) => replicas));
}

/** What the replicas of web processes and workers depend on. */
interface BoundsContext {
  readonly singleReplica: boolean;
  readonly connections: ConnectionsModel;
  readonly platform: PlatformModel;
}

/** The most replicas of what does not say it, where the platform allows as many. */
const USUAL_MAX = 10;

/** How a worker scales: one that says nothing has one replica. */
export function resolveWorkerScaling(scaling: WorkerScaling = {}, context: BoundsContext): ScalingModel {
  const resolved = resolveBounds(scaling, context);
  return Object.values(scaling).every(value => value === undefined) ? { ...resolved, replicas: 1 } : resolved;
}

/** What web processes and workers have in common. */
function resolveBounds(scaling: WorkerScaling, { singleReplica, connections, platform }: BoundsContext): ScalingModel {
  const usual = Math.min(USUAL_MAX, platform.bounds?.scaling?.max ?? USUAL_MAX);
  const { min = 0 } = withinBounds(scaling);
  return {
    replicas: scaling.replicas,
    singleReplica,
    min,
    max: scaling.max ?? (singleReplica ? 1 : Math.max(usual, neededMax(min, scaling))),
    http: undefined,
    byHttpAlone: false,
    wokenBy: [],
    cpu: scaling.cpu,
    memory: scaling.memory,
    ...resolveSchedule(scaling.schedule ?? [], min),
    triggers: resolveTriggers(scaling.triggers ?? [], connections),
    cooldownPeriod: seconds(scaling.cooldownPeriod ?? '5m')!,
    initialCooldownPeriod: 0,
    fallback: scaling.fallback,
  };
}
