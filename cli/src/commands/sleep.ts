import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { putToSleep } from '../engine/nap';
import { withExplanation } from '../engine/operation';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

export const define: Define = (command, world) => {
  command
    .description(`Scale an app to zero now, without waiting for its cooldown period. The next request wakes it.

Its pods finish the requests that they have. An app with scaling.min of 1 or more does not sleep.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .action(async (name: string | undefined, flags: FileFlags & ClusterFlags) => sleep(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Let the app of webapp.yaml sleep', 'webapp sleep'],
    ['See how long it takes to wake up', 'webapp sleep && webapp wake'],
  );
};

async function sleep(name: string | undefined, flags: FileFlags & ClusterFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const progress = new TerminalProgress(world);
  await interruptible(world, progress, async signal => withExplanation(putToSleep({ cluster, app, progress, signal }), app.namespace));
}
