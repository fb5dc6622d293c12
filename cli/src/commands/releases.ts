import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import { summaryOf } from '../diagnose/status';
import { withExplanation } from '../engine/operation';
import { isDeployed, listReleases } from '../engine/release-store';
import { shownImage } from '../registry/reference';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { table } from '../ui/table';
import type { World } from '../ui/world';

interface ReleasesFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description('List the releases of an app that the cluster keeps: the last ten, and the one that is serving traffic.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the releases as JSON or YAML'))
    .action(async (name: string | undefined, flags: ReleasesFlags) => printReleases(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['List the releases of the app of webapp.yaml', 'webapp releases'],
    ['List the releases of an app without a file', 'webapp releases web --namespace shop'],
  );
};

async function printReleases(name: string | undefined, flags: ReleasesFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const releases = (await withExplanation(listReleases(cluster, app), app.namespace)).map(({ release }) => release);
  if (flags.output) return world.out(formatted(releases.map(summaryOf), flags.output));
  if (releases.length === 0) throw new Failure(`${app.name} has no releases in namespace ${app.namespace}; run webapp deploy first`);
  const current = releases.find(isDeployed);
  world.out(table([
    ['RELEASE', 'STATE', 'CREATED', 'ACTION', 'IMAGE', 'BY', ''],
    ...releases.map(release => {
      const { number, state, created, action, image = '', by, why = '' } = release;
      return [String(number), release === current ? 'serving' : state, ago(created), action, shownImage(image), by, why];
    }),
  ]));
}
