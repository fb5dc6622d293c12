import type { Schedule, Trigger } from '../features/scaling/props';
import type { PlatformModel } from '../platform/resolve';

/** How many replicas a component has, and what decides that. All times are in seconds. */
export interface ScalingModel {
  /** Replicas of a component that does not scale; the rest then has no meaning. */
  readonly replicas?: number;
  /** Whether a volume can be mounted by one replica only. */
  readonly singleReplica: boolean;
  /** The minimum at times that no entry of the schedule lowers. */
  readonly min: number;
  /** The lowest minimum at any time. */
  readonly lowest: number;
  readonly max: number;
  /** Undefined if requests go straight to the component, or nobody sends any. */
  readonly http?: HttpScalingModel;
  /** Whether nothing but its own HTTP requests is looked at. */
  readonly byHttpAlone: boolean;
  /** Routes to other apps, whose requests are counted too. */
  readonly wokenBy: readonly CountedRoute[];
  readonly cpu?: number;
  readonly memory?: number;
  /** Times at which there are at least this many replicas, where that is more than the lowest minimum. */
  readonly schedule: readonly (TimesModel & { readonly replicas: number })[];
  /** Times at which there are at most this many replicas. */
  readonly limits: readonly (TimesModel & { readonly max: number })[];
  /** The schedule as the props have it. */
  readonly entries: readonly Schedule[];
  readonly triggers: readonly TriggerModel[];
  readonly cooldownPeriod: number;
  /** How long a new component stays awake, so that it can be seen to start. */
  readonly initialCooldownPeriod: number;
  readonly fallback?: number;
}

/** From each start to the next end. */
export interface TimesModel {
  readonly start: string;
  readonly end: string;
  readonly timezone: string;
}

/** The requests that one replica is for. */
export interface HttpScalingModel {
  readonly concurrency?: number;
  readonly requestRate?: number;
  /** Seconds over which the request rate is measured. */
  readonly window: number;
  /** Names of the routes whose requests are counted. */
  readonly routes: readonly string[];
}

/** The name of a route, what one replica is for of its requests, and the add-on that counts them. */
export interface CountedRoute {
  readonly route: string;
  readonly http: HttpScalingModel;
  readonly httpAddon: PlatformModel['httpAddon'];
}

/** A KEDA trigger of which the type and all fields are known. */
export interface TriggerModel extends Trigger {
  readonly type: string;
  readonly metadata: { [key: string]: string };
  /** The part of its metric that one replica is for; undefined if only the fields of the scaler say so. */
  readonly perReplica?: number;
  /** As the props have it. */
  readonly props: Trigger;
}
