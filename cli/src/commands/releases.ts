import type { Command } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { shownChange, textOf, withoutSecrets } from './shared/object-diff';
import { outputOption, wholeNumber } from './shared/values';
import { summaryOf } from '../diagnose/status';
import { withExplanation } from '../engine/operation';
import { compareReleases } from '../engine/release-diff';
import type { Release } from '../engine/release-store';
import { isDeployed, listReleases } from '../engine/release-store';
import { settingsReferences } from '../engine/settings';
import type { Cluster } from '../kube/connect';
import { shown } from '../kube/objects';
import type { AppName, KubernetesObject } from '../kube/types';
import { shownImage } from '../registry/reference';
import type { Manifest } from '../render/synthesis';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import type { World } from '../ui/world';

interface ReleasesFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

interface ReleaseFlags extends ReleasesFlags {
  readonly app?: string;
}

export const define: Define = (command, world) => {
  command
    .description('List the releases of an app that the cluster keeps: the last ten, and the one that is serving traffic.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the releases as JSON or YAML'))
    .action(async (name: string | undefined, flags: ReleasesFlags) => printReleases(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  defineInfo(command, world);
  defineDiff(command, world);
  addExamples(command,
    ['List the releases of the app of webapp.yaml', 'webapp releases'],
    ['List the releases of an app without a file', 'webapp releases web --namespace shop'],
    ['Show release 12', 'webapp releases info 12'],
    ['Show what the latest deploy changed', 'webapp releases diff'],
  );
};

const releaseNumber = wholeNumber('Write the number of a release; webapp releases prints them.');

function defineInfo(releases: Command, world: World): void {
  const command = releases.command('info').copyInheritedSettings(releases)
    .description('Show a release: what was done, when and by whom, and its objects. The values of Secrets are not shown.')
    .argument('[release]', 'the number of the release (default: the one that is serving traffic)', releaseNumber)
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the release with its complete objects as JSON or YAML'))
    .action(async (number: number | undefined, flags: ReleaseFlags) => printRelease(number, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Show the release that is serving traffic', 'webapp releases info'],
    ['Print the objects of release 12', 'webapp releases info 12 --output yaml'],
  );
}

function defineDiff(releases: Command, world: World): void {
  const command = releases.command('diff').copyInheritedSettings(releases)
    .description('Show how the objects of two releases differ. The values of Secrets are not shown.')
    .argument('[from]', 'the number of the earlier one (default: the one deployed before the other)', releaseNumber)
    .argument('[to]', 'the number of the later one (default: the one that is serving traffic)', releaseNumber)
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the changes as JSON or YAML'))
    .action(async (from: number | undefined, to: number | undefined, flags: ReleaseFlags) => printDiff({ from, to }, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Show what the latest deploy changed', 'webapp releases diff'],
    ['Show what has changed since release 12', 'webapp releases diff 12'],
    ['Show why release 14 failed and 13 did not', 'webapp releases diff 13 14'],
  );
}

async function printReleases(name: string | undefined, flags: ReleasesFlags, world: World): Promise<void> {
  const releases = await load(name, flags, world);
  if (flags.output) return world.out(formatted(releases.all.map(summaryOf), flags.output));
  world.out(table([
    ['RELEASE', 'STATE', 'CREATED', 'ACTION', 'IMAGE', 'BY', ''],
    ...releases.any().map(release => {
      const { number, created, action, image = '', by, why = '' } = release;
      return [String(number), releases.stateOf(release), ago(created), action, shownImage(image), by, why];
    }),
  ]));
}

async function printRelease(number: number | undefined, flags: ReleaseFlags, world: World): Promise<void> {
  const releases = await load(flags.app, flags, world);
  const release = number === undefined ? releases.serving() : releases.find(number);
  const { created, action, by, image, canary, url, why } = release;
  const objects = release.objects.map(object => withoutSecrets(object as unknown as KubernetesObject));
  if (flags.output) return world.out(formatted({ ...summaryOf(release), objects }, flags.output));
  const rows: [name: string, value: string | undefined][] = [
    ['Release:', String(release.number)],
    ['State:', releases.stateOf(release)],
    ['Created:', `${created} (${ago(created)})`],
    ['Action:', action],
    ['By:', by],
    ['Image:', image && shownImage(image)],
    ['Canary:', canary && `${canary.weight}% of the traffic, ${shownImage(canary.image)}`],
    ['Config:', release.settings?.config?.keys.join(', ')],
    ['Secrets:', release.settings?.secrets?.keys.join(', ')],
    ['URL:', url],
    ['Reason:', why],
  ];
  world.out(table(rows.flatMap(([name, value]) => (value ? [[name, value]] : []))));
  world.out(`\nObjects:\n${release.objects.map(object => `  ${shown(object)}\n`).join('')}`);
}

async function printDiff(
  numbers: { readonly from?: number; readonly to?: number }, flags: ReleaseFlags, world: World,
): Promise<void> {
  const releases = await load(flags.app, flags, world);
  const to = numbers.to === undefined ? releases.serving() : releases.find(numbers.to);
  const from = numbers.from === undefined ? releases.before(to) : releases.find(numbers.from);
  const [before, after] = await Promise.all([from, to].map(async release => releases.withSettings(release)));
  const changes = compareReleases(before, after).map(shownChange);
  if (flags.output) return world.out(formatted(changes, flags.output));
  world.err(`release ${from.number} (${ago(from.created)}) → release ${to.number} (${ago(to.created)})\n`);
  for (const change of changes) world.out(textOf(change, paint(world.color.out)));
  if (changes.length === 0) world.err('No differences\n');
}

/** The releases of an app as these commands choose among them. */
class Releases {
  private readonly app: string;
  private readonly namespace: string;

  constructor(private readonly cluster: Cluster, { name, namespace }: AppName, public readonly all: readonly Release[]) {
    this.app = name;
    this.namespace = namespace;
  }

  /** All, of which there is at least one. */
  public any(): readonly Release[] {
    if (this.all.length > 0) return this.all;
    throw new Failure(`${this.app} has no releases in namespace ${this.namespace}; run webapp deploy first`);
  }

  public serving(): Release {
    const found = this.any().find(isDeployed);
    if (found) return found;
    throw new Failure(`none of the releases of ${this.app} became ready; name one of ${this.numbers}`);
  }

  public find(number: number): Release {
    const found = this.any().find(release => release.number === number);
    if (found) return found;
    throw new Failure(`${this.app} has no release ${number}; it has ${this.numbers}`);
  }

  /** The one that was deployed before another. */
  public before({ number }: Release): Release {
    const found = this.all.find(release => release.number < number && isDeployed(release));
    if (found) return found;
    throw new Failure(`${this.app} has no release deployed before release ${number}; name two of ${this.numbers}`);
  }

  public stateOf(release: Release): string {
    return release === this.all.find(isDeployed) ? 'serving' : release.staged ? 'staged' : release.state;
  }

  /** The objects of a release, and those of its settings that are still there. */
  public async withSettings({ objects, settings }: Release): Promise<Pick<Release, 'objects'>> {
    const references = settingsReferences(settings, this.namespace);
    const found = await Promise.all(references.map(async reference => this.cluster.objects.get(reference)));
    return { objects: [...objects, ...found.flatMap(object => object ? [object as unknown as Manifest] : [])] };
  }

  private get numbers(): string {
    return this.all.map(({ number }) => number).join(', ');
  }
}

async function load(name: string | undefined, flags: ReleasesFlags, world: World): Promise<Releases> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const stored = await withExplanation(listReleases(cluster, app), app.namespace);
  return new Releases(cluster, app, stored.map(({ release }) => release));
}
