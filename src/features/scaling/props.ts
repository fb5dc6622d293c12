import type { SecretKey } from '../../model/props';

/**
 * When and how far a process scales. All metrics work together: the one that needs the most
 * replicas wins.
 */
export interface WorkerScaling {
  /**
   * Minimum number of replicas. With 0 the app or worker sleeps while it is idle, and needs something that can wake it: a schedule, a
   * trigger other than cpu and memory, or, for an app, HTTP scaling.
   *
   * @default - 0, or 1 if nothing can wake it, as with cpu and memory alone
   * @range 0..10000
   */
  readonly min?: number;

  /**
   * Maximum number of replicas.
   *
   * @default - 10, or more if `min`, `fallback` or `schedule` needs more; 1 with a volume that only one replica can mount
   * @range 1..10000
   */
  readonly max?: number;

  /**
   * Fixed number of replicas, without autoscaling. Cannot be combined with any other field.
   *
   * @default - apps are autoscaled; a worker without any other field has 1 replica
   * @range 0..10000
   */
  readonly replicas?: number;

  /**
   * Target utilization of the requested CPU, in percent. It may exceed 100, as there is no CPU limit.
   *
   * @default - not scaled by CPU
   * @range 1..1000
   */
  readonly cpu?: number;

  /**
   * Target utilization of the requested memory, in percent.
   *
   * @default - not scaled by memory
   * @range 1..1000
   */
  readonly memory?: number;

  /**
   * Times of the day or week with another minimum number of replicas than `min`, higher or lower, or with another maximum.
   *
   * @default - none
   */
  readonly schedule?: Schedule[];

  /**
   * Other KEDA triggers: queues, streams, databases, metrics.
   *
   * @see https://keda.sh/docs/latest/scalers/
   * @default - none
   */
  readonly triggers?: Trigger[];

  /**
   * Idle time after which an app with a minimum of 0 scales to zero, as a duration.
   *
   * @default 5m
   * @format duration 0s
   */
  readonly cooldownPeriod?: string;

  /**
   * Number of replicas while KEDA cannot read the metrics. More replicas that are already running are kept.
   * Not supported with cpu and memory alone, which KEDA does not read itself.
   *
   * @see https://keda.sh/docs/latest/reference/scaledobject-spec/#fallback
   * @default - the app keeps its replicas
   * @range 1..10000
   */
  readonly fallback?: number;
}

/**
 * When and how far an app scales.
 *
 * By default an app scales on concurrent HTTP requests, from zero to ten replicas. Setting
 * `cpu`, `memory` or `triggers` without `concurrency` or `requestRate` turns HTTP scaling off: requests then go straight to
 * the app, and cannot wake it. All metrics work together: the one that needs the most replicas wins.
 */
export interface Scaling extends WorkerScaling {
  /**
   * Target number of concurrent requests of one replica, on average.
   *
   * @default - 100, or not used if `requestRate`, `cpu`, `memory` or `triggers` is set
   * @range 1..1000000
   */
  readonly concurrency?: number;

  /**
   * Target number of requests per second of one replica, on average over `window`.
   *
   * @default - not scaled by request rate
   * @range 1..1000000
   */
  readonly requestRate?: number;

  /**
   * Time over which the request rate is averaged, as a duration. Requires `requestRate`.
   *
   * @default 1m
   * @format duration 1s
   */
  readonly window?: string;
}

/**
 * A time with a minimum number of replicas, a maximum, or both.
 */
export interface Schedule {
  /**
   * Start of the time: five cron fields, such as `0 8 * * 1-5` for 8 a.m. from Monday to Friday.
   *
   * @format cron
   */
  readonly start: string;

  /**
   * End of the time: five cron fields.
   *
   * @format cron
   */
  readonly end: string;

  /**
   * Time zone of both, such as `Europe/Berlin`.
   *
   * @see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones
   * @default UTC
   * @format timezone
   */
  readonly timezone?: string;

