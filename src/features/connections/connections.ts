import type { Construct } from 'constructs';
import { createCluster, createDatabase, createDatabaseNetwork } from './database';
import { createExternalSecret } from './external-secret';
import type { AppModel } from '../../model/app';

/** Makes the objects that an app's connections need, before the app that needs them. Most need none. */
export function createConnections(scope: Construct, app: AppModel): void {
  const { databases, externalSecrets } = app.connections;
  for (const database of databases) {
    if (database.kind === 'database') {
      createDatabase(scope, app, database);
    } else {
      createCluster(scope, app, database);
      if (app.platform.networkPolicy) createDatabaseNetwork(scope, app, database);
    }
  }
  for (const secret of externalSecrets) createExternalSecret(scope, app, secret);
}

/** What is allowed of connections, and yet may not be what was meant. */
export function connectionWarnings({ connections: { databases } }: AppModel): string[] {
  const unsafe = databases.filter(database => database.kind === 'cluster' && database.backups === undefined);
  const why = 'is a PostgreSQL without backups: if its disks are lost, so is the data; set postgres.backups';
  return unsafe.map(({ connection }) => `connections.${connection} ${why}`);
}
