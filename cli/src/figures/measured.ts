/** Which process of an app figures are about. */
import type { Process } from './promql';
import { interceptorOf } from '../engine/probe';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { SERVICE } from '../kube/types';
import type { Workload } from '../kube/workload';
import { findProcess, listWorkloads } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** Other versions of a web process, which have workloads and routes of their own. */
const VERSIONS = ['canary', 'green'];

export interface Measured {
  readonly process: Process;

  /** The Services of the app, which name the interceptor that counts its requests. */
  readonly services: readonly Manifest[];
}

/**
 * The web process of an app with all of its versions, or the process that is named.
 *
 * @throws Failure with the processes that the app has
 */
export async function findMeasured(cluster: Cluster, app: AppName, worker: string | undefined): Promise<Measured> {
  const { name, namespace } = app;
  const found = await findProcess(cluster, app, worker);
  const services = (await cluster.objects.list(SERVICE, { namespace, labels: { 'app.kubernetes.io/name': name } }))
    .map(service => ({ ...service, ...SERVICE }) as unknown as Manifest);
  const isWeb = found.metadata.name === name;
  const isVersion = VERSIONS.some(version => found.metadata.name === `${name}-${version}`);
  const versions = VERSIONS.map(version => `${name}-${version}`);
  const others: readonly Workload[] = isWeb
    ? (await listWorkloads(cluster, app)).filter(({ metadata }) => versions.includes(metadata.name))
    : [];
  const workloads = [found, ...others];
  const isCounted = (isWeb || isVersion) && interceptorOf(services) !== undefined;
  return { process: { namespace, workloads, routes: isCounted ? workloads.map(({ metadata }) => metadata.name) : [] }, services };
}
