import { App } from 'cdk8s';
import { resolveSecretStore, secretStoreFor } from '../../src/features/connections/secret-store';
import { problemsOf } from '../synth';
import { AppSecretStore, Platform, PlatformProps, SecretStoreDeletionPolicy, SecretStoreKind } from 'cdk8s-webapp';

const APP = { name: 'web', namespace: 'shop' };
const of = (store: AppSecretStore) => secretStoreFor(resolveSecretStore(store)!, APP);

describe('the store of apps\' secrets', () => {
  test('is a ClusterSecretStore with a key for each app, from which secrets are deleted with the app', () => {
    expect(of({ name: 'vault' })).toEqual({ name: 'vault', kind: 'ClusterSecretStore', key: 'shop/web', deletionPolicy: 'Delete' });
  });

  test('can be a SecretStore, with other keys, that keeps secrets', () => {
    const store = { name: 'gcp', kind: SecretStoreKind.SECRET_STORE, key: 'eu_<name>', deletionPolicy: SecretStoreDeletionPolicy.NONE };
    expect(of(store)).toEqual({ name: 'gcp', kind: 'SecretStore', key: 'eu_web', deletionPolicy: 'None' });
  });
});

describe('a key in the store', () => {
  const problemsWith = (secretStore: object) => problemsOf(() => {
    const app = new App();
    new Platform(app, 'platform', { secretStore } as PlatformProps);
    return app;
  });

  test.each<[object, string]>([
    [{ key: 'apps' }, 'is "apps", which would be the key of several apps; add <name>'],
    [{ key: '<name>' }, 'is "<name>", which would be the key of apps in several namespaces; add <namespace>'],
    [{ key: '<namespace>/<app>/<name>' }, 'is "<namespace>/<app>/<name>", and <app> stands for nothing; use <namespace> and <name>'],
  ])('is not %j', (store, message) => {
    expect(problemsWith({ name: 'vault', ...store })).toContain(`Platform: secretStore.key ${message}`);
  });

  test('needs no namespace in a store of a namespace', () => {
    expect(problemsWith({ name: 'vault', kind: 'secret-store', key: '<name>' })).toEqual([]);
  });
});
