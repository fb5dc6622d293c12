/** The store of External Secrets that has the secrets of apps. The library writes nothing for it: `webapp secrets` does. */
import type { AppSecretStore, SecretStoreKind } from './props';

/** The kinds of stores, as Kubernetes calls them. */
export const STORE_KINDS = { 'cluster-secret-store': 'ClusterSecretStore', 'secret-store': 'SecretStore' } as const;

/** A store with every decision made, as objects of External Secrets refer to it. */
export interface SecretStoreModel {
  readonly name: string;
  readonly kind: (typeof STORE_KINDS)[`${SecretStoreKind}`];

  /** The key of an app's secrets; that of the platform has placeholders for the app. */
  readonly key: string;
  readonly deletionPolicy: 'Delete' | 'None';
}

export function resolveSecretStore(store: AppSecretStore | undefined): SecretStoreModel | undefined {
  if (store === undefined) return undefined;
  const { name, kind = 'cluster-secret-store', key = '<namespace>/<name>', deletionPolicy = 'delete' } = store;
  return { name, kind: STORE_KINDS[kind], key, deletionPolicy: deletionPolicy === 'delete' ? 'Delete' : 'None' };
}

/** The store of an app, with the key of its own. */
export function secretStoreFor(store: SecretStoreModel, app: { readonly name: string; readonly namespace: string }): SecretStoreModel {
  return { ...store, key: store.key.replaceAll('<namespace>', app.namespace).replaceAll('<name>', app.name) };
}
