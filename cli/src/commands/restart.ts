import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption, timeoutOption } from './shared/values';
import { withExplanation } from '../engine/operation';
import { restart } from '../engine/restart';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface RestartFlags extends FileFlags, ClusterFlags {
  /** The only process to restart: a worker, or another version such as `canary`. */
  readonly worker?: string;
  readonly timeout: number;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Replace the pods of an app by new ones of the same version, and wait until they are ready.

New pods start before old ones end, so there is no downtime, except for an app with a volume that only one node can mount.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('-w, --worker <name>', 'restart only this worker, or another version such as canary (default: all processes)')
    .addOption(timeoutOption())
    .addOption(outputOption('print the processes as JSON or YAML'))
    .action(async (name: string | undefined, flags: RestartFlags) => restartApp(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Restart the web process and the workers of the app of webapp.yaml', 'webapp restart'],
    ['Restart only its worker mailer', 'webapp restart --worker mailer'],
  );
};

async function restartApp(name: string | undefined, { worker, timeout, output, ...flags }: RestartFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const progress = new TerminalProgress(world);
  const processes = await interruptible(world, progress, async signal => (
    withExplanation(restart({ cluster, app, progress, signal, timeout }, worker), app.namespace)));
  if (output) world.out(formatted({ ...app, processes }, output));
}
