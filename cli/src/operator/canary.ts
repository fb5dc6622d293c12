import type { Attempts, Waiting } from './attempt';
import { Blocked } from './blocked';
import type { OperatorContext } from './context';
import { liveWorkload } from './live-objects';
import type { Planner } from './plan';
import type { Records } from './records';
import type { News } from './reporter';
import type { Attempt, CanaryProgress, WebAppResource } from './resources';
import { digestsOf, keyOf, nameOf } from './resources';
import type { SettingsOfApps } from './settings';
import { sentence } from '../config/diagnostic';
import { withAdditions } from '../engine/additions';
import type { GradualStep, ResponseCounts } from '../engine/canary-health';
import {
  canaryWorkload, checkPods, checkResponses, MAX_ERRORS, readResponseCounts, responsesSince, shownStep,
} from '../engine/canary-health';
import { withDigests } from '../engine/pin';
import type { Release } from '../engine/release-store';
import { oldPods } from '../engine/rollout';
import { timestamp } from '../kube/clock';
import type { AppName } from '../kube/types';
import type { Workload } from '../kube/workload';
import { activeImage, workloadIn } from '../kube/workload';
import { isSameVersion, shownBeside, shownImage } from '../registry/reference';
import type { SynthesizedApp } from '../render/synthesis';

/** How often a canary is looked at, in milliseconds: the interceptor's metrics are those of all apps. */
const INTERVAL = 10_000;

/**
 * How long a canary without traffic stays, in milliseconds. Gateways take a while to follow a route that has changed; for Traefik it is
 * `providersThrottleDuration`, by default 2 seconds: https://doc.traefik.io/traefik/reference/install-configuration/providers/others/http/
 */
const DRAIN = 10_000;

/** How much time between two looks counts as watched at most, in milliseconds: if the API server does not answer, nobody watches. */
const LONGEST_GAP = 60_000;

/** When to continue where there is nothing to wait for, in milliseconds. */
const SOON = 1;

/** The step that an attempt is at. */
interface CanaryStep {
  /** Its objects: in the takeover, both versions have the new image. */
  readonly app: SynthesizedApp;

  /** The step; undefined for the takeover. */
  readonly step?: GradualStep;

  /** The step that follows; undefined where that is the takeover. */
  readonly next?: GradualStep;

  /** The percentage of its responses that may be errors. */
  readonly maxErrors: number;
}

/** What the canaries of an operator work with. */
export interface CanaryParts {
  readonly planner: Planner;
  readonly attempts: Attempts;
  readonly records: Records;
  readonly settings: SettingsOfApps;
}

/** What a pass over a step comes to. */
export interface CanaryPass {
  /** How far the canary is; undefined when its image has taken over, so that it can go. */
  readonly canary?: CanaryProgress;

  /** What it waits for; undefined where it is over. */
  readonly waiting?: Waiting;
  readonly news?: readonly News[];
}

/** How long this process has watched a step, in milliseconds, and what it saw. */
interface Watch {
  readonly step: string;
  readonly watched: number;
  readonly until: number;
  readonly counts?: ResponseCounts;
  readonly counted?: number;
}

/**
 * Moves the traffic of an app to a new image, step by step and one pass at a time, by the rules of `webapp deploy --canary --every`.
 *
 * What it has to know is in the status of the resource. Only time that a process has watched counts: a step neither ends while no operator
 * runs, nor early because the clock of the next one is ahead.
 */
export class Canaries {
  private readonly watches = new Map<string, Watch>();

  private readonly planner: Planner;
  private readonly attempts: Attempts;
  private readonly records: Records;
  private readonly settings: SettingsOfApps;

  constructor(private readonly context: OperatorContext, { planner, attempts, records, settings }: CanaryParts) {
    this.planner = planner;
    this.attempts = attempts;
    this.records = records;
    this.settings = settings;
  }

