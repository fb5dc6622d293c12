import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { wholeNumber } from './shared/values';
import { withExplanation } from '../engine/operation';
import type { Scale } from '../engine/scale';
import { scale } from '../engine/scale';
import { findResource } from '../operator/client';
import { Failure } from '../ui/failure';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface ScaleFlags extends FileFlags, ClusterFlags, Scale {
  /** The worker; undefined for the web process. */
  readonly worker?: string;
}

export const define: Define = (command, world) => {
  const pods = wholeNumber('Write a number of pods.');
  command
    .description("Set the minimum and maximum number of pods of an app, right away. The next webapp deploy sets the file's scaling again.")
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('--min <pods>', 'the minimum; 0 lets the app sleep', pods)
    .option('--max <pods>', 'the maximum', pods)
    .option('-w, --worker <name>', 'scale this worker instead of the web process')
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
  const { cluster, app } = await connectToApp(flags, name, world);
  if (await findResource(cluster, app)) {
    throw new Failure(`${app.name} has a WebApp resource, which the operator obeys: set scaling in it, and deploy`);
  }
  const scaled = await withExplanation(scale(cluster, app, flags, flags.worker), app.namespace);
  const { process, min, max } = scaled;
  new TerminalProgress(world).done(`Scaled ${process} to ${min}–${max} pods, until the next webapp deploy`);
}
