import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import type { SessionFlags } from './shared/session';
import { addSessionFlags, withSession } from './shared/session';
import { timeoutOption } from './shared/values';
import { withExplanation } from '../engine/operation';
import type { Place } from '../engine/session';
import { execInApp } from '../engine/session';
import { Failure } from '../ui/failure';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface ExecFlags extends FileFlags, ClusterFlags, SessionFlags, Place {
  readonly app?: string;
  readonly timeout: number;
}

export const define: Define = (command, world) => {
  command
    .description(`Run a command in a running pod of an app. An app that is asleep is woken.

At a terminal, the command has it, with its input and Ctrl-C. It exits with the command's exit code. webapp run and webapp shell use a new
pod, which gets no traffic.`)
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .option('-w, --worker <name>', 'in a pod of this worker, or of another version such as canary, instead of the web process')
    .option('-c, --container <name>', 'in this container of the pod, such as a sidecar')
    .addOption(timeoutOption())
    .action(async (words: string[], flags: ExecFlags) => exec(words, flags, world));
  addSessionFlags(command);
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Open a shell in a running pod', 'webapp exec -- sh'],
    ['See what a process does', 'webapp exec -- ps aux'],
    ['Save what a command prints', 'webapp exec --app web -- cat /tmp/heap.heapsnapshot > heap.heapsnapshot'],
    ['Pass a file as its input', "webapp exec --stdin -- sh -c 'cat > /tmp/seed.json' < seed.json"],
    ['Print plain text, as the program has no terminal to color', 'webapp exec --no-tty -- ls /srv/media'],
    ['Look into its sidecar proxy', 'webapp exec --container proxy -- cat /etc/proxy.conf'],
    ['Look into a pod of its worker mailer', 'webapp exec --worker mailer -- ls /srv/queue'],
  );
};

async function exec(words: readonly string[], flags: ExecFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const { timeout, worker, container } = flags;
  const code = await interruptible(world, progress, async signal => withSession(flags, world, progress, async session => (
    withExplanation(execInApp({ cluster, app, progress, signal, timeout }, words, { worker, container }, session), app.namespace))));
  if (code !== 0) throw new Failure('', code);
}
