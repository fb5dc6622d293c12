import { NotUp } from './not-up';
import type { Progress } from './progress';
import type { AppName, Release } from './release-store';
import { troubleOf } from './rollout';
import { tallyOf, Tally } from './tally';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import { until } from '../kube/until';
import { isWorkload } from '../kube/workload';

/** Fewer answers say little. */
const FEW = 20;

/** How often the interceptor is asked, in milliseconds: it answers with the metrics of all apps. */
const INTERVAL = 5_000;

/**
 * Looks at a canary while it has its share: whether its pods are well, and how many of its answers are errors.
 *
 * @param seconds how long
 * @param most percent of its answers that may be errors, of at least 20
 * @throws NotUp as soon as it is not well
 */
export async function watchCanary(
  cluster: Cluster, { name: app, namespace }: AppName, { objects, canary }: Release, seconds: number, most: number,
  progress: Progress, signal: AbortSignal,
): Promise<void> {
  const name = `${app}-canary`;
  const workload = objects.find(object => isWorkload(object) && object.metadata.name === name)!;
  const count = async () => tallyOf(cluster, objects, { name, namespace });
  const start = await count();
  const end = Date.now() + seconds * 1000;
  let seen: Tally = { answers: 0, errors: 0 };
  let asked = Date.now();
  const left = () => Math.max(0, Math.ceil((end - Date.now()) / 1000));
  await until(async () => {
    const live = await cluster.objects.get(referenceTo(workload));
    const trouble = live ? await troubleOf(cluster, { kind: workload.kind, ...live }) : { message: `somebody has removed ${name}`, final: true };
    if (trouble?.final) throw new NotUp(trouble, `${name} is not well any more`);
    const over = Date.now() >= end;
    if (start && (over || Date.now() - asked >= INTERVAL)) {
      seen = since(start, await count() ?? start);
      asked = Date.now();
    }
    const percent = 100 * seen.errors / Math.max(1, seen.answers);
    if (seen.answers >= FEW && percent > most) {
      throw new NotUp({ message: `${seen.errors} of its ${seen.answers} answers were errors, and ${most} percent may be`, final: true }, `${name} is not well`);
    }
    progress.waiting(`${canary!.weight} percent for ${left()} s more${start ? `: ${seen.answers} answers, ${seen.errors} errors` : ''}`);
    return over;
  }, seconds + 60, signal, `${name} could not be looked at to the end`);
  const counts = start ? `${seen.answers} answers, ${seen.errors} of them errors` : 'its pods were well; its answers are not to be seen from here';
  progress.done(`${canary!.weight} percent for ${seconds} s: ${counts}`);
}

/** An interceptor that has started anew counts from zero. */
function since(start: Tally, now: Tally): Tally {
  return { answers: Math.max(0, now.answers - start.answers), errors: Math.max(0, now.errors - start.errors) };
}
