import { spawn } from 'node:child_process';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { statusOf } from '../diagnose/status';
import { notDeployed, withExplanation } from '../engine/operation';
import { Failure } from '../ui/failure';
import type { World } from '../ui/world';

export const define: Define = (command, world) => {
  command
    .description('Open an app in the browser, and print its URL. Without a terminal, it only prints the URL.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .action(async (name: string | undefined, flags: FileFlags & ClusterFlags) => open(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command, ['Open the app of webapp.yaml', 'webapp open']);
};

async function open(name: string | undefined, flags: FileFlags & ClusterFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const { url, latest } = await withExplanation(statusOf(cluster, app), app.namespace);
  if (!latest) throw notDeployed(app);
  if (!url) throw new Failure(`${app.name} has no public URL`);
  world.out(`${url}\n`);
  if (!world.interactive) return;
  const [program, ...words] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? ['xdg-open'];
  spawn(program, [...words, url], { detached: true, stdio: 'ignore' }).on('error', () => undefined).unref(); // the URL has been printed
}
