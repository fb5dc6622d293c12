import { randomBytes } from 'node:crypto';
import type { Operation } from './operation';
import { notDeployed } from './operation';
import { followContainer, hasStarted, INTERVAL } from './pod-log';
import { DiagnosedFailure, diagnosePods } from '../diagnose/pods';
import { referenceTo } from '../kube/objects';
import type { Job } from '../kube/types';
import { POD } from '../kube/types';
import type { Workload } from '../kube/workload';
import { getWorkload, listWorkloads } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/** The name of the container. */
const CONTAINER = 'run';

/**
 * Runs a command once, in a pod like the app's: with its image, environment, files and user. The pod gets no traffic.
 *
 * @param onText receives the output
 * @returns the exit code
 */
export async function runCommand(
  { cluster, app, progress, signal }: Operation, command: readonly string[], onText: (text: string) => void,
): Promise<number> {
  const { name, namespace } = app;
  const { objects, clock } = cluster;
  // An app without a web process has the same image, environment and files in its workers.
  const workload = await getWorkload(cluster, app) ?? (await listWorkloads(cluster, app)).at(0);
  if (!workload) throw notDeployed(app);
  const job = jobLike(workload, name, command);
  const { metadata: { uid } } = await objects.create<Job>(job);
  try {
    for (;;) {
      const [pod] = await objects.list(POD, { namespace, labels: { 'batch.kubernetes.io/controller-uid': uid } });
      if (pod && hasStarted(pod, CONTAINER)) return await followContainer(cluster, pod, CONTAINER, { signal, onText });
      const diagnosis = pod && await diagnosePods(cluster, [pod]);
      if (diagnosis?.permanent) throw new DiagnosedFailure(diagnosis, 'the command failed to start');
      progress.waiting(`waiting for a pod${diagnosis ? ` (${diagnosis.message})` : ''}`);
      await clock.sleep(INTERVAL, signal);
    }
  } finally {
    await objects.remove(referenceTo(job));
  }
}

function jobLike({ metadata: { namespace }, spec: { template: { spec } } }: Workload, name: string, command: readonly string[]): Manifest {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle, ports, args, ...container } = spec!.containers[0];
  const { topologySpreadConstraints, affinity, ...pod } = spec!;
  // What keeps a singleton's pods apart would keep this one waiting for it.
  const { podAntiAffinity, ...attracted } = affinity ?? {};
  // Without the label of the web process, by which its Service would send requests to the pod.
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'run', 'app.kubernetes.io/managed-by': 'webapp' };
  const containers = [{ ...container, name: CONTAINER, command }];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${name.slice(0, 50)}-run-${randomBytes(3).toString('hex')}`, namespace, labels },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 600, // if this process is killed
      template: {
        metadata: { labels },
        spec: { ...pod, affinity: affinity && attracted, restartPolicy: 'Never', terminationGracePeriodSeconds: 5, containers },
      },
    },
  };
}
