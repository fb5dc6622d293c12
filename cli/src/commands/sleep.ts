import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import { putToSleep } from '../engine/nap';
import { withExplanation } from '../engine/operation';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface SleepFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Scale an app to zero now, without waiting for its cooldown period. The next request wakes it.

Its pods finish the requests that they have. An app with scaling.min of 1 or more does not sleep.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (name: string | undefined, flags: SleepFlags) => sleep(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Let the app of webapp.yaml sleep', 'webapp sleep'],
    ['See how long it takes to wake up', 'webapp sleep && webapp wake'],
  );
};

async function sleep(name: string | undefined, { output, ...flags }: SleepFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const progress = new TerminalProgress(world);
  const process = await interruptible(world, progress, async signal => (
    withExplanation(putToSleep({ cluster, app, progress, signal }), app.namespace)));
  if (output) world.out(formatted({ ...app, process, state: 'asleep' }, output));
}
