import type { Define } from './command';
import { addExamples } from './shared/examples';
import { PLATFORM_FLAG, platformFor, prometheusOf } from './shared/platform';
import type { Scope, ScopeFlags } from './shared/scope';
import { addScope, connectToScope, noApps } from './shared/scope';
import { outputOption, sinceOption, url } from './shared/values';
import { isFields } from '../config/merge';
import { notDeployed, withExplanation } from '../engine/operation';
import type { Costs, Hours, ProcessCost } from '../figures/cost';
import { costOf } from '../figures/cost';
import { WITHOUT_PROMETHEUS } from '../figures/metrics-now';
import { span } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import type { World } from '../ui/world';
import type { Prices } from 'cdk8s-webapp';

interface CostFlags extends ScopeFlags {
  readonly since: number;
  readonly prometheus?: string;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Show what the processes of apps requested of CPU and memory over a time, how long they were asleep, and what that saved.

With prices in platform.yaml, these are amounts of money; without, hours of a CPU core and of a GiB of memory. What sleeping saved is what
one replica would have requested in the meantime. The past is known by Prometheus, where the platform names one (monitoring.prometheus);
without one, the figures are those of one hour as it is now, and what sleeping has saved since the last request.`)
    .addOption(sinceOption('24h or 30d', 7 * 86_400, '7d'))
    .option('--prometheus <url>', "the URL of Prometheus, also of a Service of the cluster (default: the platform's)", url)
    .addOption(outputOption('print the figures as JSON or YAML'))
    .action(async (name: string | undefined, flags: CostFlags) => printCost(name, flags, world));
  command.option(...PLATFORM_FLAG);
  addScope(command);
  addExamples(command,
    ['Show the last week of all apps of a namespace', 'webapp cost --namespace shop'],
    ['Show the last month of all apps of the cluster', 'webapp cost -A --since 30d'],
    ['Use a Prometheus that is forwarded to this computer', 'webapp cost --prometheus http://localhost:9090'],
    ['Print what sleeping saved', "webapp cost -A --output json | jq '[.processes[].savedCost // 0] | add'"],
  );
};

async function printCost(name: string | undefined, flags: CostFlags, world: World): Promise<void> {
  const scope = await connectToScope(flags, name, world);
  const { app, namespace } = scope;
  const costs = await withExplanation(read(scope, flags, world), namespace ?? '');
  if (app && costs.processes.length === 0) throw notDeployed(app);
  if (flags.output) return world.out(formatted(costs, flags.output));
  if (costs.processes.length === 0) return world.err(noApps(scope, 'cost'));
  print(costs, namespace === undefined, world);
}

async function read({ cluster, app, namespace }: Scope, flags: CostFlags, world: World): Promise<Costs> {
  const platform = await platformFor(flags, cluster, namespace ?? cluster.namespace, world);
  const prometheus = prometheusOf(platform, cluster, flags.prometheus);
  return costOf(cluster, { app, namespace, prometheus, prices: pricesOf(platform.prices), seconds: flags.since });
}

/** @throws Failure for prices that nobody can reckon with */
function pricesOf(prices: unknown): Prices | undefined {
  if (prices === undefined) return undefined;
  const { cpu, memory } = isFields(prices) ? prices : {};
  if (typeof cpu === 'number' && typeof memory === 'number') return prices as unknown as Prices;
  throw new Failure('prices in the platform file need cpu and memory, the price of an hour of each; webapp check says more');
}

function print({ source, hours, currency, processes }: Costs, hasNamespaces: boolean, world: World): void {
  const money = (value: number | undefined) => (
    value === undefined ? '' : `${value.toFixed(value > 0 && value < 0.1 ? 4 : 2)} ${currency}`);
  const isNow = source === 'cluster';
  const amount = (value: Hours | undefined) => (
    value && value.cpu + value.memory > 0 ? `${shown(value.cpu)} CPU h, ${shown(value.memory)} GiB h` : '');
  const saved = ({ saved: unpriced, savedCost }: ProcessCost) => (currency ? (savedCost ? money(savedCost) : '') : amount(unpriced));
  const head = ['APP', 'PROCESS', 'CPU HOURS', 'GIB HOURS', ...currency ? ['COST'] : [], 'ASLEEP', 'SAVED'];
  const rows = processes.map(one => [
    one.name, one.process, shown(one.requested.cpu), shown(one.requested.memory), ...currency ? [money(one.cost)] : [],
    asleep(one), saved(one),
  ]);
  const sum = (of: (one: ProcessCost) => number | undefined) => processes.reduce((total, one) => total + (of(one) ?? 0), 0);
  const savedTotal = { cpu: sum(one => one.saved?.cpu), memory: sum(one => one.saved?.memory) };
  const total = [
    'total', '', shown(sum(one => one.requested.cpu)), shown(sum(one => one.requested.memory)),
    ...currency ? [money(sum(one => one.cost))] : [], '', currency ? money(sum(one => one.savedCost)) : amount(savedTotal),
  ];
  world.out(isNow ? 'One hour as it is now:\n\n' : `The last ${span(hours * 3600)}:\n\n`);
  const all = [head, ...rows, total];
  const spaces = ['NAMESPACE', ...processes.map(({ namespace }) => namespace), ''];
  world.out(table(hasNamespaces ? all.map((cells, i) => [spaces[i], ...cells]) : all));
  const { yellow } = paint(world.color.out);
  if (isNow) world.out(`${yellow('!')} what was requested over a time, and how much of it apps were asleep: ${WITHOUT_PROMETHEUS}\n`);
}

function asleep({ asleep: share, asleepHours }: ProcessCost): string {
  if (share !== undefined) return `${Math.round(100 * share)}%`;
  return asleepHours === undefined ? '' : `for ${span(asleepHours * 3600)}`;
}

function shown(hours: number): string {
  return hours.toFixed(hours >= 10 ? 1 : hours >= 0.1 || hours === 0 ? 2 : 4);
}
