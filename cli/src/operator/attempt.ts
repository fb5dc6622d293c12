import type { Applied, Applier } from './applier';
import { Blocked } from './blocked';
import type { OperatorContext } from './context';
import { covers } from './covers';
import { liveWorkload } from './live-objects';
import { withOwner } from './owner';
import { keyOf, nameOf } from './resources';
import type { Attempt, WebAppResource } from './resources';
import { DiagnosedFailure } from '../diagnose/pods';
import { observeBuild } from '../engine/builds';
import { canaryWorkload } from '../engine/canary-health';
import { lateDatabase, newDatabases, usesDatabases, whyNotReady } from '../engine/databases';
import { isEntrance } from '../engine/entrances';
import { jobName, observeJob } from '../engine/jobs';
import { hasSamePods } from '../engine/observe';
import { probeOf } from '../engine/probe';
import { prune, scalersOfOthers } from '../engine/prune';
import { missingReferences } from '../engine/references';
import type { Release } from '../engine/release-store';
import { isAsFarAsItGets, observeRollout, PATIENCE } from '../engine/rollout';
import { keepRequesting } from '../engine/wake';
import { withoutMissingRoutes } from '../engine/waking-routes';
import type { Reference } from '../kube/objects';
import { referenceTo, shown, without } from '../kube/objects';
import type { AppName, BuildRun, Job } from '../kube/types';
import { BUILD_RUN, conditionOf, holds, isKind, JOB, runsOnce } from '../kube/types';
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
  /** What is remembered of workloads that are being rolled out, by app and by name. */
  private readonly memories = new Map<string, Map<string, Memory>>();

  constructor(private readonly context: OperatorContext, private readonly applier: Applier) {}

  /**
   * What is done once, before an attempt: whatever failed in an earlier one runs again.
   *
   * @param isServing whether a release serves traffic, which objects that the API server refuses must not change
   */
  public async begin(resource: WebAppResource, { objects, shared, generated }: SynthesizedApp, isServing: boolean): Promise<void> {
    const { cluster, live } = this.context;
    this.end(resource);
    // What stays as it is has to wait for nothing.
    const users = objects.filter(object => {
      const seen = live.get(referenceTo(object));
      return !seen || !covers(seen, object);
    });
    const { problems } = await missingReferences(cluster, { app: nameOf(resource), objects, users, generated });
    if (problems.length > 0) throw new Blocked('ReferenceNotFound', problems.join('\n'));
    const lasting = withOwner(objects, shared, resource).filter(object => !runsOnce(object));
    if (isServing) await this.applier.tryAll(lasting, resource);
    for (const object of objects.filter(runsOnce)) {
      const reference = referenceTo<Job | BuildRun>(object);
      const earlier = live.get(reference);
      const hasFailed = earlier && (holds(earlier, 'Failed') || conditionOf(earlier, 'Succeeded')?.status === 'False');
      // The template of a Job cannot be changed.
      const hasOtherSettings = earlier && isKind(object, JOB) && !hasSameSources(earlier as Job, object as unknown as Job);
      if (hasFailed || hasOtherSettings) await cluster.objects.remove(reference, earlier.metadata.uid);
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
    resource: WebAppResource, app: SynthesizedApp, attempt: Attempt, current: Pick<Release, 'objects'> | undefined,
  ): Promise<Waiting | undefined> {
    const { objects, shared } = app;
    const applied = new Map<string, Applied>();
    const observe = async (workload: Workload) => (
      this.observe(resource, { workload, objects, attempt, current, applied: applied.get(shown(workload))! }));
    const canary = app.canary?.weight ? canaryWorkload(app, app) : undefined;
    const entrance = objects.findIndex(isEntrance);
    const firstUser = objects.findIndex(usesDatabases);
    for (const [i, object] of withOwner(objects, shared, resource).entries()) {
      const early = i === firstUser ? this.observeDatabases(newDatabases(objects.slice(0, i), current), attempt)
        : canary && i === entrance ? await observe(canary) : undefined;
      if (early) return early;
      const result = await this.applier.apply(await this.complete(object, objects), resource);
      applied.set(shown(object), result);
      const waiting = runsOnce(object) ? await this.observeRun(object, result) : undefined;
      if (waiting) return waiting;
    }
    await this.stopScalers(resource, objects);
    for (const workload of workloadsIn(objects)) {
      const waiting = await observe(workload);
      if (waiting) return waiting;
    }
    this.end(resource);
    return undefined;
  }

  /** Applies again what others have changed, of what has been ready once. */
  public async keep(resource: WebAppResource, { objects, shared }: SynthesizedApp): Promise<void> {
    for (const object of withOwner(objects, shared, resource).filter(one => !runsOnce(one))) {
      await this.applier.apply(await this.complete(object, objects), resource);
    }
  }

  /** An object as it can be applied: a ScaledObject without routes of other apps that do not exist. */
  public async complete(object: Manifest, objects: readonly Manifest[]): Promise<Manifest> {
    return (await withoutMissingRoutes(this.context.cluster, object, objects)).object;
  }

  /** Forgets what an attempt has remembered. */
  public end(resource: WebAppResource): void {
    const key = keyOf(nameOf(resource));
    for (const { wake } of this.memories.get(key)?.values() ?? []) wake?.abort();
    this.memories.delete(key);
  }

  private memoryOf(app: AppName, workload: string): Memory {
    const key = keyOf(app);
    const ofApp = this.memories.get(key) ?? new Map<string, Memory>();
    const memory = ofApp.get(workload) ?? {};
    this.memories.set(key, ofApp.set(workload, memory));
    return memory;
  }

  /** Databases that the app did not have before: what uses them follows when they are ready. */
  private observeDatabases(databases: readonly Reference[], { started }: Attempt): Waiting | undefined {
    const { cluster, live } = this.context;
    for (const reference of databases) {
      const why = whyNotReady(reference, live.get(reference));
      if (why === undefined) continue;
      if (cluster.clock.now() - Date.parse(started) > ROLLOUT_TIMEOUT) throw lateDatabase(reference, why, ROLLOUT_TIMEOUT / 1000);
      return { for: 'rollout', message: `waiting for ${shown(reference)} (${why})`, again: INTERVAL };
    }
    return undefined;
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
    if (old.length > 0) await prune(cluster, nameOf(resource), old);
  }

  private async observe(resource: WebAppResource, { workload, objects, attempt, current, applied }: Rollout): Promise<Waiting | undefined> {
    const { cluster, live, diagnoses } = this.context;
    const { name } = workload.metadata;
    const waiting = (message: string): Waiting => ({ for: 'rollout', message, again: INTERVAL });
    const seen = liveWorkload(live, workload);
    if (!seen || applied !== 'unchanged') return waiting(`${name} is starting`);
    const status = await observeRollout(cluster, seen);
    const app = nameOf(resource);
    const memory = this.memoryOf(app, name);
    const probe = probeOf(objects, name);
    // The version that a canary is beside need not wake if it stays as it is.
    const isActive = name === activeWorkload(objects, app.name) && attempt.canary === undefined;
    const isChanged = isActive || !hasSamePods(workload, current);
    const mustWake = status.state === 'scaled-to-zero' && probe?.host !== undefined && isChanged && current !== undefined;
    if (mustWake && !memory.wake) {
      memory.wake = new AbortController();
      const signal = AbortSignal.any([memory.wake.signal, this.context.signal]);
      void keepRequesting({ cluster, signal }, workload, probe, () => {}).catch(error => this.context.onError(app, error as Error));
    }
    if (isAsFarAsItGets(status) && !mustWake) {
      memory.troubled = undefined;
      return undefined;
    }
    const now = cluster.clock.now();
    const problem = await diagnoses.of(seen);
    memory.troubled = problem?.permanent ? memory.troubled ?? now : undefined;
    if (problem && now - (memory.troubled ?? now) >= PATIENCE) throw new DiagnosedFailure(problem, `${name} failed to start`);
    const timeout = Math.max(ROLLOUT_TIMEOUT, 1000 * (workload.spec.progressDeadlineSeconds ?? 0));
    if (now - Date.parse(attempt.started) > timeout) {
      const unknown = { message: 'no cause found; see webapp logs', permanent: true };
      throw new DiagnosedFailure(problem ?? unknown, `${name} is not ready after ${timeout / 1000} s`);
    }
    if (mustWake) return waiting(`${name} is scaled to zero: waking it`);
    return waiting(`${name}: ${status.ready}/${status.wanted} replicas ready${problem ? ` (${problem.message})` : ''}`);
  }
}

/** Whether the processes of two Jobs get the same variables of Secrets and ConfigMaps as a whole, such as settings. */
function hasSameSources(...jobs: [Job, Job]): boolean {
  const [a, b] = jobs.map(({ spec }) => JSON.stringify(spec.template.spec?.containers[0].envFrom ?? []));
  return a === b;
}

/** What is remembered of a workload. */
interface Memory {
  /** Stops the requests that wake it. */
  wake?: AbortController;

  /** Since when it has had a problem that stays until something is changed. */
  troubled?: number;
}

/** A workload that is being rolled out. */
interface Rollout {
  readonly workload: Workload;
  readonly objects: readonly Manifest[];
  readonly attempt: Attempt;
  readonly current: Pick<Release, 'objects'> | undefined;
  readonly applied: Applied;
}
