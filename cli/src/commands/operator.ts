import type { Command } from 'commander';
import { Option } from 'commander';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addFileFlags, configOptions } from './shared/file-flags';
import { forceOption, timeoutOption, wholeNumber } from './shared/values';
import { version } from '../../package.json';
import { OPERATOR_NAMESPACE, PORTS } from '../operator/manifest/names';
import type { LogFormat, LogLevel } from '../operator/runtime/log';
import { LOG_FORMATS, LOG_LEVELS } from '../operator/runtime/log';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

/** The flags of what is installed. */
interface ManifestFlags {
  readonly namespace: string;
  readonly image: string;
  readonly replicas: number;
  readonly webhook: boolean;
}

interface RunFlags extends Omit<ClusterFlags, 'namespace'> {
  readonly namespace: string;
  readonly webhook: boolean;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
}

interface InstallFlags extends ManifestFlags, Omit<ClusterFlags, 'namespace'> {
  readonly timeout: number;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

interface AdoptFlags extends FileFlags, ClusterFlags {
  readonly timeout: number;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** The operator's image: the command in a container. */
const IMAGE = `ghcr.io/cdk8s-webapp/operator:${version}`;

export const define: Define = (command, world) => {
  command.description(`Install the operator, which turns WebApp resources of the cluster into the objects that webapp synth prints.

With it, kubectl, Argo CD and Flux deploy apps: kubectl apply -f webapp.yaml means what webapp deploy means.`);
  addExamples(command,
    ['Install the operator', 'webapp operator install'],
    ['Print what it installs, for GitOps', 'webapp operator manifest > operator.yaml'],
  );
  defineInstall(command.command('install'), world);
  defineManifest(command.command('manifest'), world);
  defineAdopt(command.command('adopt'), world);
  defineRun(command.command('run'), world);
};

function defineRun(command: Command, world: World): void {
  command
    .summary('run the operator, as its pods do')
    .description('Run the operator until it is asked to stop. Its pods run this; on a computer, it is for development.')
    .option('-n, --namespace <namespace>', 'the namespace of its Lease', OPERATOR_NAMESPACE)
    .option('--no-webhook', 'do not check resources when they are applied')
    .addOption(new Option('--log-format <format>', 'how to write the log').choices(LOG_FORMATS).default('json'))
    .addOption(new Option('--log-level <level>', 'which messages to write').choices(LOG_LEVELS).default('info'))
    .action(async (flags: RunFlags) => run(flags, world));
  addClusterFlags(command);
}

async function run({ namespace, webhook, logFormat: format, logLevel: level, kubeconfig, context }: RunFlags, world: World): Promise<void> {
  const cluster = await connectToCluster({ kubeconfig, context }, world);
  const [{ runOperator }, { createLogger }, { networkRegistries }] = await Promise.all([
    import('../operator/run'), import('../operator/runtime/log'), import('../registry/registries'),
  ]);
  const log = createLogger({ format, level, write: line => world.out(line), now: () => cluster.clock.now() });
  const stop = new AbortController();
  const undo = world.onInterrupt(() => stop.abort());
  try {
    const registries = world.registries ?? networkRegistries(world);
    await runOperator(cluster, { namespace, registries, log, ports: PORTS, webhook, signal: stop.signal });
  } finally {
    undo();
  }
}

function defineManifest(command: Command, world: World): void {
  command
    .summary('print the Kubernetes objects of the operator')
    .description(`Print the CustomResourceDefinitions of WebApp and Platform, and the Kubernetes objects of the operator.

They are in the order in which they have to be applied. The same version always prints the same bytes.`)
    .action(async (flags: ManifestFlags) => {
      const [{ operatorManifest }, { yamlOf }] = await Promise.all([import('../operator/manifest/manifest'), import('../render/text')]);
      const { crds, objects } = operatorManifest(flags);
      world.out(yamlOf([...crds, ...objects]));
    });
  addManifestFlags(command);
  addExamples(command,
    ['Apply it with kubectl', 'webapp operator manifest | kubectl apply --server-side -f -'],
    ['Use an image of your own registry', 'webapp operator manifest --image registry.example.com/webapp-operator:1.0.0'],
    ['For a cluster that nobody depends on', 'webapp operator manifest --replicas 1 --no-webhook'],
  );
}

function defineInstall(command: Command, world: World): void {
  command
    .summary('install the operator in the cluster, or upgrade it')
    .description(`Install the operator in the cluster, and wait until it runs.

You can run it again at any time: it upgrades what it installed. It needs the rights of a cluster administrator, as it installs
CustomResourceDefinitions and ClusterRoles.`)
    .option('--dry-run', 'print what would be created and changed; the cluster checks the objects, and stores nothing')
    .addOption(timeoutOption())
    .addOption(forceOption())
    .action(async (flags: InstallFlags) => install(flags, world));
  addManifestFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Install the operator, or upgrade it', 'webapp operator install'],
    ['Show what would change', 'webapp operator install --dry-run'],
    ['For a cluster that nobody depends on', 'webapp operator install --replicas 1 --no-webhook'],
  );
}

function defineAdopt(command: Command, world: World): void {
  command
    .summary('let the operator take over an app that is deployed already')
    .description(`Create the WebApp resource of an app that webapp deploy, or a pipeline with webapp synth, has deployed.

The resource says what the file says, with the image that runs. No pod is replaced: where one would be, the command says why and
changes nothing. From then on the operator keeps the app as its resource says, and webapp deploy changes the resource.`)
    .argument('<app>', 'the app, which has to be in the file')
    .option('--dry-run', 'print the resource, for example for a repository that Argo CD or Flux applies')
    .addOption(timeoutOption())
    .option('--force', 'let the operator replace pods')
    .action(async (name: string, flags: AdoptFlags) => adopt(name, flags, world));
  addFileFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Let the operator take over the app web', 'webapp operator adopt web'],
    ['Print its resource', 'webapp operator adopt web --dry-run > web.yaml'],
  );
}

