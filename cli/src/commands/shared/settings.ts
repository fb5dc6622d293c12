/** What `webapp config` and `webapp secrets` have in common. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ClusterFlags } from './cluster-flags';
import { addClusterFlags, connectToApp } from './cluster-flags';
import type { FileFlags } from './file-flags';
import { addAppFlags } from './file-flags';
import { platformFor } from './platform';
import type { DeployFlags } from './values';
import { forceOption, outputOption, timeoutOption } from './values';
import type { SecretStoreModel } from '../../../../src/internal';
import { checkStruct, resolveSecretStore, secretStoreFor } from '../../../../src/internal';
import { parseEnvFile } from '../../config/env-file';
import { isFields } from '../../config/merge';
import type { Variable } from '../../diagnose/variables';
import { variablesOf } from '../../diagnose/variables';
import { changeSettings } from '../../engine/change-settings';
import { withExplanation } from '../../engine/operation';
import { readSecretStore } from '../../engine/read-secret-store';
import { currentRelease, currentSettings, listReleases } from '../../engine/release-store';
import { pushedTo, shownEntry } from '../../engine/secret-store';
import { readSettings } from '../../engine/settings';
import type { Variables } from '../../engine/settings';
import type { SettingsChange } from '../../engine/settings-change';
import type { AppName } from '../../kube/types';
import { changeResourceSettings } from '../../operator/change-settings';
import { findResource } from '../../operator/client';
import { Failure } from '../../ui/failure';
import type { Format } from '../../ui/format';
import { formatted } from '../../ui/format';
import { interruptible } from '../../ui/interruptible';
import { table } from '../../ui/table';
import { TerminalProgress } from '../../ui/terminal-progress';
import type { World } from '../../ui/world';
import type { AppSecretStore } from 'cdk8s-webapp';

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
  const store = pushedTo(objects, app);
  const input = { app: app.name, objects, settings, config, store, process: flags.worker };
  const variables = variablesOf(input).filter(isShown);
  if (flags.output) return world.out(formatted(variables, flags.output));
  if (variables.length === 0) return world.err(`${app.name} has none in namespace ${app.namespace}\n`);
  world.out(table([['NAME', 'VALUE', 'FROM'], ...variables.map(rowOf)]));
}

function rowOf(variable: Variable): string[] {
  const { name = '(every key)', value, source } = variable;
  return [name, value === undefined ? '(hidden)' : value.split('\n', 1)[0] + (value.includes('\n') ? ' …' : ''), fromOf(variable, source)];
}

function fromOf({ object, key, store }: Variable, source: Variable['source']): string {
  const where = key === undefined ? object : `${object}, key ${key}`;
  return {
    config: 'webapp config',
    secrets: store ? `webapp secrets, also in ${shownEntry(store)}` : 'webapp secrets',
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
  const store = release && pushedTo(release.objects, app);
  if (output) world.out(formatted({ ...app, release: release?.number, action: release?.action, store }, output));
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

/** The secrets that the store of the platform has of an app; where no file says which that is, that of its last release. */
export async function readStore(flags: ChangeFlags, world: World): Promise<Variables> {
  const { cluster, app } = await connectToApp(flags, flags.app, world);
  const { secretStore } = await withExplanation(platformFor(flags, cluster, app.namespace, world), app.namespace);
  const releases = await withExplanation(listReleases(cluster, app), app.namespace);
  const store = secretStore === undefined ? currentRelease(releases)?.secretStore : storeOf(secretStore, app);
  if (!store) {
    throw new Failure('the platform names no secretStore; set it in platform.yaml, or name that file with --platform');
  }
  const progress = new TerminalProgress(world);
  const { timeout, createNamespace } = flags;
  return interruptible(world, progress, async signal => (
    withExplanation(readSecretStore({ cluster, app, progress, signal, timeout, createNamespace }, store), app.namespace)));
}

function storeOf(secretStore: unknown, app: AppName): SecretStoreModel {
  const isValid = isFields(secretStore) && checkStruct('AppSecretStore', secretStore).length === 0;
  if (!isValid) throw new Failure('secretStore of the platform is not valid; webapp check says more');
  return secretStoreFor(resolveSecretStore(secretStore as unknown as AppSecretStore)!, app);
}

function readFile(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`cannot read ${name}: ${(error as Error).message}`);
  }
}
