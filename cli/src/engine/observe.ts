import { Question, questionTo } from './answer';
import type { Progress } from './progress';
import { cameUp, Release } from './release-store';
import { comeUp, Rollout } from './rollout';
import { answered, wake } from './wake';
import type { Cluster } from '../kube/connect';
import { frontOf, isWorkload } from '../kube/workload';
import type { Manifest } from '../render/synthesis';

/**
 * Waits until what was applied is up, wakes what sleeps, and asks whether it answers. Of an app's other versions, a canary or an idle color, one
 * that sleeps as it was before is left asleep.
 *
 * @param earlier the releases before, the latest first
 * @throws NotUp with why
 */
export async function bringUp(
  cluster: Cluster, app: string, objects: readonly Manifest[], earlier: readonly Release[], progress: Progress, seconds: number, signal: AbortSignal,
): Promise<void> {
  const front = frontOf(objects, app);
  const good = earlier.find(cameUp);
  const awake: [name: string, question: Question][] = [];
  for (const workload of objects.filter(isWorkload)) {
    const { name } = workload.metadata;
    const question = questionTo(objects, name);
    let rollout = await comeUp(cluster, workload, progress, seconds, signal);
    if (rollout.state === 'asleep' && question?.host !== undefined && (name === front || !runsAlike(workload, good))) {
      await wake(cluster, workload, question, progress, seconds, signal);
      rollout = { state: 'up', ready: 1, wanted: 1 };
    }
    progress.done(said(name, rollout));
    if (question && rollout.state !== 'asleep') awake.push([name, question]);
  }
  for (const [name, question] of awake) await ask(cluster, name, question, name === front ? 'it answers' : `${name} answers`, progress, signal);
}

function said(name: string, { state, ready }: Rollout): string {
  if (state === 'asleep') return `${name} sleeps until there is something to do`;
  if (state === 'moving') return `${name} has its first pods: Argo Rollouts moves it on from there`;
  return `${name} is up: ${ready} ${ready === 1 ? 'is' : 'are'} ready`;
}

async function ask(cluster: Cluster, name: string, question: Question, answers: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const answer = await answered(cluster, name, question, progress, question.host === undefined ? 3 : 60, signal);
  if (!('status' in answer)) return;
  const text = `${answers}: GET ${question.path} gives status ${answer.status}`;
  if (answer.status >= 500) progress.warn(text); else progress.done(text);
}

/** Whether a workload's pods are as they were. */
function runsAlike(workload: any, release: Release | undefined): boolean {
  const before: any = release?.objects.find(({ kind, metadata }) => kind === workload.kind && metadata.name === workload.metadata.name);
  return JSON.stringify(before?.spec.template) === JSON.stringify(workload.spec.template);
}
