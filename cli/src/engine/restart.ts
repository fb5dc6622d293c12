import type { DeployOperation } from './operation';
import { notDeployed } from './operation';
import { rolloutStatus, waitForRollout } from './rollout';
import { DiagnosedFailure } from '../diagnose/pods';
import { timestamp, waitUntil } from '../kube/clock';
import { RESTART_MANAGER, referenceTo } from '../kube/objects';
import type { Workload } from '../kube/workload';
import { findProcess, isRollout, listWorkloads, MANAGED_BY } from '../kube/workload';
import { Failure } from '../ui/failure';

/** The annotation of pods that kubectl changes to replace them, so that other programs know it: `kubectl rollout restart`. */
const RESTARTED = 'kubectl.kubernetes.io/restartedAt';

/**
 * Replaces the pods of an app by new ones of the same version, as a deploy of a new version does: new pods are ready before old ones
 * end, if the app can have two at a time.
 *
 * The time of the restart is a field of a manager of its own. No deploy applies it, so a deploy neither takes it back, which would
 * replace the pods once more, nor has a conflict with it; and to the operator it is not a difference.
 *
 * @param worker one worker, or another version such as `canary`; undefined for all processes
 * @throws Failure with the reason, if the new pods do not become ready
 */
export async function restart(operation: DeployOperation, worker?: string): Promise<RestartedProcess[]> {
  const { cluster, app, progress } = operation;
  const workloads = worker === undefined ? (await listWorkloads(cluster, app)).filter(isOwn) : [await findProcess(cluster, app, worker)];
  if (workloads.length === 0) throw notDeployed(app);
  const awake = workloads.filter(workload => rolloutStatus(workload).state !== 'scaled-to-zero');
  const processes: RestartedProcess[] = [];
  for (const { metadata: { name } } of workloads.filter(one => !awake.includes(one))) {
    progress.done(`${name} is asleep, so its next pods are new`);
    processes.push({ process: name, state: 'asleep', ready: 0, wanted: 0 });
  }
  const now = timestamp(cluster.clock.now());
  // All at once, so that waiting for one does not delay the next.
  for (const workload of awake) await cluster.objects.merge(referenceTo(workload), changeOf(workload, now), RESTART_MANAGER);
  for (const workload of awake) processes.push(await waitForNewPods(operation, workload, now));
  return processes;
}

/** What became of a process. One that is asleep, or went to sleep meanwhile, has no pods to replace. */
export interface RestartedProcess {
  readonly process: string;
  readonly state: 'restarted' | 'asleep';
  readonly ready: number;
  readonly wanted: number;
}

/** Not one of another program, which may use the same label for its name. */
function isOwn({ metadata: { labels } }: Workload): boolean {
  return labels?.['app.kubernetes.io/managed-by'] === MANAGED_BY;
}

/**
 * Argo Rollouts would take another pod template for a new version, and has a field in place of the annotation.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/restart/
 */
function changeOf(workload: Workload, now: string): object {
  return isRollout(workload)
    ? { spec: { restartAt: now } }
    : { spec: { template: { metadata: { annotations: { [RESTARTED]: now } } } } };
}

async function waitForNewPods(operation: DeployOperation, workload: Workload, now: string): Promise<RestartedProcess> {
  const { cluster, progress, signal, timeout } = operation;
  const { metadata: { name }, spec } = workload;
  if (isRollout(workload)) {
    await waitUntil(async () => {
      const live = await cluster.objects.get(referenceTo<Workload>(workload));
      progress.waiting(`${name}: Argo Rollouts is replacing its pods`);
      return live !== undefined && isRollout(live) && (live.status?.restartedAt ?? '') >= now;
    }, { clock: cluster.clock, seconds: timeout, signal, late: `Argo Rollouts has not replaced all pods of ${name} after ${timeout} s` });
  }
  try {
    const { state, ready, wanted } = await waitForRollout(operation, workload);
    const isAsleep = state === 'scaled-to-zero';
    progress.done(isAsleep ? `${name} went to sleep meanwhile` : `Restarted ${name} (${ready}/${wanted} replicas ready)`);
    return { process: name, state: isAsleep ? 'asleep' : 'restarted', ready, wanted };
  } catch (error) {
    if (!(error instanceof DiagnosedFailure) || spec.strategy?.type === 'Recreate') throw error;
    throw new Failure(`${error.message}\nThe old pods of ${name} stay until the new ones are ready`);
  }
}
