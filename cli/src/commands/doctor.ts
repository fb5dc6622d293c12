import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Define } from './command';
import type { ClusterFlags } from './shared/cluster-flags';
import { addClusterFlags, connectToCluster } from './shared/cluster-flags';
import { addExamples } from './shared/examples';
import type { FileFlags } from './shared/file-flags';
import { addAppFlags, configOptions } from './shared/file-flags';
import { outputOption } from './shared/values';
import { appOf, findApp, loadFor } from '../config/app-plan';
import type { ConfigOptions } from '../config/config';
import type { Requirements } from '../diagnose/cluster';
import { checkCluster } from '../diagnose/cluster';
import type { Finding } from '../diagnose/finding';
import { traceRequest } from '../diagnose/request';
import { withExplanation } from '../engine/operation';
import type { Cluster } from '../kube/connect';
import { EXIT, Failure } from '../ui/failure';
import type { Format } from '../ui/format';
import { formatted } from '../ui/format';
import { interruptible } from '../ui/interruptible';
import { paint } from '../ui/paint';
import { table } from '../ui/table';
import { TerminalProgress } from '../ui/terminal-progress';
import type { World } from '../ui/world';
import type { PlatformProps } from 'cdk8s-webapp';

interface DoctorFlags extends FileFlags, ClusterFlags {
  readonly output?: Format;
}

export const define: Define = (command, world) => {
  command
    .description(`Check whether the cluster has what apps need, and print how to install what is missing.

With the name of an app, send it a request and check each step of it: DNS, the Ingress or HTTPRoute, the interceptor, the scaler, the pods.
That wakes the app. If it was scaled to zero, the result shows how long each step of the cold start took.

The exit code is 1 if a check failed.`)
    .argument('[app]', 'the app to send a request to')
    .addOption(outputOption('print the checks as JSON or YAML'))
    .action(async (name: string | undefined, flags: DoctorFlags) => doctor(name, flags, world));
  addAppFlags(command);
  addClusterFlags(command);
  addExamples(command,
    ['Check the cluster: is KEDA installed, am I allowed to deploy?', 'webapp doctor'],
    ['Find out why an app does not respond', 'webapp doctor web'],
  );
};

/** @throws Failure if a check failed */
async function doctor(name: string | undefined, flags: DoctorFlags, world: World): Promise<void> {
  const cluster = await connectToCluster(flags, world);
  const options = configOptions(flags);
  const app = name === undefined ? undefined : await findApp(options, cluster, name, world);
  const lookUp = async (host: string) => world.lookUp(host);
  const check = async (signal: AbortSignal) => (
    app ? traceRequest({ cluster, app, lookUp, signal }) : checkCluster(cluster, await requirements(options, cluster, world)));
  const findings = await interruptible(world, new TerminalProgress(world), async signal => (
    withExplanation(check(signal), (app ?? cluster).namespace)));
  world.out(flags.output ? formatted(findings, flags.output) : textOf(findings, world));
  if (findings.some(({ status }) => status === 'failed')) throw new Failure('', EXIT.failed);
}

function textOf(findings: readonly Finding[], world: World): string {
  const { green, red, yellow, bold } = paint(world.color.out);
  const signs = { ok: green('✓'), failed: red('✗'), unknown: yellow('?') };
  return findings.map(({ name, status, message, fix, steps = [] }) => [
    `${signs[status]} ${bold(name)}: ${message}\n`,
    table(steps.map(step => ['   ', `${step.seconds.toFixed(1)} s`, step.name])),
    fix === undefined ? '' : `    ${fix}\n`,
  ].join('')).join('');
}

/** What the platform's file requires of a cluster, or the defaults where there is no file. */
async function requirements(options: ConfigOptions, cluster: Cluster, world: World): Promise<Requirements> {
  const config = existsSync(resolve(world.cwd, options.file)) ? await loadFor(cluster, { ...options, images: [] }, world) : undefined;
  const { httpAddon = {}, ingress = {}, gateway, tls = {} } = (config?.platform?.props ?? {}) as PlatformProps;
  const [app] = config?.apps ?? [];
  return {
    namespace: app ? appOf(config!, app).namespace : cluster.namespace,
    addonNamespace: httpAddon.namespace ?? 'keda',
    addonApi: httpAddon.api ?? 'v1beta1',
    ingressClass: ingress.className,
    gateway,
    clusterIssuer: tls.clusterIssuer,
  };
}
