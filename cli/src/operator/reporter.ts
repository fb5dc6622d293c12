import type { Facts } from './conditions';
import { conditionsOf, VALID } from './conditions';
import type { OperatorContext } from './context';
import type { ConditionType, WebAppResource, WebAppStatus } from './resources';
import { keyOf, nameOf, WEB_APP } from './resources';
import { namesOf, pointerOf } from './settings-pointer';
import type { Fields } from '../config/merge';
import { inKeyOrder, isFields } from '../config/merge';
import { timestamp } from '../kube/clock';
import { OPERATOR_MANAGER } from '../kube/objects';
import type { AppName } from '../kube/types';
import { EVENT } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** What a pass over an app has found. */
export interface Report {
  /** Those that are not mentioned stay as they are. */
  readonly facts: Facts;

  /** Fields of the status; those that are not mentioned stay as they are, and those that are undefined are removed. */
  readonly status?: Partial<WebAppStatus>;

  /** What happened besides changes of conditions: it is told in events. */
  readonly news?: readonly News[];

  /** When to look again at the latest, in milliseconds; undefined where a change of an object is what matters. */
  readonly again?: number;
}

/** Something that is as it should be. */
export interface News {
  /** A word for programs. */
  readonly reason: string;

  /** A sentence for people. */
  readonly message: string;
}

/** A status that was written. */
interface Written {
  readonly status: WebAppStatus;
  readonly resourceVersion: string;
  readonly time: number;
}

/** The first status of an app, which is to be written. */
interface Held {
  readonly status: WebAppStatus;
  readonly uid: string;
  readonly since: number;
}

/**
 * How long a status that only tells how far something is stays as it is, in milliseconds. A new app has none for so long: it may be ready
 * by then, and of a hundred apps that come at once all have their objects a fifth sooner.
 */
const PROGRESS_INTERVAL = 1_000;

/** The conditions whose changes are events. */
const NEWS: readonly ConditionType[] = ['Accepted', 'Built', 'Released', 'SecretsPushed'];

/** Writes the status of apps where it has changed, and events about what has changed. */
export class Reporter {
  private readonly written = new Map<string, Written>();
  private readonly held = new Map<string, Held>();

  constructor(private readonly context: OperatorContext) {}

  /** The status of an app, be it only about to be written. */
  public statusOf(resource: WebAppResource): WebAppStatus {
    return this.heldOf(resource)?.status ?? this.toldOf(resource);
  }

  /** What was written last, where the watch has not shown it yet. */
  private toldOf(resource: WebAppResource): WebAppStatus {
    const last = this.written.get(keyOf(nameOf(resource)));
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    const isBehind = last && BigInt(resource.metadata.resourceVersion) < BigInt(last.resourceVersion);
    return isBehind ? last.status : resource.status ?? {};
  }

  /**
   * Writes the status of an app, if it has changed.
   *
   * @returns when to look at the app again to tell how far it is, in milliseconds; undefined where everything is told
   */
  public async write(resource: WebAppResource, { facts, status, news = [] }: Report): Promise<number | undefined> {
    const { cluster } = this.context;
    const key = keyOf(nameOf(resource));
    const told = this.toldOf(resource);
    const held = this.heldOf(resource);
    const before = held?.status ?? told;
    const generation = resource.metadata.generation ?? 0;
    const now = cluster.clock.now();
    const conditions = conditionsOf(facts, before, generation, now);
    const observedSettings = namesOf(pointerOf(resource)) || undefined;
    const after = stored({ ...before, ...status, observedGeneration: generation, observedSettings, conditions });
    const change = changeOf(told as Fields, after as Fields);
    if (Object.keys(change).length === 0) return undefined;
    const isFirst = told.conditions === undefined && isBeginning(after);
    const since = (isFirst ? held?.since ?? now : this.written.get(key)?.time) ?? 0;
    const early = since + PROGRESS_INTERVAL - now;
    if (early > 0 && news.length === 0 && (isFirst || isProgress(change, told, after))) {
      if (isFirst) this.held.set(key, { status: after, uid: resource.metadata.uid, since });
      return early;
    }
    const { resourceVersion } = await cluster.objects.mergeStatus({ ...WEB_APP, ...nameOf(resource) }, change, OPERATOR_MANAGER);
    this.written.set(key, { status: after, resourceVersion, time: now });
    this.held.delete(key);
    for (const one of news) await this.announce(resource, { status: 'True', ...one });
    for (const condition of conditions) {
      const last = told.conditions?.find(({ type }) => type === condition.type);
      const isNew = last?.reason !== condition.reason || last.message !== condition.message;
      // What is expected is not told: that something is on its way, and that a new app is valid.
      const isExpected = condition.reason === 'Progressing' || (!last && condition.message === VALID);
      if (NEWS.includes(condition.type) && isNew && !isExpected) await this.announce(resource, condition);
    }
    return undefined;
  }

