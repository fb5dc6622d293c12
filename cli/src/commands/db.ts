import type { Command } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { confirm } from './shared/confirm';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { duration, outputOption } from './shared/values';
import type { Backup } from '../data/backups';
import { listBackups, takeBackup } from '../data/backups';
import { copyDatabase } from '../data/copy-database';
import type { Database } from '../data/database';
import { findDatabase } from '../data/database';
import { placeOf } from '../data/place';
import type { RestorePoint } from '../data/restore';
import { originOf, restoreDatabase } from '../data/restore';
import type { Operation } from '../engine/operation';
import { withExplanation } from '../engine/operation';
import { timestamp } from '../kube/clock';
import { ago, span } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { size } from '../ui/size';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface DbFlags extends FileFlags, ClusterFlags {
  readonly app?: string;
  readonly output?: Format;
}

interface WaitFlags extends DbFlags {
  readonly timeout: number;
}

interface RestoreFlags extends WaitFlags {
  readonly to?: string;
  readonly yes?: boolean;
}

interface CopyFlags extends FileFlags, ClusterFlags {
  readonly connection?: string;
  readonly yes?: boolean;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command.description(`Back up, restore and copy the databases of an app that CloudNativePG runs.

Their names are those of the app's connections of type postgres. To use one, run webapp connect.`);
  addExamples(command,
    ['Take a backup now', 'webapp db backup db'],
    ['List the backups', 'webapp db backups db'],
    ['Bring a database back to what it was at a time', 'webapp db restore db --to 2026-11-27T09:30:00Z'],
    ['Copy the data of an app to its preview', 'webapp db copy web web-pr-12'],
  );
  defineBackup(command.command('backup'), world);
  defineBackups(command.command('backups'), world);
  defineRestore(command.command('restore'), world);
  defineCopy(command.command('copy'), world);
};

function addDatabaseFlags(command: Command): void {
  command.option('--app <name>', 'the app (default: the only app of webapp.yaml)');
  addAppFlags(command);
  addClusterFlags(command);
}

function defineBackup(command: Command, world: World): void {
  command
    .summary('take a backup now')
    .description('Take a backup of a database now, and wait until it is complete. With backups, there is one every night as well.')
    .argument('[name]', 'the name of the connection (default: the only one)')
    .option('--timeout <duration>', 'how long to wait', duration, 3600)
    .addOption(outputOption('print the backup as JSON or YAML'))
    .action(async (name: string | undefined, flags: WaitFlags) => backUp(name, flags, world));
  addDatabaseFlags(command);
  addExamples(command,
    ['Take a backup of the only database of the app of webapp.yaml', 'webapp db backup'],
    ['Take one before a migration, and fail if that takes more than 10 minutes', 'webapp db backup db --timeout 10m'],
  );
}

function defineBackups(command: Command, world: World): void {
  command
    .summary('list the backups')
    .description('List the backups of a database, the latest first. Between them, it can be restored to any time.')
    .argument('[name]', 'the name of the connection (default: the only one)')
    .addOption(outputOption('print the backups as JSON or YAML'))
    .action(async (name: string | undefined, flags: DbFlags) => list(name, flags, world));
  addDatabaseFlags(command);
  addExamples(command,
    ['List the backups of the database of the app of webapp.yaml', 'webapp db backups'],
    ['Print the name of the latest one', "webapp db backups db --output json | jq -r '.backups[0].name'"],
  );
}

function defineRestore(command: Command, world: World): void {
  command
    .summary('bring a database back to what it was')
    .description(`Replace the data of a database by that of a backup, or of a time between backups. Asks for confirmation.

A second Cluster is recovered from the backups, the database is copied from there in one transaction, and the Cluster is removed again.
Until that transaction, the app has its old data; if the restore fails, it keeps them.`)
    .argument('<name>', 'the name of the connection')
    .argument('[backup]', 'the name of a backup (default: the latest data that is stored)')
    .option('--to <time>', 'a time such as 2026-11-27T09:30:00Z, in place of a backup')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--timeout <duration>', 'how long the recovery may take', duration, 3600)
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (name: string, backup: string | undefined, flags: RestoreFlags) => restore(name, backup, flags, world));
  addDatabaseFlags(command);
  addExamples(command,
    ['Bring the database back to what it was at a time', 'webapp db restore db --to 2026-11-27T09:30:00Z'],
    ['Bring it back to a backup; a large database may take hours', 'webapp db restore db shop-db-20261127020000 --timeout 3h'],
  );
}

function defineCopy(command: Command, world: World): void {
  command
    .summary("replace the data of an app's database by that of another app")
    .description(`Replace the data of an app's database by that of another app, for example that of a preview. Asks for confirmation.

It is one transaction: if it fails, the database keeps its data. Rights that other roles were granted are not copied.`)
    .argument('<from>', 'the app whose data is copied; NAMESPACE/APP if it is in another namespace')
    .argument('<to>', 'the app whose data is replaced, likewise')
    .option('--connection <name>', 'the name of the connection, in both apps (default: the only one)')
    .option('-y, --yes', 'do not ask for confirmation')
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (from: string, to: string, flags: CopyFlags) => copy(from, to, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Copy the data of an app to its preview', 'webapp db copy web web-pr-12'],
    ['Copy one of several databases to another namespace, in a pipeline', 'webapp db copy shop/web staging/web --connection orders --yes'],
  );
}

async function backUp(name: string | undefined, flags: WaitFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const taken = await interruptible(world, progress, async signal => {
    const operation = { cluster, app, progress, signal };
    return withExplanation(findDatabase(operation, name).then(async found => takeBackup(operation, found, flags.timeout)), app.namespace);
  });
  const took = durationOf(taken);
  progress.done(`Backed up ${app.name} as ${taken.name}${took === '' ? '' : ` (${took})`}`);
  if (flags.output) world.out(formatted(taken, flags.output));
}

