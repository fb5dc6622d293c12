import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import { outputOption } from './shared/values';
import type { AppOverview, AppState } from '../diagnose/apps';
import { overviewOf } from '../diagnose/apps';
import { withExplanation } from '../engine/operation';
import { shownImage } from '../registry/reference';
import { ago } from '../ui/ago';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface LsFlags extends ClusterFlags {
  readonly allNamespaces?: boolean;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description('List the apps of a namespace, whichever way they were deployed. An app that is asleep is healthy.')
    .option('-n, --namespace <namespace>', "the namespace (default: the context's)")
    .option('-A, --all-namespaces', 'the apps of all namespaces that you may see')
    .addOption(outputOption('print the apps as JSON or YAML'))
    .action(async (flags: LsFlags) => list(flags, world));
  addClusterFlags(command);
  addExamples(command,
    ['List the apps of a namespace', 'webapp ls --namespace shop'],
    ['List the apps of all namespaces', 'webapp ls -A'],
    ['Print the names of apps that fail', "webapp ls -A --output json | jq -r '.[] | select(.state == \"failing\").name'"],
  );
};

async function list(flags: LsFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const namespace = flags.allNamespaces ? undefined : flags.namespace ?? cluster.namespace;
  const { apps, withoutReleases } = await withExplanation(overviewOf(cluster, namespace), namespace ?? '');
  if (flags.output) return world.out(formatted(apps, flags.output));
  if (apps.length === 0) {
    if (namespace === undefined) return world.err('There are no apps in the namespaces that you may see\n');
    return world.err(`There are no apps in namespace ${namespace}; webapp ls -A lists those of all namespaces\n`);
  }
  const columns = ['APP', 'STATE', 'SINCE', 'REPLICAS', 'RELEASE', 'IMAGE', 'URL'];
  const rows = [columns, ...apps.map(row)];
  world.out(table(namespace === undefined ? rows.map((cells, i) => [i === 0 ? 'NAMESPACE' : apps[i - 1].namespace, ...cells]) : rows));
  const { yellow } = paint(world.color.out);
  for (const { name, problem, maintenance } of apps) {
    if (maintenance) world.out(`${yellow('!')} ${name} is in maintenance: all requests get a page, and none reaches it\n`);
    if (problem) world.out(`${yellow('!')} ${name}: ${problem}\n`);
  }
  if (withoutReleases) new TerminalProgress(world).warn('releases and URLs are not shown: you are not allowed to list secrets there');
}

/** Where the number of replicas means something. */
const WITH_PODS: readonly AppState[] = ['ready', 'starting', 'paused', 'failing'];

function row({ name, state, since, ready, wanted, release, image = '', url = '' }: AppOverview): string[] {
  const replicas = WITH_PODS.includes(state) && wanted > 0 ? `${ready}/${wanted}` : '';
  return [name, state, since === undefined ? '' : ago(since), replicas, String(release ?? ''), shownImage(image), url];
}
