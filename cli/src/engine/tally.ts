import { interceptorOf } from './answer';
import type { AppName } from './release-store';
import type { Cluster } from '../kube/connect';
import { selectorOf } from '../kube/objects';
import { allowed, FORBIDDEN } from '../kube/permissions';
import type { Manifest } from '../render/synthesis';

/** How many answers there were, and how many of them with a status of 500 or more. */
export interface Tally {
  readonly answers: number;
  readonly errors: number;
}

/** The port of the interceptor's metrics. */
const METRICS_PORT = 2223;

/**
 * What the interceptor has passed on for a route since it started, by its metrics.
 *
 * @param objects the app's, of which the proxy Service says where the interceptor is
 * @see https://keda.sh/http-add-on/latest/reference/metrics/
 * @returns none where it is not to be seen
 */
export async function tallyOf(cluster: Cluster, objects: readonly Manifest[], route: AppName): Promise<Tally | undefined> {
  const interceptor = interceptorOf(objects);
  if (!interceptor) return undefined;
  const { namespace, name } = interceptor;
  const service = await allowed(async () => cluster.objects.get({ apiVersion: 'v1', kind: 'Service', namespace, name }));
  if (!service || service === FORBIDDEN) return undefined;
  const pods = await allowed(async () => cluster.objects.list('v1', 'Pod', namespace, selectorOf(service.spec.selector ?? {})));
  if (pods === FORBIDDEN) return undefined;
  const running = pods.filter(({ metadata, status }) => status.phase === 'Running' && !metadata.deletionTimestamp);
  const path = (pod: any) => `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}:${METRICS_PORT}/proxy/metrics`;
  const texts = await Promise.all(running.map(async pod => cluster.api.ask('GET', path(pod))));
  if (texts.length === 0 || texts.some(({ status }) => status !== 200)) return undefined;
  const add = (sum: Tally, one: Tally) => ({ answers: sum.answers + one.answers, errors: sum.errors + one.errors });
  return texts.map(({ text }) => counted(text, route)).reduce(add);
}

/** What one interceptor's metrics say of a route. */
export function counted(metrics: string, { name, namespace }: AppName): Tally {
  let [answers, errors] = [0, 0];
  for (const [, labels, value] of metrics.matchAll(/^interceptor_request_count_total\{([^}]*)\} (\S+)/gm)) {
    const of = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, text]) => [label, text]));
    if (of.route_name !== name || of.route_namespace !== namespace) continue;
    answers += Number(value);
    if (of.code >= '500') errors += Number(value);
  }
  return { answers, errors };
}
