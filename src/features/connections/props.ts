import type { AppSize } from '../../model/props';

/**
 * Something that an app needs: a database, a queue, a service, another app. It gives the app environment variables that start with the
 * connection's name: `db` gives `DB_URL`, `my-cache` gives `MY_CACHE_URL`.
 *
 * Which fields a connection has depends on its `type`:
 *
 * - `postgres`: a PostgreSQL that CloudNativePG runs for the app, told more of by `postgres`; or with `secret` one that exists already;
 * - `mysql`, `redis`, `rabbitmq`, `kafka`: one that exists already, by `secret`, and `keys` or `url`;
 * - `secret`: any other service, by `secret`, and `keys`, `url` or `variables`;
 * - `service-binding`: the files of a Service Binding for Kubernetes, by `secret`;
 * - `external-secret`: values that External Secrets fetches, by `external`, and `store` where the platform names none;
 * - `web-app`: another app of the cluster, by `app`, and `namespace`;
 * - a name that the platform's `connections` have.
 */
export interface Connection {
  /**
   * What it is: `postgres`, `mysql`, `redis`, `rabbitmq`, `kafka`, `secret`, `service-binding`, `external-secret`, `web-app`, or a type of
   * the platform's own.
   */
  readonly type: string;

  /**
   * Name of an existing Secret in the app's namespace with the address and the credentials of the service.
   *
   * @default - the Secret that CloudNativePG creates for a `postgres`; required by all other types that use a Secret
   * @format objectName
   */
  readonly secret?: string;

  /**
   * Which keys of the Secret become variables.
   *
   * @default - `{ url: 'uri' }`, and `{ brokers: 'brokers' }` for `kafka`; with `url` the keys that it refers to
   */
  readonly keys?: ConnectionKeys;

  /**
   * A template of the whole URL: `redis://:$(password)@$(host):6379/0`. A part that `keys` do not name is taken from the key `host`,
   * `port`, `username`, `password` or `database`. Values go in as they are: a password with `@` or `/` needs a Secret that has the whole
   * URL.
   *
   * @default - the key that `keys.url` names
   * @format notEmpty
   */
  readonly url?: string;

  /**
   * Additional variables, each with its key in the Secret: `{ STRIPE_KEY: 'api-key' }`.
   *
   * @default - none
   * @format dataKey
   * @keyFormat envName
   */
  readonly variables?: { [variable: string]: string };

  /**
   * The PostgreSQL to create. Only for `postgres` without `secret`.
   *
   * @default - a Cluster of one instance with 5Gi of storage, and with the backups of the platform
   */
  readonly postgres?: Postgres;

  /**
   * Variables that External Secrets fetches: `{ STRIPE_KEY: { key: 'prod/stripe', property: 'api-key' } }`. Only for `external-secret`.
   *
   * @default - none
   * @keyFormat envName
   */
  readonly external?: { [variable: string]: ExternalKey };

  /**
   * Where External Secrets fetches them. Only for `external-secret`.
   *
   * @default - the store of the platform's `connections`
   */
  readonly store?: SecretStore;

  /**
   * Name of the other app. Only for `web-app`.
   *
   * @default - none
   * @format label 63
   */
  readonly app?: string;

  /**
   * Namespace of the other app. Only for `web-app`.
   *
   * @default - the app's own
   * @format namespace
   */
  readonly namespace?: string;

  /**
   * Whether the other app is called at its Service, not through the interceptor. Required if it is not scaled by HTTP. Only for `web-app`.
   *
   * @default false
   */
  readonly bypassInterceptor?: boolean;

  /**
   * Whether requests for this app wake the other one too, so that both start at the same time instead of one after the other. Its
   * ScaledObject then also counts the requests for this app, and those for the apps that wake this one. Both apps must be scaled by HTTP,
   * in the same namespace, and written together: in one tree, or in one `webapp.yaml`. Only for `web-app`.
   *
   * @see https://keda.sh/docs/latest/scalers/external-push/
   * @default false
   */
  readonly wake?: boolean;
}

