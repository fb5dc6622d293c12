import { called, runJob } from './jobs';
import { Draft, Turn } from './lock';
import { NotUp } from './not-up';
import { bringUp } from './observe';
import { trial } from './preflight';
import type { Progress } from './progress';
import { leftovers, prune, scales, unfinishedJobs } from './prune';
import { AppName, forgetOld, INTERRUPTED, lastGood, Release } from './release-store';
import type { Cluster } from '../kube/connect';
import { refused, troubleOf } from '../kube/errors';
import { ApiError } from '../kube/kubernetes-api';
import { Reference, referenceTo, sameObject, shown } from '../kube/objects';
import { allowed } from '../kube/permissions';
import { until } from '../kube/until';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

export interface DeployOptions {
  /** How long each workload may take to come up, in seconds; and a Job that does not say how long it may. */
  readonly timeout: number;

  /** Takes over fields that others have set in the cluster. */
  readonly force?: boolean;

  /** Makes the namespace where it is missing. */
  readonly createNamespace?: boolean;
}

/**
 * Makes an app in a cluster so, and waits until it is: the one way in which the command and the operator do it.
 *
 * 1. All objects are shown to the cluster, so that it says at once what it would refuse, and nothing is changed then.
 * 2. The release is written down as pending, with all its objects: whatever happens now, the next deploy knows of them.
 * 3. The objects are applied in order. A Job is run to its end, once, before what comes after it.
 * 4. The new version of each workload is waited for, woken if it sleeps, and asked whether it answers.
 * 5. What earlier releases made and this one has no more is removed, and the release is written down as deployed.
 *
 * If it fails, the last release that came up is applied again, and what only the failed one has is removed.
 *
 * @throws Failure with why
 */
export async function deploy(
  cluster: Cluster, app: AppName, draft: Draft, options: DeployOptions, progress: Progress, signal: AbortSignal,
): Promise<Release> {
  if (options.createNamespace) await inWords(makeNamespace(cluster, app.namespace, progress), app);
  progress.waiting('asking the cluster whether it takes all of it');
  await inWords(trial(cluster, app, draft.objects, options), app, 'nothing was changed');
  const turn = await inWords(Turn.begin(cluster, app, draft, progress, signal), app);
  const both = AbortSignal.any([signal, turn.signal]);
  const earlier = turn.before.map(({ release }) => release);
  try {
    await make(cluster, app, turn.release, earlier, options, progress, both);
    const { removed, kept } = await prune(cluster, app.name, leftovers(earlier, draft.objects));
    if (removed.length > 0) progress.done(`removed what is not in it any more: ${removed.map(shown).join(', ')}`);
    const known = [...kept, ...turn.release.kept.filter(one => !kept.some(other => sameObject(one, other)))];
    for (const reference of kept) progress.warn(`${shown(reference)} is not in it any more, and was left, as it holds data`);
    await turn.end('deployed', { kept: known.filter(one => !has(draft.objects, one)) });
    await forgetOld(cluster, app);
    return turn.release;
  } catch (error) {
    if (turn.signal.aborted) {
      await turn.stop();
      throw turn.signal.reason;
    }
    throw await failed(cluster, app, turn, signal.aborted ? new Failure(INTERRUPTED) : error, signal.aborted, progress);
  }
}

async function make(
  cluster: Cluster, app: AppName, release: Release, earlier: readonly Release[], options: DeployOptions, progress: Progress, signal: AbortSignal,
): Promise<void> {
  const { objects } = release;
  for (const job of (await prune(cluster, app.name, unfinishedJobs(earlier, objects))).removed) {
    progress.waiting(`stopping ${shown(job)} of a release that was not finished`);
    await until(async () => await cluster.objects.get(job) === undefined, 60, signal, `${shown(job)}, of a release that was not finished, does not go away`);
  }
  for (const [i, object] of objects.entries()) {
    signal.throwIfAborted();
    progress.waiting(`applying ${i + 1} of ${objects.length}: ${shown(object)}`);
    if (object.kind === 'Job') {
      const before = await runJob(cluster, object, progress, options.timeout, signal, options);
      progress.done(before ? `${called(object)} has run for this version before` : `${called(object)} is done`);
    } else {
      await applyOne(cluster, object, options.force);
    }
  }
  progress.done(`${objects.length} objects are applied`);

  // A scaler that is not wanted any more must not go on scaling, and what it scaled last is not what the file says.
  const { removed } = await prune(cluster, app.name, leftovers(earlier, objects).filter(scales));
  if (removed.length > 0) for (const object of objects) if ((object as any).spec?.replicas !== undefined) await applyOne(cluster, object, true);

  await bringUp(cluster, app.name, objects, earlier, progress, options.timeout, signal);
}

/** Writes down that a release failed, brings back the one before, and gives the error that says both. */
async function failed(cluster: Cluster, app: AppName, turn: Turn, error: unknown, interrupted: boolean, progress: Progress): Promise<Error> {
  const why = error instanceof NotUp ? error.line : troubleOf(error).split('\n')[0];
  const { number } = turn.release;
  const good = lastGood(turn.before);
  const said = [error instanceof Failure ? error.message : troubleOf(error)];
  try {
    if (interrupted) {
      said.push(`release ${number} is unfinished: the next webapp deploy goes on from here${good ? `, and webapp rollback goes back to release ${good.number}` : ''}`);
    } else if (good) {
      progress.waiting(`bringing back release ${good.number}`);
      await restore(cluster, app, good, turn.release);
      said.push(`release ${good.number} goes on serving`);
    } else {
      said.push('no release of it ever came up: nothing serves; mend it and deploy again, or take it away with webapp destroy');
    }
    await turn.end('failed', { why });
    await forgetOld(cluster, app);
  } catch (again) {
    await turn.stop();
    said.push(`and this could not be put right: ${troubleOf(again)}`, 'the next webapp deploy does');
  }
  return new Failure(said.join('\n'));
}

/** Applies a release again and removes what only a later one has. Its Jobs have been run; what others have changed meanwhile stays theirs. */
async function restore(cluster: Cluster, app: AppName, good: Release, bad: Release): Promise<void> {
  for (const object of good.objects) {
    if (object.kind === 'Job') continue;
    try {
      await cluster.objects.apply(object);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    }
  }
  await prune(cluster, app.name, leftovers([bad], good.objects));
}

async function applyOne(cluster: Cluster, object: Manifest, force?: boolean): Promise<void> {
  try {
    await cluster.objects.apply(object, { force });
  } catch (error) {
    throw error instanceof ApiError ? new Failure(refused(object, error)) : error;
  }
}

async function makeNamespace({ objects }: Cluster, name: string, progress: Progress): Promise<void> {
  const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  // Who may not see it is told soon enough if it is missing.
  if (await allowed(async () => objects.get(referenceTo(namespace))) !== undefined) return;
  await objects.apply(namespace);
  progress.done(`namespace ${name} is made`);
}

/**
 * Has what the API server says said in plain words.
 *
 * @param besides what is to be said too
 */
export async function inWords<T>(asked: Promise<T>, { namespace }: Pick<AppName, 'namespace'>, besides?: string): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    const { message, exitCode } = error instanceof Failure ? error : new Failure(troubleOf(error, namespace));
    throw new Failure(besides === undefined ? message : `${message}\n${besides}`, exitCode);
  }
}

function has(objects: readonly Manifest[], reference: Reference): boolean {
  return objects.some(object => sameObject(referenceTo(object), reference));
}