async function list(name: string | undefined, flags: DbFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const operation = { cluster, app, progress, signal: new AbortController().signal };
  const { database, found } = await withExplanation(findDatabase(operation, name).then(async one => (
    { database: one, found: await listBackups(cluster, one) })), app.namespace);
  if (flags.output) return world.out(formatted(found, flags.output));
  const { backups, next } = found;
  if (backups.length === 0) world.err(`${database.connection} of ${app.name} has no backups\n`);
  else world.out(table([['NAME', 'STATE', 'STARTED', 'TOOK'], ...backups.map(row)]));
  for (const { name: failed, error } of backups) if (error !== undefined) progress.warn(`${failed}: ${error}`);
  if (next !== undefined) world.err(`The next one is due at ${next}\n`);
}

function row(backup: Backup): string[] {
  const { name, state, started } = backup;
  return [name, state, started === undefined ? '' : ago(started), durationOf(backup)];
}

function durationOf({ started, ended }: Backup): string {
  return started === undefined || ended === undefined ? '' : span(Math.round((Date.parse(ended) - Date.parse(started)) / 1000));
}

async function restore(name: string, backup: string | undefined, flags: RestoreFlags, world: World): Promise<void> {
  if (backup !== undefined && flags.to !== undefined) throw new Failure('--to cannot be combined with a backup; remove one of them');
  const time = flags.to === undefined ? undefined : Date.parse(flags.to);
  if (Number.isNaN(time)) throw new Failure(`--to ${flags.to} is not a valid time; write one such as 2026-11-27T09:30:00Z`);
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  if (time !== undefined && time > cluster.clock.now()) throw new Failure(`--to ${flags.to} is in the future; write a time that is over`);
  const progress = new TerminalProgress(world);
  const operationWith = (signal: AbortSignal): Operation => ({ cluster, app, progress, signal });
  const { database, point } = await interruptible(world, progress, async signal => (
    withExplanation(pointOf(operationWith(signal), name, backup, time), app.namespace)));
  const what = backup !== undefined ? `backup ${backup}` : point.time ?? 'the latest data that is stored';
  if (!flags.yes) await confirmReplacement(database, `Its data will be replaced by ${what}`, world);
  const bytes = await interruptible(world, progress, async signal => (
    withExplanation(restoreDatabase(operationWith(signal), database, point, flags.timeout), database.namespace)));
  progress.done(`Restored ${name} of ${app.name} to ${what} (${size(bytes)})`);
  if (flags.output) world.out(formatted({ ...app, connection: name, backup, time: point.time, bytes }, flags.output));
}

async function pointOf(
  operation: Operation, name: string, backup: string | undefined, time: number | undefined,
): Promise<{ readonly database: Database; readonly point: RestorePoint }> {
  const database = await findDatabase(operation, name);
  originOf(database.cluster); // without it, nothing can be restored
  if (time !== undefined) return { database, point: { time: timestamp(time) } };
  if (backup === undefined) return { database, point: {} };
  const { backups } = await listBackups(operation.cluster, database);
  const found = backups.find(one => one.name === backup);
  if (!found) throw new Failure(`${name} has no backup ${backup}; webapp db backups ${name} lists those that it has`);
  if (found.state !== 'completed' || found.id === undefined) throw new Failure(`backup ${backup} is not complete: it is ${found.state}`);
  return { database, point: { backup: found } };
}

async function copy(from: string, to: string, flags: CopyFlags, world: World): Promise<void> {
  const [source, target] = await Promise.all([from, to].map(async given => connectTo(given, flags, world)));
  const progress = new TerminalProgress(world);
  const operationOf = ({ cluster, app }: typeof source, signal: AbortSignal): Operation => ({ cluster, app, progress, signal });
  const [first, second] = await interruptible(world, progress, async signal => Promise.all([source, target].map(async one => (
    withExplanation(findDatabase(operationOf(one, signal), flags.connection), one.app.namespace)))));
  const isSame = first.cluster.metadata.uid === second.cluster.metadata.uid && first.name === second.name;
  if (isSame) throw new Failure(`${from} and ${to} use the same database`);
  const { connection, app: { name, namespace } } = first;
  const what = `Its data will be replaced by ${connection} of ${name} in namespace ${namespace}`;
  if (!flags.yes) await confirmReplacement(second, what, world);
  const bytes = await interruptible(world, progress, async signal => withExplanation((async () => {
    const operation = operationOf(target, signal);
    return copyDatabase(operation, await placeOf(operation, first), await placeOf(operation, second));
  })(), second.namespace));
  progress.done(`Copied ${connection} of ${name} to ${second.connection} of ${second.app.name} (${size(bytes)})`);
  const ofDatabase = ({ app, connection: own }: Database) => ({ ...app, connection: own });
  if (flags.output) world.out(formatted({ from: ofDatabase(first), to: ofDatabase(second), bytes }, flags.output));
}

async function connectTo(given: string, flags: CopyFlags, world: World): Promise<Pick<Operation, 'cluster' | 'app'>> {
  const [name, namespace = flags.namespace] = given.split('/').reverse();
  const { cluster, app } = await connectToApp({ ...flags, namespace }, name, world);
  return { cluster, app: given.includes('/') ? { name, namespace: namespace! } : app };
}

async function confirmReplacement({ app: { name, namespace }, connection }: Database, what: string, world: World): Promise<void> {
  const about = `${connection} of ${name} in namespace ${namespace}:\n  ${what}\n`;
  await confirm({ about, to: 'replace it', name, otherwise: 'nothing was changed' }, world);
}
