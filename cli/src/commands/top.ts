import { Option } from 'commander';
import type { Define } from './command';
import { addExamples } from './shared/examples';
import type { ScopeFlags } from './shared/scope';
import { addScope, connectToScope, noApps } from './shared/scope';
import { outputOption } from './shared/values';
import { notDeployed, withExplanation } from '../engine/operation';
import { shownCpu, shownMemory, shownShare } from '../figures/units';
import type { ProcessUsage } from '../figures/usage';
import { usageOf } from '../figures/usage';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import type { World } from '../ui/world';

interface TopFlags extends ScopeFlags {
  readonly sort?: 'cpu' | 'memory';
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Show what the processes of apps use of CPU and memory right now, beside what they request and may use.

The figures are those of the cluster's metrics API, so of the last half minute or so. An app that is asleep uses nothing.`)
    .addOption(new Option('--sort <by>', 'the largest first, by this').choices(['cpu', 'memory']))
    .addOption(outputOption('print the figures as JSON or YAML, with those of each pod: CPU in cores, memory in bytes'))
    .action(async (name: string | undefined, flags: TopFlags) => top(name, flags, world));
  addScope(command);
  addExamples(command,
    ['Show all apps of a namespace', 'webapp top --namespace shop'],
    ['Find what uses most memory in the cluster', 'webapp top -A --sort memory'],
    ['Show the pods of an app', 'webapp top web --output yaml'],
  );
};

/** From which part of its memory limit on a pod is pointed out. */
const FULL = 0.9;

async function top(name: string | undefined, flags: TopFlags, world: World): Promise<void> {
  const scope = await connectToScope(flags, name, world);
  const { cluster, app, namespace } = scope;
  const found = sorted(await withExplanation(usageOf(cluster, { app, namespace }), namespace ?? ''), flags.sort);
  if (app && found.length === 0) throw notDeployed(app);
  if (flags.output) return world.out(formatted(found, flags.output));
  if (found.length === 0) return world.err(noApps(scope, 'top'));
  const rows = [['APP', 'PROCESS', 'REPLICAS', 'CPU', 'OF REQUEST', 'MEMORY', 'OF LIMIT'], ...found.map(row)];
  world.out(table(namespace === undefined ? rows.map((cells, i) => [i === 0 ? 'NAMESPACE' : found[i - 1].namespace, ...cells]) : rows));
  const { yellow } = paint(world.color.out);
  for (const note of found.flatMap(notes)) world.out(`${yellow('!')} ${note}\n`);
}

function sorted(found: readonly ProcessUsage[], by: TopFlags['sort']): readonly ProcessUsage[] {
  return by === undefined ? found : [...found].sort((a, b) => (b.usage?.[by] ?? 0) - (a.usage?.[by] ?? 0));
}

function row({ name, process, ready, wanted, usage, requests, limits }: ProcessUsage): string[] {
  const replicas = wanted === undefined ? 'job' : wanted === 0 ? 'asleep' : `${ready}/${wanted}`;
  const figures = usage
    ? [shownCpu(usage.cpu), shownShare(usage.cpu, requests.cpu), shownMemory(usage.memory), shownShare(usage.memory, limits.memory)]
    : ['', '', '', ''];
  return [name, process, replicas, ...figures];
}

function notes({ process, pods }: ProcessUsage): string[] {
  const full = pods.flatMap(({ name, usage, limits }) => {
    const share = usage && limits.memory ? usage.memory / limits.memory : 0;
    if (share < FULL) return [];
    const used = `${shownMemory(usage!.memory)} of ${shownMemory(limits.memory!)}`;
    return [`${name} uses ${used} of memory, and is killed at its limit; set a larger size, or resources.memory`];
  });
  const fresh = pods.filter(({ usage }) => !usage).length;
  return fresh === 0 ? full : [...full, `${process}: ${fresh} of ${pods.length} pods ${fresh === 1 ? 'is' : 'are'} not measured yet`];
}
