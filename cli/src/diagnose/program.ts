import { Finding, lacking, unknown, well } from './finding';
import type { Cluster } from '../kube/connect';
import { notInstalled } from '../kube/errors';
import { allowed, FORBIDDEN } from '../kube/permissions';

/** A program of the cluster, as it is found. */
export interface Program {
  /** What people call it. */
  readonly what: string;

  /** The name of its Deployment. */
  readonly name: string;

  /** The value of the label `app.kubernetes.io/name`, or `app`, of a Deployment that has another name. */
  readonly label?: string;

  readonly namespace?: string;

  /** What to do where it does not run. */
  readonly fix?: string;
}

/** Whether a program runs, whose kinds the cluster knows. */
export async function running({ objects }: Cluster, { what, name, label, namespace, fix }: Program): Promise<Finding> {
  const all = await allowed(async () => objects.list('apps/v1', 'Deployment', namespace));
  if (all === FORBIDDEN) return unknown(what, 'its API is there; whether it runs you may not see');
  const labelled = ({ metadata: { labels = {} } }: any) => label !== undefined && [labels.app, labels['app.kubernetes.io/name']].includes(label);
  const found = all.find(({ metadata }) => metadata.name === name) ?? all.find(labelled);
  if (!found) return lacking(what, `its API is there, but no ${name} runs${namespace ? ` in namespace ${namespace}` : ''}`, fix);
  const { metadata, status: { availableReplicas = 0 }, spec: { template } } = found;
  if (availableReplicas > 0) return well(what, template.spec.containers[0].image);
  return lacking(what, `${metadata.name} has no pod that is ready`, `kubectl describe pods --namespace ${metadata.namespace}`);
}

/** The cluster does not know a kind. */
export function absent(what: string, apiVersion: string, kind: string): Finding {
  const [found, fix] = notInstalled(apiVersion, kind).split('\n  ');
  return lacking(what, found, fix);
}
