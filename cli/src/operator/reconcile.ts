import { Applier, WATCH_DELAY } from './applier';
import { Attempts } from './attempt';
import { Blocked } from './blocked';
import { Canaries } from './canary';
import type { Fact, Facts } from './conditions';
import { isMet, VALID } from './conditions';
import type { OperatorContext } from './context';
import { Expiration } from './expiry';
import { GeneratedValues } from './generated';
import { liveWorkload } from './live-objects';
import { observe } from './observe';
import { withOwner } from './owner';
import type { Planner, Refusal } from './plan';
import { checksumOf, revisionOf } from './plan';
import { Records } from './records';
import { Removal } from './removal';
import type { Report } from './reporter';
import { Reporter } from './reporter';
import type { Attempt, WebAppResource, WebAppStatus } from './resources';
import { digestsOf, keyOf, nameOf, WEB_APP } from './resources';
import { withoutRunning } from './running-images';
import { SettingsOfApps } from './settings';
import { sentence } from '../config/diagnostic';
import { DiagnosedFailure } from '../diagnose/pods';
import { withAdditions } from '../engine/additions';
import { backMessage } from '../engine/gradual';
import { withDigests } from '../engine/pin';
import { isBuild, prune } from '../engine/prune';
import type { Release } from '../engine/release-store';
import { retire } from '../engine/retire';
import { timestamp } from '../kube/clock';
import type { Reference } from '../kube/objects';
import { referenceTo, sameObject, without } from '../kube/objects';
import type { AppName } from '../kube/types';
import { runsOnce } from '../kube/types';
import { activeImage, workloadsIn } from '../kube/workload';
import type { SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** How long to wait before trying again what the cluster refused, in milliseconds: what it lacked may be there then. */
const RETRY = 60_000;

/** How often a version that failed, and stays as it is, is looked at, in milliseconds. */
const SECOND_LOOK = 30_000;

/** What is to be done next. */
export interface Next {
  /** When to reconcile the app again at the latest, in milliseconds; undefined where a change of an object is what matters. */
  readonly requeueAfter?: number;
}

/**
 * Makes the objects of apps as their resources say.
 *
 * It is level-triggered: each pass looks at what is there, does what can be done now, writes the status, and returns. Nothing that it has
 * to know is in its memory alone, so it can be stopped at any moment.
 */
export class Reconciler {
  private readonly applier: Applier;
  private readonly attempts: Attempts;
  private readonly canaries: Canaries;
  private readonly expiration: Expiration;
  private readonly generated: GeneratedValues;
  private readonly records: Records;
  private readonly reporter: Reporter;
  private readonly removal: Removal;
  private readonly settings: SettingsOfApps;

  /** The current releases of apps whose spec is not what is deployed, with their numbers. */
  private readonly currents = new Map<string, Release>();

  constructor(private readonly context: OperatorContext, private readonly planner: Planner) {
    this.applier = new Applier(context.cluster, context.live);
    this.attempts = new Attempts(context, this.applier);
    this.expiration = new Expiration(context);
    this.generated = new GeneratedValues(context);
    this.settings = new SettingsOfApps(context);
    this.records = new Records(context, this.settings);
    this.canaries = new Canaries(context, { planner, attempts: this.attempts, records: this.records, settings: this.settings });
    this.reporter = new Reporter(context);
    this.removal = new Removal(context);
  }

  /** One pass over an app. */
  public async reconcile(app: AppName): Promise<Next> {
    const resource = this.context.live.get({ ...WEB_APP, ...app });
    if (!resource) {
      this.forget(app);
      return {};
    }
    if (resource.metadata.deletionTimestamp) {
      this.attempts.end(resource);
      await this.removal.finish(resource);
      return {};
    }
    const life = await this.expiration.check(resource, this.reporter.statusOf(resource));
    if (life.isOver) {
      await this.reporter.ended(resource);
      return {};
    }
    await this.removal.prepareToOrphan(resource);
    await this.removal.keepData(resource);
    const plan = this.planner.plan(resource);
    const report = plan.problems
      ? await this.keep(resource, { Accepted: refused(plan) })
      : await this.deploy(resource, plan.app, plan.claims);
    const untold = await this.reporter.write(resource, { ...report, status: { ...report.status, ...life.expiry } });
    const [first] = [report.again, life.again, untold].filter(again => again !== undefined).sort((a, b) => a - b);
    return { requeueAfter: first };
  }

  /** Forgets an object that was removed, so that it is created again where it is wanted. */
  public forgetObject(reference: Reference): void {
    this.applier.forget(reference);
  }

  private forget(app: AppName): void {
    this.planner.forget(app);
    this.reporter.forget(app);
    this.canaries.forget(app);
    this.settings.forget(app);
    this.context.hostNames.forget(app);
    this.currents.delete(keyOf(app));
  }

  private async deploy(resource: WebAppResource, app: SynthesizedApp, claims: readonly string[]): Promise<Report> {
    const status = this.reporter.statusOf(resource);
    const { settings, problem } = await this.settings.of(resource, status);
    if (problem !== undefined) return this.keep(resource, { Accepted: { status: 'False', reason: 'Invalid', message: problem } });
    const blockage = await this.generated.ensure(resource, app).catch((error: unknown) => {
      if (error instanceof Blocked) return error;
      throw error;
    });
    if (blockage) return { ...await this.keep(resource, { Accepted: accepted(app), Released: blocked(blockage) }), again: RETRY };
    const objects = await withAdditions(this.context.cluster, nameOf(resource), app.objects, { settings, secretStore: app.secretStore });
    const synthesized = { ...app, objects };
    const revision = revisionOf(objects);
    const facts = { Accepted: accepted(app) };
    if (revision === status.revision) {
      const pinned = withDigests(synthesized, digestsOf(status));
      const kept = await this.maintain(resource, pinned, { ...facts, Released: released(status.release!) });
      const known = { checksum: checksumOf(pinned.objects), claims: stored(claims) };
      return { ...kept, status: { ...kept.status, ...known, attempt: undefined, failedRevision: undefined } };
    }
    if (revision === status.failedRevision && restores(resource, status)) return this.keep(resource, facts);
    return this.attempt(resource, synthesized, { revision, facts, claims });
  }

  /** The current release stays as it is, whatever the spec says. */
  private async keep(resource: WebAppResource, facts: Facts): Promise<Report> {
    const current = await this.currentOf(resource);
    if (!current && this.reporter.statusOf(resource).release !== undefined) {
      return { facts: { ...facts, Released: changed(resource) }, again: RETRY };
    }
    if (!current) {
      // What a first attempt has begun must not stay: it may have a host that now belongs to another app.
      this.attempts.end(resource);
      const begun = this.context.live.ownedBy(resource.metadata.uid);
      if (begun.length > 0) await prune(this.context.cluster, nameOf(resource), begun);
      return { facts: { ...facts, Available: NOTHING_RELEASED }, status: { attempt: undefined } };
    }
    const shared = current.objects.filter(object => current.shared.some(one => sameObject(one, referenceTo(object))));
    const kept = await this.maintain(resource, { objects: current.objects, shared }, facts);
    return { ...kept, status: { ...kept.status, attempt: undefined } };
  }

  /** Makes the objects of a release as they were deployed, and observes them. */
  private async maintain(
    resource: WebAppResource, { objects, shared }: Pick<SynthesizedApp, 'objects' | 'shared'>, facts: Facts,
  ): Promise<Report> {
    const { cluster, live } = this.context;
    this.attempts.end(resource);
    let isPending = false;
    try {
      for (const object of withOwner(objects, shared, resource).filter(one => !runsOnce(one))) {
        isPending = await this.applier.apply(await this.attempts.complete(object, objects), resource) === 'pending' || isPending;
      }
    } catch (error) {
      if (!(error instanceof Blocked)) throw error;
      return this.withObservation(resource, objects, { facts: { ...facts, Released: blocked(error) }, again: RETRY });
    }
    // Builds stay as long as a release that has them, which is looked at when the next one is stored.
    const owned = live.ownedBy(resource.metadata.uid).filter(one => !isBuild(one));
    const unwanted = without(owned, objects.map(object => referenceTo(object)));
    const { waking } = await retire(cluster, nameOf(resource), unwanted);
    const again = waking.length > 0 ? SECOND_LOOK : isPending ? WATCH_DELAY : undefined;
    return this.withObservation(resource, objects, { facts, again });
  }

  private async attempt(
    resource: WebAppResource, app: SynthesizedApp,
    { revision, facts, claims }: { readonly revision: string; readonly facts: Facts; readonly claims: readonly string[] },
  ): Promise<Report> {
    const status = this.reporter.statusOf(resource);
    const current = await this.currentOf(resource);
    const observed = current?.objects ?? app.objects;
    let attempt = status.attempt?.revision === revision ? status.attempt : undefined;
    try {
      attempt = { ...attempt ?? await this.begin(resource, app, { revision, current }), claims: stored(claims) };
      const pinned = withDigests(app, digestsOf(attempt));
      if (attempt.canary && current) {
        const { canary, waiting, news } = await this.canaries.pass(resource, attempt, current);
        if (waiting) {
          const { message, again } = waiting;
          const report = { status: { attempt: { ...attempt, canary } }, news, again };
          return await this.withObservation(resource, observed, { ...report, facts: { ...facts, Released: progressing(message) } });
        }
        attempt = { ...attempt, canary, started: timestamp(this.context.cluster.clock.now()) };
      }
      const waiting = await this.attempts.pass(resource, pinned, attempt, current);
      if (waiting) {
        const { message, again } = waiting;
        const building: Fact = { status: 'False', reason: 'Building', message };
        const now = waiting.for === 'build' ? { ...facts, Built: building } : facts;
        return await this.withObservation(resource, observed, {
          facts: { ...now, Released: progressing(message) }, status: { attempt }, again,
        });
      }
      return await this.complete(resource, pinned, { attempt, facts });
    } catch (error) {
      if (error instanceof Blocked) {
        const report = { facts: { ...facts, Released: blocked(error) }, status: { attempt }, again: RETRY };
        return this.withObservation(resource, observed, report);
      }
      if (error instanceof DiagnosedFailure && attempt) return this.fail(resource, app, { attempt, facts, error });
      throw error;
    }
  }

  private async begin(
    resource: WebAppResource, app: SynthesizedApp, { revision, current }: { readonly revision: string; readonly current?: Release },
  ): Promise<Attempt> {
    const { cluster: { clock }, live, pins } = this.context;
    const [asked] = await pins.find([app]).catch((error): never => {
      throw error instanceof Failure ? new Blocked('ImageNotFound', error.message.split('\n')[0]) : error;
    });
    const digests = current ? asked : withoutRunning(asked, workloadsIn(app.objects).map(workload => liveWorkload(live, workload)));
    await this.removal.prepare(resource, app.objects);
    const found = digests.size > 0 ? Object.fromEntries(digests) : undefined;
    const pinned = withDigests(app, digests);
    const canary = current && await this.canaries.begin(resource, pinned, current);
    const attempt = { revision, started: new Date(clock.now()).toISOString(), digests: found, canary };
    const first = canary ? await this.canaries.objectsOf(resource, attempt, current) : pinned;
    await this.attempts.begin(resource, first, current !== undefined);
    return attempt;
  }

  private async complete(
    resource: WebAppResource, app: SynthesizedApp, { attempt, facts }: { readonly attempt: Attempt; readonly facts: Facts },
  ): Promise<Report> {
    const release = await this.records.deployed(resource, app);
    this.currents.delete(keyOf(nameOf(resource)));
    const { revision, digests, claims } = attempt;
    const image = activeImage(app.objects, app.name);
    const built: Facts = resource.spec.buildFrom ? { Built: { status: 'True', reason: 'Built', message: 'the image is built' } } : {};
    return this.withObservation(resource, app.objects, {
      facts: { ...facts, ...built, Released: released(release) },
      status: {
        release,
        revision,
        checksum: checksumOf(app.objects),
        digests,
        claims,
        image,
        url: app.url ?? app.internalUrl,
        attempt: undefined,
        failedRevision: undefined,
      },
    });
  }

  /** A version failed: the release before it is restored, or it stays as it is and may still become ready. */
  private async fail(
    resource: WebAppResource, app: SynthesizedApp,
    { attempt, facts, error }: { readonly attempt: Attempt; readonly facts: Facts; readonly error: DiagnosedFailure },
  ): Promise<Report> {
    const status = this.reporter.statusOf(resource);
    if (!restores(resource, status)) {
      const stays = { status: 'False', reason: 'RolloutFailed', message: error.message } as const;
      return this.withObservation(resource, app.objects, { facts: { ...facts, Released: stays }, status: { attempt }, again: SECOND_LOOK });
    }
    await this.records.failed(resource, withDigests(app, digestsOf(attempt)), error.diagnosis.message);
    const back = attempt.canary ? backMessage(status) : `Release ${status.release} is still serving traffic`;
    const message = `${error.message}\n${back}: fix the problem and apply the resource again`;
    const restored = await this.keep(resource, { ...facts, Released: { status: 'False', reason: 'RolloutFailed', message } });
    return { ...restored, status: { ...restored.status, attempt: undefined, failedRevision: attempt.revision } };
  }

  private async withObservation(resource: WebAppResource, objects: Release['objects'], report: Report): Promise<Report> {
    const routable = this.reporter.statusOf(resource).conditions?.find(({ type }) => type === 'Routable');
    const { facts, status } = await observe(this.context, { app: nameOf(resource), objects, routable });
    // Pods are not watched, and neither are Gateways and certificates of others.
    const isPending = [facts.Available, facts.Routable].some(fact => fact && !isMet(fact));
    const again = report.again ?? (isPending ? SECOND_LOOK : undefined);
    return { ...report, facts: { ...facts, ...report.facts }, status: { ...status, ...report.status }, again };
  }

  /** The release that serves traffic; undefined before the first, and where its Secret is not as the operator has stored it. */
  private async currentOf(resource: WebAppResource): Promise<Release | undefined> {
    const { release, checksum } = this.reporter.statusOf(resource);
    if (release === undefined) return undefined;
    const key = keyOf(nameOf(resource));
    const known = this.currents.get(key);
    if (known?.number === release) return known;
    const current = await this.records.current(resource);
    if (!current || checksumOf(current.objects) !== checksum) return undefined;
    this.currents.set(key, current);
    return current;
  }
}

const NOTHING_RELEASED: Fact = { status: 'False', reason: 'NotReleased', message: 'no release of the app has been deployed yet' };

/** Whether a version that fails is replaced by the release before it. */
function restores({ spec }: WebAppResource, { release }: WebAppStatus): boolean {
  return (spec.rollback ?? 'automatic') === 'automatic' && release !== undefined;
}

function accepted({ warnings }: SynthesizedApp): Fact {
  const message = warnings.length > 0 ? warnings.map(warning => `warning: ${warning}`).join('\n') : VALID;
  return { status: 'True', reason: 'Accepted', message };
}

function refused({ problems, isTaken = false }: Refusal): Fact {
  return { status: 'False', reason: isTaken ? 'Taken' : 'Invalid', message: problems.map(sentence).join('\n') };
}

/** Claims as a status has them. */
function stored(claims: readonly string[]): readonly string[] | undefined {
  return claims.length > 0 ? claims : undefined;
}

function released(number: number): Fact {
  return { status: 'True', reason: 'Released', message: `release ${number} is deployed` };
}

function changed({ status }: WebAppResource): Fact {
  const message = `the Secret of release ${status?.release} was deleted or changed, so the app stays as it is: apply a valid spec`;
  return { status: 'False', reason: 'ReleaseChanged', message };
}

function progressing(message: string): Fact {
  return { status: 'False', reason: 'Progressing', message };
}

function blocked({ reason, message }: Blocked): Fact {
  return { status: 'False', reason, message };
}
