import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { interruptible } from './run-deploy';
import { load, read, Request } from '../config/load';
import { meantApp } from '../config/targets';
import { checkCluster, Requirements } from '../diagnose/cluster';
import type { Finding } from '../diagnose/finding';
import { traceRequest } from '../diagnose/request';
import { withExplanation } from '../engine/operation';
import { Cluster, ClusterRequest, connect } from '../kube/connect';
import { EXIT, Failure } from '../ui/failure';
import { Format, formatted } from '../ui/format';
import { paint } from '../ui/paint';
import { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

/**
 * Prints what a cluster has and lacks; with an app's name, where a request to it ends, and why.
 *
 * @throws Failure if anything is lacking
 */
export async function examineAll(
  file: Request, name: string | undefined, where: ClusterRequest, format: Format | undefined, world: World,
): Promise<void> {
  const cluster = connect(where, world);
  const app = name === undefined ? undefined : await meantApp(file, cluster, name, world);
  const addresses = async (host: string) => (await lookup(host, { all: true })).map(({ address }) => address);
  const look = async (signal: AbortSignal) => (
    app ? traceRequest({ cluster, app, lookUp: addresses, signal }) : checkCluster(cluster, await wantedOf(file, cluster, world)));
  const findings = await interruptible(world, new Lines(world), async signal => withExplanation(look(signal), (app ?? cluster).namespace));
  if (format) world.out(formatted(findings, format));
  else world.out(textOf(findings, world));
  if (findings.some(({ status }) => status === 'failed')) throw new Failure('', EXIT.failed);
}

function textOf(findings: readonly Finding[], world: World): string {
  const { green, red, yellow, bold } = paint(world.color.out);
  const signs = { ok: green('✓'), failed: red('✗'), unknown: yellow('?') };
  return findings.map(({ name, status, message, fix }) => `${signs[status]} ${bold(name)}: ${message}\n${fix === undefined ? '' : `    ${fix}\n`}`).join('');
}

/** What the platform's file asks of a cluster; without one, what the defaults do. Where the apps are, their file says. */
async function wantedOf(request: Request, cluster: Cluster, world: World): Promise<Requirements> {
  const loaded = existsSync(resolve(world.cwd, request.file)) ? await load(await read(request, world), { ...request, images: [] }) : undefined;
  const { httpAddon = {}, ingress = {}, gateway, tls = {} } = (loaded?.platform?.props ?? {}) as any;
  return {
    namespace: String(loaded?.apps[0]?.namespace ?? cluster.namespace),
    addonNamespace: httpAddon.namespace ?? 'keda',
    addonApi: httpAddon.api ?? 'v1beta1',
    ingressClass: ingress.className,
    gateway,
    clusterIssuer: tls.clusterIssuer,
  };
}
