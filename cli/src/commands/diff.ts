import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags } from './shared/file-flags';
import type { ShownChange } from './shared/object-diff';
import { shownChange, textOf } from './shared/object-diff';
import type { PinFlags } from './shared/pin-flags';
import { addPinFlags } from './shared/pin-flags';
import { planningFor, planPinned, planUnbuilt } from './shared/planning';
import { outputOption } from './shared/values';
import { printWarnings } from '../config/app-plan';
import { withExplanation } from '../engine/operation';
import { compareWithCluster } from '../engine/preflight';
import { EXIT, Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface DiffFlags extends FileFlags, ClusterFlags, PinFlags {
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Show what a deploy would change in the cluster. The cluster does a dry run, so its defaults are not shown as differences.
Like a deploy, it pins images to the digests that their registries have now.

The exit code is 2 if anything would change.`)
    .argument('[app...]', 'the apps to compare (default: all apps of the file)')
    .addOption(outputOption('print the changes as JSON or YAML'))
    .action(async (names: string[], flags: DiffFlags) => diff(names, flags, world));
  addPinFlags(command);
  addFileFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Compare webapp.yaml with the cluster', 'webapp diff'],
    ['Compare with another image', 'webapp diff --image ghcr.io/acme/web:1.5.0'],
  );
};

/** What to do about an object that was not deployed by this command, and cannot become what the file says. */
const REPLACE = 'webapp deploy is rejected until it is replaced; '
  + 'webapp import --from-cluster deploy/NAME prints how to do that without downtime';

/** @throws Failure with an exit code of its own if there is a difference */
async function diff(names: readonly string[], flags: DiffFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const planning = await planningFor(cluster, names, flags, world);
  const plans = await planPinned(planning, names);
  printWarnings(plans, world);
  const progress = new TerminalProgress(world);
  const changes: ShownChange[] = [];
  for (const plan of plans) {
    const { app } = plan;
    const { synthesized: { objects, generated, secretStore } } = await interruptible(world, progress, async signal => (
      planUnbuilt({ cluster, app, progress, signal }, planning, plan, world)));
    // A deploy would reject fields that other managers have set, but they are differences all the same.
    const compared = { cluster, app, objects, generated, secretStore, force: true, compare: true };
    const all = await withExplanation(compareWithCluster(compared), app.namespace);
    changes.push(...all.filter(({ change }) => change !== 'unchanged' && change !== 'run').map(shownChange));
  }
  if (flags.output) world.out(formatted(changes, flags.output));
  else for (const change of changes) world.out(textOf(change, paint(world.color.out)));
  for (const { why } of changes) if (why !== undefined) progress.warn(`${why}\n  ${REPLACE}`);
  if (changes.length > 0) throw new Failure('', EXIT.differs);
  if (!flags.output) world.err('No changes\n');
}
