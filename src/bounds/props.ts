import type { AppSize } from '../model/props';

/**
 * What no app may exceed, whatever its props say. An app that does is an error, which tells its developer what is allowed.
 *
 * A bound that is not set bounds nothing. The exception is the operator, which creates objects with its own rights for authors who may only
 * write WebApps: there, each list that is not set has the default that its documentation names.
 *
 * In lists, `*` stands for any characters, and `<namespace>` for the namespace of the app.
 *
 * @see docs/platform.md
 */
export interface Bounds {
  /**
   * Which hosts apps may have, by namespace: `{ shop: ['shop.example.com', '*.shop.example.com'], '*': ['*.<namespace>.example.com'] }`. A
   * namespace with several entries has the hosts of all of them, and one without an entry has none. The host that the platform's `domain`
   * gives to an app is always allowed.
   *
   * @default - any
   * @format boundHost
   * @keyFormat boundNamespace
   */
  readonly hosts?: { [namespace: string]: string[] };

  /**
   * Largest size of each process and container, by name.
   *
   * @default - any
   */
  readonly size?: AppSize;

  /**
   * Largest amounts of each process and container, which override those of `size`.
   *
   * @default - those of `size`
   */
  readonly resources?: ResourceBounds;

  /**
   * How far the web process and each worker may scale.
   *
   * @default - as far as they like
   */
  readonly scaling?: ScalingBounds;

  /**
   * Kinds of objects that `patches` may change, such as `Deployment`. A patch can give an object any field: allow only kinds with which
   * the authors of apps may do what they like.
   *
   * @default - any; with the operator none
   * @format notEmpty
   */
  readonly patches?: string[];

  /**
   * Names of existing ServiceAccounts that apps may run as.
   *
   * @default - any; with the operator none
   * @format notEmpty
   */
  readonly serviceAccounts?: string[];

  /**
   * Keys of annotations that apps may set: in `annotations`, `serviceAccount.annotations`, `ports` and `patches`. Controllers obey
   * annotations: with those of ingress-nginx alone, an author can take the traffic of other apps.
   *
   * @default - any; with the operator those without a prefix, and a few of ingress-nginx for timeouts and sizes
   * @format notEmpty
   */
  readonly annotations?: string[];

  /**
   * Keys of labels that apps may set: in `labels` and `patches`.
   *
   * @default - any; with the operator those without a prefix, and `app.kubernetes.io/*`
   * @format notEmpty
   */
  readonly labels?: string[];

  /**
   * KEDA scalers that `scaling.triggers` may name by their `type`, such as `postgresql`. KEDA connects from its own namespace to the
   * address that a trigger names. Triggers on a `connection` are always allowed.
   *
   * @see https://keda.sh/docs/latest/scalers/
   * @default - any; with the operator `cpu`, `memory`, `cron` and `kubernetes-workload`, which connect to nothing
   * @format notEmpty
   */
  readonly triggers?: string[];

  /**
   * Whose rights KEDA may use for a trigger besides Secrets of the namespace: names of ClusterTriggerAuthentications, which
   * `authentication.existingInCluster` may name, and providers of a pod identity, such as `aws`, which is KEDA's own.
   *
   * @see https://keda.sh/docs/latest/concepts/authentication/
   * @default - any; with the operator none
   * @format notEmpty
   */
  readonly triggerAuthentications?: string[];

  /**
   * Names of the ClusterIssuers that `tls.clusterIssuer` may name. That of the platform is always allowed.
   *
   * @default - any; with the operator that of the platform
   * @format notEmpty
   */
  readonly clusterIssuers?: string[];

  /**
   * Names of Secrets in the namespace of the builds that `buildFrom.gitSecret` and `buildFrom.pushSecret` may name, such as
   * `<namespace>-git`. Secrets in the namespace of the app are always allowed.
   *
   * @default - any; with the operator none
   * @format notEmpty
   */
  readonly buildSecrets?: string[];

  /**
   * Repositories that `buildFrom.image` may name, such as `registry.example.com/<namespace>/*`, if builds have a namespace of their own.
   * The default of the platform's `builds.registry` is always allowed.
   *
   * @default - any; with the operator the default
   * @format notEmpty
   */
  readonly buildImages?: string[];

  /**
   * Keys that connections of type `external-secret` may fetch from a ClusterSecretStore, such as `<namespace>/*`.
   *
   * @see https://external-secrets.io/latest/api/clustersecretstore/
   * @default - any; with the operator none
   * @format notEmpty
   */
  readonly externalKeys?: string[];

  /**
   * Namespaces of PostgreSQL Clusters that a connection may have a database in, `postgres.clusterNamespace`, besides the app's own. One
   * that a connection type of the platform sets together with its `cluster` is always allowed.
   *
   * @default - any; with the operator none
   * @format notEmpty
   */
  readonly clusterNamespaces?: string[];

  /**
   * PriorityClasses that `scheduling.priorityClass` may name: pods of a higher priority evict others. That of the platform is always
   * allowed.
   *
   * @see https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
   * @default - any; with the operator that of the platform
   * @format notEmpty
   */
  readonly priorityClasses?: string[];
}

/**
 * Largest amounts of a process or container. They bound what one replica has; a ResourceQuota bounds what a namespace has.
 *
 * @see https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export interface ResourceBounds {
  /**
   * Largest CPU request: `2` is two cores.
   *
   * @default - that of `size`
   * @format cpu
   */
  readonly cpu?: string;

  /**
   * Largest memory limit: `4Gi`.
   *
   * @default - that of `size`
   * @format bytes
   */
  readonly memory?: string;

  /**
   * Largest disk of the node for `/tmp`, empty volumes and logs: `10Gi`.
   *
   * @default - any
   * @format bytes
   */
  readonly ephemeralStorage?: string;
}

/**
 * How far a web process or a worker may scale.
 */
export interface ScalingBounds {
  /**
   * Largest number of replicas that may keep running while there is nothing to do. With 0, everything has to be able to sleep.
   *
   * @default - that of `max`
   * @range 0..10000
   */
  readonly min?: number;

  /**
   * Largest number of replicas. An app that does not set its maximum has this one, if it is below 10.
   *
   * @default - any
   * @range 1..10000
   */
  readonly max?: number;
}
