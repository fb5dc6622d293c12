import { spawn } from 'node:child_process';
import { interruptible } from './run-deploy';
import { urlOf } from './run-status';
import type { Request } from '../config/load';
import { meantApp } from '../config/targets';
import { withExplanation } from '../engine/operation';
import { runCommand as runInCluster } from '../engine/run';
import { scale, Scale } from '../engine/scale';
import { ClusterRequest, connect } from '../kube/connect';
import { Failure } from '../ui/failure';
import { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

/** Runs a command once, and ends with its exit code. */
export async function runCommand(
  file: Request, name: string | undefined, where: ClusterRequest, command: readonly string[], world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const progress = new Lines(world);
  const code = await interruptible(world, progress, async signal => {
    const write = (text: string) => {
      progress.end();
      world.out(text);
    };
    return withExplanation(runInCluster({ cluster, app, progress, signal, timeout: 0 }, command, write), app.namespace);
  });
  if (code !== 0) throw new Failure('', code);
}

/** Sets between how many pods an app is scaled, until the next deploy. */
export async function scaleApp(file: Request, name: string | undefined, where: ClusterRequest, wanted: Scale, world: World): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const { min, max } = await withExplanation(scale(cluster, app, wanted), app.namespace);
  new Lines(world).done(`${app.name} has from ${min} to ${max} pods, until the next webapp deploy: then the file's scaling counts again`);
}

/** Opens an app in the browser, where there is somebody to look at it. */
export async function openApp(file: Request, name: string | undefined, where: ClusterRequest, world: World): Promise<void> {
  const url = await urlOf(file, name, where, world);
  world.out(`${url}\n`);
  if (!world.interactive) return;
  const [program, ...words] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? ['xdg-open'];
  spawn(program, [...words, url], { detached: true, stdio: 'ignore' }).on('error', () => undefined).unref(); // the address was printed
}
