import { createHash } from 'node:crypto';
import type { LiveObjects } from './live-objects';
import type { Platforms } from './platforms';
import { Recent } from './recent';
import type { WebAppResource } from './resources';
import { keyOf, nameOf, propsOf, WEB_APP, writtenPropsOf } from './resources';
import type { Problem } from '../../../src/internal';
import type { CanaryPlan } from '../config/gradual-canary';
import { canaryPlanOf, checkGradualCanary, problemsOfSteps, propsToCheck, withCanary } from '../config/gradual-canary';
import type { Fields } from '../config/merge';
import { checkOperatorFields } from '../config/operator-fields';
import type { Canary } from '../engine/release-store';
import { throwAway } from '../engine/throw-away';
import type { AppName } from '../kube/types';
import type { AppInput, Manifest, SynthesizedApp } from '../render/synthesis';
import { synthesize } from '../render/synthesis';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

/** What apps have to do with each other. */
export interface Relations {
  /** The apps whose objects depend on this one, or the other way round: those that share a host with it, call it or are called. */
  related(app: AppName): readonly AppName[];

  /** What an app may not have, as another app has it already. */
  conflicts(app: AppName): readonly Problem[];

  /** Apps in the order in which they were created: the first of two has what both want. */
  inOrder<T extends AppName>(apps: readonly T[]): readonly T[];

  /**
   * An app has what it claims from now on.
   *
   * @returns what its status has to keep, so that the app still has it after a restart
   */
  accept(app: AppName): readonly string[];

  /** An app has no more than its release has. */
  refuse(app: AppName): void;
}

/** What is wrong with the objects of an app in this cluster, beyond what synthesis finds. It depends on nothing else. */
export type Policy = (resource: WebAppResource, objects: readonly Manifest[], platform: PlatformProps) => readonly Problem[];

/** Why an app has no objects. */
export interface Refusal {
  readonly problems: readonly Problem[];
  readonly app?: undefined;

  /** Whether there is nothing wrong but that other apps have what it wants. */
  readonly isTaken?: boolean;
}

/** The objects of an app. */
interface Accepted {
  readonly problems?: undefined;
  readonly app: SynthesizedApp;
}

/** The objects of an app, or why it has none. */
export type Plan = Refusal | Accepted;

/** The plan of an app that is deployed, with what it has from now on. */
export type FinalPlan = Refusal | Accepted & { readonly claims: readonly string[] };

/** How many characters the specs of the apps have whose plans are kept: some hundred apps, with objects of ten times that size. */
const RECENT = 2 ** 19;

/** Turns resources into the objects that `webapp synth` prints. */
export class Planner {
  /** The last spec of each app that had no problems, by namespace and name: others are planned beside that, as it still runs. */
  private readonly accepted = new Map<string, WebAppProps>();

  /** The objects of apps that change, which are looked at again and again: most of a pass is their synthesis. */
  private readonly recent = new Recent<Plan>(RECENT);

  constructor(
    private readonly live: LiveObjects,
    private readonly platforms: Platforms,
    private readonly relations: Relations,
    private readonly policy: Policy,
    /** Is called when an app runs with other props than before: those that are synthesized beside it may have to change. */
    private readonly onAccepted: (app: AppName) => void = () => {},
  ) {}

  /** Plans what a resource becomes, which others are planned beside from now on. */
  public plan(resource: WebAppResource): FinalPlan {
    const app = nameOf(resource);
    const plan = this.check(resource);
    if (plan.problems) {
      this.relations.refuse(app);
      return plan;
    }
    const claims = this.relations.accept(app);
    const props = propsOf(resource);
    const before = this.accepted.get(keyOf(app));
    this.accepted.set(keyOf(app), props);
    if (before && JSON.stringify(before) !== JSON.stringify(props)) this.onAccepted(app);
    return { ...plan, claims };
  }

