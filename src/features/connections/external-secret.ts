import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { STORE_KINDS } from './secret-store';
import { objectMetadata } from '../../kube/metadata';
import type { AppModel } from '../../model/app';
import type { ExternalSecretModel } from '../../model/connections';

/**
 * Lets External Secrets make a Secret of the same name, with a key for each variable.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 */
export function createExternalSecret(scope: Construct, app: AppModel, { connection, name, store, values }: ExternalSecretModel): ApiObject {
  return new ApiObject(scope, `connection-${connection}`, {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: objectMetadata(app, 'needs', name),
    spec: {
      refreshInterval: store.refresh,
      secretStoreRef: { name: store.name, kind: STORE_KINDS[store.kind] },
      target: { name },
      data: Object.entries(values).map(([secretKey, { key, property }]) => ({ secretKey, remoteRef: { key, property } })),
    },
  });
}
