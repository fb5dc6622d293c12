import { randomBytes } from 'node:crypto';
import type { Operation } from './operation';
import { notDeployed } from './operation';
import { DiagnosedFailure, diagnosePods } from '../diagnose/pods';
import { logPath } from '../kube/api';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import type { Job, Pod } from '../kube/types';
import { POD } from '../kube/types';
import type { Workload } from '../kube/workload';
import { getWorkload, listWorkloads } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** The name of the container. */
const CONTAINER = 'run';

/** How often the pod is checked, in milliseconds. */
const INTERVAL = 500;

/** How long the end of a log may take to arrive after the command has ended, in milliseconds. */
const LOG_END = 3000;

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
  const { objects, api, clock } = cluster;
  // An app without a web process has the same image, environment and files in its workers.
  const workload = await getWorkload(cluster, app) ?? (await listWorkloads(cluster, app)).at(0);
  if (!workload) throw notDeployed(app);
  const job = jobLike(workload, name, command);
  const { metadata: { uid } } = await objects.create<Job>(job);
  try {
    for (;;) {
      const [pod] = await objects.list(POD, { namespace, labels: { 'batch.kubernetes.io/controller-uid': uid } });
      const { running, terminated } = stateOf(pod) ?? {};
      if (running || terminated) {
        // The log ends with the container, unless the connection hangs.
        const end = new AbortController();
        const request = { query: { container: CONTAINER, follow: true }, signal: AbortSignal.any([signal, end.signal]) };
        const log = api.stream(logPath(pod), request, onText).catch(error => {
          if (!end.signal.aborted) throw error;
        });
        const code = await exitCodeOf(cluster, pod, signal);
        await Promise.race([log, clock.sleep(LOG_END)]);
        end.abort();
        await log;
        return code;
      }
      const diagnosis = pod && await diagnosePods(cluster, [pod]);
      if (diagnosis?.permanent) throw new DiagnosedFailure(diagnosis, 'the command failed to start');
      progress.waiting(`waiting for a pod${diagnosis ? ` (${diagnosis.message})` : ''}`);
      await clock.sleep(INTERVAL, signal);
    }
  } finally {
    await objects.remove(referenceTo(job));
  }
}

function stateOf(pod: Pod | undefined) {
  return pod?.status?.containerStatuses?.find(({ name }) => name === CONTAINER)?.state;
}

async function exitCodeOf({ objects, clock }: Cluster, { metadata: { namespace, name } }: Pod, signal: AbortSignal): Promise<number> {
  for (;;) {
    const now = await objects.get({ ...POD, namespace, name });
    const terminated = stateOf(now)?.terminated;
    if (terminated) return terminated.exitCode;
    if (!now) throw new Failure('the pod was deleted before the command ended, so its exit code is unknown');
    await clock.sleep(INTERVAL, signal);
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
