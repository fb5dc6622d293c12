import type { ApiObjectMetadata } from 'cdk8s';
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { AppModel } from '../../model/app';
import type { BackupsModel, ClusterModel, SharedDatabaseModel } from '../../model/connections';
import { APP_NAMESPACE } from '../../model/names';

const API = 'postgresql.cnpg.io/v1';

/** The plugin that takes backups, as CloudNativePG knows it. */
const BACKUP_PLUGIN = 'barman-cloud.cloudnative-pg.io';

/**
 * A PostgreSQL of an app's own. CloudNativePG makes a database `app` in it, and the Secret `<cluster>-app` that leads there.
 *
 * @see https://cloudnative-pg.io/documentation/current/bootstrap/#bootstrap-an-empty-cluster-initdb
 */
export function createCluster(scope: Construct, app: AppModel, database: ClusterModel): void {
  const { connection, name, instances, cpu, memory, storage, storageClass, image, backups } = database;
  new ApiObject(scope, `connection-${connection}`, {
    apiVersion: API,
    kind: 'Cluster',
    metadata: databaseMetadata(app, name),
    spec: {
      instances,
      imageName: image,
      storage: { size: storage, storageClass },
      resources: { requests: { cpu, memory }, limits: { memory } },
      // A single server must not keep its node from being drained.
      enablePDB: instances === 1 ? false : undefined,
      plugins: backups ? [{ name: BACKUP_PLUGIN, isWALArchiver: true, parameters: parametersOf(backups) }] : undefined,
    },
  });
  if (!backups) return;
  new ApiObject(scope, `connection-${connection}-backup`, {
    apiVersion: API,
    kind: 'ScheduledBackup',
    metadata: databaseMetadata(app, name),
    spec: {
      schedule: backups.schedule,
      cluster: { name },
      method: 'plugin',
      pluginConfiguration: { name: BACKUP_PLUGIN },
      backupOwnerReference: 'self',
    },
  });
}

/** @see https://cloudnative-pg.io/plugin-barman-cloud/docs/parameters/ */
function parametersOf({ objectStore, serverName }: BackupsModel): { [name: string]: string | undefined } {
  return { barmanObjectName: objectStore, serverName };
}

/** A database in a Cluster that exists. It outlives the app, as CloudNativePG retains databases unless it is told otherwise. */
export function createDatabase(scope: Construct, app: AppModel, shared: SharedDatabaseModel): ApiObject {
  const { connection, name, namespace, cluster, database, owner } = shared;
  const { labels, ...metadata } = databaseMetadata(app, name);
  // Databases of other namespaces' apps may be there.
  const isElsewhere = namespace !== undefined && app.namespace !== undefined;
  return new ApiObject(scope, `connection-${connection}`, {
    apiVersion: API,
    kind: 'Database',
    metadata: { ...metadata, labels: { ...labels, ...isElsewhere ? { [APP_NAMESPACE]: app.namespace } : {} }, namespace },
    spec: { name: database, owner, cluster: { name: cluster } },
  });
}

/**
 * Opens a Cluster to the app's pods, workers and jobs among them, to CloudNativePG's operator, and its servers to each other.
 *
 * @see https://cloudnative-pg.io/documentation/current/networking/
 */
export function createDatabaseNetwork(scope: Construct, app: AppModel, { connection, name }: ClusterModel): ApiObject {
  const servers = { matchLabels: { 'cnpg.io/cluster': name } };
  const operator = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': app.platform.cloudNativePgNamespace } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cloudnative-pg' } },
  };
  const postgres = { protocol: 'TCP', port: 5432 };
  return new ApiObject(scope, `connection-${connection}-network`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: databaseMetadata(app, name),
    spec: {
      podSelector: servers,
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': app.name } } }], ports: [postgres] },
        { from: [operator], ports: [postgres, { protocol: 'TCP', port: 8000 }] },
        { from: [{ podSelector: servers }] },
      ],
    },
  });
}

/** An operator may be told to hand labels on to the servers: with those of the web process they would be sent its requests. */
function databaseMetadata(app: AppModel, name: string): ApiObjectMetadata {
  return { ...objectMetadata(app, 'needs', name), labels: { ...app.labels, 'app.kubernetes.io/component': 'database' } };
}
