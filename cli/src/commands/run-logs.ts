import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible } from './run-deploy';
import type { Request } from '../config/load';
import { meantApp } from '../config/targets';
import { inWords } from '../engine/deploy';
import type { AppName } from '../engine/release-store';
import { Cluster, ClusterRequest, connect } from '../kube/connect';
import { ApiError, Unreachable } from '../kube/kubernetes-api';
import { selectorOf } from '../kube/objects';
import { workloadNamed, workloadsOf } from '../kube/workload';
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
  const workload = await inWords(workloadNamed(cluster, { name: process, namespace: app.namespace }), app);
  if (!workload) throw new Failure(`there is no ${process} in namespace ${app.namespace}; it has ${await processes(cluster, app)}`);
  const selector = selectorOf(workload.spec.selector.matchLabels);
  const container = workload.spec.template.spec.containers[0].name;

  await interruptible(world, new Lines(world), async signal => {
    const followed = new Map<string, Promise<void>>();
    for (let later = false; ; later = true) {
      const pods = await cluster.objects.list('v1', 'Pod', app.namespace, selector);
      const prefixed = request.follow || pods.length > 1;
      for (const pod of pods.filter(({ metadata, status }) => !followed.has(metadata.uid) && hasStarted(status, container))) {
        // A pod that came later is shown from its beginning.
        const part = later ? { ...request, tail: -1 } : request;
        followed.set(pod.metadata.uid, follow(cluster, pod, container, part, prefixed, signal, world));
      }
      if (followed.size === 0 && !request.follow) return world.err(`${process} ${pods.length === 0 ? 'sleeps: it has no pods' : 'has not started yet'}\n`);
      if (!request.follow) return void await Promise.all(followed.values());
      await sleep(1000, undefined, { signal });
    }
  });
}

function hasStarted({ containerStatuses = [] }: any, container: string): boolean {
  const status = containerStatuses.find(({ name }: any) => name === container);
  return Boolean(status?.state?.running || status?.state?.terminated || status?.lastState?.terminated);
}

async function follow(
  { api }: Cluster, pod: any, container: string, { follow: on, tail, previous }: LogsRequest, prefixed: boolean, signal: AbortSignal, world: World,
): Promise<void> {
  const { name, namespace } = pod.metadata;
  const prefix = prefixed ? `${paint(world.color.out).cyan(name)} ` : '';
  let rest = '';
  try {
    await api.follow(`/api/v1/namespaces/${namespace}/pods/${name}/log`, { container, follow: on, previous, tailLines: tail < 0 ? undefined : tail }, signal, text => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) world.out(`${prefix}${line}\n`);
    });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    world.err(`${name}: ${error.message}\n`);
  }
  if (rest !== '') world.out(`${prefix}${rest}\n`);
}

async function processes(cluster: Cluster, app: AppName): Promise<string> {
  const found = await workloadsOf(cluster, app);
  return found.map(({ metadata }) => metadata.name).join(', ') || 'none';
}
