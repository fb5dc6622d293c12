import type { Applied, Applier } from './applier';
import type { OperatorContext } from './context';
import { liveWorkload } from './live-objects';
import { withOwner } from './owner';
import { keyOf, nameOf } from './resources';
import type { Attempt, WebAppResource } from './resources';
import { DiagnosedFailure } from '../diagnose/pods';
import { observeBuild } from '../engine/builds';
import { jobName, observeJob } from '../engine/jobs';
import { hasSamePods } from '../engine/observe';
import { probeOf } from '../engine/probe';
import { prune, scalersOfOthers } from '../engine/prune';
import type { Release } from '../engine/release-store';
import { isAsFarAsItGets, observeRollout, PATIENCE } from '../engine/rollout';
import { keepRequesting } from '../engine/wake';
import { withoutMissingRoutes } from '../engine/waking-routes';
import { referenceTo, shown, without } from '../kube/objects';
import type { BuildRun, Job } from '../kube/types';
import { BUILD_RUN, conditionOf, holds, isKind, runsOnce } from '../kube/types';
import type { Workload } from '../kube/workload';
import { activeWorkload, workloadsIn } from '../kube/workload';
import type { Manifest, SynthesizedApp } from '../render/synthesis';

/** How long a workload may take to become ready, in milliseconds, unless its Deployment gives it longer. */
const ROLLOUT_TIMEOUT = 600_000;

/** How often what does not report by itself is looked at, in milliseconds. */
const INTERVAL = 2_000;

/** What an attempt waits for; undefined where it waits for nothing. */
export interface Waiting {
  readonly for: 'build' | 'rollout';
  readonly message: string;

  /** When to look again at the latest, in milliseconds. */
  readonly again: number;
}

/**
 * Deploys what an app is to become, one pass at a time: what is done is not done again, and what takes long is not waited for.
 */
export class Attempts {
  /** Since when a workload has had a problem that stays until something is changed, by its app. */
  private readonly troubled = new Map<string, number>();
  private readonly wakes = new Map<string, AbortController>();

  constructor(private readonly context: OperatorContext, private readonly applier: Applier) {}

  /**
   * What is done once, before an attempt: whatever failed in an earlier one runs again.
   *
   * @param isServing whether a release serves traffic, which objects that the API server refuses must not change
   */
  public async begin(resource: WebAppResource, { objects, shared }: SynthesizedApp, isServing: boolean): Promise<void> {
    const { cluster, live } = this.context;
    this.end(resource);
    const lasting = withOwner(objects, shared, resource).filter(object => !runsOnce(object));
    if (isServing) await this.applier.tryAll(lasting, resource);
    for (const object of objects.filter(runsOnce)) {
      const reference = referenceTo<Job | BuildRun>(object);
      const earlier = live.get(reference);
      const hasFailed = earlier && (holds(earlier, 'Failed') || conditionOf(earlier, 'Succeeded')?.status === 'False');
      if (hasFailed) await cluster.objects.remove(reference, earlier.metadata.uid);
      this.applier.forget(reference);
    }
  }

  /**
   * One pass.
   *
   * @param current the release that serves traffic
   * @returns what it waits for, or nothing when the new version is ready
   * @throws Blocked or DiagnosedFailure
   */
  public async pass(
    resource: WebAppResource, { objects, shared }: SynthesizedApp, attempt: Attempt, current: Pick<Release, 'objects'> | undefined,
  ): Promise<Waiting | undefined> {
    const applied = new Map<string, Applied>();
    for (const object of withOwner(objects, shared, resource)) {
      const result = await this.applier.apply(await this.complete(object, objects), resource);
      applied.set(shown(object), result);
      const waiting = runsOnce(object) ? await this.observeRun(object, result) : undefined;
      if (waiting) return waiting;
    }
    await this.stopScalers(resource, objects);
    for (const workload of workloadsIn(objects)) {
      const waiting = await this.observe(resource, { workload, objects, attempt, current, applied: applied.get(shown(workload))! });
      if (waiting) return waiting;
    }
    this.end(resource);
    return undefined;
  }

