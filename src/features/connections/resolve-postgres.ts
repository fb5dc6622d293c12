import type { Found } from './found';
import type { Connection, Postgres } from './props';
import { addressVariables } from './variables';
import type { ClusterModel } from '../../model/connections';
import { SIZES } from '../../model/sizes';

/**
 * Keys of the Secret that CloudNativePG creates for the owner of a Cluster's database, `<cluster>-app`.
 *
 * @see https://cloudnative-pg.io/documentation/current/applications/#secrets
 */
const CLUSTER_KEYS = { url: 'uri', host: 'host', port: 'port', user: 'username', password: 'password', database: 'dbname' };

/** Of a role's Secret, which may be anybody's, only these are sure to be there. */
const ROLE_KEYS = { user: 'username', password: 'password' };

/** A PostgreSQL: an existing one by its Secret, a Cluster for the app alone, or a database in a shared Cluster. */
export function resolvePostgres(found: Found, name: string, connection: Connection): void {
  const { secret, postgres = {} } = connection;
  if (secret !== undefined) return addressVariables(found, name, connection, { secret });
  if (postgres.cluster !== undefined) return resolveShared(found, name, connection, { ...postgres, cluster: postgres.cluster });
  const cluster = `${found.app.name}-${name}`;
  const { cpu, memory } = SIZES[postgres.size ?? 'm'];
  found.databases.push({
    kind: 'cluster',
    connection: name,
    name: cluster,
    instances: postgres.instances ?? 1,
    cpu,
    memory,
    storage: postgres.storage ?? '5Gi',
    storageClass: postgres.storageClass,
    image: postgres.image,
    backups: backupsOf(found, cluster, postgres),
  });
  addressVariables(found, name, connection, { secret: `${cluster}-app`, keys: connection.keys === undefined ? CLUSTER_KEYS : undefined });
}

/** In an object store of the platform's, which may be the same in all namespaces, a Cluster needs more than its name. */
function backupsOf({ app: { namespace, platform } }: Found, cluster: string, { backups: own = {} }: Postgres): ClusterModel['backups'] {
  if (own.enabled === false) return false;
  const { objectStore, schedule = '0 0 2 * * *' } = { ...platform.databaseBackups, ...own };
  if (objectStore === undefined) return undefined;
  const isShared = own.objectStore === undefined && namespace !== undefined;
  return { objectStore, schedule, serverName: isShared ? `${namespace}.${cluster}` : undefined };
}

/**
 * The object is beside its Cluster, and the app finds it by the Cluster's Service for writers.
 *
 * @see https://cloudnative-pg.io/documentation/current/service_management/
 */
function resolveShared(found: Found, name: string, connection: Connection, postgres: Postgres & { readonly cluster: string }): void {
  const { app } = found;
  const { cluster } = postgres;
  const elsewhere = postgres.clusterNamespace !== app.namespace ? postgres.clusterNamespace : undefined;
  const object = [...elsewhere && app.namespace ? [app.namespace] : [], app.name, name].join('-');
  const database = object.replace(/-/g, '_');
  const owner = postgres.owner ?? 'app';
  found.databases.push({ kind: 'database', connection: name, name: object, namespace: elsewhere, cluster, database, owner });
  const host = elsewhere ? `${cluster}-rw.${elsewhere}.svc.${app.platform.clusterDomain}` : `${cluster}-rw`;
  const url = connection.url ?? 'postgresql://$(user):$(password)@$(host):$(port)/$(database)';
  const secret = postgres.ownerSecret ?? `${cluster}-app`;
  const values = { host, port: '5432', database };
  addressVariables(found, name, { ...connection, url }, { secret, keys: ROLE_KEYS, values });
}
