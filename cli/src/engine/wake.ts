import { setTimeout as sleep } from 'node:timers/promises';
import { Answer, ask, Question } from './answer';
import { NotUp } from './not-up';
import type { Progress } from './progress';
import { comeUp } from './rollout';
import type { Cluster } from '../kube/connect';
import { referenceTo } from '../kube/objects';
import type { Manifest } from '../render/synthesis';

/**
 * Wakes an app that sleeps, as any visitor would, and waits until its new version is up. Where requests cannot be sent from here, it is
 * given a pod, which its scaler takes away again.
 */
export async function wake(
  cluster: Cluster, workload: Manifest, question: Question, progress: Progress, seconds: number, signal: AbortSignal,
): Promise<void> {
  progress.waiting(`${workload.metadata.name} sleeps: waking it`);
  const awake = new AbortController();
  const both = AbortSignal.any([signal, awake.signal]);
  let silence = 'nobody has answered the request that was to wake it';
  const knocking = knock(cluster, workload, question, both, said => silence = `the request that was to wake it was not answered: ${said}`);
  try {
    await comeUp(cluster, workload, progress, seconds, signal, () => silence);
  } finally {
    awake.abort();
    await knocking;
  }
}

async function knock(
  cluster: Cluster, workload: Manifest, question: Question, signal: AbortSignal, unanswered: (said: string) => void,
): Promise<void> {
  try {
    for (;;) {
      const answer = await ask(cluster, question, signal);
      if ('barred' in answer) return await giveOnePod(cluster, workload);
      if ('silence' in answer) unanswered(answer.silence);
      await sleep(1000, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function giveOnePod({ objects, api }: Cluster, workload: Manifest): Promise<void> {
  await api.json('PATCH', `${await objects.pathOf(referenceTo(workload))}/scale`, { body: { spec: { replicas: 1 } }, type: 'application/merge-patch+json' });
}

/**
 * Asks an app that is up until it answers.
 *
 * @returns what it answered, or why it could not be asked from here
 * @throws NotUp if nobody answers
 */
export async function answered(
  cluster: Cluster, name: string, question: Question, progress: Progress, seconds: number, signal: AbortSignal,
): Promise<Answer> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const late = AbortSignal.timeout(Math.max(1000, end - Date.now()));
    const answer = await ask(cluster, question, AbortSignal.any([signal, late])).catch((error): Answer => {
      signal.throwIfAborted();
      return { silence: (error as Error).message };
    });
    if (!('silence' in answer)) return answer;
    if (Date.now() > end) {
      // A network policy may keep the API server from an app's own Service; its probes were answered.
      if (question.host === undefined) return { barred: answer.silence };
      throw new NotUp({ message: `is up, and yet nobody answers for ${question.host}: ${answer.silence}`, hint: `webapp doctor ${name} follows a request along its way`, final: true }, name);
    }
    progress.waiting(`asking ${name}: ${answer.silence}`);
    await sleep(1000, undefined, { signal });
  }
}