  /** The same for a resource that need not be stored: nothing is remembered. */
  public check(resource: WebAppResource): Plan {
    const app = nameOf(resource);
    const { problem } = this.platforms.of(app.namespace);
    if (problem) return { problems: [problem] };
    const written = writtenPropsOf(resource);
    const plan = this.synthesize(resource, propsOf(resource));
    const canary = canaryPlanOf(written) && this.synthesize(resource, propsToCheck(written) as unknown as WebAppProps);
    const found = [...checkOperatorFields(resource.spec as Fields), ...plan.problems ?? [], ...canary?.problems ?? []];
    // What two apps both want is found by both, in the same words.
    const taken = this.relations.conflicts(app);
    const problems = [...taken, ...problemsOfSteps(found, written), ...checkGradualCanary(written)];
    const all = new Map(problems.map(one => [`${one.path} ${one.message}`, one]));
    return all.size > 0 ? { problems: [...all.values()], isTaken: all.size === taken.length } : plan;
  }

  /** The steps in which a new image of an app gets the traffic; undefined where it gets all at once. */
  public stepsOf(resource: WebAppResource): CanaryPlan | undefined {
    return canaryPlanOf(writtenPropsOf(resource));
  }

  /** Plans a step: an image, and beside it another one that gets a part of the traffic. */
  public planCanary(resource: WebAppResource, image: string, canary: Canary): Plan {
    return this.synthesize(resource, withCanary(writtenPropsOf(resource), image, canary) as unknown as WebAppProps);
  }

  /** Forgets an app that was deleted. */
  public forget(app: AppName): void {
    this.accepted.delete(keyOf(app));
  }

  /** The objects of an app with some props, beside those of others. */
  private synthesize(resource: WebAppResource, props: WebAppProps): Plan {
    const app = nameOf(resource);
    const platform = this.platforms.of(app.namespace).platform?.spec;
    const inputs = this.relations.inOrder([{ ...app, props }, ...this.neighbors(app)]);
    return this.recent.get(JSON.stringify([app, resource.spec, inputs, platform]), () => {
      const plan = temporary(resource, synthesizeOne(app, inputs, platform));
      const problems = plan.problems ?? this.policy(resource, plan.app.objects, platform ?? {});
      return problems.length > 0 ? { problems } : plan;
    });
  }

  private neighbors(app: AppName): (AppInput & AppName)[] {
    return this.relations.related(app).flatMap(other => {
      const resource = this.live.get({ ...WEB_APP, ...other });
      if (!resource || resource.metadata.deletionTimestamp) return [];
      const accepted = this.accepted.get(keyOf(other));
      // One that wants what others have is not deployed as it is.
      if (!accepted && this.relations.conflicts(other).length > 0) return [];
      return [{ ...other, props: accepted ?? propsOf(resource) }];
    });
  }
}

/** The plan of an app with a `ttl`, whose data goes with it. */
function temporary({ spec: { ttl } }: WebAppResource, plan: Plan): Plan {
  return ttl === undefined || plan.problems ? plan : { app: { ...plan.app, objects: throwAway(plan.app.objects) } };
}

/** A hash of objects: the same for the same objects. */
export function revisionOf(objects: readonly Manifest[]): string {
  return checksumOf(objects).slice(0, 16);
}

/** The whole hash, for objects that someone may have made to have it. */
export function checksumOf(objects: readonly Manifest[]): string {
  return createHash('sha256').update(JSON.stringify(objects)).digest('hex');
}

/** An app, beside those of the others that have no problems themselves. */
function synthesizeOne(app: AppName, inputs: readonly AppInput[], platform: PlatformProps | undefined): Plan {
  const { apps, problems, platformProblems } = synthesize(inputs, platform);
  if (platformProblems.length > 0) return { problems: platformProblems.map(ofPlatform) };
  const isOwn = ({ name, namespace }: Pick<AppInput, 'name' | 'namespace'>) => name === app.name && namespace === app.namespace;
  const found = apps.find(isOwn);
  if (found) return { app: found };
  const valid = inputs.filter((input, i) => isOwn(input) || problems[i].length === 0);
  // What is wrong between two apps may be gone without those that have problems themselves.
  return valid.length < inputs.length ? synthesizeOne(app, valid, platform) : { problems: problems[inputs.findIndex(isOwn)] };
}

function ofPlatform(problem: Problem): Problem {
  return { ...problem, path: `Platform: ${problem.path}`, hint: `${problem.hint}, or ask your platform team` };
}
