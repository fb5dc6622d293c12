import { InvalidArgumentError, Option } from 'commander';
import type { Define } from './command';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { SetupOptions } from '../setup/setup-plan';

interface SetupFlags extends SetupOptions {
  readonly output?: 'yaml';
}

/** What `--with` adds, `--entry` installs and `--local` runs on; the code of setup is loaded when it is needed. */
const EXTRAS = ['builds', 'postgres', 'monitoring'] as const;
const ENTRIES = ['traefik', 'envoy-gateway'];
const LOCAL_TOOLS = ['kind', 'k3d'];

export const define: Define = (command, world) => {
  command
    .description(`Set up a cluster for apps: KEDA, its HTTP add-on, an entry for traffic and cert-manager, each where it is missing.

It prints what it would install, asks, and installs it with the Helm charts of these projects. What others installed stays as it is. You
can run it again at any time: it upgrades what it installed. It writes platform.yaml, which tells webapp about the cluster.`)
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'print the commands that do the same, and change nothing')
    .addOption(new Option('-o, --output <format>', 'print the values of the charts for GitOps, and change nothing').choices(['yaml'])
      .conflicts(['dryRun', 'local']))
    .addOption(new Option('--local [tool]', 'create a cluster on this computer with kind or k3d, and set that up').choices(LOCAL_TOOLS)
      .conflicts(['kubeconfig', 'context']))
    .addOption(new Option('--with <list>', `also install these, separated by commas: ${EXTRAS.join(', ')}`)
      .argParser(extras).default([], 'none'))
    .addOption(new Option('--entry <name>', "what routes traffic to apps (default: the cluster's, or traefik)").choices(ENTRIES))
    .option('--domain <domain>', 'the domain of apps; sslip.io for names with the address of the entry (default for a new platform.yaml)')
    .option('--issuer <name>', 'the issuer of certificates: letsencrypt, letsencrypt-staging, self-signed, none, or a ClusterIssuer')
    .option('--email <address>', "your address, for Let's Encrypt")
    .addOption(new Option('--registry <registry>', 'with builds, where the cluster pushes images: registry.example.com/acme')
      .conflicts(['local', 'output']))
    .option('--platform <file>', "the platform's file (default: platform.yaml in this folder, or above it)")
    .option('-e, --env <name>', 'write into this environment of the file')
    .action(async (flags: SetupFlags) => {
      if (flags.registry !== undefined && !flags.with.includes('builds')) command.error('error: --registry requires --with builds');
      if (flags.output) {
        const { valuesFiles } = await import('../setup/values-files');
        world.out(valuesFiles(flags));
        return;
      }
      const { setup } = await import('../setup/setup');
      await setup(flags, world, async options => connectToCluster(options, world));
    });
  addClusterFlags(command);
  addExamples(command,
    ['Set up the cluster of the kubeconfig', 'webapp setup --domain apps.example.com'],
    ['Set up a cluster on this computer', 'webapp setup --local'],
    ['With certificates, and Envoy Gateway in front of the apps',
      'webapp setup --domain apps.example.com --entry envoy-gateway --issuer letsencrypt --email ops@example.com'],
    ['Also install what builds images in the cluster, and say where it pushes them',
      'webapp setup --with builds --registry registry.example.com/acme'],
    ['Print the commands, and change nothing', 'webapp setup --dry-run'],
  );
};

function extras(text: string): readonly (typeof EXTRAS[number])[] {
  return text.split(',').map(word => {
    const extra = EXTRAS.find(one => one === word.trim());
    if (extra === undefined) throw new InvalidArgumentError(`Write ${EXTRAS.join(', ')}, separated by commas.`);
    return extra;
  });
}
