import { Command, InvalidArgumentError } from 'commander';
import type { ClusterRequest } from '../kube/connect';

export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** Adds the options of every command that asks a cluster, as kubectl has them. */
export function addClusterOptions(command: Command): void {
  command
    .option('--kubeconfig <file>', 'the kubeconfig (default: $KUBECONFIG, or ~/.kube/config)')
    .option('--context <name>', 'the context in it');
}

/** What those options ask for. */
export function clusterOf({ kubeconfig, context, namespace }: ClusterOptions): ClusterRequest {
  return { kubeconfig, context, namespace };
}

/** A time on the command line, such as `90s` or `5m`, in seconds. */
export function duration(text: string): number {
  const [, number, unit = 's'] = /^(\d+)(s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Write a time such as 90s or 5m.');
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
}