  /**
   * Minimum number of replicas during that time, in place of `min`: more replicas, or fewer. With 0 the app or worker sleeps while it is
   * idle, and what wakes it at other times still does: a request, or a queue. Where times overlap, the highest number applies.
   *
   * @see https://keda.sh/docs/latest/scalers/cron/
   * @default - `min`, or `max` if that is lower
   * @range 0..10000
   */
  readonly replicas?: number;

  /**
   * Maximum number of replicas during that time, whatever the metrics need. With 0 the app or worker is off then. Not supported with what
   * KEDA cannot limit at certain times: `cpu`, `memory`, triggers without `connection`, and `concurrency` together with `requestRate`;
   * 0 is not supported with HTTP scaling, because requests always wake an app.
   *
   * @see https://keda.sh/docs/latest/concepts/scaling-deployments/#scaling-modifiers
   * @default - the `max` of all times
   * @range 0..10000
   */
  readonly max?: number;
}

/**
 * A KEDA trigger: either any scaler, by `type` and `metadata`, or the queue of a connection:
 * `{ connection: 'jobs', queue: 'emails', target: 20 }`.
 *
 * @see https://keda.sh/docs/latest/scalers/
 */
export interface Trigger {
  /**
   * Name of the KEDA scaler, such as `rabbitmq`, `kafka`, `postgresql`, `prometheus`.
   *
   * @default - the type of the connection
   * @format triggerType
   */
  readonly type?: string;

  /**
   * Fields of the scaler. All values are strings: `{ queueName: 'emails', value: '20' }`. With `connection` they override the
   * generated ones: `{ mode: 'MessageRate' }`, `{ enableTLS: 'true' }`.
   *
   * @default - generated from the connection; required without one
   * @keyFormat notEmpty
   */
  readonly metadata?: { [key: string]: string };

  /**
   * Name of one of the app's connections, a `rabbitmq`, `kafka` or `redis`, whose Secret KEDA authenticates with.
   *
   * @default - none
   * @format notEmpty
   */
  readonly connection?: string;

  /**
   * RabbitMQ queue or Redis list to scale on. Requires `connection`.
   *
   * @default - none
   * @format notEmpty
   */
  readonly queue?: string;

  /**
   * Kafka topic to scale on. Requires `connection`.
   *
   * @default - none
   * @format notEmpty
   */
  readonly topic?: string;

  /**
   * Consumer group of the app, whose lag on the topic is measured. Requires `topic`.
   *
   * @default - none
   * @format notEmpty
   */
  readonly consumerGroup?: string;

  /**
   * Target number of waiting messages per replica. Requires `connection`.
   *
   * @default 20
   * @range 1..1000000
   */
  readonly target?: number;

  /**
   * How KEDA authenticates.
   *
   * @default - without authentication
   */
  readonly authentication?: TriggerAuthentication;

  /**
   * Name of the trigger, required if there are several of one type. It is part of the name of its TriggerAuthentication.
   *
   * @default - the type; with `connection`, the names of the connection and the queue or topic
   * @format label 63
   */
  readonly name?: string;
}

/**
 * How KEDA authenticates for a trigger: with keys of Secrets, with a pod identity, or with an existing
 * TriggerAuthentication. Set one of them, or the first two together.
 */
export interface TriggerAuthentication {
  /**
   * The scaler's authentication parameters, each from a key of a Secret in the app's namespace:
   * `{ host: { secret: 'rabbitmq', key: 'url' } }`.
   *
   * @default - none
   * @keyFormat notEmpty
   */
  readonly secrets?: { [parameter: string]: SecretKey };

  /**
   * Provider of the pod identity that KEDA uses, such as `aws`, `azure-workload`, `gcp`.
   *
   * @see https://keda.sh/docs/latest/concepts/authentication/
   * @default - none
   * @format oneOf azure-workload gcp aws aws-eks none
   */
  readonly podIdentity?: string;

  /**
   * Name of an existing TriggerAuthentication in the app's namespace.
   *
   * @default - one named `<app>-<trigger>` is created
   * @format objectName
   */
  readonly existing?: string;

  /**
   * Name of an existing ClusterTriggerAuthentication.
   *
   * @default - none
   * @format objectName
   */
  readonly existingInCluster?: string;
}
