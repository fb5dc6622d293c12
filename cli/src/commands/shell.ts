import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { missingAttach, withSession } from './shared/session';
import { withExplanation } from '../engine/operation';
import { runCommand } from '../engine/run';
import { ASK_FOR_ROLE } from '../kube/explain';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

/** The best shell of an image. */
const SHELL = ['sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash; exec sh'];

export const define: Define = (command, world) => {
  command
    .description(`Open a shell in a new pod with the app's image, environment and files.

The pod gets no traffic, and is removed when the shell ends. To look into a pod that serves traffic, use webapp exec.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .action(async (name: string | undefined, flags: FileFlags & ClusterFlags) => openShell(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Open a shell in the environment of the app of webapp.yaml', 'webapp shell'],
    ['Open one in a pod that serves traffic', 'webapp exec -- sh'],
  );
};

async function openShell(name: string | undefined, flags: FileFlags & ClusterFlags, world: World): Promise<void> {
  if (!world.streams.isTerminal) throw new Failure('a shell needs a terminal; to run a command without one, use webapp run -- COMMAND');
  const { cluster, app } = await connectToApp(flags, name, world);
  const lacking = await withExplanation(missingAttach({ cluster, app }), app.namespace);
  if (lacking !== undefined) throw new Failure(`${lacking}; ${ASK_FOR_ROLE}`);
  const progress = new TerminalProgress(world);
  const code = await interruptible(world, progress, async signal => withSession({ tty: true }, world, progress, async session => (
    withExplanation(runCommand({ cluster, app, progress, signal }, SHELL, session), app.namespace))));
  if (code !== 0) throw new Failure('', code);
}
