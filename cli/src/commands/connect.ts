import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { wholeNumber } from './shared/values';
import type { ServiceKind } from '../data/address';
import { SERVICE_KINDS } from '../data/address';
import type { OpenConnection } from '../data/connect';
import { clientCall, clientFor, connectionOf, openConnection, programVariables } from '../data/connect';
import type { Operation } from '../engine/operation';
import { withExplanation } from '../engine/operation';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { runProgram } from '../ui/program';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface ConnectFlags extends FileFlags, ClusterFlags {
  readonly app?: string;
  readonly url?: boolean;
  readonly port: number;
  readonly type?: ServiceKind;
}

export const define: Define = (command, world) => {
  command
    .description(`Connect to a database, or another service, that an app connects to: with its client, such as psql, or any other program.

A service in the cluster is reached through a tunnel, by its pod; one outside of it directly, if this computer can. The program gets the
app's credentials in its environment. It exits with the exit code of the program.`)
    .argument('[name]', 'the name of the connection, or its variable such as DATABASE_URL (default: the only connection)')
    .argument('[command...]', "a command to run with the connection's variables, after --, in place of the client")
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .option('--url', 'print a URL for other programs of this computer, with the password, and keep the tunnel open until Ctrl-C')
    .addOption(new Option('--port <number>', 'the port of this computer for the tunnel')
      .argParser(wholeNumber('Write a number such as 15432.')).default(0, 'one that is free'))
    .addOption(new Option('--type <type>', 'what the service is, if neither its URL nor its port says it').choices(SERVICE_KINDS))
    .action(async (name: string | undefined, words: string[], flags: ConnectFlags) => connect(name, words, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Open psql in the database of the connection db', 'webapp connect db'],
    ['Run a query', "webapp connect db -- psql -c 'select count(*) from orders'"],
    ['Save its data to a file', 'webapp connect db -- pg_dump -Fc > shop.dump'],
    ['Run a program of this folder with DB_URL, and the other variables of the connection', 'webapp connect db -- npm run migrate'],
    ['Use it from a graphical program', 'webapp connect db --url --port 15432'],
    ['Open redis-cli, where the app has only a host and a password', 'webapp connect cache --type redis'],
  );
};

async function connect(name: string | undefined, words: readonly string[], flags: ConnectFlags, world: World): Promise<void> {
  if (flags.url && words.length > 0) throw new Failure('--url cannot be combined with a command; remove one of them');
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const isClient = words.length === 0 && !flags.url;
  let client: string | undefined;
  const open = async (operation: Operation): Promise<OpenConnection> => {
    const found = await connectionOf(operation, { name, kind: flags.type });
    if (isClient) client = clientFor(found.connection, world);
    return openConnection(operation, found, flags.port, world);
  };
  const opened = await interruptible(world, progress, async signal => (
    withExplanation(open({ cluster, app, progress, signal }), app.namespace)));
  try {
    if (flags.url) return await printUrl(opened, progress, world);
    const call = client === undefined ? { words, env: programVariables(opened) } : clientCall(client, opened);
    const code = await runProgram(call.words, call.env, world);
    if (code !== 0) throw new Failure('', code);
  } finally {
    opened.tunnel?.close();
  }
}

/** Prints the URL; a tunnel stays open until Ctrl-C, which is its usual end. */
async function printUrl({ url, tunnel }: OpenConnection, progress: TerminalProgress, world: World): Promise<void> {
  world.out(`${url}\n`);
  if (!tunnel) return;
  progress.done('The URL works until Ctrl-C');
  await new Promise<void>(resolve => world.onInterrupt(resolve));
}