  /** An object as it can be applied: a ScaledObject without routes of other apps that do not exist. */
  public async complete(object: Manifest, objects: readonly Manifest[]): Promise<Manifest> {
    return (await withoutMissingRoutes(this.context.cluster, object, objects)).object;
  }

  /** Forgets what an attempt has remembered. */
  public end(resource: WebAppResource): void {
    const key = keyOf(nameOf(resource));
    this.wakes.get(key)?.abort();
    this.wakes.delete(key);
    this.troubled.delete(key);
  }

  /** A Job or a build: the objects after it follow when it is complete. */
  private async observeRun(object: Manifest, applied: Applied): Promise<Waiting | undefined> {
    const { cluster, live } = this.context;
    const isBuild = isKind(object, BUILD_RUN);
    const what = isBuild ? 'the build' : jobName(object);
    const waiting: Waiting = { for: isBuild ? 'build' : 'rollout', message: `${what} is running`, again: INTERVAL };
    const seen = live.get(referenceTo<Job & BuildRun>(object));
    if (!seen || applied !== 'unchanged') return waiting;
    const { isComplete, problem } = isBuild ? await observeBuild(cluster, seen) : await observeJob(cluster, object, seen);
    if (isComplete) return undefined;
    return problem ? { ...waiting, message: `${what} is running (${problem.message})` } : waiting;
  }

  /** A scaler that the app no longer has must stop scaling now. */
  private async stopScalers(resource: WebAppResource, objects: readonly Manifest[]): Promise<void> {
    const { cluster, live } = this.context;
    const wanted = objects.map(object => referenceTo(object));
    const old = scalersOfOthers(without(live.ownedBy(resource.metadata.uid), wanted));
    if (old.length > 0) await prune(cluster, resource.metadata.name, old);
  }

  private async observe(resource: WebAppResource, { workload, objects, attempt, current, applied }: Rollout): Promise<Waiting | undefined> {
    const { cluster, live, diagnoses } = this.context;
    const { name } = workload.metadata;
    const waiting = (message: string): Waiting => ({ for: 'rollout', message, again: INTERVAL });
    const seen = liveWorkload(live, workload);
    if (!seen || applied !== 'unchanged') return waiting(`${name} is starting`);
    const status = await observeRollout(cluster, seen);
    const app = nameOf(resource);
    const key = keyOf(app);
    const probe = probeOf(objects, name);
    const isChanged = name === activeWorkload(objects, app.name) || !hasSamePods(workload, current);
    const mustWake = status.state === 'scaled-to-zero' && probe?.host !== undefined && isChanged && current !== undefined;
    if (mustWake && !this.wakes.has(key)) {
      const stop = new AbortController();
      this.wakes.set(key, stop);
      const signal = AbortSignal.any([stop.signal, this.context.signal]);
      void keepRequesting({ cluster, signal }, workload, probe, () => {}).catch(error => this.context.onError(app, error as Error));
    }
    if (isAsFarAsItGets(status) && !mustWake) {
      this.troubled.delete(key);
      return undefined;
    }
    const now = cluster.clock.now();
    const problem = await diagnoses.of(seen);
    if (!problem?.permanent) this.troubled.delete(key);
    else if (!this.troubled.has(key)) this.troubled.set(key, now);
    if (problem?.permanent && now - this.troubled.get(key)! >= PATIENCE) throw new DiagnosedFailure(problem, `${name} failed to start`);
    const timeout = Math.max(ROLLOUT_TIMEOUT, 1000 * (workload.spec.progressDeadlineSeconds ?? 0));
    if (now - Date.parse(attempt.started) > timeout) {
      const unknown = { message: 'no cause found; see webapp logs', permanent: true };
      throw new DiagnosedFailure(problem ?? unknown, `${name} is not ready after ${timeout / 1000} s`);
    }
    if (mustWake) return waiting(`${name} is scaled to zero: waking it`);
    return waiting(`${name}: ${status.ready}/${status.wanted} replicas ready${problem ? ` (${problem.message})` : ''}`);
  }
}

/** A workload that is being rolled out. */
interface Rollout {
  readonly workload: Workload;
  readonly objects: readonly Manifest[];
  readonly attempt: Attempt;
  readonly current: Pick<Release, 'objects'> | undefined;
  readonly applied: Applied;
}
