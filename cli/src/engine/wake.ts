import type { DeployOperation, Operation } from './operation';
import type { Probe, ProbeResult } from './probe';
import { sendProbe } from './probe';
import type { RolloutStatus } from './rollout';
import { waitForRollout } from './rollout';
import { DiagnosedFailure } from '../diagnose/pods';
import { referenceTo } from '../kube/objects';
import type { Workload } from '../kube/workload';

/**
 * Wakes a workload that is scaled to zero with a request, as a visitor would, and waits until its new version is ready. Where the user is
 * not allowed to send requests, it is scaled to one pod, which its scaler removes again.
 */
export async function wake(operation: DeployOperation, workload: Workload, probe: Probe): Promise<RolloutStatus> {
  operation.progress.waiting(`${workload.metadata.name} is scaled to zero: waking it`);
  const awake = new AbortController();
  const signal = AbortSignal.any([operation.signal, awake.signal]);
  let error = 'the request that should wake it got no response';
  const onUnreachable = (reason: string) => void (error = `the request that should wake it failed: ${reason}`);
  const requests = keepRequesting({ ...operation, signal }, workload, probe, onUnreachable);
  try {
    return await waitForRollout(operation, workload, () => error);
  } finally {
    awake.abort();
    await requests;
  }
}

/** Sends requests that wake a workload until the signal is aborted. */
export async function keepRequesting(
  { cluster, signal }: Pick<Operation, 'cluster' | 'signal'>, workload: Workload, probe: Probe, onUnreachable: (reason: string) => void,
): Promise<void> {
  try {
    for (;;) {
      const result = await sendProbe(cluster, probe, signal);
      if (result.kind === 'forbidden') return await cluster.objects.scale(referenceTo(workload), 1);
      if (result.kind === 'unreachable') onUnreachable(result.reason);
      await cluster.clock.sleep(1000, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * How long to wait for a response: through the interceptor, which may take a while to learn about new pods, and at the app's own Service.
 */
const SECONDS = { interceptor: 60, service: 3 };

/**
 * Probes a workload that is ready until it responds.
 *
 * @returns the response, or why this machine cannot get one
 * @throws DiagnosedFailure if there is none
 */
export async function probeUntilResponse({ cluster, progress, signal }: Operation, name: string, probe: Probe): Promise<ProbeResult> {
  const { clock } = cluster;
  const { host } = probe;
  const end = clock.now() + 1000 * (host === undefined ? SECONDS.service : SECONDS.interceptor);
  for (;;) {
    const late = clock.timeout(Math.max(1000, end - clock.now()));
    const result = await sendProbe(cluster, probe, AbortSignal.any([signal, late])).catch((error): ProbeResult => {
      signal.throwIfAborted();
      return { kind: 'unreachable', reason: (error as Error).message };
    });
    if (result.kind !== 'unreachable') return result;
    if (clock.now() > end) {
      // A network policy may keep the API server from the app's own Service, and the kubelet's probes succeeded.
      if (host === undefined) return { kind: 'forbidden', reason: result.reason };
      const message = `it is ready, but requests for ${host} get no response: ${result.reason}`;
      const hint = `run webapp doctor ${name} to trace a request`;
      throw new DiagnosedFailure({ message, hint, permanent: true }, `${name} is not reachable`);
    }
    progress.waiting(`${name}: waiting for a response (${result.reason})`);
    await clock.sleep(1000, signal);
  }
}
