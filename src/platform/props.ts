import type { Bounds } from '../bounds/props';
import type { SignInService } from '../features/access/props';
import type { Builds } from '../features/build/props';
import type { AppSecretStore, Connection, DatabaseBackups } from '../features/connections/props';
import type { Monitoring, Prices } from '../features/monitoring/props';
import type { GatewayEntry, IngressEntry, HttpAddon, Tls } from '../features/routing/props';
import type { NodeScheduling } from '../model/props';
import type { AppDefaults } from '../web-app-props';

/**
 * Level of the Pod Security Standards.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurity {
  /** The current best practices for hardening pods. */
  RESTRICTED = 'restricted',
  /** Root inside the container, and a few capabilities. */
  BASELINE = 'baseline',
  /** Anything. */
  PRIVILEGED = 'privileged',
}

/**
 * Properties of a platform: what the platform team decides once for all its apps. All of them have a default.
 */
export interface PlatformProps {
  /**
   * Domain of apps without `hosts`, which get `<name>.<domain>`. Its wildcard DNS record must point to the ingress controller or gateway.
   *
   * @default - apps that are not internal must set their hosts
   * @format domain
   */
  readonly domain?: string;

  /**
   * Exposes apps with Ingress objects. Cannot be combined with `gateway`.
   *
   * @default - Ingress objects of the cluster's default class
   */
  readonly ingress?: IngressEntry;

  /**
   * Exposes apps with HTTPRoutes of a Gateway (Gateway API).
   *
   * @default - none
   */
  readonly gateway?: GatewayEntry;

  /**
   * TLS of all apps that do not override it.
   *
   * @default - plain HTTP
   */
  readonly tls?: Tls;

  /**
   * Sign-in services, by name, one of which decides about the requests to an app with `access: { signIn: 'company' }`.
   *
   * @see docs/access.md
   * @default - none
   * @keyFormat label 40
   */
  readonly access?: { [name: string]: SignInService };

  /**
   * Whether an app may have the host `*`, which stands for all hosts that no other app has.
   *
   * @default false
   */
  readonly allowCatchAll?: boolean;

  /**
   * The cluster's KEDA HTTP add-on.
   *
   * @default - installed by its Helm chart in namespace `keda`, with API `v1beta1`
   */
  readonly httpAddon?: HttpAddon;

  /**
   * DNS domain of the cluster.
   *
   * @default cluster.local
   * @format clusterDomain
   */
  readonly clusterDomain?: string;

  /**
   * Oldest minor version of Kubernetes that the output must work with, such as `1.30`. Newer fields are not used.
   *
   * @default 1.30
   * @format kubernetesVersion
   */
  readonly kubernetesVersion?: string;

  /**
   * Pod Security Standard that every pod meets. The defaults of apps always meet the strictest one: a weaker one allows apps
   * to relax their `security`.
   *
   * @default PodSecurity.RESTRICTED
   */
  readonly podSecurity?: PodSecurity;

  /**
   * Whether NetworkPolicies restrict who can reach the apps' ports.
   *
   * @default true
   */
  readonly networkPolicy?: boolean;

  /**
   * Names of image pull Secrets in the namespaces of the apps. An app can add others.
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
   * Where pods run. An app can add to it.
   *
   * @default - spread over nodes and zones, softly
   */
  readonly scheduling?: NodeScheduling;

  /**
   * Defaults of all apps, which each app can override field by field.
   *
   * @default - the library's defaults
   */
  readonly appDefaults?: AppDefaults;

  /**
   * What no app may exceed: hosts by namespace, sizes, replicas, patches, and what else an author could reach beyond the app with.
   *
   * @default - nothing is bounded; with the operator, what reaches beyond the app is
   */
  readonly bounds?: Bounds;

  /**
   * Custom connection types, by name, which apps use as `{ type: 'team-postgres' }`. Fields that are set here are fixed, and apps set
   * the others. A type with the name of a built-in one extends it: `{ postgres: { type: 'postgres', postgres: { cluster: 'shared' } } }`.
   *
   * @default - only the built-in types
   * @keyFormat label 40
   */
  readonly connections?: { [type: string]: Connection };

  /**
   * The store of External Secrets into which `webapp secrets` pushes the secrets of apps, beside the Secret that their pods use.
   *
   * @see docs/configuration.md
   * @default - the secrets of apps are in the cluster alone
   */
  readonly secretStore?: AppSecretStore;

  /**
   * Where the databases that are created for apps are backed up to. An app can set other `backups`, or `enabled: false`.
   *
   * @default - databases have no backups, unless an app sets them
   */
  readonly databaseBackups?: DatabaseBackups;

  /**
   * Namespace of the CloudNativePG operator, which must be able to reach the databases of apps.
   *
   * @default cnpg-system
   * @format namespace
   */
  readonly cloudNativePgNamespace?: string;

  /**
   * How images of apps with `buildFrom` are built.
   *
   * @default - with two strategies of Shipwright
   */
  readonly builds?: Builds;

  /**
   * How the cluster's Prometheus finds apps with `metrics`. `{}` creates a PodMonitor for each.
   *
   * @default - no monitoring: an app with `metrics` is an error
   */
  readonly monitoring?: Monitoring;

  /**
   * What the requested resources of apps cost, for `webapp cost`.
   *
   * @default - `webapp cost` shows hours of CPU and memory
   */
  readonly prices?: Prices;

  /**
   * Whether objects have Argo CD sync waves, so that it creates the InterceptorRoute before the ScaledObject and exposes the app last.
   *
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   * @default false
   */
  readonly syncWaves?: boolean;

  /**
   * Whether the output is used as a Helm chart: a release command is then a Helm hook, as Helm waits for nothing else before it starts
   * the new version.
   *
   * @see https://helm.sh/docs/topics/charts_hooks/
   * @default false
   */
  readonly helmHooks?: boolean;
}
