import { isInMaintenance } from './maintenance';
import type { DeployOperation, Operation } from './operation';
import { notDeployed } from './operation';
import { probeOf } from './probe';
import { currentRelease, listReleases } from './release-store';
import { rolloutStatus, waitForRollout } from './rollout';
import { wake } from './wake';
import { waitUntil } from '../kube/clock';
import { referenceTo } from '../kube/objects';
import { holds, SCALED_OBJECT } from '../kube/types';
import type { Workload } from '../kube/workload';
import { activeWorkload, workloadIn } from '../kube/workload';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** Wakes an app, and puts it to sleep: what requests and the lack of them do, at the user's word. */

/**
 * Wakes an app with a request, as a visitor would, and waits until it is ready. Its scaler lets it sleep again when there are no requests.
 *
 * @throws Failure where no request can wake it
 */
export async function wakeUp(operation: DeployOperation): Promise<AwakeProcess> {
  const { cluster: { clock }, progress } = operation;
  const { live, objects } = await webProcess(operation);
  const { name } = live.metadata;
  if (rolloutStatus(live).state !== 'scaled-to-zero') {
    const { ready, wanted } = await waitForRollout(operation, live);
    progress.done(`${name} is awake (${ready}/${wanted} replicas ready)`);
    return { process: name, ready, wanted };
  }
  if (isInMaintenance(objects)) throw new Failure(`${name} is in maintenance, so no request reaches it; run webapp maintenance off first`);
  const probe = probeOf(objects, name);
  if (probe?.host === undefined) {
    throw new Failure(`${name} has 0 replicas, and no request without particular headers wakes it; set scaling in the file, and deploy`);
  }
  const start = clock.now();
  const { ready, wanted } = await wake(operation, live, probe);
  const seconds = (clock.now() - start) / 1000;
  progress.done(`${name} woke up in ${seconds.toFixed(1)} s (${ready}/${wanted} replicas ready)`);
  return { process: name, seconds, ready, wanted };
}

/** A process that is awake. */
export interface AwakeProcess {
  readonly process: string;

  /** How long it took to wake up; undefined if it was awake. */
  readonly seconds?: number;
  readonly ready: number;
  readonly wanted: number;
}

/**
 * How long KEDA may take to see that the last request is over, in seconds: the window of `scaling.requestRate` and two of its polling
 * intervals.
 *
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/#pollinginterval
 */
const QUIET_TIMEOUT = 120;

/** How long an app may take to be scaled to zero after its pods were told to end, in seconds. */
const SLEEP_TIMEOUT = 120;

/**
 * Scales an app to zero, without waiting for the end of its cooldown period. The pods finish their requests, and the next request wakes
 * the app.
 *
 * @returns the name of the process
 * @throws Failure where it would not stay asleep, or could not wake up again
 */
export async function putToSleep(operation: Operation): Promise<string> {
  const { cluster: { clock, objects }, progress, signal } = operation;
  const { live, objects: released } = await webProcess(operation);
  const { name, namespace } = live.metadata;
  const reference = referenceTo<Workload>(live);
  const scaler = await objects.get({ ...SCALED_OBJECT, namespace, name });
  // During maintenance nothing wakes it, and afterwards requests do.
  if (!scaler || (probeOf(released, name)?.host === undefined && !isInMaintenance(released))) {
    throw new Failure(`no request would wake ${name}, as it does not scale on requests; see scaling in docs/scaling.md`);
  }
  const { minReplicaCount: min = 0 } = scaler.spec;
  if (min > 0) throw new Failure(`${name} has ${min} replicas or more, as scaling.min says; set it to 0 and deploy`);
  if (rolloutStatus(live).state === 'scaled-to-zero') {
    progress.done(`${name} is asleep`);
    return name;
  }
  const awake = `${name} cannot sleep: there are requests, or scaling.schedule or one of its triggers keeps it awake`;
  // KEDA would wake it again at once.
  await waitUntil(async () => {
    const seen = await objects.get({ ...SCALED_OBJECT, namespace, name });
    progress.waiting(`${name}: waiting until KEDA sees no requests`);
    return seen === undefined || !holds(seen, 'Active');
  }, { clock, seconds: QUIET_TIMEOUT, signal, late: awake });
  await objects.scale(reference, 0);
  const end = `${name} still has pods after ${SLEEP_TIMEOUT} s; see webapp status`;
  await waitUntil(async () => {
    const now = await objects.get(reference);
    if ((now?.spec.replicas ?? 0) > 0) throw new Failure(awake);
    progress.waiting(`${name}: waiting for its pods to finish`);
    return now === undefined || rolloutStatus(now).state === 'scaled-to-zero';
  }, { clock, seconds: SLEEP_TIMEOUT, signal, late: end });
  progress.done(`${name} is asleep; the next request wakes it`);
  return name;
}

/** The web process of an app that gets the traffic, in the cluster, and the objects of its release. */
async function webProcess({ cluster, app }: Operation): Promise<{ readonly live: Workload; readonly objects: readonly Manifest[] }> {
  const release = currentRelease(await listReleases(cluster, app));
  if (!release) throw notDeployed(app);
  const { objects } = release;
  const released = workloadIn(objects, activeWorkload(objects, app.name));
  if (!released) throw new Failure(`${app.name} has no web process; its workers have pods when there is work for them`);
  const live = await cluster.objects.get(referenceTo<Workload>(released));
  if (!live) throw notDeployed(app);
  return { live: { ...live, apiVersion: released.apiVersion, kind: released.kind }, objects };
}
