/**
 * Replaces the content of a database by that of another one, in one transaction: what fails leaves it as it was. The programs of both
 * servers are used, in their pods, so that no client is needed here, and its version always fits.
 */
import type { Place } from './place';
import { query, run } from './place';
import type { Operation } from '../engine/operation';
import { size } from '../ui/size';

/** How long others may keep a table from being replaced. */
const LOCK_TIMEOUT = '30s';

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

async function extensionsOf(operation: Pick<Operation, 'cluster' | 'signal'>, from: Place): Promise<Extension[]> {
  const rows = await query(operation, from, "SELECT json_build_object('name', extname, 'schema', nspname) FROM pg_extension e "
    + "JOIN pg_namespace n ON n.oid = extnamespace WHERE extname <> 'plpgsql' ORDER BY e.oid");
  return rows.map(row => JSON.parse(row) as Extension);
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
