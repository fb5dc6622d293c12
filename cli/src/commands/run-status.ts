import type { Request } from '../config/load';
import { meantApp } from '../config/targets';
import { ProcessStatus, statusOf } from '../diagnose/status';
import { withExplanation } from '../engine/operation';
import { ClusterRequest, connect } from '../kube/connect';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import type { World } from '../ui/world';

/** Prints how an app is. */
export async function showStatus(
  file: Request, name: string | undefined, where: ClusterRequest, format: Format | undefined, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const status = await withExplanation(statusOf(cluster, app), app.namespace);
  if (format) return world.out(formatted(status, format));
  const { processes, latest, serving, canary, requests, url, warnings } = status;
  if (processes.length === 0 && !latest) throw new Failure(`${app.name} is not in namespace ${app.namespace}; webapp deploy brings it there`);
  const { bold, yellow } = paint(world.color.out);
  world.out(`${bold(app.name)} in namespace ${app.namespace} of ${cluster.context}${url ? `, at ${url}` : ''}\n\n`);
  world.out(table([['PROCESS', 'STATE', 'READY', 'SCALE', 'IMAGE'], ...processes.map(row)]));
  world.out('\n');
  if (requests !== undefined) world.out(`requests   ${requests} under way\n`);
  if (latest) world.out(`release    ${serving === undefined ? 'none came up' : `${serving} serves`}; the last was ${latest.number}, ${ago(latest.created)} by ${latest.by}: ${latest.why ?? latest.state}\n`);
  if (canary) world.out(`canary     ${canary.weight} percent of the requests get ${canary.image}\n`);
  for (const { name: process, problem } of processes) if (problem) world.out(`${yellow('!')} ${process}: ${problem.message}\n`);
  for (const warning of warnings.slice(-5)) world.out(`${yellow('!')} ${warning}\n`);
}

function row({ name, state, ready, wanted, min, max, image }: ProcessStatus): string[] {
  return [name, state, `${ready} of ${wanted}`, max === undefined ? 'fixed' : `${min ?? 0} to ${max}`, image];
}

/** Where a browser finds an app. */
export async function urlOf(file: Request, name: string | undefined, where: ClusterRequest, world: World): Promise<string> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const { url, latest } = await withExplanation(statusOf(cluster, app), app.namespace);
  if (url) return url;
  throw new Failure(latest ? `${app.name} has no public host` : `${app.name} is not deployed in namespace ${app.namespace}`);
}
