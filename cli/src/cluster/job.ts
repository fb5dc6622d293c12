import type { Cluster } from './connect';
import { forbidden, podsTrouble } from './diagnose';
import { NotUp } from './failure';
import { lastLines } from './logs';
import { ApplyOptions, referenceTo } from './objects';
import type { Progress } from './progress';
import { until } from './until';
import type { Manifest } from '../synthesis/synthesis';

/**
 * Runs a Job to its end. One of its name that is there, of an earlier release, is removed first: a Job cannot be changed.
 *
 * @throws NotUp with what it wrote last, where it fails
 */
export async function runJob(
  cluster: Cluster, job: Manifest, progress: Progress, seconds: number, signal: AbortSignal, options: ApplyOptions = {},
): Promise<void> {
  const { objects } = cluster;
  const { name, namespace } = job.metadata;
  const reference = referenceTo(job);
  if (await objects.get(reference)) {
    await objects.remove(reference);
    await until(async () => await objects.get(reference) === undefined, 60, signal, `the earlier Job ${name} does not go away`);
  }
  const { metadata: { uid } } = await objects.apply(job, options);
  let trouble = { text: 'it is not done', final: false };
  await until(async () => {
    const { status } = await objects.get(reference) ?? {};
    const is = (type: string) => status?.conditions?.find((condition: any) => condition.type === type && condition.status === 'True');
    if (is('Complete')) return true;
    const pods = (await objects.list('v1', 'Pod', namespace, `batch.kubernetes.io/controller-uid=${uid}`)).sort(byAge);
    if (is('Failed')) throw new NotUp(await ending(cluster, pods, is('Failed').message), `Job ${name} failed`);
    trouble = await podsTrouble(cluster, pods) ?? (pods.length === 0 ? await unmade(cluster, job) : undefined) ?? trouble;
    // A process that fails is tried again as often as the Job says.
    if (trouble.final && !pods.some(({ status: { phase } }) => phase === 'Failed')) throw new NotUp(trouble, `Job ${name} cannot run`);
    progress.waiting(`Job ${name} runs`);
    return false;
  }, seconds, signal, () => new NotUp(trouble, `Job ${name} is not done within ${seconds} s`));
}

async function ending(cluster: Cluster, pods: readonly any[], message: string) {
  const last = pods[pods.length - 1];
  const ended = last?.status.containerStatuses?.find(({ state }: any) => (state.terminated?.exitCode ?? 0) !== 0);
  return ended
    ? { text: `its process exits with code ${ended.state.terminated.exitCode}`, lines: await lastLines(cluster, last, ended.name), final: true }
    : { text: message, final: true };
}

/** Why a Job has no pod: it says so in events alone. */
async function unmade({ objects }: Cluster, { metadata: { name, namespace } }: Manifest) {
  const events = await objects.list('v1', 'Event', namespace, undefined, `involvedObject.kind=Job,involvedObject.name=${name},reason=FailedCreate`);
  return events.length > 0 ? forbidden(events[events.length - 1].message, namespace!) : undefined;
}

function byAge(a: any, b: any): number {
  return a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1;
}
