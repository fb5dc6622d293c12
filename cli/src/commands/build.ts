import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags, configOptions } from './shared/file-flags';
import { outputOption, rebuildOption, timeoutOption } from './shared/values';
import { planApps, printWarnings } from '../config/app-plan';
import { Config } from '../config/config';
import { folderOf, isUnbuilt, withPlaceholders } from '../config/unbuilt';
import { withExplanation } from '../engine/operation';
import type { Cluster } from '../kube/connect';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface BuildFlags extends FileFlags, ClusterFlags {
  readonly push?: boolean;
  readonly rebuild?: boolean;
  readonly timeout: number;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Build the images of the apps from their folders, and print them as webapp deploy --image takes them.

Nothing is deployed. What was built before from the same source is not built again.`)
    .argument('[app...]', 'the apps to build (default: all apps of the file that webapp deploy would build)')
    .option('--push', 'push the image to the registry even if the cluster is on this computer; without a kubeconfig, no cluster is needed')
    .addOption(rebuildOption())
    .addOption(timeoutOption())
    .addOption(outputOption('print the images as JSON or YAML'))
    .action(async (names: string[], flags: BuildFlags) => build(names, flags, world));
  addFileFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Build the image of the app of webapp.yaml', 'webapp build'],
    ['Build in one step of a pipeline, and deploy in another', 'image=$(webapp build --push)', 'webapp deploy --image "$image"'],
  );
};

async function build(names: readonly string[], flags: BuildFlags, world: World): Promise<void> {
  const { push, rebuild, timeout, output } = flags;
  const cluster = await clusterIfAny(flags, world);
  const options = configOptions(flags);
  const namespace = options.namespace ?? cluster?.namespace ?? 'default';
  const config = withPlaceholders(await Config.load({ ...options, namespace }, world), names, names.length > 0);
  const plans = (await planApps(config, names)).filter(isUnbuilt);
  if (plans.length === 0) throw new Failure('all apps of the file have an image, so there is nothing to build; name those to build');
  printWarnings(plans, world);
  const { buildFolder } = await import('../build/build-folder');
  const images: { readonly app: string; readonly image: string }[] = [];
  for (const { app } of plans) {
    const progress = new TerminalProgress(world);
    const { image } = await interruptible(world, progress, async signal => withExplanation(
      buildFolder({ cluster, app, progress, signal, timeout }, folderOf(config, app.name), world, {
        announce: line => world.err(`${line}\n`), push, rebuild,
      }), app.namespace));
    images.push({ app: app.name, image });
  }
  if (output) return world.out(formatted(images, output));
  // The form of --image.
  const isOne = config.apps.length === 1;
  for (const { app, image } of images) world.out(isOne ? `${image}\n` : `${app}=${image}\n`);
}

/** A pipeline that builds on its own computer, and pushes, needs no cluster. */
async function clusterIfAny(flags: BuildFlags, world: World): Promise<Cluster | undefined> {
  try {
    return await connectToCluster(flags, world);
  } catch (error) {
    if (flags.push && error instanceof Failure) return undefined;
    throw error;
  }
}