  /** Tells that an app was deleted as its `ttl` is over. */
  public async ended(resource: WebAppResource): Promise<void> {
    const message = `the app was deleted, as its resource has not changed for ${resource.spec.ttl}`;
    await this.announce(resource, { status: 'True', reason: 'Expired', message });
  }

  public forget(app: AppName): void {
    this.written.delete(keyOf(app));
    this.held.delete(keyOf(app));
  }

  /** The first status of an app that is held back. Another app of that name may have come since. */
  private heldOf(resource: WebAppResource): Held | undefined {
    const held = this.held.get(keyOf(nameOf(resource)));
    return held?.uid === resource.metadata.uid && resource.status?.conditions === undefined ? held : undefined;
  }

  /** An event can be missed: the condition says the same. */
  private async announce(resource: WebAppResource, { status, reason, message }: News & { readonly status: string }): Promise<void> {
    const { cluster: { objects, clock } } = this.context;
    const { name, namespace, uid, resourceVersion } = resource.metadata;
    const time = timestamp(clock.now());
    const event = {
      ...EVENT,
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { ...WEB_APP, name, namespace, uid, resourceVersion },
      type: status === 'False' ? 'Warning' : 'Normal',
      reason,
      message: message.slice(0, LONGEST_MESSAGE),
      source: { component: OPERATOR_MANAGER },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
    await objects.create(event as unknown as Manifest).catch(error => this.context.onError(nameOf(resource), error as Error));
  }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
const LONGEST_MESSAGE = 1024;

/** Whether all that there is to tell of a new app is that it is on its way. */
function isBeginning({ attempt, conditions = [] }: WebAppStatus): boolean {
  return attempt !== undefined && conditions.some(({ type, reason }) => type === 'Released' && reason === 'Progressing');
}

/** Whether what has changed is only how far something is that has been under way before, and still is. */
function isProgress(change: Fields, before: WebAppStatus, after: WebAppStatus): boolean {
  if (Object.keys(change).some(field => !PROGRESS.includes(field))) return false;
  const all = new Map(before.conditions?.map(condition => [condition.type, condition]));
  const conditions = after.conditions ?? [];
  return conditions.length === all.size && conditions.every(({ type, status, reason }) => {
    const last = all.get(type);
    return last && (last.status === 'True') === (status === 'True') && (last.reason === reason || !NEWS.includes(type));
  });
}

/** The fields that change while a version is rolled out. */
const PROGRESS: readonly string[] = ['conditions', 'replicas', 'ready'];

/** A status as it is stored, without the fields that are undefined. */
function stored(status: WebAppStatus): WebAppStatus {
  return JSON.parse(JSON.stringify(status));
}

/** What has changed, as a merge patch: https://www.rfc-editor.org/rfc/rfc7386 */
function changeOf(before: Fields, after: Fields): Fields {
  const gone = Object.keys(before).filter(field => !(field in after)).map(field => [field, null]);
  const changed = Object.entries(after).flatMap(([field, value]) => {
    const last = before[field];
    if (JSON.stringify(inKeyOrder(last)) === JSON.stringify(inKeyOrder(value))) return [];
    return [[field, isFields(last) && isFields(value) ? changeOf(last, value) : value]];
  });
  return Object.fromEntries([...gone, ...changed]);
}
