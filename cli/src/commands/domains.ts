import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToApp } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags } from './shared/file-flags';
import { duration, outputOption } from './shared/values';
import { adviceOnElsewhere, adviceOnMissing } from '../diagnose/dns';
import type { Domain, DomainsRequest } from '../diagnose/domains';
import { domainsOf, isReachable } from '../diagnose/domains';
import { withExplanation } from '../engine/operation';
import { waitUntil } from '../kube/clock';
import { Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';

interface DomainsFlags extends FileFlags, ClusterFlags {
  readonly wait?: boolean;
  readonly timeout: number;
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`List the hosts of an app: where they resolve to, which DNS record is missing, and how far their certificates are.

Hosts are resolved on this computer. A host that resolves to other addresses than those of the ingress or gateway may be right: there may
be a CDN in front of it.`)
    .argument('[app]', 'the app (default: the only app of webapp.yaml)')
    .option('--wait', 'wait until each host resolves and has its certificate')
    .option('--timeout <duration>', 'how long to wait', duration, 600)
    .addOption(outputOption('print the hosts as JSON or YAML'))
    .action(async (name: string | undefined, flags: DomainsFlags) => domains(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['List the hosts, with the DNS records to create', 'webapp domains'],
    ['Wait for DNS and the certificate', 'webapp domains --wait --timeout 30m'],
  );
};

/** @throws Failure with --wait, where a host is not ready in time */
async function domains(name: string | undefined, flags: DomainsFlags, world: World): Promise<void> {
  const { cluster, app } = await connectToApp(flags, name, world);
  const request = { cluster, app, lookUp: world.lookUp };
  const read = async () => withExplanation(domainsOf(request), app.namespace);
  const found = flags.wait ? await waitForAll(request, flags.timeout, read, world) : await read();
  if (flags.output) world.out(formatted(found, flags.output));
  else if (found.length === 0) world.err(`${app.name} has no hosts: it is reached inside the cluster\n`);
  else print(found, world);
  if (flags.wait && !found.every(isReachable)) throw new Failure(`not all hosts of ${app.name} are ready after ${flags.timeout} s`);
}

async function waitForAll(
  { cluster: { clock } }: DomainsRequest, seconds: number, read: () => Promise<Domain[]>, world: World,
): Promise<Domain[]> {
  const progress = new TerminalProgress(world);
  let found = await read();
  const end = clock.now() + seconds * 1000;
  await interruptible(world, progress, async signal => waitUntil(async () => {
    found = await read();
    const waiting = found.filter(one => !isReachable(one))
      .map(({ host, dns }) => `${dns === 'missing' ? 'DNS' : 'the certificate'} of ${host}`);
    progress.waiting(`waiting for ${waiting.join(', ')}`);
    return waiting.length === 0 || clock.now() >= end;
  }, { clock, seconds: seconds + 60, signal, late: 'cannot look at the hosts any longer' }));
  return found;
}

const CERTIFICATES: { readonly [state in Domain['certificate']]: string } = {
  ok: 'issued', pending: 'pending', none: '', unknown: 'unknown',
};

function print(found: readonly Domain[], world: World): void {
  const rows = found.map(({ host, dns, resolvesTo, certificate }) => [host, dns, resolvesTo.join(', '), CERTIFICATES[certificate]]);
  world.out(table([['HOST', 'DNS', 'RESOLVES TO', 'CERTIFICATE'], ...rows]));
  const progress = new TerminalProgress(world);
  for (const domain of found) for (const line of adviceOn(domain)) progress.warn(line);
}

function adviceOn({ host, dns, records, certificate, detail }: Domain): string[] {
  return [
    ...dns === 'missing' ? [adviceOnMissing(host, records)] : [],
    ...dns === 'elsewhere' ? [adviceOnElsewhere(host, records)] : [],
    ...certificate === 'pending' ? [`the certificate of ${host} is not issued yet: ${detail}`] : [],
  ];
}
