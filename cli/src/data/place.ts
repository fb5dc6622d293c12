/** Programs of PostgreSQL that are run in the pods of its servers, as their superuser. */
import type { Database } from './database';
import type { Operation } from '../engine/operation';
import type { ExecRequest } from '../kube/api';
import type { Pod } from '../kube/types';
import { POD, POSTGRES_CLUSTER } from '../kube/types';
import { Failure } from '../ui/failure';

/** The container of PostgreSQL: https://cloudnative-pg.io/documentation/current/kubectl-plugin/#psql */
const CONTAINER = 'postgres';

/** A database, as the programs in its pod see it. */
export interface Place {
  readonly pod: Pod;
  readonly database: string;
  readonly owner: string;

  /** Whether the roles of both databases are the same, and keep their rights. */
  readonly hasSameRoles?: boolean;
}

/**
 * The place of a database, in the server that may be written to.
 *
 * @throws Failure if there is none now
 */
export async function placeOf({ cluster: { objects } }: Pick<Operation, 'cluster'>, database: Database): Promise<Place> {
  const { cluster: { metadata }, namespace, name, owner } = database;
  // Another server may have taken over since.
  const { status } = await objects.get({ ...POSTGRES_CLUSTER, namespace, name: metadata.name }) ?? database.cluster;
  const primary = status?.currentPrimary;
  const pod = primary === undefined ? undefined : await objects.get({ ...POD, namespace, name: primary });
  if (!pod) {
    const phase = status?.phase ?? 'no status';
    throw new Failure(`Cluster ${metadata.name} in namespace ${namespace} has no primary server now (${phase})`);
  }
  return { pod, database: name, owner };
}

interface Run extends Pick<ExecRequest, 'stdin' | 'signal'> {
  readonly onBytes?: (bytes: Uint8Array) => Promise<void>;
}

/** @throws Failure with the end of its error output, if it fails */
export async function run(
  api: Operation['cluster']['api'], pod: Pod, command: readonly string[], { onBytes, ...request }: Run,
): Promise<void> {
  let errors = '';
  const onOutput = async (bytes: Uint8Array, stream: 'stdout' | 'stderr') => {
    if (stream === 'stdout') await onBytes?.(bytes);
    else errors = (errors + Buffer.from(bytes).toString()).slice(-2000);
  };
  const { exitCode } = await api.exec(pod, { container: CONTAINER, command, onOutput, ...request });
  if (exitCode === 0) return;
  const lines = errors.trim().split('\n').slice(-5).map(line => `  ${line}`);
  throw new Failure([`${command[0]} failed in pod ${pod.metadata.name}:`, ...lines].join('\n'));
}

/** The rows that a query has, each as text. */
export async function query(
  { cluster: { api }, signal }: Pick<Operation, 'cluster' | 'signal'>, { pod, database }: Place, sql: string,
): Promise<string[]> {
  const output: Uint8Array[] = [];
  const words = ['psql', '-U', 'postgres', '--no-psqlrc', '--tuples-only', '--no-align', '--dbname', database, '--command', sql];
  await run(api, pod, words, { signal, onBytes: async part => void output.push(part) });
  return Buffer.concat(output).toString().split('\n').filter(line => line !== '');
}
