import { randomBytes } from 'node:crypto';
import { diagnoseNoPods } from './jobs';
import type { Operation } from './operation';
import { notDeployed } from './operation';
import { hasStarted, INTERVAL, stateOf } from './pod-log';
import type { Session } from './session';
import { attachTo, launchedCommand, waitingCommand } from './session';
import { DiagnosedFailure, diagnosePods } from '../diagnose/pods';
import { startError } from '../kube/errors';
import { referenceTo } from '../kube/objects';
import type { Job } from '../kube/types';
import { POD } from '../kube/types';
import type { Workload } from '../kube/workload';
import { getWorkload, listWorkloads } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** The name of the container. */
const CONTAINER = 'run';

/** The runtime cannot start the command, as the image does not have it. */
class NotStarted extends Failure {}

/**
 * Runs a command once, in a pod like the app's: with its image, environment, files and user. The pod gets no traffic, and is removed when
 * the command has ended.
 *
 * @param session receives the output; with an input or a terminal, the command has them too
 * @returns the exit code
 */
export async function runCommand(operation: Operation, command: readonly string[], session: Session): Promise<number> {
  const { cluster, app, progress } = operation;
  // An app without a web process has the same image, environment and files in its workers.
  const workload = await getWorkload(cluster, app) ?? (await listWorkloads(cluster, app)).at(0);
  if (!workload) throw notDeployed(app);
  const { sizes, out, err } = session;
  try {
    return await runIn(operation, workload, sizes ? waitingCommand(command) : launchedCommand(command), session);
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    if (sizes) progress.warn('the image has no sh, so the command has no terminal and no input');
    return runIn(operation, workload, command, sizes ? { out, err } : session);
  }
}

/** Runs a command in a pod like those of a workload. */
async function runIn(
  { cluster, app: { name, namespace }, progress, signal }: Operation, workload: Workload, command: readonly string[], session: Session,
): Promise<number> {
  const { objects, clock } = cluster;
  const job = jobLike(workload, name, command, session);
  const { metadata: { uid } } = await objects.create<Job>(job);
  try {
    for (;;) {
      const [pod] = await objects.list(POD, { namespace, labels: { 'batch.kubernetes.io/controller-uid': uid } });
      if (pod && hasStarted(pod, CONTAINER)) {
        const { reason, message = '' } = stateOf(pod, CONTAINER)?.terminated ?? {};
        if (reason === 'StartError') throw new NotStarted(`the command failed to start: ${startError(message) ?? message}`);
        return await attachTo(cluster, pod, CONTAINER, session, signal);
      }
      const diagnosis = await (pod ? diagnosePods(cluster, [pod]) : diagnoseNoPods(cluster, referenceTo(job)));
      if (diagnosis?.permanent) throw new DiagnosedFailure(diagnosis, 'the command failed to start');
      progress.waiting(`waiting for a pod${diagnosis ? ` (${diagnosis.message})` : ''}`);
      await clock.sleep(INTERVAL, signal);
    }
  } finally {
    await objects.remove(referenceTo(job));
  }
}

function jobLike(
  { metadata: { namespace }, spec: { template: { spec } } }: Workload, name: string, command: readonly string[], { input, sizes }: Session,
): Manifest {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle, ports, args, ...container } = spec!.containers[0];
  const { topologySpreadConstraints, affinity, ...pod } = spec!;
  // What keeps a singleton's pods apart would keep this one waiting for it.
  const { podAntiAffinity, ...attracted } = affinity ?? {};
  // Without the label of the web process, by which its Service would send requests to the pod.
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'run', 'app.kubernetes.io/managed-by': 'webapp' };
  // Its input ends with the connection, so that a shell does not outlive its user.
  const terminal = input ? { stdin: true, stdinOnce: true, tty: sizes !== undefined } : {};
  const containers = [{ ...container, name: CONTAINER, command, ...terminal }];
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
