import { isKind, POSTGRES_DATABASE } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/**
 * The objects of an app whose data goes with it: a database in a shared Cluster, which CloudNativePG retains otherwise, is dropped with
 * its object.
 *
 * @see https://cloudnative-pg.io/documentation/current/declarative_database_management/
 */
export function throwAway(objects: readonly Manifest[]): Manifest[] {
  return objects.map(object => (
    isKind(object, POSTGRES_DATABASE) ? { ...object, spec: { ...object.spec as object, databaseReclaimPolicy: 'delete' } } : object));
}
