import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption, timeoutOption } from './shared/values';
import { wakeUp } from '../engine/nap';
import { withExplanation } from '../engine/operation';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface WakeFlags extends FileFlags, ClusterFlags {
  readonly timeout: number;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Wake a sleeping app with a request, as a visitor would, and wait until it is ready.

It sleeps again when there have been no requests for its cooldown period. To keep it awake, run webapp scale --min 1.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(timeoutOption())
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (name: string | undefined, flags: WakeFlags) => wake(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Wake the app of webapp.yaml, before a demo for example', 'webapp wake'],
    ['Wake an app, and show its pods', 'webapp wake web --namespace shop && webapp status web --namespace shop'],
  );
};

async function wake(name: string | undefined, { timeout, output, ...flags }: WakeFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const progress = new TerminalProgress(world);
  const awake = await interruptible(world, progress, async signal => (
    withExplanation(wakeUp({ cluster, app, progress, signal, timeout }), app.namespace)));
  if (output) world.out(formatted({ ...app, ...awake }, output));
}
