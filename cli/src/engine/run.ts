import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotUp } from './not-up';
import type { Progress } from './progress';
import type { AppName } from './release-store';
import { podsTrouble } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import { workloadNamed } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/**
 * Runs a command once, in a pod as those of an app are: its image, environment, files and user. The pod gets none of the app's traffic.
 *
 * @param write takes what the command writes
 * @returns the command's exit code
 */
export async function runOnce(
  cluster: Cluster, { name, namespace }: AppName, command: readonly string[], write: (text: string) => void, progress: Progress, signal: AbortSignal,
): Promise<number> {
  const { objects, api } = cluster;
  const workload = await workloadNamed(cluster, { name, namespace });
  if (!workload) throw new Failure(`${name} is not deployed in namespace ${namespace}; webapp deploy brings it there`);
  const job = jobLike(workload, name, command);
  const { metadata: { uid } } = await objects.create(job);
  try {
    for (;;) {
      const [pod] = await objects.list('v1', 'Pod', namespace, `batch.kubernetes.io/controller-uid=${uid}`);
      const state = pod?.status.containerStatuses?.find((status: any) => status.name === MAIN)?.state ?? {};
      if (state.running || state.terminated) {
        // The log ends with the container, unless the connection hangs.
        const enough = new AbortController();
        const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/log`;
        const log = api.follow(path, { container: MAIN, follow: true }, AbortSignal.any([signal, enough.signal]), write).catch(error => {
          if (!enough.signal.aborted) throw error;
        });
        const code = await exitCodeOf(cluster, pod, signal);
        await Promise.race([log, sleep(LOG_END)]);
        enough.abort();
        await log;
        return code;
      }
      const trouble = pod && await podsTrouble(cluster, [pod]);
      if (trouble?.final) throw new NotUp(trouble, 'the command cannot be run');
      progress.waiting(`waiting for a pod${trouble ? ` (${trouble.text})` : ''}`);
      await sleep(500, undefined, { signal });
    }
  } finally {
    await objects.remove(referenceTo(job));
  }
}

const MAIN = 'run';

/** How long what a command wrote may come after its end, in milliseconds. */
const LOG_END = 3000;

async function exitCodeOf({ objects }: Cluster, pod: any, signal: AbortSignal): Promise<number> {
  for (;;) {
    const now = await objects.get(referenceTo({ apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata }));
    const ended = now?.status.containerStatuses?.find((status: any) => status.name === MAIN)?.state?.terminated;
    if (ended) return ended.exitCode;
    if (!now) throw new Failure('the pod is gone, and with it the exit code');
    await sleep(500, undefined, { signal });
  }
}

function jobLike({ metadata: { namespace }, spec: { template: { spec } } }: any, name: string, command: readonly string[]): Manifest {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle, ports, args, ...container } = spec.containers[0];
  const { topologySpreadConstraints, ...pod } = spec;
  // Not the labels of the web process, by which its Service would send it requests.
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'run', 'app.kubernetes.io/managed-by': 'webapp' };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${name.slice(0, 50)}-run-${randomBytes(3).toString('hex')}`, namespace, labels },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 600, // where this command was killed
      template: { metadata: { labels }, spec: { ...pod, restartPolicy: 'Never', terminationGracePeriodSeconds: 5, containers: [{ ...container, name: MAIN, command }] } },
    },
  };
}
