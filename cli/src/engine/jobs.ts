import { NotUp } from './not-up';
import type { Progress } from './progress';
import { forbidden, podsTrouble, Trouble } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/kubernetes-api';
import { lastLines } from '../kube/logs';
import { ApplyOptions, referenceTo } from '../kube/objects';
import { allowed, FORBIDDEN } from '../kube/permissions';
import { until } from '../kube/until';
import type { Manifest } from '../render/synthesis';

/** What a Job is to the app's developer. */
export function called({ metadata: { name, labels } }: Manifest): string {
  const { 'app.kubernetes.io/component': component } = labels as { [label: string]: string } ?? {};
  return component === 'release' ? 'the release command' : `Job ${name}`;
}

/**
 * Runs a Job to its end, once. One that is there as it is to be has run, or runs: it is waited for. One that failed, or is another, is made
 * anew.
 *
 * @param seconds how long it may take, where the Job itself does not say
 * @returns whether it had run before
 * @throws NotUp with what it wrote last, where it fails
 */
export async function runJob(
  cluster: Cluster, job: Manifest, progress: Progress, seconds: number, signal: AbortSignal, options: ApplyOptions = {},
): Promise<boolean> {
  const { objects } = cluster;
  const reference = referenceTo(job);
  const { metadata: { uid }, status } = await made(cluster, job, signal, options);
  if (conditionOf(status, 'Complete')) return true;

  const what = called(job);
  const { activeDeadlineSeconds: deadline } = job.spec as { activeDeadlineSeconds?: number };
  // Its own end comes first, and says more.
  const most = deadline === undefined ? seconds : deadline + 30;
  let trouble: Trouble = { message: 'it is not done', final: false };
  await until(async () => {
    const live = await objects.get(reference);
    if (live?.metadata.uid !== uid) throw new NotUp({ message: 'somebody has removed it', final: true }, `${what} failed`);
    if (conditionOf(live.status, 'Complete')) return true;
    const pods = (await objects.list('v1', 'Pod', job.metadata.namespace, `batch.kubernetes.io/controller-uid=${uid}`)).sort(byAge);
    const failure = conditionOf(live.status, 'Failed');
    if (failure) throw new NotUp(failure.reason === 'DeadlineExceeded' ? late(job, deadline) : await ending(cluster, pods, failure.message), `${what} failed`);
    trouble = await podsTrouble(cluster, pods) ?? (pods.length === 0 ? await unmade(cluster, job) : undefined) ?? trouble;
    // A process that fails is tried again as often as the Job says.
    if (trouble.final && !pods.some(({ status: { phase } }) => phase === 'Failed')) throw new NotUp(trouble, `${what} cannot run`);
    progress.waiting(`${what} runs`);
    return false;
  }, most, signal, () => new NotUp(trouble, `${what} is not done within ${most} s`));
  return false;
}

async function made({ objects }: Cluster, job: Manifest, signal: AbortSignal, options: ApplyOptions): Promise<any> {
  const reference = referenceTo(job);
  const there = await objects.get(reference);
  if (there && !there.metadata.deletionTimestamp && !conditionOf(there.status, 'Failed')) {
    try {
      return await objects.apply(job, options);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 422)) throw error; // a Job cannot be changed
    }
  }
  if (there) {
    await objects.remove(reference);
    await until(async () => await objects.get(reference) === undefined, 60, signal, `the earlier Job ${job.metadata.name} does not go away`);
  }
  return objects.apply(job, options);
}

function conditionOf(status: any, type: string): any {
  return status?.conditions?.find((condition: any) => condition.type === type && condition.status === 'True');
}

function late(job: Manifest, seconds?: number): Trouble {
  return { message: `it was not done within ${seconds} s, and was stopped`, hint: called(job) === `Job ${job.metadata.name}` ? undefined : 'make it quicker, or give releaseCommand.timeout more', final: true };
}

async function ending(cluster: Cluster, pods: readonly any[], message: string): Promise<Trouble> {
  const last = pods[pods.length - 1];
  const ended = last?.status.containerStatuses?.find(({ state }: any) => (state.terminated?.exitCode ?? 0) !== 0);
  if (!ended) return { message, final: true };
  const lines = await lastLines(cluster, last, ended.name);
  const { reason, exitCode } = ended.state.terminated;
  return reason === 'OOMKilled'
    ? { message: 'it needs more memory than it has, and is killed', hint: 'choose a larger size', lines, final: true }
    : { message: `its process exits with code ${exitCode}`, lines, final: true };
}

/** Why a Job has no pod: it says so in events alone. */
async function unmade({ objects }: Cluster, { metadata: { name, namespace } }: Manifest) {
  const events = await allowed(async () => objects.list('v1', 'Event', namespace, undefined, `involvedObject.kind=Job,involvedObject.name=${name},reason=FailedCreate`));
  return events !== FORBIDDEN && events.length > 0 ? forbidden(events[events.length - 1].message, namespace!) : undefined;
}

function byAge(a: any, b: any): number {
  return a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1;
}
