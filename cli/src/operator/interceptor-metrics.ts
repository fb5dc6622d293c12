import type { ReadMetrics } from '../engine/canary-health';
import { METRICS_PORT, throughApiServer } from '../engine/canary-health';
import type { Cluster } from '../kube/connect';

/** How long a pod may take to answer, in milliseconds. */
const DEADLINE = 3_000;

/**
 * Reads metrics at the pods themselves, which a pod of the same cluster may without any right, and otherwise through the API server: where
 * the operator runs outside of the cluster, and its account may `get` `pods/proxy`.
 */
export function atPods(cluster: Cluster): ReadMetrics {
  const otherwise = throughApiServer(cluster);
  return async pod => {
    const { podIP } = pod.status ?? {};
    if (podIP === undefined) return otherwise(pod);
    const host = podIP.includes(':') ? `[${podIP}]` : podIP;
    try {
      const response = await fetch(`http://${host}:${METRICS_PORT}/metrics`, { signal: AbortSignal.timeout(DEADLINE) });
      if (response.ok) return await response.text();
    } catch {
      // A network policy, or the distance, is between them.
    }
    return otherwise(pod);
  };
}