/**
 * Keys of a Secret with the parts of an address. Each becomes a variable: `host` of the connection `db` is `DB_HOST`.
 */
export interface ConnectionKeys {
  /**
   * Key of the whole URL, with credentials.
   *
   * @default - none
   * @format dataKey
   */
  readonly url?: string;

  /**
   * Key of the host.
   *
   * @default - none
   * @format dataKey
   */
  readonly host?: string;

  /**
   * Key of the port.
   *
   * @default - none
   * @format dataKey
   */
  readonly port?: string;

  /**
   * Key of the user.
   *
   * @default - none
   * @format dataKey
   */
  readonly user?: string;

  /**
   * Key of the password.
   *
   * @default - none
   * @format dataKey
   */
  readonly password?: string;

  /**
   * Key of the database's name.
   *
   * @default - none
   * @format dataKey
   */
  readonly database?: string;

  /**
   * Key of Kafka's brokers, `host:port` with commas between them. Only for `kafka`.
   *
   * @default - none
   * @format dataKey
   */
  readonly brokers?: string;
}

/**
 * A PostgreSQL that CloudNativePG runs: a Cluster of the app's own, or, with `cluster`, a database in one that exists.
 *
 * @see https://cloudnative-pg.io/documentation/current/
 */
export interface Postgres {
  /**
   * Number of PostgreSQL instances: a primary, and replicas that take over when it fails. A single instance is down while its node
   * restarts.
   *
   * @default 1
   * @range 1..100
   */
  readonly instances?: number;

  /**
   * CPU and memory of each, by name.
   *
   * @default AppSize.M
   */
  readonly size?: AppSize;

  /**
   * Disk of each, such as `20Gi`. It can grow later, and never shrinks.
   *
   * @default 5Gi
   * @format bytes
   */
  readonly storage?: string;

  /**
   * Storage class of the disks.
   *
   * @default - the cluster's default class
   * @format objectName
   */
  readonly storageClass?: string;

  /**
   * Image of PostgreSQL, with the version as its tag, such as `ghcr.io/cloudnative-pg/postgresql:17`.
   *
   * @default - the one that the installed operator prefers
   * @format image
   */
  readonly image?: string;

  /**
   * Where backups go, and when they are taken.
   *
   * @default - as the platform's `databaseBackups` says; without it, no backups: if the disks are lost, so is the data
   */
  readonly backups?: PostgresBackups;

  /**
   * Name of an existing Cluster in which to create a database, instead of a Cluster for the app alone.
   *
   * @see https://cloudnative-pg.io/documentation/current/declarative_database_management/
   * @default - a Cluster named `<app>-<connection>` is created
   * @format objectName
   */
  readonly cluster?: string;

  /**
   * Namespace of that Cluster.
   *
   * @default - the app's
   * @format namespace
   */
  readonly clusterNamespace?: string;

  /**
   * Existing role of that Cluster that owns the database.
   *
   * @default app
   * @format notEmpty
   */
  readonly owner?: string;

  /**
   * Name of the Secret in the app's namespace that has the `username` and `password` of the owner.
   *
   * @default - `<cluster>-app`, which exists if the Cluster is in the app's namespace
   * @format objectName
   */
  readonly ownerSecret?: string;
}

/**
 * Backups of a PostgreSQL, by CloudNativePG's Barman Cloud plugin: all changes as they happen, and now and then everything.
 *
 * @see https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/
 */
export interface PostgresBackups {
  /**
   * Name of an existing ObjectStore of the plugin, in the app's namespace.
   *
   * @default - that of the platform's `databaseBackups`
   * @format objectName
   */
  readonly objectStore?: string;

