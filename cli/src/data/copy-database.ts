/**
 * Replaces the content of a database by that of another one, in one transaction: what fails leaves it as it was. The programs of both
 * servers are used, in their pods, so that no client is needed here, and its version always fits.
 */
import type { Database } from './database';
import type { Operation } from '../engine/operation';
import type { ExecRequest } from '../kube/api';
import type { Pod } from '../kube/types';
import { POD } from '../kube/types';
import { Failure } from '../ui/failure';
import { size } from '../ui/size';

/** The container of PostgreSQL: https://cloudnative-pg.io/documentation/current/kubectl-plugin/#psql */
const CONTAINER = 'postgres';

/** How long others may keep a table from being replaced. */
const LOCK_TIMEOUT = '30s';

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
  const { cluster: { metadata, status }, namespace, name, owner } = database;
  const primary = status?.currentPrimary;
  const pod = primary === undefined ? undefined : await objects.get({ ...POD, namespace, name: primary });
  if (!pod) {
    const phase = status?.phase ?? 'no status';
    throw new Failure(`Cluster ${metadata.name} in namespace ${namespace} has no primary server now (${phase})`);
  }
  return { pod, database: name, owner };
}

/** @returns how many bytes of SQL were copied */
export async function copyDatabase({ cluster, progress, signal }: Operation, from: Place, to: Place): Promise<number> {
  const { api } = cluster;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const extensions = await extensionsOf({ cluster, signal }, from);
  const hasSameOwner = from.owner === to.owner;
  const dump = [
    'pg_dump', '-U', 'postgres',
    ...from.hasSameRoles ? [] : ['--no-privileges'],
    // Only the owner of an extension may comment on it.
    ...hasSameOwner ? [] : ['--no-owner', '--no-comments'],
    '--dbname', from.database,
  ];
  const parts = new Queue();
  let bytes = 0;
  const dumped = run(api, from.pod, dump, {
    signal: either,
    onBytes: async part => {
      bytes += part.length;
      progress.waiting(`copying the data (${size(bytes)})`);
      await parts.put(part);
    },
  }).then(() => parts.end());
  async function* sql(): AsyncIterable<Uint8Array> {
    yield Buffer.from(beginOf(to, extensions, hasSameOwner));
    yield* parts;
    await dumped;
    // Only now: if the connection is lost before, the transaction is rolled back.
    yield Buffer.from('\nCOMMIT;\n');
  }
  const load = ['psql', '-U', 'postgres', '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--dbname', to.database];
  const loaded = run(api, to.pod, load, { signal: either, stdin: sql() });
  try {
    await Promise.all([dumped, loaded]);
    return bytes;
  } catch (error) {
    stop.abort(); // the other one need not go on
    parts.end();
    await Promise.allSettled([dumped, loaded]);
    throw error;
  }
}

/** Removes everything, and begins as a new database does: https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATTERNS */
function beginOf({ owner }: Place, extensions: readonly Extension[], hasSameOwner: boolean): string {
  const created = extensions.map(({ name, schema }) => (
    `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}; CREATE EXTENSION IF NOT EXISTS ${quoted(name)} WITH SCHEMA ${quoted(schema)};`));
  return [
    'BEGIN;',
    `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';`,
    'SET LOCAL client_min_messages = warning;',
    'DO $do$ DECLARE one text; BEGIN',
    "  FOR one IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP",
    "    EXECUTE format('DROP SCHEMA %I CASCADE', one);",
    '  END LOOP;',
    '  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;',
    'END $do$;',
    'CREATE SCHEMA public AUTHORIZATION pg_database_owner;',
    'GRANT USAGE ON SCHEMA public TO PUBLIC;',
    // What the role of an app may not create; PostgreSQL then has them already.
    ...hasSameOwner ? [] : [...created, `SET LOCAL ROLE ${quoted(owner)};`],
    '',
  ].join('\n');
}

interface Extension {
  readonly name: string;
  readonly schema: string;
}

async function extensionsOf(
  { cluster: { api }, signal }: Pick<Operation, 'cluster' | 'signal'>, from: Place,
): Promise<Extension[]> {
  const query = "SELECT json_build_object('name', extname, 'schema', nspname) FROM pg_extension e "
    + "JOIN pg_namespace n ON n.oid = extnamespace WHERE extname <> 'plpgsql' ORDER BY e.oid";
  const output: Uint8Array[] = [];
  const words = ['psql', '-U', 'postgres', '--no-psqlrc', '--tuples-only', '--no-align', '--dbname', from.database, '--command', query];
  await run(api, from.pod, words, { signal, onBytes: async part => void output.push(part) });
  return Buffer.concat(output).toString().split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Extension);
}

interface Run extends Pick<ExecRequest, 'stdin' | 'signal'> {
  readonly onBytes?: (bytes: Uint8Array) => Promise<void>;
}

/** @throws Failure with the end of its error output, if it fails */
async function run(api: Operation['cluster']['api'], pod: Pod, command: readonly string[], { onBytes, ...request }: Run): Promise<void> {
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

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Parts that are taken one after another; putting one waits until it has been taken. */
class Queue implements AsyncIterable<Uint8Array> {
  private readonly waiting: { readonly part: Uint8Array; readonly taken: () => void }[] = [];
  private isEnded = false;
  private wake = () => {};

  public async put(part: Uint8Array): Promise<void> {
    if (this.isEnded) return;
    await new Promise<void>(taken => {
      this.waiting.push({ part, taken });
      this.wake();
    });
  }

  public end(): void {
    this.isEnded = true;
    this.waiting.forEach(({ taken }) => taken());
    this.wake();
  }

  public async* [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const next = this.waiting.shift();
      if (next) {
        yield next.part;
        next.taken();
      } else if (this.isEnded) {
        return;
      } else {
        await new Promise<void>(resolve => this.wake = resolve);
      }
    }
  }
}
