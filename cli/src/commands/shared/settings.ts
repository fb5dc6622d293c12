/** What `webapp config` and `webapp secrets` have in common. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ClusterFlags } from './cluster-flags';
import { addClusterFlags, connectToApp } from './cluster-flags';
import type { FileFlags } from './file-flags';
import { addAppFlags } from './file-flags';
import type { DeployFlags } from './values';
import { forceOption, outputOption, timeoutOption } from './values';
import { parseEnvFile } from '../../config/env-file';
import type { Variable } from '../../diagnose/variables';
import { variablesOf } from '../../diagnose/variables';
import { changeSettings } from '../../engine/change-settings';
import { withExplanation } from '../../engine/operation';
import { currentRelease, currentSettings, listReleases } from '../../engine/release-store';
import { readSettings } from '../../engine/settings';
import type { Variables } from '../../engine/settings';
import type { SettingsChange } from '../../engine/settings-change';
import { changeResourceSettings } from '../../operator/change-settings';
import { findResource } from '../../operator/client';
import { Failure } from '../../ui/failure';
import type { Format } from '../../ui/format';
import { formatted } from '../../ui/format';
import { interruptible } from '../../ui/interruptible';
import { table } from '../../ui/table';
import { TerminalProgress } from '../../ui/terminal-progress';
import type { World } from '../../ui/world';

export interface ListFlags extends FileFlags, ClusterFlags {
  readonly worker?: string;
  readonly output?: Format;
}

export interface ChangeFlags extends FileFlags, ClusterFlags, DeployFlags {
  readonly app?: string;
  readonly createNamespace?: boolean;
  readonly output?: Format;
}

/** The flags of a command that lists variables. */
export function addListFlags(command: Command): void {
  command
    .option('-w, --worker <name>', 'the variables of this worker, cron job or version (default: those of the web process)')
    .addOption(outputOption('print the variables as JSON or YAML'));
  addAppFlags(command);
  addClusterFlags(command);
}

/** The flags of a subcommand that changes them. */
export function addChangeFlags(command: Command): void {
  command
    .option('--app <name>', 'the app (default: the only app of webapp.yaml)')
    .addOption(timeoutOption())
    .addOption(forceOption())
    .addOption(outputOption('print the result as JSON or YAML'));
  addAppFlags(command);
  addClusterFlags(command);
}

/** The flag of subcommands that may be the first for an app. */
export function addNamespaceFlag(command: Command): void {
  command.option('--create-namespace', 'create the namespace if it does not exist');
}

/** Prints where the variables of a process come from. */
export async function printVariables(
  name: string | undefined, flags: ListFlags, world: World, isShown: (variable: Variable) => boolean,
): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const releases = await withExplanation(listReleases(cluster, app), app.namespace);
  const settings = currentSettings(releases);
  const { config } = settings.config ? await withExplanation(readSettings(cluster, app, { config: settings.config }), app.namespace)
    : { config: {} };
  const { objects = [] } = currentRelease(releases) ?? {};
  const variables = variablesOf({ app: app.name, objects, settings, config, process: flags.worker }).filter(isShown);
  if (flags.output) return world.out(formatted(variables, flags.output));
  if (variables.length === 0) return world.err(`${app.name} has none in namespace ${app.namespace}\n`);
  world.out(table([['NAME', 'VALUE', 'FROM'], ...variables.map(rowOf)]));
}

function rowOf(variable: Variable): string[] {
  const { name = '(every key)', value, source } = variable;
  return [name, value === undefined ? '(hidden)' : value.split('\n', 1)[0] + (value.includes('\n') ? ' …' : ''), fromOf(variable, source)];
}

function fromOf({ object, key }: Variable, source: Variable['source']): string {
  const where = key === undefined ? object : `${object}, key ${key}`;
  return {
    config: 'webapp config',
    secrets: 'webapp secrets',
    file: 'the file',
    secret: `Secret ${where}`,
    generated: `generated, Secret ${where}`,
    configMap: `ConfigMap ${where}`,
    pod: 'the pod',
  }[source];
}

/** Changes the settings of an app, and prints what happened. */
export async function changeVariables(change: SettingsChange, flags: ChangeFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const progress = new TerminalProgress(world);
  const { timeout, force, createNamespace, output } = flags;
  const resource = await withExplanation(findResource(cluster, app), app.namespace);
  const release = await interruptible(world, progress, async signal => {
    const operation = { cluster, app, progress, signal, timeout, force, createNamespace };
    return withExplanation((resource ? changeResourceSettings : changeSettings)(operation, change), app.namespace);
  });
  if (!release) progress.done('Nothing to change: the variables have these values already');
  if (output) world.out(formatted({ ...app, release: release?.number, action: release?.action }, output));
}

/**
 * The variables of a `.env` file.
 *
 * @param name its path; `-` is standard input
 */
export async function readEnvFile(name: string, world: World): Promise<Variables> {
  const text = name === '-' ? await world.readInput() : readFile(resolve(world.cwd, name), name);
  const { env, faults } = parseEnvFile(text);
  const shown = name === '-' ? 'standard input' : name;
  if (faults.length > 0) throw new Failure(faults.map(({ line, message, hint }) => `${shown}:${line} ${message}; ${hint}`).join('\n'));
  if (Object.keys(env).length === 0) throw new Failure(`${shown} has no variables; write NAME=value, one a line`);
  return env;
}

function readFile(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`cannot read ${name}: ${(error as Error).message}`);
  }
}
