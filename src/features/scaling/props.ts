import type { SecretKey } from '../workload/props';

/**
 * When and how far a process scales, whether or not it is asked over HTTP. All that is named works together: the one that asks for the most
 * replicas wins.
 */
export interface WorkerScaling {
  /**
   * The fewest replicas. With 0 the app or the worker sleeps while there is nothing to do, and needs something that can wake it: a schedule, a
   * trigger other than cpu and memory, or, for an app, HTTP scaling.
   *
   * @default 0
   * @range 0..10000
   */
  readonly min?: number;

  /**
   * The most replicas.
   *
   * @default - 10, or `min` where that is more; 1 with a volume that only one replica can mount
   * @range 1..10000
   */
  readonly max?: number;

  /**
   * A number of replicas that never changes: no autoscaling at all, and no other field of this struct.
   *
   * @default - an app scales; a worker of which nothing else is said has 1
   * @range 0..10000
   */
  readonly replicas?: number;

  /**
   * Use of the reserved CPU to aim for, in percent. More than 100 is possible, as there is no CPU limit.
   *
   * @default - not scaled by CPU
   * @range 1..1000
   */
  readonly cpu?: number;

  /**
   * Use of the reserved memory to aim for, in percent.
   *
   * @default - not scaled by memory
   * @range 1..1000
   */
  readonly memory?: number;

  /**
   * Times of the day or week that have more replicas. Outside of them the rest decides, HTTP scaling included.
   *
   * @default - none
   */
  readonly schedule?: Schedule[];

  /**
   * Any other thing that KEDA can scale on: queues, streams, databases, metrics.
   *
   * @see https://keda.sh/docs/latest/scalers/
   * @default - none
   */
  readonly triggers?: Trigger[];

  /**
   * How long there must have been nothing to do before an app with a minimum of 0 goes to sleep, as a duration.
   *
   * @default 5m
   * @format duration 0s
   */
  readonly cooldownPeriod?: string;

  /**
   * Replicas to have while KEDA cannot read what the app scales on. More that are running already are kept.
   * Not with cpu and memory alone, which KEDA does not read itself.
   *
   * @see https://keda.sh/docs/latest/reference/scaledobject-spec/#fallback
   * @default - the app keeps the replicas it has
   * @range 1..10000
   */
  readonly fallback?: number;
}

/**
 * When and how far an app scales.
 *
 * By default an app scales on the HTTP requests that it is answering at the moment, from zero to ten replicas. Naming
 * `cpu`, `memory` or `triggers` without `concurrency` or `requestRate` turns HTTP scaling off: requests then go straight to
 * the app, and cannot wake it. All that is named works together: the one that asks for the most replicas wins.
 */
export interface Scaling extends WorkerScaling {
  /**
   * Requests that one replica answers at the same time, on average.
   *
   * @default - 100, or not at all where only `requestRate`, `cpu`, `memory` or `triggers` are named
   * @range 1..1000000
   */
  readonly concurrency?: number;

  /**
   * Requests that one replica answers in a second, on average over `window`.
   *
   * @default - not scaled by request rate
   * @range 1..1000000
   */
  readonly requestRate?: number;

  /**
   * The time over which the request rate is measured, as a duration. Only with `requestRate`.
   *
   * @default 1m
   * @format duration 1s
   */
  readonly window?: string;
}

/**
 * A time that has a number of replicas of its own.
 */
export interface Schedule {
  /**
   * When it begins: five cron fields, such as `0 8 * * 1-5` for 8 o'clock from Monday to Friday.
   *
   * @format cron
   */
  readonly start: string;

  /**
   * When it ends, likewise.
   *
   * @format cron
   */
  readonly end: string;

  /**
   * Name of the time zone that both are in, such as `Europe/Berlin`.
   *
   * @see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones
   * @default UTC
   * @format timezone
   */
  readonly timezone?: string;

  /**
   * Replicas during that time. Nothing else scales the app below it.
   *
   * @range 1..10000
   */
  readonly replicas: number;
}

/**
 * A KEDA trigger: either one of any kind, by `type` and `metadata`, or the queue of a connection, in one line:
 * `{ connection: 'jobs', queue: 'emails', target: 20 }`.
 *
 * @see https://keda.sh/docs/latest/scalers/
 */
export interface Trigger {
  /**
   * KEDA's name of the scaler, such as `rabbitmq`, `kafka`, `postgresql`, `prometheus`.
   *
   * @default - what the connection is
   * @format triggerType
   */
  readonly type?: string;

  /**
   * The scaler's own fields. All values are strings: `{ queueName: 'emails', value: '20' }`. With `connection` they win over those that are
   * made: `{ mode: 'MessageRate' }`, `{ enableTLS: 'true' }`.
   *
   * @default - those that the connection makes; a trigger without one needs its own
   * @keyFormat notEmpty
   */
  readonly metadata?: { [key: string]: string };

  /**
   * Name of one of the app's connections, a `rabbitmq`, a `kafka` or a `redis`, whose Secret KEDA signs in with.
   *
   * @default - none
   * @format notEmpty
   */
  readonly connection?: string;

  /**
   * Queue of the RabbitMQ, or list of the Redis, to look at. Only with `connection`.
   *
   * @default - none
   * @format notEmpty
   */
  readonly queue?: string;

  /**
   * Topic of the Kafka. Only with `connection`.
   *
   * @default - none
   * @format notEmpty
   */
  readonly topic?: string;

  /**
   * Consumer group of the app, whose lag on the topic is looked at. Only with `topic`.
   *
   * @default - none
   * @format notEmpty
   */
  readonly consumerGroup?: string;

  /**
   * Messages that one replica is for. Only with `connection`.
   *
   * @default 20
   * @range 1..1000000
   */
  readonly target?: number;

  /**
   * How KEDA signs in.
   *
   * @default - it does not
   */
  readonly authentication?: TriggerAuthentication;

  /**
   * Name of the trigger, which tells two of one type apart. It is also the end of the name of its TriggerAuthentication.
   *
   * @default - the type; with `connection` its name and that of the queue or topic
   * @format label 63
   */
  readonly name?: string;
}

/**
 * How KEDA signs in to what a trigger watches: with keys of Secrets, with the identity of its pod, or as an existing
 * TriggerAuthentication says. One of them, or the first two together.
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
   * @default - one named `<app>-<trigger>` is made
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
