import type { ConnectionKeys, Postgres, SecretStoreKind } from '../features/connections/props';
import type { ExternalKey, SecretKey } from '../index';
import type { ResolvedVolume, Texts } from './app';

/** All that an app's connections come to. */
export interface ResolvedConnections {
  /** Variables with fixed values. `$(OTHER)` in one stands for one of `secrets`, or an earlier one. */
  readonly env: Texts;
  /** Variables from keys of Secrets. */
  readonly secrets: { readonly [variable: string]: SecretKey };
  /** Which connection sets which variable, in order: two that set the same are both there. */
  readonly variables: readonly { readonly variable: string; readonly connection: string }[];
  /** Bindings, mounted as files. */
  readonly volumes: readonly ResolvedVolume[];
  readonly databases: readonly ResolvedDatabase[];
  readonly externalSecrets: readonly ResolvedExternalSecret[];
  readonly calls: readonly Call[];
  /** What triggers need to know of each connection whose type is known, by name. */
  readonly services: { readonly [connection: string]: Service };
}

export interface Service {
  readonly type: string;
  readonly secret?: string;
  readonly keys: ConnectionKeys;
}

/** A PostgreSQL for the app: its own Cluster, or a database in a shared one. */
export type ResolvedDatabase = ResolvedCluster | ResolvedSharedDatabase;

export interface ResolvedCluster extends Required<Pick<Postgres, 'instances' | 'storage'>> {
  readonly kind: 'cluster';
  readonly connection: string;
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly storageClass?: string;
  readonly image?: string;
  readonly backups?: { readonly objectStore: string; readonly schedule: string };
}

export interface ResolvedSharedDatabase {
  readonly kind: 'database';
  readonly connection: string;
  /** Name of the object. */
  readonly name: string;
  /** Where the Cluster is; undefined in the app's own namespace. */
  readonly namespace?: string;
  readonly cluster: string;
  readonly database: string;
  readonly owner: string;
}

export interface ResolvedExternalSecret {
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
  readonly url: string;
}
