/** The names that the pods of an app have, also of those that are gone. */
import { POD_SUFFIX } from '../figures/promql';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { CRON_JOB } from '../kube/types';
import { visible } from '../kube/visible';
import { listWorkloads } from '../kube/workload';

/** The pods of a Deployment. */
export function podsOfWorkload(name: string): string {
  return `${name}${POD_SUFFIX}`;
}

/**
 * The pods of all processes and jobs of an app. An app whose name begins with that of another one is not that: `web-admin` has other pods
 * than `web`.
 */
export async function podsOfApp(cluster: Cluster, app: AppName): Promise<string> {
  const { name, namespace } = app;
  const [workloads, cronJobs] = await Promise.all([
    listWorkloads(cluster, app), visible(cluster, CRON_JOB, { namespace, labels: { 'app.kubernetes.io/name': name } }),
  ]);
  return [
    ...workloads.map(({ metadata }) => podsOfWorkload(metadata.name)),
    // Those that its schedule starts, and those of webapp cron run.
    ...cronJobs.map(({ metadata }) => `${metadata.name}-([0-9]+|run-[0-9a-z]+)-[a-z0-9]{5}`),
    `${name}-(release|run)-[0-9a-z]+(-[a-z0-9]{5})?`,
  ].join('|');
}
