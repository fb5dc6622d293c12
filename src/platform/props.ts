import type { Builds } from '../features/build/props';
import type { Connection } from '../features/connections/props';
import type { Monitoring } from '../features/monitoring/props';
import type { GatewayEntry, IngressEntry } from '../features/routing/entry-props';
import type { HttpAddon } from '../features/routing/http-addon-props';
import type { Tls } from '../features/routing/routing-props';
import type { AppDefaults } from '../web-app-props';

/**
 * Level of the Pod Security Standards.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurity {
  /** Nothing that current good practice forbids. */
  RESTRICTED = 'restricted',
  /** Root inside of the container, and a few capabilities. */
  BASELINE = 'baseline',
  /** Anything. */
  PRIVILEGED = 'privileged',
}

/**
 * How the replicas of an app lie on nodes and zones.
 */
export enum Spread {
  /** On as many as possible, but rather together than not at all. */
  SOFT = 'soft',
  /** On as many as possible; a replica that would tip the balance waits. */
  HARD = 'hard',
  /** As the scheduler likes. */
  NONE = 'none',
}

/**
 * A taint of nodes that pods put up with.
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
   * Taints of nodes that pods put up with.
   *
   * @default - none
   */
  readonly tolerations?: NodeToleration[];

  /**
   * How the replicas of an app lie on nodes and zones.
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
 * What the platform team decides once for all apps below. Everything has a default.
 */
export interface PlatformProps {
  /**
   * Domain under which apps without `hosts` answer, at `<name>.<domain>`. Its wildcard DNS record leads to the entry.
   *
   * @default - every app that is not internal names its hosts
   * @format domain
   */
  readonly domain?: string;

  /**
   * Entry through Ingress objects. Not together with `gateway`.
   *
   * @default - Ingress objects of the cluster's default class
   */
  readonly ingress?: IngressEntry;

  /**
   * Entry through a Gateway of the Gateway API instead.
   *
   * @default - none
   */
  readonly gateway?: GatewayEntry;

  /**
   * TLS of all apps that do not say otherwise.
   *
   * @default - plain HTTP
   */
  readonly tls?: Tls;

  /**
   * Where and which the KEDA HTTP add-on is.
   *
   * @default - as its Helm chart installs it in namespace `keda`, with API `v1beta1`
   */
  readonly httpAddon?: HttpAddon;

  /**
   * What names inside of the cluster end with.
   *
   * @default cluster.local
   * @format clusterDomain
   */
  readonly clusterDomain?: string;

  /**
   * Oldest minor version of Kubernetes that the output must work with, such as `1.30`. Nothing newer is written.
   *
   * @default 1.30
   * @format kubernetesVersion
   */
  readonly kubernetesVersion?: string;

  /**
   * Pod Security Standard that every pod meets. The defaults of apps meet the strictest in any case: a weaker one allows apps
   * to open more in their `security`.
   *
   * @default PodSecurity.RESTRICTED
   */
  readonly podSecurity?: PodSecurity;

  /**
   * Whether each app's port is open only to those who must reach it.
   *
   * @default true
   */
  readonly networkPolicy?: boolean;

  /**
   * Names of Secrets, in the namespaces of the apps, that images are pulled with.
   *
   * @default - none
   * @format objectName
   */
  readonly imagePullSecrets?: string[];

  /**
   * Labels of every object of every app.
   *
   * @default - none
   * @format labelValue
   * @keyFormat labelKey
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of every object of every app.
   *
   * @default - none
   * @keyFormat qualifiedName
   */
  readonly annotations?: { [key: string]: string };

  /**
   * Where pods run.
   *
   * @default - spread over nodes and zones, softly
   */
  readonly scheduling?: NodeScheduling;

  /**
   * What apps start from. An app's own fields win, one by one.
   *
   * @default - the library's defaults
   */
  readonly appDefaults?: AppDefaults;

  /**
   * Types of connections of the platform's own, by name: an app writes `{ type: 'team-postgres' }`. What is said here is fixed, and apps add what
   * is left open. A type that is named like a built-in one says more of that: `{ postgres: { type: 'postgres', postgres: { cluster: 'shared' } } }`.
   *
   * @default - only the built-in types
   * @keyFormat label 40
   */
  readonly connections?: { [type: string]: Connection };

  /**
   * Namespace of CloudNativePG's operator, which must reach the databases of apps.
   *
   * @default cnpg-system
   * @format namespace
   */
  readonly cloudNativePgNamespace?: string;

  /**
   * How images of apps with `buildFrom` are built.
   *
   * @default - with two of Shipwright's own strategies
   */
  readonly builds?: Builds;

  /**
   * How the cluster's monitoring finds apps with `metrics`. `{}` is a PodMonitor for each.
   *
   * @default - there is none, and an app with `metrics` is an error
   */
  readonly monitoring?: Monitoring;

  /**
   * Whether objects carry Argo CD's sync waves, so that it creates the InterceptorRoute before the ScaledObject and opens the entry last.
   *
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   * @default false
   */
  readonly syncWaves?: boolean;

  /**
   * Whether the output becomes a Helm chart: a release command then is a hook of Helm's, as Helm waits for nothing else before it starts
   * the new version.
   *
   * @see https://helm.sh/docs/topics/charts_hooks/
   * @default false
   */
  readonly helmHooks?: boolean;
}
