/**
 * How much of a machine one replica of an app gets: a name for a pair of CPU and memory.
 *
 * Sizes double from one to the next, so that moving one up is a decision one can feel and undo. The CPU is what the
 * scheduler reserves, not a ceiling: a replica may use whatever is idle on its node, which is what makes it start fast.
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
 * Single figures that take the place of the ones that the size gives.
 */
export interface Resources {
  /**
   * CPU that is reserved for each replica, as a Kubernetes quantity: `250m` is a quarter of a core, `2` is two.
   *
   * @default - what the size says
   * @format cpu
   */
  readonly cpu?: string;

  /**
   * The most CPU that a replica may use. Reaching it slows the app down, its start too, so there is none by default.
   *
   * @default - no limit
   * @format cpu
   */
  readonly cpuLimit?: string;

  /**
   * Memory that is reserved for each replica, as a Kubernetes quantity: `512Mi`, `2Gi`.
   *
   * @default - what the size says
   * @format bytes
   */
  readonly memory?: string;

  /**
   * The most memory that a replica may use before it is killed and started again.
   *
   * More than `memory` lets replicas borrow from each other, at the price that the node may kill them when all do.
   *
   * @default - the same as `memory`
   * @format bytes
   */
  readonly memoryLimit?: string;

  /**
   * The most disk that a replica may fill with its `/tmp`, its other empty volumes and its logs before it is evicted.
   *
   * @default 1Gi
   * @format bytes
   */
  readonly ephemeralStorage?: string;
}

/**
 * How the platform finds out whether a replica can take requests, and how it starts and stops one.
 */
export interface Health {
  /**
   * Path that answers 2xx or 3xx to a GET when the app can take requests, such as `/healthz`.
   *
   * It decides who gets traffic, never who is killed: liveness stays a TCP check, so that an app that is slow, or
   * waits for its database, is left alone.
   *
   * @default - the app is ready when it accepts TCP connections
   * @format requestPath
   */
  readonly path?: string;

  /**
   * Ask the standard gRPC health service (`grpc.health.v1.Health`) instead of a path. Not together with `path`.
   *
   * @default false
   */
  readonly grpc?: boolean;

  /**
   * Port that answers health checks.
   *
   * @default - the app's port
   * @range 1..65535
   */
  readonly port?: number;

  /**
   * How long a replica may take from its start until it is ready, as a duration. After that it is killed and started again.
   *
   * Checks come every second during that time, so a fast start is seen at once.
   *
   * @default 2m
   * @format duration 1s
   */
  readonly startupTimeout?: string;

  /**
   * How often a running replica is asked whether it is ready, as a duration of whole seconds.
   *
   * @default 5s
   * @format duration 1s
   */
  readonly interval?: string;

  /**
   * How long a replica that is to stop still gets new requests before it is told to (SIGTERM), as a duration.
   *
   * Routers and load balancers need that long to learn that it goes. `0s` turns it off.
   *
   * @default - 5s, or half of a `terminationGracePeriod` below 10s
   * @format duration 0s
   */
  readonly preStopDelay?: string;

  /**
   * How long a replica may take to stop, as a duration of at least 1s, `preStopDelay` included: it gets SIGTERM after the delay, and is
   * killed when this time is over. Must be longer than `preStopDelay`.
   *
   * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
   * @default - `preStopDelay` and 30s more
   * @format duration 1s
   */
  readonly terminationGracePeriod?: string;
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
 * Who may mount a claim at the same time.
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
 * Files that an app finds at a path. Exactly one of `claim`, `size`, `memory` and `empty` says where they are kept.
 *
 * Two kinds outlive the pod, `claim` and `size`; the other two start empty in every pod.
 */
export interface AppVolume {
  /**
   * Where the app sees it, an absolute path such as `/data`.
   *
   * @format filePath
   */
  readonly path: string;

  /**
   * Name of an existing PersistentVolumeClaim in the app's namespace.
   *
   * @default - not an existing claim
   * @format objectName
   */
  readonly claim?: string;

  /**
   * Size of a new PersistentVolumeClaim, named `<app>-<volume>`, as a Kubernetes quantity such as `10Gi`.
   *
   * @default - no new claim
   * @format bytes
   */
  readonly size?: string;

  /**
   * Size of a volume kept in memory, such as `64Mi`. What it holds counts against the memory limit of the app.
   *
   * @default - not in memory
   * @format bytes
   */
  readonly memory?: string;

  /**
   * Size limit of an empty directory on the node's disk, such as `1Gi`. It counts against `resources.ephemeralStorage`.
   *
   * @default - not an empty directory
   * @format bytes
   */
  readonly empty?: string;

  /**
   * Storage class of the new claim. Only with `size`.
   *
   * @default - the cluster's default class
   * @format objectName
   */
  readonly storageClass?: string;

  /**
   * Who may mount the claim at once. Only with `size` and `claim`.
   *
   * Unless it is one of the `MANY`, the app has at most one replica, and a new version replaces the old one instead of
   * starting beside it.
   *
   * @default AccessMode.READ_WRITE_ONCE
   */
  readonly accessMode?: AccessMode;

  /**
   * Mount it read-only.
   *
   * @default false
   */
  readonly readOnly?: boolean;
}

/**
 * What an app may do on its node. The defaults meet the Pod Security Standard `restricted`; each field opens one thing.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export interface Security {
  /**
   * Numeric user that the process runs as. `0` is root and needs a platform with `podSecurity` `baseline` or `privileged`.
   *
   * @default 1000
   * @range 0..2147483647
   */
  readonly runAsUser?: number;

  /**
   * Numeric group that the process runs as; claims are made writable to it.
   *
   * @default - the same number as `user`
   * @range 0..2147483647
   */
  readonly runAsGroup?: number;

  /**
   * Whether the image's own files are read-only to the process. `/tmp` and volumes are writable either way.
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
   * Run with all rights on the node. Needs a platform with `podSecurity` `privileged`.
   *
   * @default false
   */
  readonly privileged?: boolean;

  /**
   * Whether only those who must reach the app's port can.
   *
   * @default - what the platform's `networkPolicy` says
   */
  readonly networkPolicy?: boolean;
}

/**
 * Who an app is to the cluster and to the cloud.
 */
export interface AppServiceAccount {
  /**
   * Name of an existing ServiceAccount in the app's namespace to run as, instead of one made for the app.
   *
   * @default - a ServiceAccount named like the app is made
   * @format objectName
   */
  readonly name?: string;

  /**
   * Annotations of the ServiceAccount that is made, where clouds look for the identity to lend:
   * `eks.amazonaws.com/role-arn`, `iam.gke.io/gcp-service-account`, `azure.workload.identity/client-id`.
   *
   * @default - none
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };

  /**
   * Whether the app gets a token for the Kubernetes API. Cloud identities above do not need it.
   *
   * @default false
   */
  readonly automountToken?: boolean;
}
