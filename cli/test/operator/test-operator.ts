import { API_VERSION } from '../../src/config/api-version';
import { throughApiServer } from '../../src/engine/canary-health';
import type { Digests } from '../../src/engine/pin';
import type { Reference } from '../../src/kube/objects';
import type { Kind, KubernetesObject } from '../../src/kube/types';
import { Diagnoses } from '../../src/operator/diagnoses';
import type { HostNames } from '../../src/operator/host-names';
import type { LiveObjects } from '../../src/operator/live-objects';
import type { Policy, Relations } from '../../src/operator/plan';
import { Planner } from '../../src/operator/plan';
import { Platforms } from '../../src/operator/platforms';
import type { Next } from '../../src/operator/reconcile';
import { Reconciler } from '../../src/operator/reconcile';
import type { ConditionType, ResourceCondition, WebAppResource, WebAppSpecProps } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';
import type { Behavior } from '../kube/controllers';
import { runControllers } from '../kube/controllers';
import { APP, TestCluster } from '../kube/test-cluster';
import type { PlatformProps } from 'cdk8s-webapp';

const NO_POLICY: Policy = () => [];
const NO_RELATIONS: Relations = {
  related: () => [], conflicts: () => [], inOrder: apps => apps, accept: () => [], refuse: () => {},
};

/** A cluster in memory with an operator that sees every change at once, and is called by tests. */
export class TestOperator {
  public readonly cluster = new TestCluster();
  public readonly errors: Error[] = [];

  /** The digests of images, as the registries say. */
  public digests: Digests = new Map();
  public relations = NO_RELATIONS;
  public policy = NO_POLICY;

  /** Whether the watch shows releases of an app; undefined where they have to be looked up. */
  public hasReleases?: boolean;

  /** Where hosts resolve to. */
  public hostNames: Pick<HostNames, 'resolve' | 'forget'> = { resolve: (_, wanted) => wanted.map(() => 'ok'), forget: () => {} };
  private reconciler: Reconciler;

  constructor(behavior: Behavior = {}) {
    runControllers(this.cluster, behavior);
    this.reconciler = this.start();
  }

  /** Another process takes over: it remembers nothing. */
  public restart(): void {
    this.reconciler = this.start();
  }

  /** Applies a resource as its developer does. */
  public apply(spec: WebAppSpecProps & object = { image: 'web:1' }, name = APP.name): void {
    // A spec is replaced as a whole, and not merged.
    const before = this.cluster.api.find(WEB_APP, name);
    if (before) this.cluster.api.change({ ...WEB_APP, metadata: { ...APP, name } }, { spec: null });
    this.cluster.api.put({ apiVersion: API_VERSION, kind: 'WebApp', metadata: { name, namespace: APP.namespace }, spec });
  }

  /** Deletes an object, as the watch tells. */
  public remove(kind: Kind, name = APP.name): void {
    this.cluster.api.delete({ ...kind, metadata: { ...APP, name } });
    this.reconciler.forgetObject({ ...kind, ...APP, name });
  }

  public setPlatform(spec: PlatformProps, name = 'default'): void {
    this.cluster.api.put({ apiVersion: API_VERSION, kind: 'Platform', metadata: { name }, spec });
  }

  public async reconcile(name = APP.name): Promise<Next> {
    return this.reconciler.reconcile({ ...APP, name });
  }

  /** Reconciles an app again and again, as the queue does, until it has nothing to wait for, or for a while. */
  public async settle(name = APP.name, seconds = 120): Promise<void> {
    const { clock } = this.cluster;
    for (const end = clock.now() + seconds * 1000; clock.now() < end;) {
      const before = this.cluster.api.requests.length;
      const { requeueAfter: again } = await this.reconcile(name);
      const hasWritten = this.cluster.api.requests.slice(before).some(request => /^(PATCH|POST|PUT|DELETE)/.test(request));
      if (again === undefined && !hasWritten) return;
      await clock.sleep(hasWritten ? 100 : again!);
    }
  }

  public resource(name = APP.name): WebAppResource {
    return this.cluster.api.find(WEB_APP, name)!;
  }

  public condition(type: ConditionType, name = APP.name): ResourceCondition | undefined {
    return this.resource(name).status?.conditions?.find(condition => condition.type === type);
  }

  /** What was written since some request. */
  public writesSince(first: number): string[] {
    return this.cluster.api.requests.slice(first).filter(request => /^(PATCH|POST|PUT|DELETE)/.test(request));
  }

  public get events(): string[] {
    return this.cluster.api.all({ apiVersion: 'v1', kind: 'Event' }).map(event => {
      const { type, reason, message } = event as unknown as { type: string; reason: string; message: string };
      return `${type} ${reason}: ${message}`;
    });
  }

  private start(): Reconciler {
    const live = liveObjects(this.cluster);
    const context = {
      cluster: this.cluster,
      live,
      releases: { has: () => this.hasReleases, hasForeign: () => this.hasReleases },
      diagnoses: new Diagnoses(this.cluster),
      hostNames: { resolve: (...given: Parameters<HostNames['resolve']>) => this.hostNames.resolve(...given), forget: () => {} },
      readMetrics: throughApiServer(this.cluster),
      pins: { find: async (apps: readonly unknown[]) => apps.map(() => this.digests) },
      signal: new AbortController().signal,
      onError: (_: unknown, error: Error) => void this.errors.push(error),
    };
    const relations: Relations = {
      related: app => this.relations.related(app),
      conflicts: app => this.relations.conflicts(app),
      inOrder: apps => this.relations.inOrder(apps),
      accept: app => this.relations.accept(app),
      refuse: app => this.relations.refuse(app),
    };
    return new Reconciler(context, new Planner(live, new Platforms(live), relations, (...given) => this.policy(...given)));
  }
}

/** What an operator sees that is never behind. */
export function liveObjects({ api }: TestCluster): LiveObjects {
  return {
    get: <T extends KubernetesObject>({ namespace, name, ...kind }: Reference<T>) => structuredClone(api.find<T>(kind, name, namespace)),
    list: <T extends KubernetesObject>(kind: Kind<T>, namespace?: string) => (
      api.all(kind).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)),
    ownedBy: uid => api.everything().filter(({ kind, metadata }) => (
      kind !== 'Secret' && metadata.ownerReferences?.some(owner => owner.controller && owner.uid === uid)))
      .map(({ apiVersion, kind, metadata: { name, namespace } }) => ({ apiVersion: apiVersion!, kind: kind!, name, namespace })),
    knows: ({ kind }) => !api.absent.has(kind),
  };
}
