/**
 * Brings a database back to what it was: CloudNativePG recovers a second Cluster from the backups, from which the database is copied.
 * The Cluster of the app stays as it is, with its credentials and its backups, so that a restore can be taken back by another one.
 */
import type { Backup } from './backups';
import { copyDatabase } from './copy-database';
import type { Database } from './database';
import type { Place } from './place';
import { placeOf, query } from './place';
import { logLines } from '../diagnose/pods';
import type { Operation } from '../engine/operation';
import { waitUntilDeleted } from '../engine/prune';
import { waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import type { PostgresCluster } from '../kube/types';
import { holds, NETWORK_POLICY, POD, POSTGRES_CLUSTER, VOLUME_CLAIM } from '../kube/types';
import { visible } from '../kube/visible';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** What a database is brought back to: a backup, or a time; the latest state if neither is given. */
export interface RestorePoint {
  readonly backup?: Backup;

  /** As RFC 3339 has it: https://cloudnative-pg.io/documentation/current/recovery/#point-in-time-recovery-pitr */
  readonly time?: string;
}

/** The longest name of a Cluster: https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/ */
const LONGEST = 50;
const END = '-restore';

/** How long the latest changes may take to be stored, in seconds. */
const ARCHIVE_TIMEOUT = 60;

/** A part of the log of changes, and not the description of a backup: https://www.postgresql.org/docs/current/wal-internals.html */
const WAL_FILE = /^[\dA-F]{24}$/;

class Late extends Error {}

/** The name by which the recovered Cluster knows where it comes from. */
const ORIGIN = 'origin';

/**
 * Restores a database.
 *
 * @param seconds how long the recovery may take
 * @returns how many bytes of SQL were copied
 */
export async function restoreDatabase(operation: Operation, database: Database, point: RestorePoint, seconds: number): Promise<number> {
  const { cluster: { objects }, progress, signal } = operation;
  const to = await placeOf(operation, database);
  if (point.time !== undefined) await archive(operation, to);
  const manifest = recoveredCluster(database, point);
  const reference = { ...POSTGRES_CLUSTER, namespace: database.namespace, name: manifest.metadata.name };
  const policy = await policyLike(operation, database, reference.name);
  const remove = async () => {
    await objects.remove(reference);
    if (policy) await objects.remove(referenceTo(policy));
  };
  await remove(); // those of a restore that was killed
  await waitUntilDeleted({ cluster: operation.cluster, signal }, reference, `the earlier Cluster ${reference.name}`);
  await waitUntilGone(operation, reference.name, database, seconds);
  try {
    if (policy) await objects.create(policy);
    await objects.create(manifest);
    const recovered = await waitForCluster(operation, reference.name, database, seconds);
    progress.done(`Recovered Cluster ${reference.name}`);
    const from = await placeOf(operation, { ...database, cluster: recovered });
    return await copyDatabase(operation, { ...from, hasSameRoles: true }, await placeOf(operation, database));
  } finally {
    await remove();
  }
}

/**
 * Has the changes until now stored. PostgreSQL recovers to a time only if it finds a later transaction, which an idle database does not
 * have, and what is not stored yet cannot be recovered.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-RECOVERY-TARGET-TIME
 */
async function archive(operation: Operation, place: Place): Promise<void> {
  const { cluster: { clock }, progress, signal } = operation;
  await query(operation, place, 'SELECT txid_current()'); // is a transaction
  const [file] = await query(operation, place, 'SELECT pg_walfile_name(pg_switch_wal())');
  const late = () => new Late();
  try {
    await waitUntil(async () => {
      progress.waiting('waiting until the latest changes are stored');
      const [stored = ''] = await query(operation, place, 'SELECT last_archived_wal FROM pg_stat_archiver');
      return WAL_FILE.test(stored) && stored >= file;
    }, { clock, seconds: ARCHIVE_TIMEOUT, signal, late });
  } catch (error) {
    if (!(error instanceof Late)) throw error;
    progress.warn(`the latest changes were not stored within ${ARCHIVE_TIMEOUT} s: data of the last minutes may not be recovered`);
  }
}

/** What lets CloudNativePG's operator reach the Cluster, as it does the other one; undefined if that has no policy of its own. */
async function policyLike({ cluster: { objects } }: Operation, database: Database, name: string): Promise<Manifest | undefined> {
  const { cluster: { metadata: { name: original } }, namespace } = database;
  const live = await objects.get({ ...NETWORK_POLICY, namespace, name: original });
  if (!live) return undefined;
  const { apiVersion, kind } = NETWORK_POLICY;
  const label = (cluster: string) => `"cnpg.io/cluster":"${cluster}"`;
  const spec = JSON.parse(JSON.stringify(live.spec).replaceAll(label(original), label(name))) as object;
  return { apiVersion, kind, metadata: { name, namespace, ownerReferences: [ownedBy(database)] }, spec } as unknown as Manifest;
}

/** If this process is killed, what it has created goes with the Cluster of the app. */
function ownedBy({ cluster: { metadata: { name, uid } } }: Database): object {
  return { apiVersion: POSTGRES_CLUSTER.apiVersion, kind: POSTGRES_CLUSTER.kind, name, uid };
}

/**
 * A Cluster like that of the database, of one server and without backups of its own.
 *
 * @see https://cloudnative-pg.io/documentation/current/recovery/
 */
function recoveredCluster(database: Database, { backup, time }: RestorePoint): Manifest {
  const { cluster, namespace } = database;
  const { metadata: { name, labels = {} }, spec: { imageName, storage, resources } } = cluster;
  const target = time !== undefined ? { targetTime: time } : backup ? { backupID: backup.id, targetImmediate: true } : undefined;
  return {
    apiVersion: POSTGRES_CLUSTER.apiVersion,
    kind: POSTGRES_CLUSTER.kind,
    metadata: {
      name: `${name.slice(0, LONGEST - END.length)}${END}`,
      namespace,
      labels: Object.fromEntries(Object.entries(labels).filter(([label]) => label === 'app.kubernetes.io/name')),
      ownerReferences: [ownedBy(database)],
    },
    spec: {
      instances: 1,
      enablePDB: false,
      imageName,
      storage,
      resources,
      bootstrap: { recovery: { source: ORIGIN, recoveryTarget: target } },
      externalClusters: [{ name: ORIGIN, ...originOf(cluster) }],
    },
  } as unknown as Manifest;
}

/**
 * Where the backups of a Cluster are.
 *
 * @throws Failure if there are none
 */
export function originOf({ metadata, spec: { plugins = [], backup } }: PostgresCluster): object {
  const plugin = plugins.find(({ enabled = true, isWALArchiver = false }) => enabled && isWALArchiver);
  if (plugin) return { plugin: { name: plugin.name, parameters: { serverName: metadata.name, ...plugin.parameters } } };
  if (backup?.barmanObjectStore) return { barmanObjectStore: { serverName: metadata.name, ...backup.barmanObjectStore } };
  throw new Failure(`Cluster ${metadata.name} has no backups in an object store, so that it cannot be restored`);
}

/**
 * Waits until nothing is left of an earlier Cluster of that name. CloudNativePG knows pods and volumes by the name of their Cluster, and
 * would take a server that still ends, with what was recovered before, for that of the new one. They outlive their Cluster by seconds.
 */
async function waitUntilGone(
  { cluster, progress, signal }: Operation, name: string, { namespace }: Database, seconds: number,
): Promise<void> {
  const labels = { 'cnpg.io/cluster': name };
  const late = () => new Failure(`pods or volumes of the earlier Cluster ${name} still exist after ${seconds} s`);
  await waitUntil(async () => {
    const left = [...await visible(cluster, POD, { namespace, labels }), ...await visible(cluster, VOLUME_CLAIM, { namespace, labels })];
    if (left.length) progress.waiting(`waiting until the earlier Cluster ${name} is gone`);
    return !left.length;
  }, { clock: cluster.clock, seconds, signal, late });
}

async function waitForCluster(
  { cluster, progress, signal }: Operation, name: string, { namespace }: Database, seconds: number,
): Promise<PostgresCluster> {
  const { objects, clock } = cluster;
  let live: PostgresCluster | undefined;
  const phase = () => live?.status?.phase ?? 'waiting for CloudNativePG';
  const late = () => new Failure(`Cluster ${name} was not recovered within ${seconds} s (${phase()}), and was removed`);
  await waitUntil(async () => {
    live = await objects.get({ ...POSTGRES_CLUSTER, namespace, name });
    if (!live) throw new Failure(`Cluster ${name} was deleted`);
    progress.waiting(`recovering Cluster ${name} (${phase()})`);
    if (holds(live, 'Ready')) return true;
    const failed = await failureOf(cluster, name, namespace);
    if (failed !== undefined) throw new Failure(`Cluster ${name} could not be recovered, and was removed: ${failed}`);
    return false;
  }, { clock, seconds, signal, late });
  return live!;
}

/** How often a recovery may fail: each is tried again, and the store may have been unreachable for a moment. */
const TRIES = 2;

/**
 * Why a Cluster cannot be recovered, which only the log of its Job says; undefined as long as it may be.
 *
 * @see https://github.com/cloudnative-pg/cloudnative-pg/blob/main/pkg/specs/jobs.go
 */
async function failureOf(cluster: Cluster, name: string, namespace: string): Promise<string | undefined> {
  const labels = { 'cnpg.io/cluster': name, 'cnpg.io/jobRole': 'full-recovery' };
  const pods = await visible(cluster, POD, { namespace, labels });
  const failed = pods.filter(({ status }) => status?.phase === 'Failed');
  if (failed.length < TRIES) return undefined;
  const lines = await logLines(cluster, failed[0], { container: failed[0].spec.containers[0].name });
  const errors = lines.flatMap(line => errorIn(line) ?? []);
  return errors.at(-1) ?? lines.at(-1) ?? 'its log does not say why';
}

/** The error that a line of CloudNativePG's log has: https://cloudnative-pg.io/documentation/current/logging/ */
function errorIn(line: string): string | undefined {
  try {
    const { error } = JSON.parse(line) as { readonly error?: string };
    return error?.replace('rpc error: code = Unknown desc = ', '');
  } catch {
    return undefined;
  }
}
