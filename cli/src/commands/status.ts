import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { outputOption } from './shared/values';
import type { AppStatus, ProcessStatus } from '../diagnose/status';
import { statusOf } from '../diagnose/status';
import { notDeployed, withExplanation } from '../engine/operation';
import { findResource } from '../operator/client';
import type { ResourceCondition } from '../operator/resources';
import { shownImage } from '../registry/reference';
import { ago } from '../ui/ago';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import type { Paint } from '../ui/paint';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import type { World } from '../ui/world';

interface StatusFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description('Show the status of an app: its processes and pods, requests in progress, the current release, recent problems.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print the status as JSON or YAML'))
    .action(async (name: string | undefined, flags: StatusFlags) => printStatus(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Show the status of the app of webapp.yaml', 'webapp status'],
    ['Print the status of an app as JSON', 'webapp status web --namespace shop --output json'],
  );
};

/** The status, and of an app that the operator deploys also what that says. */
interface ShownStatus extends AppStatus {
  readonly resource?: { readonly conditions: readonly ResourceCondition[] };
}

async function printStatus(name: string | undefined, flags: StatusFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const known = await withExplanation(statusOf(cluster, app), app.namespace);
  const resource = await withExplanation(findResource(cluster, app), app.namespace);
  const { attempt: { canary } = {}, conditions } = resource?.status ?? {};
  // The release that the operator is deploying is not stored yet.
  const status: ShownStatus = {
    ...known,
    ...canary ? { canary: { image: canary.image, weight: canary.weight } } : {},
    ...resource ? { resource: { conditions: conditions ?? [] } } : {},
  };
  if (flags.output) return world.out(formatted(status, flags.output));
  if (status.processes.length === 0 && !status.latest && !resource) throw notDeployed(app);
  const colors = paint(world.color.out);
  world.out(`${colors.bold(app.name)} in namespace ${app.namespace} of ${cluster.context}\n\n`);
  if (status.processes.length > 0) {
    world.out(table([['PROCESS', 'STATE', 'READY', 'SCALE', 'IMAGE'], ...status.processes.map(row)]));
    world.out('\n');
  }
  world.out(`${table(details(status))}${problems(status, colors)}`);
}

function row({ name, state, ready, wanted, min, max, image }: ProcessStatus): string[] {
  return [name, state, `${ready}/${wanted}`, max === undefined ? 'fixed' : `${min ?? 0}–${max}`, shownImage(image)];
}

function details({ url, serving, latest, canary, maintenance, requests, settings, resource }: ShownStatus): string[][] {
  const rows: [name: string, value: string | false | undefined][] = [
    ['URL:', url],
    ['Serving:', latest && (serving === undefined ? 'no release' : `release ${serving}`)],
    ['Latest:', latest && `release ${latest.number}, ${ago(latest.created)} by ${latest.by}: ${latest.why ?? latest.state}`],
    ['Canary:', canary && `${canary.weight}% of the traffic, ${shownImage(canary.image)}`],
    ['Maintenance:', maintenance && `on since ${ago(maintenance.since)} by ${maintenance.by}; webapp maintenance off ends it`],
    ['Config:', settings?.config?.keys.join(', ')],
    ['Secrets:', settings?.secrets?.keys.join(', ')],
    ['Operator:', resource && progressOf(resource.conditions)],
    ['Requests:', requests !== undefined && `${requests} in progress`],
  ];
  return rows.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** What the operator is doing, if it does anything. */
function progressOf(conditions: readonly ResourceCondition[]): string | undefined {
  if (conditions.length === 0) return 'has not looked at it yet; check that it runs: kubectl get pods --namespace webapp-system';
  return conditions.find(({ reason }) => reason === 'Progressing')?.message;
}

/** What keeps the operator from deploying the app; whether its pods are available, the processes say. */
function refusals({ resource }: ShownStatus): string[] {
  return (resource?.conditions ?? []).filter(({ type, status, reason }) => (
    status === 'False' && reason !== 'Progressing' && ['Accepted', 'Built', 'Released', 'Routable'].includes(type)))
    .map(({ type, message }) => `${type.toLowerCase()}: ${message}`);
}

function problems(status: ShownStatus, { yellow }: Paint): string {
  const { name: app, processes, warnings } = status;
  const refused = refusals(status).map(text => `${yellow('!')} WebApp ${app} is not ${text}\n`);
  const found = processes.flatMap(({ name, problem }) => (
    problem ? [`${yellow('!')} ${name}: ${problem.message}\n`, ...problem.hint === undefined ? [] : [`    ${problem.hint}\n`]] : []));
  return [...refused, ...found, ...warnings.slice(-5).map(warning => `${yellow('!')} ${warning}\n`)].join('');
}