  /**
   * The canary of an attempt that begins: a new image gets the traffic in steps, and one that has been the canary until now takes over.
   * Undefined where the image gets all traffic at once.
   *
   * @param app what is to be deployed in the end
   */
  public async begin(resource: WebAppResource, app: SynthesizedApp, current: Release): Promise<CanaryProgress | undefined> {
    const image = activeImage(app.objects, app.name);
    if (image === undefined || resource.spec.image === undefined || app.canary) return undefined;
    const { steps } = this.planner.stepsOf(resource) ?? { steps: [] };
    const [first] = steps;
    if (first && await this.records.isNew(resource, image)) return this.progress(image, 0, first.weight);
    const takesOver = current.canary && isSameVersion(current.canary.image, image);
    return takesOver ? this.progress(image, steps.length, current.canary.weight) : undefined;
  }

  /** The objects of the step that an attempt is at. */
  public async objectsOf(resource: WebAppResource, attempt: Attempt, current: Release): Promise<SynthesizedApp> {
    return (await this.stepOf(resource, attempt, current)).app;
  }

  /**
   * One pass over the step that an attempt is at.
   *
   * @param current the release that serves the rest of the traffic
   * @throws Blocked, or DiagnosedFailure if the new version is unhealthy
   */
  public async pass(resource: WebAppResource, attempt: Attempt, current: Release): Promise<CanaryPass> {
    const step = await this.stepOf(resource, attempt, current);
    const canary = attempt.canary!;
    if (canary.ready !== undefined) {
      await this.attempts.keep(resource, step.app);
      return this.watch(resource, step, canary);
    }
    // What was awake once with this image need not be woken for another weight.
    const { app } = step;
    const { name } = canaryWorkload(app, app).metadata;
    const before = { objects: [...current.objects, ...app.objects.filter(object => object.metadata.name === name && canary.step > 0)] };
    const waiting = await this.attempts.pass(resource, step.app, { ...attempt, started: canary.started }, before);
    if (waiting) return { canary, waiting: { ...waiting, message: `${title(step, canary)}: ${waiting.message}` } };
    const ready = { ...canary, ready: this.now() };
    return { canary: ready, waiting: { for: 'rollout', message: title(step, canary), again: SOON }, news: newsOf(step, canary, current) };
  }

  /** Forgets an app that was deleted. */
  public forget(app: AppName): void {
    this.watches.delete(keyOf(app));
  }

  private async stepOf(resource: WebAppResource, attempt: Attempt, { image: before }: Release): Promise<CanaryStep> {
    const { step: number, weight, ready } = attempt.canary!;
    const { steps, maxErrors = MAX_ERRORS } = this.planner.stepsOf(resource) ?? { steps: [] };
    const [step, next] = steps.slice(number);
    const image = resource.spec.image!;
    // A version that has never been ready gets no traffic.
    const isNew = number === 0 && step !== undefined && ready === undefined;
    const plan = this.planner.planCanary(resource, step ? before! : image, { image, weight: isNew ? 0 : step?.weight ?? weight });
    if (plan.problems) throw new Blocked('Rejected', plan.problems.map(sentence).join('\n'));
    const { settings } = await this.settings.of(resource);
    const { objects: own, secretStore } = plan.app;
    const objects = await withAdditions(this.context.cluster, nameOf(resource), own, { settings, secretStore });
    return { app: withDigests({ ...plan.app, objects }, digestsOf(attempt)), step, next, maxErrors };
  }

  private progress(image: string, step: number, weight: number): CanaryProgress {
    return { image, weight, step, started: this.now() };
  }

  private now(): string {
    return timestamp(this.context.cluster.clock.now());
  }

