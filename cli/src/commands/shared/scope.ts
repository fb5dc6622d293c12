/** What commands are about that show one app, or all apps of a namespace, or of all namespaces. */
import type { Command } from 'commander';
import type { ClusterFlags } from './cluster-flags';
import { addClusterFlags, connectToApp, connectToCluster } from './cluster-flags';
import type { FileFlags } from './file-flags';
import { addAppFlags } from './file-flags';
import type { Cluster } from '../../kube/connect';
import type { AppName } from '../../kube/types';
import { Failure } from '../../ui/failure';
import type { World } from '../../ui/world';

export interface ScopeFlags extends FileFlags, ClusterFlags {
  readonly allNamespaces?: boolean;
}

export interface Scope {
  readonly cluster: Cluster;

  /** Undefined for all apps. */
  readonly app?: AppName;

  /** Undefined for all namespaces. */
  readonly namespace?: string;
}

/** Adds the argument and the flags by which the apps are chosen. */
export function addScope(command: Command): void {
  command
    .argument('[app]', 'the app (default: all apps of the namespace)')
    .option('-A, --all-namespaces', 'the apps of all namespaces');
  addAppFlags(command);
  addClusterFlags(command);
}

/** @throws Failure where both an app and all namespaces are asked for */
export async function connectToScope(flags: ScopeFlags, name: string | undefined, world: World): Promise<Scope> {
  if (name !== undefined && flags.allNamespaces) throw new Failure('--all-namespaces cannot be combined with an app');
  if (name !== undefined) {
    const { cluster, app } = await connectToApp(flags, name, world);
    return { cluster, app, namespace: app.namespace };
  }
  const cluster = await connectToCluster(flags, world);
  return { cluster, namespace: flags.allNamespaces ? undefined : flags.namespace ?? cluster.namespace };
}

/** That there are no apps, for a user who may look elsewhere. */
export function noApps({ namespace }: Scope, command: string): string {
  if (namespace === undefined) return 'There are no apps in the cluster\n';
  return `There are no apps in namespace ${namespace}; webapp ${command} -A shows those of all namespaces\n`;
}
