import { InvalidArgumentError } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { PLATFORM_FLAG, platformFor, prometheusOf } from './shared/platform';
import { duration, outputOption, sinceOption, url } from './shared/values';
import { withExplanation } from '../engine/operation';
import { findMeasured } from '../figures/measured';
import type { Metrics } from '../figures/metrics';
import { metricsOf } from '../figures/metrics';
import { metricsNow } from '../figures/metrics-now';
import { chartsOf, summaryOf } from '../figures/shown-metrics';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { drawChart, sparkline } from '../ui/chart';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import type { World } from '../ui/world';

interface MetricsFlags extends FileFlags, ClusterFlags {
  readonly worker?: string;

  /** How long, and in which steps, in seconds. */
  readonly since: number;
  readonly step?: number;
  readonly prometheus?: string;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Show requests, errors, latency, cold starts, replicas, CPU and memory of an app over a time.

The figures are those of Prometheus, where the platform names one (monitoring.prometheus in platform.yaml). Without one, they are what the
cluster knows: requests since the interceptor was started, and usage right now. On a terminal there are charts, in one row each where it is
narrow.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('-w, --worker <name>', 'the figures of this worker, or of another version such as canary, instead of the web process')
    .addOption(sinceOption('30m, 6h or 7d', 3600, '1h'))
    .option('--step <duration>', 'the time between two points, such as 5m (default: a sixtieth of the time)', step)
    .option('--prometheus <url>', "the URL of Prometheus, also of a Service of the cluster (default: the platform's)", url)
    .addOption(outputOption('print all points as JSON or YAML: latency in seconds, CPU in cores, memory in bytes'))
    .action(async (name: string | undefined, flags: MetricsFlags) => printMetrics(name, flags, world));
  command.option(...PLATFORM_FLAG);
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Show the last hour of the app of webapp.yaml', 'webapp metrics'],
    ['Show a day of its worker mailer, in steps of half an hour', 'webapp metrics --worker mailer --since 1d --step 30m'],
    ['Use a Prometheus that only the cluster reaches', 'webapp metrics web --prometheus http://prometheus.monitoring:9090'],
    ['Print when the app was woken, and how long that took',
      "webapp metrics web --since 7d --output json | jq -c '.coldStarts[]'"],
  );
};

function step(text: string): number {
  const seconds = duration(text);
  if (seconds < 15) throw new InvalidArgumentError('Write a time of 15s or more, such as 5m.');
  return seconds;
}

async function printMetrics(name: string | undefined, flags: MetricsFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const metrics = await withExplanation(read(cluster, app, flags, world), app.namespace);
  if (flags.output) return world.out(formatted({ ...app, ...metrics }, flags.output));
  print(cluster, app, metrics, flags, world);
}

async function read(cluster: Cluster, app: AppName, flags: MetricsFlags, world: World): Promise<Metrics> {
  const { process, services } = await findMeasured(cluster, app, flags.worker);
  const prometheus = prometheusOf(await platformFor(flags, cluster, app.namespace, world), cluster, flags.prometheus);
  if (!prometheus) return metricsNow(cluster, { app, process, services });
  const end = Math.floor(cluster.clock.now() / 1000);
  const seconds = flags.step ?? Math.max(15, Math.ceil(flags.since / 60));
  return metricsOf(prometheus, process, { start: end - flags.since, end, step: seconds });
}

/** From which width on charts are drawn in several rows. */
const WIDE = 80;

function print(cluster: Cluster, { name, namespace }: AppName, metrics: Metrics, { worker }: MetricsFlags, world: World): void {
  const { bold, yellow } = paint(world.color.out);
  const process = worker === undefined ? name : `${name}-${worker}`;
  world.out(`${bold(process)} in namespace ${namespace} of ${cluster.context}\n\n`);
  const rows = summaryOf(metrics, cluster.clock.now());
  world.out(table(rows.map(({ title, values }) => [title, ...values])));
  if (world.color.out && metrics.source === 'prometheus') {
    const columns = world.columns ?? WIDE;
    for (const chart of chartsOf(metrics)) {
      world.out(columns >= WIDE ? `\n${drawChart(chart, Math.min(columns, 140), true)}`
        : `\n${chart.title}\n${sparkline(chart.lines[0], columns - 1)}\n`);
    }
  }
  for (const { figures, why } of metrics.unknown) world.out(`${yellow('!')} ${figures}: ${why}\n`);
}
