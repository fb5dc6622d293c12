/** Backups of databases, which CloudNativePG takes: https://cloudnative-pg.io/documentation/current/backup/ */
import type { Database } from './database';
import { nextRun } from './next-run';
import type { Operation } from '../engine/operation';
import { timestamp, waitUntil } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { PostgresBackup } from '../kube/types';
import { POSTGRES_BACKUP, SCHEDULED_POSTGRES_BACKUP } from '../kube/types';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** A backup, as it is listed. */
export interface Backup {
  readonly name: string;

  /** `running` also before it has begun. */
  readonly state: 'completed' | 'running' | 'failed';
  readonly started?: string;
  readonly ended?: string;

  /** Why it failed. */
  readonly error?: string;
  readonly method: string;

  /** What the object store calls it. */
  readonly id?: string;
}

export interface Backups {
  /** The latest first. */
  readonly backups: readonly Backup[];

  /** When the next one is due; undefined if there is no schedule, or none whose next time is known. */
  readonly next?: string;
}

export async function listBackups({ objects, clock }: Cluster, { cluster, namespace }: Database): Promise<Backups> {
  const { name } = cluster.metadata;
  const [all, scheduled] = await Promise.all([
    objects.list(POSTGRES_BACKUP, { namespace }),
    objects.list(SCHEDULED_POSTGRES_BACKUP, { namespace }),
  ]);
  const own = all.filter(({ spec }) => spec.cluster.name === name);
  own.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1));
  const due = scheduled.filter(({ spec }) => spec.cluster.name === name && !spec.suspend)
    // CloudNativePG reports it only once the schedule has been due.
    .flatMap(({ spec, status }) => status?.nextScheduleTime ?? nextRun(spec.schedule, clock.now()) ?? []).sort();
  return { backups: own.map(backupOf), next: due.at(0) };
}

/** https://github.com/cloudnative-pg/cloudnative-pg/blob/main/api/v1/backup_types.go */
function backupOf({ metadata: { name }, spec: { method = 'barmanObjectStore' }, status = {} }: PostgresBackup): Backup {
  const { phase, error, startedAt, stoppedAt, backupId } = status;
  const isFailed = phase === 'failed' || phase === 'invalid backup definition';
  const state = phase === 'completed' ? phase : isFailed ? 'failed' : 'running';
  // The archiving of changes fails for now, which it waits for.
  const reason = error || (phase === 'walArchivingFailing' ? 'the changes of the database cannot be archived' : undefined);
  return { name, state, started: startedAt, ended: stoppedAt, error: reason, method, id: backupId };
}

/** How a Cluster is backed up, as the spec of a Backup says it; undefined if it is not. */
function methodOf({ spec: { plugins = [], backup } }: Database['cluster']): object | undefined {
  const plugin = plugins.find(({ enabled = true, isWALArchiver = false }) => enabled && isWALArchiver);
  if (plugin) return { method: 'plugin', pluginConfiguration: { name: plugin.name } };
  if (backup?.barmanObjectStore) return { method: 'barmanObjectStore' };
  return backup?.volumeSnapshot ? { method: 'volumeSnapshot' } : undefined;
}

/**
 * Takes a backup now, and waits for it.
 *
 * @throws Failure if it fails, or there is nowhere to store it
 */
export async function takeBackup(
  { cluster: { objects, clock }, progress, signal }: Operation, { app, connection, cluster, namespace }: Database, seconds: number,
): Promise<Backup> {
  const method = methodOf(cluster);
  if (!method) {
    throw new Failure([
      `${connection} of ${app.name} has no backups: its Cluster names no object store`,
      `  set connections.${connection}.postgres.backups, or databaseBackups in platform.yaml, and deploy`,
    ].join('\n'));
  }
  // As the plugin for kubectl names them.
  const name = `${cluster.metadata.name}-${timestamp(clock.now()).replace(/\D/g, '')}`;
  const labels = Object.fromEntries(Object.entries(cluster.metadata.labels ?? {}).filter(([label]) => label === 'app.kubernetes.io/name'));
  const manifest: Manifest = {
    apiVersion: POSTGRES_BACKUP.apiVersion,
    kind: POSTGRES_BACKUP.kind,
    metadata: { name, namespace, labels },
    spec: { cluster: { name: cluster.metadata.name }, ...method },
  };
  await objects.create(manifest);
  let last: Backup | undefined;
  const late = () => new Failure([
    `backup ${name} is not complete after ${seconds} s${last?.error ? `: ${last.error}` : ''}`,
    '  it goes on; webapp db backups shows its state',
  ].join('\n'));
  await waitUntil(async () => {
    const live = await objects.get({ ...POSTGRES_BACKUP, namespace, name });
    if (!live) throw new Failure(`backup ${name} was deleted`);
    last = backupOf(live);
    if (last.state === 'failed') throw new Failure(`backup ${name} failed: ${last.error ?? 'CloudNativePG does not say why'}`);
    progress.waiting(`backup ${name} is running${last.error ? ` (${last.error})` : ''}`);
    return last.state === 'completed';
  }, { clock, seconds, signal, late });
  return last!;
}
