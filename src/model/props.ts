/**
 * Size of one replica: a name for an amount of CPU and memory.
 *
 * Each size is about twice the previous one. The CPU is what the
 * scheduler reserves, not a limit: a replica may use any idle CPU of its node, so that it starts fast.
 *
 * @see docs/sizes.md
 */
export enum AppSize {
  /** 50m CPU, 128Mi memory: a static site, a small Go or Rust service. */
  XS = 'xs',
  /** 100m CPU, 256Mi memory: the usual Node, Python or Ruby process. The default. */
  S = 's',
  /** 250m CPU, 512Mi memory: a busy API, a Django or Rails app with a few worker threads. */
  M = 'm',
  /** 500m CPU, 1Gi memory: the usual JVM or .NET service. */
  L = 'l',
  /** 1 CPU, 2Gi memory. */
  XL = 'xl',
  /** 2 CPUs, 4Gi memory. */
  XXL = 'xxl',
}

/**
 * CPU, memory and disk of one replica. Each field overrides the amount of `size`.
 */
export interface Resources {
  /**
   * CPU request of each replica, as a Kubernetes quantity: `250m` is a quarter of a core, `2` is two cores.
   *
   * @default - the amount of `size`
   * @format cpu
   */
  readonly cpu?: string;

  /**
   * CPU limit of each replica. A limit throttles the app, including its start, so there is none by default.
   *
   * @default - no limit
   * @format cpu
   */
  readonly cpuLimit?: string;

  /**
   * Memory request of each replica, as a Kubernetes quantity: `512Mi`, `2Gi`.
   *
   * @default - the amount of `size`
   * @format bytes
   */
  readonly memory?: string;

  /**
   * Memory limit of each replica. A replica that exceeds it is killed and restarted.
   *
   * A limit above `memory` lets replicas use spare memory of the node, but the node may kill them when it runs out.
   *
   * @default - the same as `memory`
   * @format bytes
   */
  readonly memoryLimit?: string;

  /**
   * Disk that a replica may use for `/tmp`, other empty volumes and logs. A replica that exceeds it is evicted, so it must be at least the
   * size of all `empty` volumes together.
   *
   * @default - 1Gi, and the sizes of `empty` volumes
   * @format bytes
   */
  readonly ephemeralStorage?: string;
}

/**
 * One key of a Secret in the app's namespace.
 */
export interface SecretKey {
  /**
   * Name of the Secret.
   *
   * @format objectName
   */
  readonly secret: string;

  /**
   * Key in the Secret's data.
   *
   * @format dataKey
   */
  readonly key: string;
}

/**
 * Where a secret variable comes from: a key of an existing Secret, or a value that is generated for the app. Either `secret` and `key` are
 * required, or `generate`.
 */
export interface SecretVariable {
  /**
   * Name of the Secret, in the app's namespace. Requires `key`.
   *
   * @default - none, with `generate`
   * @format objectName
   */
  readonly secret?: string;

  /**
   * Key in the Secret's data. Requires `secret`.
   *
   * @default - none, with `generate`
   * @format dataKey
   */
  readonly key?: string;

  /**
   * Length of a random value, in characters: letters and digits, each of which is worth almost six bits.
   *
   * `webapp deploy` and the operator create the value once, as the key with the name of the variable of the Secret `<app>-generated`, and
   * never change it: another length counts when the value is replaced. It is in no YAML, so in a pipeline of your own the Secret has to be
   * created before the app. Containers of the app that name the same variable have the same value.
   *
   * @see docs/configuration.md
   * @default - none, with `secret` and `key`
   * @range 16..256
   */
  readonly generate?: number;
}

/**
 * One key of a ConfigMap in the app's namespace.
 */
export interface ConfigMapKey {
  /**
   * Name of the ConfigMap.
   *
   * @format objectName
   */
  readonly configMap: string;

  /**
   * Key in the ConfigMap's data.
   *
   * @format dataKey
   */
  readonly key: string;
}

