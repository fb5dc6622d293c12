import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { withExplanation } from '../engine/operation';
import { runCommand } from '../engine/run';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface RunFlags extends FileFlags, ClusterFlags {
  readonly app?: string;
}

export const define: Define = (command, world) => {
  command
    .description(`Run a one-off command in a new pod with the app's image, environment and files.

It exits with the command's exit code; Ctrl-C stops the command.`)
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .action(async (words: string[], flags: RunFlags) => run(words, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Run a database migration', 'webapp run -- npm run migrate'],
    ['Run a shell command in one of several apps', "webapp run --app web -- sh -c 'echo $PORT'"],
  );
};

async function run(words: readonly string[], flags: RunFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const print = (text: string) => {
    progress.clear();
    world.out(text);
  };
  const code = await interruptible(world, progress, async signal => (
    withExplanation(runCommand({ cluster, app, progress, signal }, words, print), app.namespace)));
  if (code !== 0) throw new Failure('', code);
}
