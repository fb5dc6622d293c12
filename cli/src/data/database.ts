import { connectionOf } from './connect';
import { findTarget } from './target';
import type { Operation } from '../engine/operation';
import type { AppName, PostgresCluster } from '../kube/types';
import { POSTGRES_CLUSTER } from '../kube/types';
import { Failure } from '../ui/failure';

/** A database of an app that CloudNativePG runs. */
export interface Database {
  readonly app: AppName;

  /** The name of the connection. */
  readonly connection: string;
  readonly cluster: PostgresCluster;

  /** The namespace of the Cluster, which may be shared. */
  readonly namespace: string;

  /** Its name in PostgreSQL, and the role that the app has there. */
  readonly name: string;
  readonly owner: string;
}

/** The end of the name of the Service for writers: https://cloudnative-pg.io/documentation/current/service_management/ */
const WRITERS = '-rw';

/**
 * The database of a connection of an app.
 *
 * @param connection its name; by default the only one
 * @throws Failure if CloudNativePG does not run it
 */
export async function findDatabase(operation: Operation, connection?: string): Promise<Database> {
  const { cluster: { objects }, app } = operation;
  const { connection: { name, address }, workload } = await connectionOf(operation, { name: connection });
  const { kind, host, port, database, user } = address;
  const refused = (reason: string) => new Failure([
    `${name} of ${app.name} is not a database that CloudNativePG runs: ${reason}`,
    `  use the tools of what runs it, or webapp connect ${name} -- pg_dump`,
  ].join('\n'));
  if (kind !== 'postgres' || port === undefined) throw refused('it is not PostgreSQL');
  const target = await findTarget({ cluster: operation.cluster, app, workload, host, port });
  const service = 'service' in target ? target.service : undefined;
  if (!('namespace' in target) || !service?.endsWith(WRITERS)) throw refused(`its host is ${host}`);
  const { namespace } = target;
  const cluster = await objects.get({ ...POSTGRES_CLUSTER, namespace, name: service.slice(0, -WRITERS.length) });
  if (!cluster) throw refused(`there is no Cluster ${service.slice(0, -WRITERS.length)} in namespace ${namespace}`);
  if (database === undefined || user === undefined) throw refused('its variables name no database and no user');
  return { app, connection: name, cluster, namespace, name: database, owner: user };
}
