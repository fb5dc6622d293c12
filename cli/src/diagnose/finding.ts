import type { Cluster } from '../kube/connect';
import { notInstalled } from '../kube/explain';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import type { Deployment, Kind } from '../kube/types';
import { DEPLOYMENT } from '../kube/types';

/** The result of one check of `webapp doctor`. */
export interface Finding {
  /** What was checked, in one to three words. */
  readonly name: string;

  /** `unknown` where the user, or this machine, cannot see it. */
  readonly status: 'ok' | 'failed' | 'unknown';

  readonly message: string;

  /** How to fix it: a command, or what to check. */
  readonly fix?: string;

  /** What it consists of, in seconds. */
  readonly steps?: readonly { readonly name: string; readonly seconds: number }[];
}

export function ok(name: string, message: string): Finding {
  return { name, status: 'ok', message };
}

export function failed(name: string, message: string, fix?: string): Finding {
  return { name, status: 'failed', message, fix };
}

export function unknown(name: string, message: string): Finding {
  return { name, status: 'unknown', message };
}

/** The cluster does not have a kind. */
export function absent(name: string, { apiVersion, kind }: Kind): Finding {
  const { message, hint } = notInstalled(apiVersion, kind);
  return failed(name, message, hint);
}

/** A controller or server that the cluster runs as a Deployment. */
export interface Program {
  /** The name of the check. */
  readonly name: string;

  /** The name of its Deployment. */
  readonly deployment: string;

  /** The label `app.kubernetes.io/name`, or `app`, of a Deployment with another name. */
  readonly label?: string;

  readonly namespace?: string;

  /** What to do if it does not run. */
  readonly fix?: string;
}

/** The Deployment of a program; undefined if it does not run. */
export async function findProgram(
  { objects }: Cluster, { deployment, label, namespace }: Program,
): Promise<Deployment | undefined | typeof FORBIDDEN> {
  const all = await unlessForbidden(async () => objects.list(DEPLOYMENT, { namespace }));
  if (all === FORBIDDEN) return FORBIDDEN;
  const isLabelled = ({ metadata: { labels = {} } }: Deployment) => (
    label !== undefined && [labels.app, labels['app.kubernetes.io/name']].includes(label));
  return all.find(({ metadata }) => metadata.name === deployment) ?? all.find(isLabelled);
}

/** Whether a program runs. The cluster has its kinds. */
export async function checkProgram(cluster: Cluster, program: Program): Promise<Finding> {
  const { name, deployment, namespace, fix } = program;
  const found = await findProgram(cluster, program);
  if (found === FORBIDDEN) return unknown(name, 'its API is installed; you are not allowed to see whether it is running');
  if (!found) {
    const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
    return failed(name, `its API is installed, but Deployment ${deployment} does not exist${where}`, fix);
  }
  const { metadata, status, spec: { template } } = found;
  if ((status?.availableReplicas ?? 0) > 0) return ok(name, template.spec!.containers[0].image ?? metadata.name);
  return failed(name, `Deployment ${metadata.name} has no ready pods`, `kubectl describe pods --namespace ${metadata.namespace}`);
}
