import type { IConstruct } from 'constructs';
import type { Answers } from './answers';
import { findAnswers } from './answers';
import { callersByCallee, callProblems } from './calls';
import type { Certificates } from './certificates';
import { certificateProblems, findCertificates, keyOf } from './certificates';
import type { Claims } from './collisions';
import { hostProblems, nameProblems, volumeProblems } from './collisions';
import type { Hosts } from './hosts';
import { findHosts, wildcardProblems } from './hosts';
import { neighborProblems } from './neighbors';
import type { Claimed, RegisteredApp } from './registered-app';
import { claimedBy } from './registered-app';
import { Wakes } from './wakes';
import type { Certificate } from '../features/routing/certificate';
import type { AppModel } from '../model/app';
import type { Caller } from '../model/connections';
import type { Backend, Route, RoutingRule } from '../model/route';
import type { CountedRoute } from '../model/scaling';
import type { Problem } from '../validation/problem';

/**
 * The apps of a tree, across all its charts and namespaces: which has which hosts and objects, and who calls whom. It is an error if two of
 * them claim the same: one app would take the other's traffic, or overwrite its objects.
 */
export class Registry {
  public static of(construct: IConstruct): Registry {
    const root = construct.node.root;
    const known = TREES.get(root) ?? new Registry();
    TREES.set(root, known);
    return known;
  }

  private readonly apps: RegisteredApp[] = [];
  private readonly wakes = new Wakes();
  private found: Found = {};

  public add(app: RegisteredApp): void {
    this.apps.push(app);
    this.changed(app);
  }

  /** Must be called after a change of an app, as what was found before is kept. */
  public changed(app: RegisteredApp): void {
    this.found = {};
    this.wakes.update(app);
  }

  /** The routes to other apps whose requests wake an app too. */
  public wakingRoutesTo(app: AppModel): readonly CountedRoute[] {
    return this.wakes.routesTo(app);
  }

  /** The apps that call an app. */
  public callersOf({ name, namespace = '' }: AppModel): readonly Caller[] {
    const callers = this.found.callers ??= callersByCallee(this.apps);
    return callers.get(`${namespace}/${name}`) ?? [];
  }

  /** Requests that a version of an app answers besides those of its own paths. */
  public furtherRulesOf({ name, namespace }: Backend): readonly RoutingRule[] {
    return this.answers().further.get(`${namespace}/${name}`) ?? [];
  }

  /** The certificate of an Ingress that has a clusterIssuer. */
  public certificateOf(route: Route): Certificate {
    const certificates = this.found.certificates ??= findCertificates(this.claimed());
    return certificates.get(keyOf(route)) ?? {};
  }

  public problems(app: RegisteredApp): Problem[] {
    const problems = this.found.problems ??= this.findProblems();
    return problems.get(app) ?? [];
  }

  /** The problems of each app that has some. */
  private findProblems(): Map<RegisteredApp, Problem[]> {
    const { apps } = this;
    const hosts = this.hosts();
    const found = new Map<RegisteredApp, Problem[]>();
    const add = (app: RegisteredApp, problems: readonly Problem[]) => {
      if (problems.length > 0) found.set(app, [...found.get(app) ?? [], ...problems]);
    };
    const claims: Claims = new Map();
    for (const app of apps) add(app, nameProblems(app, claims));
    for (const one of hosts.sharers) add(one.app, hostProblems(one, claims));
    for (const app of apps) add(app, volumeProblems(app, claims));
    const ofRoutes = [
      ...this.answers().problems, ...certificateProblems(hosts), ...wildcardProblems(this.claimed(), hosts), ...neighborProblems(hosts),
    ];
    for (const [{ app }, problem] of ofRoutes) add(app, [problem]);
    for (const [app, problem] of [...callProblems(apps), ...this.wakes.problems()]) add(app, [problem]);
    return found;
  }

  private answers(): Answers {
    return this.found.answers ??= findAnswers(this.claimed(), this.hosts());
  }

  private hosts(): Hosts {
    return this.found.hosts ??= findHosts(this.claimed());
  }

  /** All routes to the apps, in their order. */
  private claimed(): readonly Claimed[] {
    return this.found.claimed ??= this.apps.flatMap(claimedBy);
  }
}

/** What has been found out about the apps of a tree since the last change of one. */
interface Found {
  claimed?: readonly Claimed[];
  hosts?: Hosts;
  answers?: Answers;
  certificates?: Certificates;
  callers?: ReadonlyMap<string, readonly Caller[]>;
  problems?: ReadonlyMap<RegisteredApp, Problem[]>;
}

const TREES = new WeakMap<IConstruct, Registry>();
