import type { Command } from 'commander';
import type { FileFlags } from './file-flags';
import { configOptions } from './file-flags';
import type { BuildPlace } from '../../config/app-plan';
import { buildPlaceOf, findApp } from '../../config/app-plan';
import type { Cluster } from '../../kube/connect';
import type { AppName } from '../../kube/types';
import type { World } from '../../ui/world';

/** The flags of commands that use a cluster. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** Adds the flags of every command that uses a cluster. kubectl has the same. */
export function addClusterFlags(command: Command): void {
  command
    .option('--kubeconfig <file>', 'the kubeconfig (default: $KUBECONFIG or ~/.kube/config)')
    .option('--context <name>', 'the context in the kubeconfig');
}

/** Connects to the cluster. The Kubernetes client is loaded here and nowhere else, as that takes long: help must not wait for it. */
export async function connectToCluster({ kubeconfig, context, namespace }: ClusterFlags, world: World): Promise<Cluster> {
  if (world.cluster) return typeof world.cluster === 'function' ? world.cluster(context) : world.cluster;
  const { connect } = await import('../../kube/connect');
  return connect({ kubeconfig, context, namespace }, world);
}

/**
 * Connects to the cluster, and finds the app that a command is for.
 *
 * @param name the app's; by default, the file has only one
 */
export async function connectToApp(
  flags: ClusterFlags & FileFlags, name: string | undefined, world: World,
): Promise<{ readonly cluster: Cluster; readonly app: AppName }> {
  const cluster = await connectToCluster(flags, world);
  return { cluster, app: await findApp(configOptions(flags), cluster, name, world) };
}

/** Likewise, and finds where its builds are. */
export async function connectToBuilds(
  flags: ClusterFlags & FileFlags, name: string | undefined, world: World,
): Promise<{ readonly cluster: Cluster; readonly app: AppName; readonly place: BuildPlace }> {
  const found = await connectToApp(flags, name, world);
  return { ...found, place: await buildPlaceOf(configOptions(flags), found.app.name, world) };
}
