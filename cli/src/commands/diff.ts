import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags } from './shared/file-flags';
import type { PinFlags } from './shared/pin-flags';
import { addPinFlags } from './shared/pin-flags';
import { planningFor, planPinned, planUnbuilt } from './shared/planning';
import { outputOption } from './shared/values';
import { printWarnings } from '../config/app-plan';
import type { Fields } from '../config/merge';
import { fieldsOf, isFields } from '../config/merge';
import { withExplanation } from '../engine/operation';
import type { Change } from '../engine/preflight';
import { compareWithCluster, essence } from '../engine/preflight';
import type { KubernetesObject } from '../kube/types';
import { EXIT, Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import type { Paint } from '../ui/paint';
import { paint } from '../ui/paint';
import { TerminalProgress } from '../ui/terminal-progress';
import { diffLines, withContext } from '../ui/text-diff';
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
    const { synthesized: { objects } } = await interruptible(world, progress, async signal => (
      planUnbuilt({ cluster, app, progress, signal }, planning, plan, world)));
    // A deploy would reject fields that other managers have set, but they are differences all the same.
    const all = await withExplanation(compareWithCluster({ cluster, app, objects, force: true, compare: true }), app.namespace);
    changes.push(...all.filter(({ change }) => change !== 'unchanged' && change !== 'run').map(shownChange));
  }
  if (flags.output) world.out(formatted(changes, flags.output));
  else for (const change of changes) world.out(textOf(change, paint(world.color.out)));
  if (changes.length > 0) throw new Failure('', EXIT.differs);
  if (!flags.output) world.err('No changes\n');
}

/** A change without the values of Secrets. */
type ShownChange = Omit<Change, 'before' | 'after'> & { readonly before?: Fields; readonly after?: Fields };

function shownChange({ before, after, ...change }: Change): ShownChange {
  return { ...change, before: before && withoutSecrets(before, after), after: after && withoutSecrets(after, before) };
}

/** An object as it may be shown: of a Secret's values only whether they differ. */
function withoutSecrets(object: KubernetesObject, other: KubernetesObject | undefined): Fields {
  const fields: Fields = essence(object);
  if (object.kind !== 'Secret') return fields;
  const others: Fields = other ? essence(other) : {};
  const hidden = ['data', 'stringData'].filter(field => isFields(fields[field])).map(field => [field, hide(fields[field], others[field])]);
  return { ...fields, ...Object.fromEntries(hidden) };
}

function hide(values: unknown, others: unknown): Fields {
  const known = fieldsOf(others);
  return Object.fromEntries(Object.entries(values as Fields).map(([key, value]) => (
    [key, value === known[key] ? '(hidden)' : '(hidden, differs)'])));
}

const SIGNS = { both: ' ', before: '-', after: '+' };

function textOf({ change, kind, name, namespace, before, after }: ShownChange, { bold, red, green, dim }: Paint): string {
  const painted = { both: (text: string) => text, before: red, after: green };
  const lines = withContext(diffLines(yamlLines(before), yamlLines(after)));
  return [
    bold(`${change} ${kind} ${name}${namespace ? ` in namespace ${namespace}` : ''}`),
    ...lines.map(line => (line ? painted[line.in](`${SIGNS[line.in]} ${line.text}`) : dim('  …'))),
    '',
  ].join('\n');
}

function yamlLines(object: Fields | undefined): string[] {
  return object ? formatted(object, 'yaml').trimEnd().split('\n') : [];
}
