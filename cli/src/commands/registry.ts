import type { Command } from 'commander';
import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { configOptions } from './shared/file-flags';
import { forceOption, outputOption } from './shared/values';
import type { Purpose, SecretUse } from '../config/registry-secrets';
import { RegistryConfig, registryOf } from '../config/registry-secrets';
import { ensureNamespace } from '../engine/namespace';
import { withExplanation } from '../engine/operation';
import { chooseSecret, writeRegistrySecret } from '../engine/registry-secret';
import type { Cluster } from '../kube/connect';
import type { LoginOptions } from '../registry/login';
import { checkLogin, findLogin, lifetimeOf } from '../registry/login';
import { networkRegistries } from '../registry/registries';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface LoginFlags extends FileFlags, ClusterFlags, LoginOptions {
  readonly for?: Purpose;
  readonly secret?: string;
  readonly check: boolean;
  readonly createNamespace?: boolean;
  readonly force?: boolean;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command.description('Give the cluster access to a container registry.');
  addExamples(command, ['Store the credentials of docker login in the cluster', 'webapp registry login ghcr.io']);
  defineLogin(command.command('login'), world);
};

function defineLogin(command: Command, world: World): void {
  command
    .summary('store the credentials of a registry in the cluster')
    .description(`Store the credentials of a container registry in the cluster, in a Secret that it pulls and pushes images with.

They are those of docker login or podman login on this computer, unless you pass --username. The registry has to accept them.`)
    .argument('[registry]', 'the registry, such as ghcr.io (default: that of builds.registry in platform.yaml)')
    .option('-u, --username <name>', 'the user; the password is asked for')
    .option('--password-stdin', 'read the password, or an access token, from standard input')
    .addOption(new Option('--for <purpose>', 'what the cluster needs them for (default: pull, and push if it pushes to that registry)')
      .choices(['pull', 'push']))
    .option('--secret <name>', 'the name of the Secret (default: the one in the files, or registry)')
    .option('--no-check', 'do not check the credentials, for a registry that only the cluster can reach')
    .option('--create-namespace', 'create the namespace if it does not exist')
    .addOption(forceOption())
    .addOption(outputOption('print the Secrets as JSON or YAML'))
    .option('-f, --file <file>', "the apps' file, whose namespaces get the Secret", 'webapp.yaml')
    .option('--platform <file>', "the platform's file (default: platform.yaml in the folder of the apps' file, or above it)")
    .option('-e, --env <name>', 'the environment, if it has its own namespace')
    .option('-n, --namespace <namespace>', 'the namespace, if the file does not name one')
    .action(async (registry: string | undefined, flags: LoginFlags) => {
      if (flags.passwordStdin && flags.username === undefined) command.error('error: --password-stdin requires --username');
      await login(registry, flags, world);
    });
  addClusterFlags(command);
  addExamples(command,
    ['Store the credentials of docker login', 'webapp registry login ghcr.io'],
    ['Store an access token', 'webapp registry login ghcr.io --username acme-bot --password-stdin < token.txt'],
    ['Store credentials for pushing what the cluster builds', 'webapp registry login --for push'],
    ['Store those of a registry that this computer cannot reach', 'webapp registry login registry.internal --username acme --no-check'],
    ['Store them in a Secret that other programs know', 'webapp registry login ghcr.io --secret ghcr'],
  );
}

async function login(given: string | undefined, flags: LoginFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const config = await RegistryConfig.load(cluster, configOptions(flags), world);
  const registry = given === undefined ? config.pushRegistry : registryOf(given);
  if (registry === undefined) throw new Failure('name the registry, for example webapp registry login ghcr.io');
  const targets = await targetsOf(config.secretUses(registry, flags.for), registry, { cluster, secret: flags.secret });

  const progress = new TerminalProgress(world);
  const registries = world.registries ?? networkRegistries(world);
  const credentials = await findLogin(registry, flags, { registries, world });
  if (flags.check) {
    const { username } = credentials;
    if (await checkLogin(registries, credentials)) progress.done(`${registry} accepts the credentials of ${username}`);
    else progress.warn(`${registry} did not ask for credentials, so it may not accept those of ${username}`);
  }
  const lifetime = lifetimeOf(credentials);
  if (lifetime !== undefined) {
    progress.warn(`these credentials expire after ${lifetime}, and the cluster does not renew them: use a token that does not expire`);
  }
  for (const { namespace, name, uses } of targets) {
    if (flags.createNamespace) await withExplanation(ensureNamespace({ cluster, progress }, namespace), namespace);
    const result = await withExplanation(writeRegistrySecret(cluster, { namespace, name }, credentials, flags.force), namespace);
    progress.done(`${result} Secret ${name} in namespace ${namespace}, to ${purposesOf(uses).join(' and ')} images`);
  }
  const lines = missingLines(targets);
  const secrets = targets.map(({ uses, ...secret }) => ({ registry, ...secret, for: purposesOf(uses) }));
  if (flags.output) world.out(formatted(secrets, flags.output));
  if (lines.length > 0) world.err(`To use it, add to platform.yaml:\n${lines.map(line => `  ${line}\n`).join('')}`);
}

/** A Secret to write, and what for. */
interface Target {
  readonly namespace: string;
  readonly name: string;
  readonly uses: readonly SecretUse[];
}

/** The name of a Secret for which the files have none. */
const DEFAULT_NAME = 'registry';

interface Choice {
  readonly cluster: Cluster;

  /** The name of the Secret, if the user names one. */
  readonly secret?: string;
}

async function targetsOf(uses: readonly SecretUse[], registry: string, { cluster, secret }: Choice): Promise<Target[]> {
  const targets: Target[] = [];
  for (const use of uses) {
    const { namespace, names } = use;
    const name = secret ?? await withExplanation(chooseSecret(cluster, { namespace, names }, registry), namespace) ?? DEFAULT_NAME;
    const known = targets.findIndex(one => one.namespace === namespace && one.name === name);
    if (known === -1) targets.push({ namespace, name, uses: [use] });
    else targets[known] = { ...targets[known], uses: [...targets[known].uses, use] };
  }
  return targets;
}

function purposesOf(uses: readonly SecretUse[]): Purpose[] {
  return [...new Set(uses.map(({ purpose }) => purpose))];
}

/** What platform.yaml lacks, as the files do not name the Secrets. */
function missingLines(targets: readonly Target[]): string[] {
  const all = targets.flatMap(({ name, uses }) => uses.map(use => ({ name, use })));
  const unnamed = (purpose: Purpose) => all.filter(({ name, use }) => use.purpose === purpose && !use.names.includes(name));
  const [[pull], [push]] = [unnamed('pull'), unnamed('push')];
  return [
    ...pull ? [`imagePullSecrets: [${[...pull.use.names, pull.name].join(', ')}]`] : [],
    ...push ? ['builds:', `  pushSecret: ${push.name}`] : [],
  ];
}
