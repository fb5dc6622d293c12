import { logPath } from '../kube/api';
import type { Cluster } from '../kube/connect';
import type { Pod } from '../kube/types';
import { POD } from '../kube/types';
import { Failure } from '../ui/failure';

/** How often a pod is checked, in milliseconds. */
export const INTERVAL = 500;

/** How long the end of a log may take to arrive after the command has ended, in milliseconds. */
const LOG_END = 3000;

/** The state of a container of a pod; undefined as long as it has none. */
export function stateOf(pod: Pod | undefined, container: string) {
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container)?.state;
}

/** Whether a container has started, so that it has a log. */
export function hasStarted(pod: Pod | undefined, container: string): boolean {
  const { running, terminated } = stateOf(pod, container) ?? {};
  return Boolean(running ?? terminated);
}

/**
 * Reads the log of a container until it ends.
 *
 * @returns its exit code
 */
export async function followContainer(
  cluster: Cluster, pod: Pod, container: string,
  { signal, onText }: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
): Promise<number> {
  // The log ends with the container, unless the connection hangs.
  const end = new AbortController();
  const request = { query: { container, follow: true }, signal: AbortSignal.any([signal, end.signal]) };
  const log = cluster.api.stream(logPath(pod), request, onText).catch(error => {
    if (!end.signal.aborted && !signal.aborted) throw error;
  });
  const code = await exitCodeOf(cluster, pod, container, signal);
  await Promise.race([log, cluster.clock.sleep(LOG_END)]);
  end.abort();
  await log;
  return code;
}

/** Waits until a container of a pod has ended. */
export async function exitCodeOf(
  { objects, clock }: Cluster, { metadata: { namespace, name } }: Pod, container: string, signal: AbortSignal,
): Promise<number> {
  for (;;) {
    const now = await objects.get({ ...POD, namespace, name });
    const terminated = stateOf(now, container)?.terminated;
    if (terminated) return terminated.exitCode;
    if (!now) throw new Failure('the pod was deleted before the command ended, so its exit code is unknown');
    await clock.sleep(INTERVAL, signal);
  }
}
