import type { VolumeModel } from './component';
import type { SecretKey } from './props';
import type { Strings } from './strings';
import type { ConnectionKeys, ExternalKey, Postgres, SecretStoreKind } from '../features/connections/props';

/** What the connections of an app become. */
export interface ConnectionsModel {
  /** Variables with fixed values. `$(OTHER)` in one stands for one of `secretEnv`, or an earlier one. */
  readonly env: Strings;
  /** Variables from keys of Secrets. */
  readonly secretEnv: { readonly [variable: string]: SecretKey };
  /** Which connection sets which variable, in order: two that set the same are both there. */
  readonly variables: readonly { readonly variable: string; readonly connection: string }[];
  /** Bindings, mounted as files. */
  readonly volumes: readonly VolumeModel[];
  readonly databases: readonly DatabaseModel[];
  readonly externalSecrets: readonly ExternalSecretModel[];
  readonly calls: readonly Call[];
  /** What triggers need to know of each connection whose type is known, by name. */
  readonly services: { readonly [connection: string]: ServiceModel };
}

/** Something that an app may scale on. */
export interface ServiceModel {
  readonly type: string;
  readonly secret?: string;
  readonly keys: ConnectionKeys;
  /** KEDA's name of the scaler; undefined if no app can scale on it. */
  readonly scaler?: 'rabbitmq' | 'kafka' | 'redis';
  /** What its variables begin with. */
  readonly variablePrefix: string;
}

/** A PostgreSQL for the app: its own Cluster, or a database in a shared one. */
export type DatabaseModel = ClusterModel | SharedDatabaseModel;

export interface ClusterModel extends Required<Pick<Postgres, 'instances' | 'storage'>> {
  readonly kind: 'cluster';
  readonly connection: string;
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly storageClass?: string;
  readonly image?: string;
  /** `false` if there are none, and none are wanted. */
  readonly backups?: BackupsModel | false;
}

export interface BackupsModel {
  readonly objectStore: string;
  readonly schedule: string;
  /** The folder in the object store; undefined for the name of the Cluster, which is the plugin's default. */
  readonly serverName?: string;
}

export interface SharedDatabaseModel {
  readonly kind: 'database';
  readonly connection: string;
  /** Name of the object. */
  readonly name: string;
  /** Namespace of the Cluster; undefined if it is the app's own. */
  readonly namespace?: string;
  readonly cluster: string;
  readonly database: string;
  readonly owner: string;
}

export interface ExternalSecretModel {
  readonly connection: string;
  readonly name: string;
  readonly store: { readonly name: string; readonly kind: `${SecretStoreKind}`; readonly refresh: string };
  readonly values: { readonly [variable: string]: ExternalKey };
}

/** Another app that this one calls. */
export interface Call {
  readonly connection: string;
  readonly app: string;
  readonly namespace?: string;
  readonly bypassInterceptor: boolean;
  /** Whether requests for this app wake the other one too. */
  readonly wake: boolean;
  readonly url: string;
}

/** An app that calls another one. */
export interface Caller {
  readonly name: string;
  readonly namespace?: string;
}