async function adopt(name: string, flags: AdoptFlags, world: World): Promise<void> {
  const { timeout, force: mayRestart = false, dryRun } = flags;
  const cluster = await connectToCluster(flags, world);
  const [{ appInFile, loadFor, specOf }, { planAdoption, releaseFields }, { deployResource }] = await Promise.all([
    import('../config/app-plan'), import('../operator/adopt'), import('../operator/client'),
  ]);
  const [{ Pins }, { networkRegistries }, { interruptible }, { yamlOf }] = await Promise.all([
    import('../engine/pin'), import('../registry/registries'), import('../ui/interruptible'), import('../render/text'),
  ]);
  const config = await loadFor(cluster, configOptions(flags), world);
  const warn = (text: string) => world.err(`warning: ${text}\n`);
  const pins = new Pins({ cluster, registries: world.registries ?? networkRegistries(world), warn });
  const app = appInFile(config, name);
  const specWith = (image: string | undefined) => specOf(image === undefined ? config : config.withImages({ [name]: image }), app);
  const progress = new TerminalProgress(world);
  await interruptible(world, progress, async signal => {
    const operation = { cluster, app, progress, signal, timeout };
    const { resource, existing } = await planAdoption(operation, { specWith, pins, mayRestart });
    if (dryRun) return world.out(yamlOf([resource]));
    await releaseFields(operation, existing);
    await deployResource(operation, resource.spec as object);
  });
}

function addManifestFlags(command: Command): void {
  command
    .option('-n, --namespace <namespace>', 'the namespace of the operator', OPERATOR_NAMESPACE)
    .option('--image <image>', 'the image of the operator', IMAGE)
    .option('--replicas <number>', 'how many pods it has, one of which leads', wholeNumber('Write a whole number such as 2.'), 2)
    .option('--no-webhook', 'do not check resources when they are applied; the operator still reports problems in their status');
}

async function install({ kubeconfig, context, timeout, force, dryRun, ...options }: InstallFlags, world: World): Promise<void> {
  const cluster = await connectToCluster({ kubeconfig, context }, world);
  const [{ compareOperator, installOperator }, { interruptible }] = await Promise.all([
    import('../operator/manifest/install'), import('../ui/interruptible'),
  ]);
  const progress = new TerminalProgress(world);
  await interruptible(world, progress, async signal => {
    const request = { ...options, operation: { cluster, progress, signal, timeout, force } };
    if (!dryRun) return installOperator(request);
    for (const { object: { kind, metadata: { name } }, change } of await compareOperator(request)) {
      if (change !== 'unchanged') world.out(`${change} ${kind} ${name}\n`);
    }
  });
}
