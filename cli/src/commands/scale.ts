import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption, timeoutOption, wholeNumber } from './shared/values';
import { withExplanation } from '../engine/operation';
import type { Scale } from '../engine/scale';
import { newLimits, scale } from '../engine/scale';
import { findResource, scaleResource } from '../operator/client';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface ScaleFlags extends FileFlags, ClusterFlags, Scale {
  /** The worker; undefined for the web process. */
  readonly worker?: string;

  /** How long the operator may take to deploy it, where it deploys the app, in seconds. */
  readonly timeout: number;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  const pods = wholeNumber('Write a number of pods.');
  command
    .description(`Set the minimum and maximum number of pods of an app, right away. The next webapp deploy sets the file's scaling again.

If the app has a WebApp resource, that is changed, and the operator deploys it as a release.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('--min <pods>', 'the minimum; 0 lets the app sleep', pods)
    .option('--max <pods>', 'the maximum', pods)
    .option('-w, --worker <name>', 'scale this worker instead of the web process')
    .addOption(timeoutOption())
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (name: string | undefined, flags: ScaleFlags) => {
      if (flags.min === undefined && flags.max === undefined) command.error('error: pass --min, --max or both');
      await scaleApp(name, flags, world);
    });
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Prepare for a traffic peak', 'webapp scale --min 2 --max 20'],
    ['Let the app sleep again', 'webapp scale --min 0'],
    ['Give its worker mailer more pods', 'webapp scale --worker mailer --max 5'],
  );
};

async function scaleApp(name: string | undefined, flags: ScaleFlags, world: World): Promise<void> {
  const { worker, timeout, output } = flags;
  const { cluster, app } = await connectToApp(flags, name, world);
  const scaled = await withExplanation(newLimits(cluster, app, flags, worker), app.namespace);
  const { process, limits } = scaled;
  const progress = new TerminalProgress(world);
  const resource = await withExplanation(findResource(cluster, app), app.namespace);
  const release = await interruptible(world, progress, async signal => (
    resource ? scaleResource({ cluster, app, progress, signal, timeout }, resource, limits, worker)
      : withExplanation(scale(cluster, scaled), app.namespace)));
  progress.done(`Scaled ${process} to ${limits.min}–${limits.max} pods, until the next webapp deploy`);
  if (output) world.out(formatted({ ...app, process, ...limits, release: release?.number }, output));
}