/**
 * The user and the rights of a container. The defaults meet the Pod Security Standard `restricted`; each field relaxes one of them.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export interface ContainerSecurity {
  /**
   * User ID of the process. `0` is root, which requires a platform with `podSecurity` `baseline` or `privileged`. Root has no capabilities:
   * an image that starts as root and then becomes another user needs those that the documentation lists in `capabilities`.
   *
   * @default - 1000, or that of the app for another container
   * @range 0..2147483647
   */
  readonly runAsUser?: number;

  /**
   * Group ID of the process. Claims are writable for that of the app.
   *
   * @default - the same as `runAsUser`
   * @range 0..2147483647
   */
  readonly runAsGroup?: number;

  /**
   * Whether the root file system is read-only. `/tmp` and volumes are writable in any case.
   *
   * @default true
   */
  readonly readOnlyRoot?: boolean;

  /**
   * Linux capabilities to add, without the `CAP_` prefix, such as `NET_BIND_SERVICE`, the only one that `restricted` allows.
   *
   * @default - none
   * @format capability
   */
  readonly capabilities?: string[];

  /**
   * Whether the container is privileged. Requires a platform with `podSecurity` `privileged`.
   *
   * @default false
   */
  readonly privileged?: boolean;
}

/**
 * How the replicas of an app are spread over nodes and zones.
 */
export enum Spread {
  /** Spread if possible, otherwise scheduled together. */
  SOFT = 'soft',
  /** Always spread; a replica that would be unbalanced stays pending. */
  HARD = 'hard',
  /** Up to the scheduler. */
  NONE = 'none',
}

/**
 * A node taint that pods tolerate.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
export interface NodeToleration {
  /**
   * Key of the taint.
   *
   * @default - any
   * @format qualifiedName
   */
  readonly key?: string;

  /**
   * `Equal` or `Exists`.
   *
   * @default - `Equal` with a value, otherwise `Exists`
   * @format oneOf Equal Exists
   */
  readonly operator?: string;

  /**
   * Value of the taint.
   *
   * @default - any
   * @format labelValue
   */
  readonly value?: string;

  /**
   * `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
   *
   * @default - all of them
   * @format oneOf NoSchedule PreferNoSchedule NoExecute
   */
  readonly effect?: string;
}

/**
 * Where pods run.
 */
export interface NodeScheduling {
  /**
   * Labels that a node must have.
   *
   * @default - any node
   * @format labelValue
   * @keyFormat qualifiedName
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * Node taints that pods tolerate.
   *
   * @default - none
   */
  readonly tolerations?: NodeToleration[];

  /**
   * How the replicas of an app are spread over nodes and zones.
   *
   * @default Spread.SOFT
   */
  readonly spread?: Spread;

  /**
   * Name of the PriorityClass of pods.
   *
   * @default - the cluster's default
   * @format objectName
   */
  readonly priorityClass?: string;
}

/**
 * Which nodes can mount a claim at the same time.
 *
 * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
 */
export enum AccessMode {
  /** One node may read and write. The app then has at most one replica. */
  READ_WRITE_ONCE = 'read-write-once',
  /** Any number of nodes may read and write. Needs a storage class that can, such as NFS. */
  READ_WRITE_MANY = 'read-write-many',
  /** Any number of nodes may read. */
  READ_ONLY_MANY = 'read-only-many',
}

/**
 * Where the files of a volume are, and how they are mounted.
 */
export interface VolumeSettings {
  /**
   * Name of an existing PersistentVolumeClaim in the app's namespace.
   *
   * @default - none
   * @format objectName
   */
  readonly claim?: string;

  /**
   * Size of a new PersistentVolumeClaim, named `<app>-<volume>`, or
   * `<app>-<process>-<volume>` for a volume of a worker or job, as a Kubernetes quantity such as `10Gi`.
   *
   * @default - none
   * @format bytes
   */
  readonly size?: string;

  /**
   * Size of a volume in memory, such as `64Mi`. Its files count towards the memory limit of the process, so it must be smaller.
   *
   * @see https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
   * @default - none
   * @format bytes
   */
  readonly memory?: string;

  /**
   * Size limit of an empty directory on the node's disk, such as `1Gi`. It counts towards `resources.ephemeralStorage`, whose default
   * includes it.
   *
   * @default - none
   * @format bytes
   */
  readonly empty?: string;

  /**
   * Storage class of the new claim. Requires `size`.
   *
   * @default - the cluster's default class
   * @format objectName
   */
  readonly storageClass?: string;

  /**
   * Access mode of the claim. Requires `size` or `claim`.
   *
   * With READ_WRITE_ONCE the app has at most one replica, and the old version stops before the new one
   * starts.
   *
   * @default AccessMode.READ_WRITE_ONCE
   */
  readonly accessMode?: AccessMode;

  /**
   * Whether the volume is mounted read-only.
   *
   * @default false
   */
  readonly readOnly?: boolean;
}
