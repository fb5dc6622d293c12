/**
 * Waits for the databases that CloudNativePG creates for an app. Their Secrets exist long before they can be connected to: until then a
 * release command fails, which is retried a few times only, and so does an app that connects to its database when it starts.
 */
import type { DeployOperation } from './operation';
import type { Release } from './release-store';
import { DiagnosedFailure } from '../diagnose/pods';
import { waitUntil } from '../kube/clock';
import type { Reference } from '../kube/objects';
import { referenceTo, sameObject, shown } from '../kube/objects';
import type { KubernetesObject, PostgresCluster, PostgresDatabase } from '../kube/types';
import { isKind, JOB, POSTGRES_CLUSTER, POSTGRES_DATABASE } from '../kube/types';
import { isWorkload } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** Whether an object has pods that may connect to databases. */
export function usesDatabases(object: Manifest): boolean {
  return isWorkload(object) || isKind(object, JOB);
}

/** The databases among objects that a release does not have. The others exist, and an app is deployed also while one of them is down. */
export function newDatabases(objects: readonly Manifest[], current: Pick<Release, 'objects'> | undefined): Reference[] {
  const known = (current?.objects ?? []).map(object => referenceTo(object));
  return objects
    .filter(object => isKind(object, POSTGRES_CLUSTER) || isKind(object, POSTGRES_DATABASE))
    .map(object => referenceTo(object))
    .filter(reference => !known.some(other => sameObject(other, reference)));
}

/**
 * Why a database cannot be connected to yet; undefined if it can.
 *
 * @see https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/cluster_types.go
 * @see https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/database_types.go
 */
export function whyNotReady(reference: Reference, live: KubernetesObject | undefined): string | undefined {
  if (isKind(reference, POSTGRES_DATABASE)) {
    const { applied, message } = (live as PostgresDatabase | undefined)?.status ?? {};
    return applied ? undefined : message || 'CloudNativePG has not created it';
  }
  // Replicas that are still missing do not keep an app from using the primary.
  const { currentPrimary, readyInstances = 0, phase, phaseReason } = (live as PostgresCluster | undefined)?.status ?? {};
  if (currentPrimary && readyInstances > 0) return undefined;
  if (!phase) return 'CloudNativePG has not started it';
  return phaseReason ? `${phase}: ${phaseReason}` : phase;
}

/** A database that is not ready in time. */
export function lateDatabase(reference: Reference, message: string, seconds: number): DiagnosedFailure {
  const { kind, name, namespace } = reference;
  const hint = `see kubectl describe ${kind.toLowerCase()}s.postgresql.cnpg.io ${name} --namespace ${namespace}`;
  return new DiagnosedFailure({ message, hint, permanent: true }, `${shown(reference)} is not ready after ${seconds} s`);
}

/** @throws DiagnosedFailure if they are not ready in time */
export async function waitForDatabases(
  { cluster: { objects, clock }, progress, signal, timeout: seconds }: DeployOperation, databases: readonly Reference[],
): Promise<void> {
  for (const reference of databases) {
    let why: string | undefined = '';
    await waitUntil(async () => {
      why = whyNotReady(reference, await objects.get(reference));
      if (why !== undefined) progress.waiting(`waiting for ${shown(reference)} (${why})`);
      return why === undefined;
    }, { clock, seconds, signal, late: () => lateDatabase(reference, why!, seconds) });
    progress.done(`${shown(reference)} is ready`);
  }
}