  /** Watches a step whose pods have been ready. */
  private async watch(resource: WebAppResource, of: CanaryStep, canary: CanaryProgress): Promise<CanaryPass> {
    const { app: { objects, name }, step, next } = of;
    const workload = step ? canaryWorkload({ name }, { objects }) : workloadIn(objects, name)!;
    // Their responses would be counted as those of the new version, or they would get requests once the canary is gone.
    if (canary.watched === undefined && await this.hasOldPods(workload, canary)) {
      const message = `${title(of, canary)}: waiting for the old pods of ${workload.metadata.name} to terminate`;
      return { canary, waiting: { for: 'rollout', message, again: INTERVAL } };
    }
    if (!step) return this.drain(of, canary);
    const begun = canary.watched !== undefined ? canary : { ...canary, watched: 0, before: await this.count(of, workload) };
    const seen = await this.look(resource, of, begun, workload);
    const left = step.seconds * 1000 - seen.watched;
    if (left <= 0) {
      const { image, weight } = canary;
      return {
        canary: this.progress(image, canary.step + 1, next?.weight ?? weight),
        waiting: { for: 'rollout', message: `${title(of, canary)}: the next step follows`, again: SOON },
        news: [{ reason: 'CanaryHealthy', message: shownStep(step, begun.before && seen.counts) }],
      };
    }
    const then = next ? `${next.weight}%` : 'all traffic';
    const message = `${title(of, canary)}, ${then} in ${Math.ceil(left / MINUTE)} min`;
    const watched = Math.floor(seen.watched / MINUTE) * MINUTE / 1000;
    return { canary: { ...begun, weight: step.weight, watched }, waiting: { for: 'rollout', message, again: Math.min(INTERVAL, left) } };
  }

  /** The canary loses its traffic before it is removed: requests that were on their way to it still arrive. */
  private drain(of: CanaryStep, canary: CanaryProgress): CanaryPass {
    const { image, step, draining, ready } = canary;
    const message = `${title(of, { image })}: the canary ends`;
    const waiting = (again: number): Waiting => ({ for: 'rollout', message, again });
    if (!draining) return { canary: { ...this.progress(image, step, 0), draining: true }, waiting: waiting(SOON) };
    const passed = this.context.cluster.clock.now() - Date.parse(ready!);
    return passed >= 0 && passed < DRAIN ? { canary, waiting: waiting(DRAIN - passed) } : {};
  }

  /** @throws DiagnosedFailure if the new version is unhealthy */
  private async look(
    resource: WebAppResource, of: CanaryStep, { step, started, watched = 0, before }: CanaryProgress, workload: Workload,
  ): Promise<Watch> {
    const { cluster, live } = this.context;
    const key = keyOf(nameOf(resource));
    const now = cluster.clock.now();
    const id = `${step} ${started}`;
    const known = this.watches.get(key);
    const last: Watch = known?.step === id ? known : { step: id, watched: watched * 1000, until: now };
    const passed = Math.min(Math.max(0, now - last.until), LONGEST_GAP);
    const seen = { ...last, watched: last.watched + passed, until: now };
    const { name } = workload.metadata;
    await checkPods(cluster, name, liveWorkload(live, workload));
    const isOver = seen.watched >= of.step!.seconds * 1000;
    const isDue = before !== undefined && (isOver || seen.counted === undefined || now - seen.counted >= INTERVAL);
    const counts = isDue ? await this.count(of, workload) : undefined;
    const watch = counts ? { ...seen, counts: responsesSince(before!, counts), counted: now } : seen;
    this.watches.set(key, watch);
    if (watch.counts) checkResponses(name, watch.counts, of.maxErrors);
    return watch;
  }

  private async count({ app: { objects } }: CanaryStep, { metadata: { name, namespace } }: Workload): Promise<ResponseCounts | undefined> {
    const { cluster, readMetrics } = this.context;
    return readResponseCounts(cluster, objects, { name, namespace: namespace! }, readMetrics);
  }

  private async hasOldPods(workload: Workload, { ready }: CanaryProgress): Promise<boolean> {
    const { cluster } = this.context;
    const { terminating, longest } = await oldPods(cluster, workload);
    return terminating > 0 && cluster.clock.now() < Date.parse(ready!) + longest;
  }
}

const MINUTE = 60_000;

function title({ step }: CanaryStep, { image }: Pick<CanaryProgress, 'image'>): string {
  return step ? `canary at ${step.weight}%` : `${shownImage(image)} takes over`;
}

function newsOf({ step }: CanaryStep, { image }: CanaryProgress, { image: before = '' }: Release): News[] {
  if (!step) return [];
  const message = `${step.weight}% of the traffic goes to ${shownBeside(before, image)}, the rest to ${shownBeside(image, before)}`;
  return [{ reason: 'CanaryStep', message }];
}
