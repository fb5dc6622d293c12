import type { GradualStep, ResponseCounts } from './canary-health';
import { canaryWorkload, checkPods, checkResponses, readResponseCounts, responsesSince, shownStep } from './canary-health';
import type { Operation } from './operation';
import type { Release } from './release-store';
import { waitUntil } from '../kube/clock';
import { referenceTo } from '../kube/objects';
import type { Workload } from '../kube/workload';

/** How often the interceptor's metrics are read, in milliseconds: they are those of all apps. */
const INTERVAL = 5_000;

/**
 * Watches a canary for a while: its pods, and how many of its responses are errors.
 *
 * @param maxErrors the percentage of its responses that may be errors
 * @throws DiagnosedFailure as soon as it is unhealthy
 */
export async function watchCanary(operation: Operation, release: Release, step: GradualStep, maxErrors: number): Promise<void> {
  const { cluster, app, progress, signal } = operation;
  const { clock, objects } = cluster;
  const { weight, seconds } = step;
  const workload = canaryWorkload(app, release);
  const { name } = workload.metadata;
  const read = async () => readResponseCounts(cluster, release.objects, { name, namespace: app.namespace });
  const start = await read();
  const end = clock.now() + seconds * 1000;
  let seen: ResponseCounts = { responses: 0, errors: 0 };
  let lastRead = clock.now();
  const left = () => Math.max(0, Math.ceil((end - clock.now()) / 1000));
  await waitUntil(async () => {
    await checkPods(cluster, name, await objects.get(referenceTo<Workload>(workload)));
    const isOver = clock.now() >= end;
    if (start && (isOver || clock.now() - lastRead >= INTERVAL)) {
      seen = responsesSince(start, await read() ?? start);
      lastRead = clock.now();
    }
    checkResponses(name, seen, maxErrors);
    const counts = start ? `: ${seen.responses} responses, ${seen.errors} errors` : '';
    progress.waiting(`${weight}% of the traffic for ${left()} s more${counts}`);
    return isOver;
  }, { clock, seconds: seconds + 60, signal, late: `cannot watch ${name} any longer` });
  progress.done(shownStep(step, start && seen));
}
