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
}

/** The conditions whose changes are events. */
const NEWS: readonly ConditionType[] = ['Accepted', 'Built', 'Released', 'SecretsPushed'];

/** Writes the status of apps where it has changed, and events about what has changed. */
export class Reporter {
  private readonly written = new Map<string, Written>();

  constructor(private readonly context: OperatorContext) {}

  /** The status of an app: what was written last, where the watch has not shown it yet. */
  public statusOf(resource: WebAppResource): WebAppStatus {
    const last = this.written.get(keyOf(nameOf(resource)));
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    const isBehind = last && BigInt(resource.metadata.resourceVersion) < BigInt(last.resourceVersion);
    return isBehind ? last.status : resource.status ?? {};
  }

  public async write(resource: WebAppResource, { facts, status, news = [] }: Report): Promise<void> {
    const { cluster } = this.context;
    const before = this.statusOf(resource);
    const generation = resource.metadata.generation ?? 0;
    const conditions = conditionsOf(facts, before, generation, cluster.clock.now());
    const observedSettings = namesOf(pointerOf(resource)) || undefined;
    const after = stored({ ...before, ...status, observedGeneration: generation, observedSettings, conditions });
    const change = changeOf(before as Fields, after as Fields);
    if (Object.keys(change).length === 0) return;
    const { resourceVersion } = await cluster.objects.mergeStatus({ ...WEB_APP, ...nameOf(resource) }, change, OPERATOR_MANAGER);
    this.written.set(keyOf(nameOf(resource)), { status: after, resourceVersion });
    for (const one of news) await this.announce(resource, { status: 'True', ...one });
    for (const condition of conditions) {
      const last = before.conditions?.find(({ type }) => type === condition.type);
      const isNew = last?.reason !== condition.reason || last.message !== condition.message;
      // What is expected is not told: that something is on its way, and that a new app is valid.
      const isExpected = condition.reason === 'Progressing' || (!last && condition.message === VALID);
      if (NEWS.includes(condition.type) && isNew && !isExpected) await this.announce(resource, condition);
    }
  }

  /** Tells that an app was deleted as its `ttl` is over. */
  public async ended(resource: WebAppResource): Promise<void> {
    const message = `the app was deleted, as its resource has not changed for ${resource.spec.ttl}`;
    await this.announce(resource, { status: 'True', reason: 'Expired', message });
  }

  public forget(app: AppName): void {
    this.written.delete(keyOf(app));
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
