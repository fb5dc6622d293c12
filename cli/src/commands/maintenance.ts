import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import type { DeployFlags } from './shared/values';
import { forceOption, outputOption, timeoutOption } from './shared/values';
import { fieldsOf } from '../config/merge';
import { deploy } from '../engine/deploy';
import { canAnswer, maintenanceAction } from '../engine/maintenance';
import type { DeployOperation } from '../engine/operation';
import { notDeployed, withExplanation } from '../engine/operation';
import type { Release } from '../engine/release-store';
import { contentOf, currentRelease, listReleases } from '../engine/release-store';
import { timestamp } from '../kube/clock';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { PAGE } from '../maintenance/page';
import { changeResource, findResource } from '../operator/client';
import type { WebAppResource } from '../operator/resources';
import { ago } from '../ui/ago';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface ShowFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

interface SwitchFlags extends ShowFlags, DeployFlags {
  readonly page?: string;
}

export const define: Define = (command, world) => {
  command
    .description(`Show whether an app is in maintenance: whether all requests get a page, and none reaches the app.

It stays on through deploys and rollbacks until it is switched off. The app's pods, workers and cron jobs keep running.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .addOption(outputOption('print it as JSON or YAML'))
    .action(async (name: string | undefined, flags: ShowFlags) => show(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  defineSwitch(command, true, world);
  defineSwitch(command, false, world);
  addExamples(command,
    ['Answer all requests with a page', 'webapp maintenance on'],
    ['With a page of your own', 'webapp maintenance on --page maintenance.html'],
    ['Let the app answer again', 'webapp maintenance off'],
  );
};

function defineSwitch(parent: Command, isOn: boolean, world: World): void {
  const command = parent.command(isOn ? 'on' : 'off').copyInheritedSettings(parent)
    .description(isOn
      ? 'Answer all requests to an app with a page, with status 503. It stays on, also through deploys, until webapp maintenance off.'
      : 'Let an app answer its requests again.')
    .argument('[app]', 'the app (default: the only app of webapp.yaml)');
  if (isOn) command.option('--page <file>', 'an HTML file of up to 512 KiB, in place of the page of this command');
  command
    .addOption(timeoutOption())
    .addOption(forceOption())
    .addOption(outputOption('print the result as JSON or YAML'))
    .action(async (name: string | undefined, flags: SwitchFlags) => switchMaintenance(isOn, name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command, ...isOn
    ? [
      ['Answer all requests of the app of webapp.yaml with a page', 'webapp maintenance on'] as [string, string],
      ['With a page of your own', 'webapp maintenance on web --page maintenance.html'] as [string, string],
    ]
    : [['Let the app of webapp.yaml answer again', 'webapp maintenance off'] as [string, string]]);
}

/** Whether an app is in maintenance, and since when. */
interface State {
  readonly maintenance: boolean;
  readonly since?: string;
  readonly by?: string;
}

async function show(name: string | undefined, flags: ShowFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const resource = await withExplanation(findResource(cluster, app), app.namespace);
  const state = resource ? stateOfResource(resource) : stateOf(await currentOf(cluster, app));
  if (flags.output) return world.out(formatted({ ...app, ...state }, flags.output));
  world.out(state.maintenance
    ? `${app.name} is in maintenance${state.since === undefined ? '' : `, since ${ago(state.since)} by ${state.by}`}\n`
    : `${app.name} is not in maintenance\n`);
}

async function switchMaintenance(isOn: boolean, name: string | undefined, flags: SwitchFlags, world: World): Promise<void> {
  const page = flags.page === undefined ? undefined : readPage(flags.page, world);
  const { cluster, app } = await connectToApp(flags, name, world);
  const { timeout, force, output } = flags;
  const progress = new TerminalProgress(world);
  const resource = await withExplanation(findResource(cluster, app), app.namespace);
  const state = await interruptible(world, progress, async (signal): Promise<State> => {
    const operation = { cluster, app, progress, signal, timeout, force };
    return resource ? switchResource(operation, resource, isOn, page) : switchApp(operation, isOn, page);
  });
  if (output) world.out(formatted({ ...app, ...state }, output));
}

async function switchApp(operation: DeployOperation, isOn: boolean, given: string | undefined): Promise<State> {
  const { cluster, app, progress } = operation;
  const current = await currentOf(cluster, app);
  const { maintenance: before, objects, preview } = current;
  if (!isOn && !before) {
    progress.done(`${app.name} is not in maintenance`);
    return { maintenance: false };
  }
  if (isOn && before && (given === undefined || given === before.page)) {
    progress.done(`${app.name} is in maintenance already`);
    return { maintenance: true, since: before.since, by: before.by };
  }
  if (!canAnswer(objects)) {
    throw new Failure(`${app.name} is not scaled by HTTP through an InterceptorRoute, so nothing in front of it can answer with a page
  set scaling.concurrency in the file, and deploy; the platform's httpAddon.api must not be v1alpha1`);
  }
  const page = given ?? before?.page ?? PAGE;
  const since = before?.since ?? timestamp(cluster.clock.now());
  const maintenance = isOn ? { page, since, by: before?.by ?? cluster.user } : null;
  const action = maintenanceAction(isOn);
  const release = await deploy(operation, { action, maintenance, ...contentOf(current), preview });
  progress.done(isOn ? `${app.name} is in maintenance, until webapp maintenance off` : `${app.name} answers its requests again`);
  return stateOf(release);
}

/** A resource says it itself; the operator does the rest. */
async function switchResource(
  operation: DeployOperation, resource: WebAppResource, isOn: boolean, page: string | undefined,
): Promise<State> {
  const { app, progress } = operation;
  const { body } = fieldsOf(fieldsOf(resource.spec).maintenance);
  const wanted = isOn ? { body: page ?? body ?? PAGE, enabled: true } : body === undefined ? null : { enabled: false };
  await changeResource(operation, resource, { maintenance: wanted }, maintenanceAction(isOn));
  progress.done(isOn ? `${app.name} is in maintenance, until webapp maintenance off` : `${app.name} answers its requests again`);
  return { maintenance: isOn };
}

async function currentOf(cluster: Cluster, app: AppName): Promise<Release> {
  const current = currentRelease(await withExplanation(listReleases(cluster, app), app.namespace));
  if (!current) throw notDeployed(app);
  return current;
}

function stateOf({ maintenance }: Release): State {
  return maintenance ? { maintenance: true, since: maintenance.since, by: maintenance.by } : { maintenance: false };
}

function stateOfResource({ spec }: WebAppResource): State {
  const { maintenance } = fieldsOf(spec);
  return { maintenance: maintenance !== undefined && maintenance !== null && fieldsOf(maintenance).enabled !== false };
}

/** A release is a Secret, which takes 1 MiB with everything. */
const LARGEST_PAGE = 512 * 1024;

function readPage(file: string, world: World): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(resolve(world.cwd, file)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(code === 'ENOENT' ? `${file} does not exist` : `cannot read ${file}: ${message}`);
  }
  if (Buffer.byteLength(text) > LARGEST_PAGE) throw new Failure(`${file} has more than 512 KiB; put its images elsewhere`);
  return text;
}
