import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import type { SessionFlags } from './shared/session';
import { addSessionFlags, missingAttach, withSession } from './shared/session';
import { withExplanation } from '../engine/operation';
import { runCommand } from '../engine/run';
import { ASK_FOR_ROLE } from '../kube/explain';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface RunFlags extends FileFlags, ClusterFlags, SessionFlags {
  readonly app?: string;
}

export const define: Define = (command, world) => {
  command
    .description(`Run a one-off command in a new pod with the app's image, environment and files.

At a terminal, the command has it, with its input and Ctrl-C. It exits with the command's exit code, and the pod is removed.`)
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .action(async (words: string[], flags: RunFlags) => run(words, flags, world));
  addSessionFlags(command);
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Run a database migration', 'webapp run -- npm run migrate'],
    ['Open a console', 'webapp run -- bin/rails console'],
    ['Run a shell command in one of several apps', "webapp run --app web -- sh -c 'echo $PORT'"],
    ['Print plain text, as the program has no terminal to color', 'webapp run --no-tty -- npm test'],
    ['Pass a file as its input', 'webapp run --stdin -- node import.js < products.csv'],
  );
};

async function run(words: readonly string[], flags: RunFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const hasTerminal = flags.tty && world.streams.isTerminal;
  const lacking = hasTerminal || flags.stdin ? await withExplanation(missingAttach({ cluster, app }), app.namespace) : undefined;
  if (lacking !== undefined && flags.stdin) throw new Failure(`${lacking}, which --stdin needs; ${ASK_FOR_ROLE}`);
  if (lacking !== undefined) progress.warn(`the command has no terminal and no input: ${lacking}`);
  const session = lacking === undefined ? flags : { tty: false };
  const code = await interruptible(world, progress, async signal => withSession(session, world, progress, async streams => (
    withExplanation(runCommand({ cluster, app, progress, signal }, words, streams), app.namespace))));
  if (code !== 0) throw new Failure('', code);
}
