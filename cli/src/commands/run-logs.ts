import { interruptible } from './run-deploy';
import type { Request } from '../config/load';
import { meantApp } from '../config/targets';
import { withExplanation } from '../engine/operation';
import type { AppName } from '../engine/release-store';
import { Cluster, ClusterRequest, connect } from '../kube/connect';
import { ApiError, UnreachableError } from '../kube/errors';
import { Pod, POD } from '../kube/types';
import { getWorkload, listWorkloads } from '../kube/workload';
import { Failure } from '../ui/failure';
import { paint } from '../ui/paint';
import { Lines } from '../ui/progress-lines';
import type { World } from '../ui/world';

export interface LogsRequest {
  readonly follow?: boolean;

  /** The worker whose logs are meant, or another version: `canary`, `green`; none for the web process. */
  readonly worker?: string;

  /** How many of the last lines of each pod. */
  readonly tail: number;

  /** Of the containers before the last restart. */
  readonly previous?: boolean;
}

/** Prints what an app's processes have written. */
export async function printLogs(file: Request, name: string | undefined, where: ClusterRequest, request: LogsRequest, world: World): Promise<void> {
  const cluster = connect(where, world);
  const app = await meantApp(file, cluster, name, world);
  const process = request.worker === undefined ? app.name : `${app.name}-${request.worker}`;
  const workload = await withExplanation(getWorkload(cluster, { name: process, namespace: app.namespace }), app.namespace);
  if (!workload) throw new Failure(`there is no ${process} in namespace ${app.namespace}; it has ${await processes(cluster, app)}`);
  const labels = workload.spec.selector.matchLabels;
  const container = workload.spec.template.spec!.containers[0].name;

  await interruptible(world, new Lines(world), async signal => {
    const followed = new Map<string, Promise<void>>();
    for (let later = false; ; later = true) {
      const pods = await cluster.objects.list(POD, { namespace: app.namespace, labels });
      const prefixed = request.follow || pods.length > 1;
      for (const pod of pods.filter(one => !followed.has(one.metadata.uid) && hasStarted(one, container))) {
        // A pod that came later is shown from its beginning.
        const part = later ? { ...request, tail: -1 } : request;
        followed.set(pod.metadata.uid, follow(cluster, pod, container, part, prefixed, signal, world));
      }
      if (followed.size === 0 && !request.follow) return world.err(`${process} ${pods.length === 0 ? 'sleeps: it has no pods' : 'has not started yet'}\n`);
      if (!request.follow) return void await Promise.all(followed.values());
      await cluster.clock.sleep(1000, signal);
    }
  });
}

function hasStarted(pod: Pod, container: string): boolean {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
  return Boolean(status?.state?.running || status?.state?.terminated || status?.lastState?.terminated);
}

async function follow(
  { api }: Cluster, pod: Pod, container: string, { follow: on, tail, previous }: LogsRequest, prefixed: boolean, signal: AbortSignal, world: World,
): Promise<void> {
  const { name, namespace } = pod.metadata;
  const prefix = prefixed ? `${paint(world.color.out).cyan(name)} ` : '';
  let rest = '';
  try {
    const query = { container, follow: on, previous, tailLines: tail < 0 ? undefined : tail };
    await api.stream(`/api/v1/namespaces/${namespace}/pods/${name}/log`, { query, signal }, text => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) world.out(`${prefix}${line}\n`);
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError || error instanceof UnreachableError)) throw error;
    world.err(`${name}: ${error.message}\n`);
  }
  if (rest !== '') world.out(`${prefix}${rest}\n`);
}

async function processes(cluster: Cluster, app: AppName): Promise<string> {
  const found = await listWorkloads(cluster, app);
  return found.map(({ metadata }) => metadata.name).join(', ') || 'none';
}
