import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption, timeoutOption } from './shared/values';
import { copyFiles } from '../copy/copy';
import { copyOf } from '../copy/place';
import { count, withExplanation } from '../engine/operation';
import type { Place } from '../engine/session';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { size } from '../ui/size';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface CpFlags extends FileFlags, ClusterFlags, Place {
  readonly app?: string;
  readonly timeout: number;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Copy a file or folder to a running pod of an app, or from there. An app that is asleep is woken.

A path in the app begins with a colon, or with the name of the app and a colon. What is copied goes into the target if that is a folder,
and else gets its name. The image needs sh and tar. Only /tmp and volumes are writable, and /tmp is each pod's own.`)
    .argument('<from>', 'the file or folder')
    .argument('<to>', 'where it goes')
    .option('--app <name>', 'the app (default: the one in the path, or the only app of webapp.yaml)')
    .option('-w, --worker <name>', 'a pod of this worker, or of another version such as canary, instead of the web process')
    .option('-c, --container <name>', 'this container of the pod, such as a sidecar')
    .addOption(timeoutOption())
    .addOption(outputOption('print what was copied as JSON or YAML'))
    .action(async (from: string, to: string, flags: CpFlags) => cp(from, to, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Copy a file from the app of webapp.yaml into this folder', 'webapp cp :/tmp/heap.heapsnapshot .'],
    ['Copy a folder into a volume', 'webapp cp ./media :/srv/media'],
    ['Copy from another app', 'webapp cp web:/srv/media media --namespace shop'],
    ['Copy from its worker mailer', 'webapp cp :/tmp/queue.log . --worker mailer'],
    ['Copy from its sidecar proxy', 'webapp cp :/tmp/access.log . --container proxy'],
  );
};

async function cp(from: string, to: string, flags: CpFlags, world: World): Promise<void> {
  const copy = copyOf(from, to);
  const { cluster, app } = await connectToApp(flags, flags.app ?? copy.app, world);
  const progress = new TerminalProgress(world);
  const { timeout, worker, container, output } = flags;
  const { files, bytes, skipped } = await interruptible(world, progress, async signal => (
    withExplanation(copyFiles({ cluster, app, progress, signal, timeout }, copy, { worker, container }, world.cwd), app.namespace)));
  for (const name of skipped) progress.warn(`Skipped ${name}: not a file, or a link that leads out of the folder`);
  progress.done(`Copied ${from} to ${to} (${count(files, 'file')}, ${size(bytes)})`);
  if (output) world.out(formatted({ ...app, from, to, files, bytes, skipped }, output));
}