  /**
   * Schedule of full backups: six fields, seconds first, such as `0 0 2 * * *` for 2 a.m. every day.
   *
   * @see https://cloudnative-pg.io/documentation/current/backup/#scheduled-backups
   * @default - that of the platform's `databaseBackups`, or `0 0 2 * * *`
   * @format cronWithSeconds
   */
  readonly schedule?: string;

  /**
   * Whether there are backups. `false` is for data that nobody needs later, where the platform backs databases up.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * Backups of all databases that are created for apps, by CloudNativePG's Barman Cloud plugin.
 *
 * @see https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/
 */
export interface DatabaseBackups {
  /**
   * Name of an ObjectStore of the plugin, which each namespace of apps with databases must have. All of them may store to the same place:
   * each database has a folder of its own there, `<namespace>.<app>-<connection>`.
   *
   * @format objectName
   */
  readonly objectStore: string;

  /**
   * Schedule of full backups: six fields, seconds first, such as `0 0 2 * * *` for 2 a.m. every day.
   *
   * @see https://cloudnative-pg.io/documentation/current/backup/#scheduled-backups
   * @default 0 0 2 * * *
   * @format cronWithSeconds
   */
  readonly schedule?: string;
}

/**
 * A value in a secret store.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 */
export interface ExternalKey {
  /**
   * Key of the value in the store, such as `prod/stripe`.
   *
   * @format notEmpty
   */
  readonly key: string;

  /**
   * Property of the value, if it has several.
   *
   * @default - the whole value
   * @format notEmpty
   */
  readonly property?: string;
}

/**
 * Kind of a store of External Secrets: for all namespaces, or for one.
 */
export enum SecretStoreKind {
  /** A ClusterSecretStore. */
  CLUSTER_SECRET_STORE = 'cluster-secret-store',
  /** A SecretStore in the app's namespace. */
  SECRET_STORE = 'secret-store',
}

/**
 * A store that External Secrets reads.
 */
export interface SecretStore {
  /**
   * Name of the store.
   *
   * @format objectName
   */
  readonly name: string;

  /**
   * Kind of the store.
   *
   * @default SecretStoreKind.CLUSTER_SECRET_STORE
   */
  readonly kind?: SecretStoreKind;

  /**
   * How often values are fetched again, as a duration. Running pods keep the old ones.
   *
   * @default 1h
   * @format duration 1s
   */
  readonly refresh?: string;
}

/**
 * Whether secrets stay in the store of External Secrets when nothing in the cluster pushes them any more.
 */
export enum SecretStoreDeletionPolicy {
  /** They are deleted from the store with the app, and with its last secret. */
  DELETE = 'delete',
  /** They stay in the store. */
  NONE = 'none',
}

/**
 * The store of External Secrets that has the secrets of apps which `webapp secrets` sets.
 *
 * @see https://external-secrets.io/latest/api/pushsecret/
 */
export interface AppSecretStore {
  /**
   * Name of the store. Its provider must support pushing secrets.
   *
   * @see https://external-secrets.io/latest/introduction/stability-support/#provider-feature-support
   * @format objectName
   */
  readonly name: string;

  /**
   * Kind of the store.
   *
   * @default SecretStoreKind.CLUSTER_SECRET_STORE
   */
  readonly kind?: SecretStoreKind;

  /**
   * Key of an app's secrets in the store, with `<namespace>` and `<name>` of the app. The value of the key is a JSON object with all
   * secrets of the app. Providers restrict which characters a key may have: `/<namespace>/<name>` works with AWS Parameter Store,
   * `<namespace>_<name>` with Google Secret Manager, and `<namespace>.<name>` with Kubernetes.
   *
   * @default <namespace>/<name>
   * @format notEmpty
   */
  readonly key?: string;

  /**
   * Whether the secrets of an app stay in the store after the app, or its last secret, was removed.
   *
   * @default SecretStoreDeletionPolicy.DELETE
   */
  readonly deletionPolicy?: SecretStoreDeletionPolicy;
}
