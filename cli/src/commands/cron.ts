import type { Command } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import { listCronJobs, runCronJob } from '../engine/cron';
import { withExplanation } from '../engine/operation';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface CronFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

interface RunFlags extends FileFlags, ClusterFlags {
  readonly app?: string;
  readonly detach?: boolean;
  readonly concurrent?: boolean;
}

export const define: Define = (command, world) => {
  command
    .description('List the cron jobs of an app, with their last runs.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the cron jobs as JSON or YAML'))
    .action(async (name: string | undefined, flags: CronFlags) => printCronJobs(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  defineRun(command, world);
  addExamples(command,
    ['List the cron jobs of the app of webapp.yaml', 'webapp cron'],
    ['Run the cron job nightly now', 'webapp cron run nightly'],
  );
};

function defineRun(cron: Command, world: World): void {
  const command = cron.command('run').copyInheritedSettings(cron)
    .description(`Run a cron job now, print its log, and exit with its exit code. Ctrl-C stops it.

It runs as the cluster would run it, retries included. Its schedule stays as it is.`)
    .argument('<name>', 'the cron job, as it is called in the file')
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .option('-d, --detach', 'only start it')
    .option('--concurrent', 'start it even if it is running, and its concurrency is forbid')
    .action(async (name: string, flags: RunFlags) => runNow(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Run the cron job nightly, and wait until it has ended', 'webapp cron run nightly'],
    ['Only start it', 'webapp cron run nightly --detach'],
    ['Start it although it is running', 'webapp cron run nightly --concurrent'],
  );
}

async function printCronJobs(name: string | undefined, flags: CronFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const jobs = await withExplanation(listCronJobs(cluster, app), app.namespace);
  if (flags.output) return world.out(formatted(jobs, flags.output));
  if (jobs.length === 0) throw new Failure(`${app.name} has no cron jobs in namespace ${app.namespace}; see cronJobs in docs/cron-jobs.md`);
  const since = (time: string | undefined) => (time === undefined ? 'never' : ago(time));
  world.out(table([
    ['NAME', 'SCHEDULE', 'TIMEZONE', 'LAST RUN', 'LAST SUCCESS', 'STATE'],
    ...jobs.map(({ name: job, schedule, timezone, suspended, lastRun, lastSuccess, running }) => {
      const state = running.length > 0 ? `running (${running.join(', ')})` : suspended ? 'suspended' : 'waiting';
      return [job, schedule, timezone, since(lastRun), since(lastSuccess), state];
    }),
  ]));
}

async function runNow(name: string, { detach, concurrent, ...flags }: RunFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const onText = (text: string) => {
    progress.clear();
    world.out(text);
  };
  const code = await interruptible(world, progress, async signal => (
    withExplanation(runCronJob({ cluster, app, progress, signal }, name, { detach, concurrent, onText }), app.namespace)));
  if (code !== 0) throw new Failure('', code);
}
