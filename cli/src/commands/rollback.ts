import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import type { DeployFlags } from './shared/values';
import { forceOption, outputOption, timeoutOption, wholeNumber } from './shared/values';
import { rollback } from '../engine/rollback';
import { findResource, rollbackResource } from '../operator/client';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface RollbackFlags extends FileFlags, ClusterFlags, DeployFlags {
  readonly app?: string;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Deploy an earlier release again, as a new release with the same image, environment and release command.

The file is not changed: the next webapp deploy deploys what it says.`)
    .argument('[release]', 'the number of the release (default: the one before the current release)',
      wholeNumber('Write the number of a release; webapp releases prints them.'))
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .addOption(timeoutOption())
    .addOption(forceOption())
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (number: number | undefined, flags: RollbackFlags) => rollBack(number, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Go back to the previous release', 'webapp rollback'],
    ['Go back to release 12', 'webapp rollback 12'],
  );
};

async function rollBack(number: number | undefined, flags: RollbackFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const { timeout, force, output } = flags;
  const resource = await findResource(cluster, app);
  const release = await interruptible(world, progress, async signal => (
    (resource ? rollbackResource : rollback)({ cluster, app, progress, signal, timeout, force }, number)));
  const { number: deployed, action, image, url } = release;
  if (output) world.out(formatted({ ...app, release: deployed, action, image, url }, output));
}
