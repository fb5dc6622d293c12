import { Blocked } from './blocked';
import { covers } from './covers';
import type { LiveObjects } from './live-objects';
import { foreign } from './owner';
import { revisionOf } from './plan';
import type { WebAppResource } from './resources';
import type { Cluster } from '../kube/connect';
import { ApiError, fieldConflicts, isAlreadyExists, isConflict, isInvalid } from '../kube/errors';
import { explainError, notInstalled } from '../kube/explain';
import type { Reference } from '../kube/objects';
import { MANAGER, OPERATOR_MANAGER, referenceTo, shown } from '../kube/objects';
import type { KubernetesObject, ManagedFields } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** What became of an object: `pending` was applied before, and the watch has not shown it yet. */
export type Applied = 'unchanged' | 'pending' | 'changed';

/** An object that was applied: what the watch showed before that, and what the API server answered. */
interface Memory {
  readonly content: string;
  readonly time: number;
  readonly before: string | undefined;
  readonly after: string;
}

/** How long the watch may take to show what was applied, in milliseconds. After that, it is applied again. */
export const WATCH_DELAY = 10_000;

/** Applies objects that are not as they are wanted, and no others. */
export class Applier {
  private readonly memories = new Map<string, Memory>();

  constructor(private readonly cluster: Cluster, private readonly live: LiveObjects) {}

  /**
   * Applies an object, unless it is as it is wanted.
   *
   * Fields that others changed by hand are changed back; those that another manager applies stay its own.
   *
   * @throws Blocked where it belongs to another app, or another manager applies a field of it, or the cluster rejects it
   */
  public async apply(wanted: Manifest, resource: WebAppResource): Promise<Applied> {
    const object = withHash(wanted);
    const reference = referenceTo(object);
    const seen = this.live.get(reference);
    const state = this.compare(object, seen);
    if (state) return state;
    const result = seen ? await this.change(object, seen, resource) : await this.create(object, resource);
    this.memories.set(keyOf(reference), {
      content: hashOf(object),
      time: this.cluster.clock.now(),
      before: seen?.metadata.resourceVersion,
      after: result.metadata.resourceVersion,
    });
    return result.metadata.resourceVersion === seen?.metadata.resourceVersion ? 'unchanged' : 'changed';
  }

  /**
   * Whether the API server takes objects that are not as they are wanted. Nothing is changed.
   *
   * @throws Blocked with everything that it refuses
   */
  public async tryAll(objects: readonly Manifest[], resource: WebAppResource): Promise<void> {
    const refused: string[] = [];
    for (const object of objects.map(withHash)) {
      const seen = this.live.get(referenceTo(object));
      if (seen && (covers(seen, object) || foreign(seen, resource) !== undefined)) continue;
      try {
        if (seen) {
          await this.adopt(referenceTo(object));
          await this.cluster.objects.apply(object, { manager: OPERATOR_MANAGER, dryRun: true });
        } else {
          await this.checkKind(object);
          await this.cluster.objects.create(object, { manager: OPERATOR_MANAGER, dryRun: true });
        }
      } catch (error) {
        if (!(error instanceof Blocked) && !isRefusal(error)) throw error;
        // What others have changed is looked at when the object is applied.
        if (!isConflict(error)) refused.push(error instanceof Blocked ? error.message : blocked(object, error).message);
      }
    }
    if (refused.length > 0) throw new Blocked('Rejected', refused.join('\n'));
  }

  /** Forgets an object that was removed. */
  public forget(reference: Reference): void {
    this.memories.delete(keyOf(reference));
  }

  /** What is known of an object without a request; undefined where it has to be applied. */
  private compare(object: Manifest, seen: KubernetesObject | undefined): Applied | undefined {
    if (seen?.metadata.deletionTimestamp) return 'pending';
    if (seen && covers(seen, object)) return 'unchanged';
    const memory = this.memories.get(keyOf(referenceTo(object)));
    if (!memory || memory.content !== hashOf(object)) return undefined;
    const version = seen?.metadata.resourceVersion;
    if (version === memory.after) return 'unchanged'; // the API server writes a value of it in another way
    return version === memory.before && this.cluster.clock.now() - memory.time < WATCH_DELAY ? 'pending' : undefined;
  }

  private async checkKind(object: Manifest): Promise<void> {
    if (await this.cluster.objects.knows(object)) return;
    const { message, hint } = notInstalled(object.apiVersion, object.kind);
    throw new Blocked('NotInstalled', `${message}; ${hint}`);
  }

  /** Creates an object that the watch does not show. An apply would cost the API server more than twice as much. */
  private async create(object: Manifest, resource: WebAppResource): Promise<KubernetesObject> {
    const { objects } = this.cluster;
    await this.checkKind(object);
    try {
      return await objects.create(object, { manager: OPERATOR_MANAGER });
    } catch (error) {
      if (!isAlreadyExists(error)) throw isRefusal(error) ? blocked(object, error) : error;
      const existing = await objects.get(referenceTo(object));
      if (!existing) throw error; // it was deleted in between; the next pass creates it
      return this.change(object, existing, resource);
    }
  }

  private async change(object: Manifest, existing: KubernetesObject, resource: WebAppResource): Promise<KubernetesObject> {
    const other = foreign(existing, resource);
    if (other !== undefined) throw new Blocked('Conflict', `${shown(object)} ${other}: choose another name for the app`);
    await this.adopt(referenceTo(object));
    return this.send(object);
  }

  /**
   * Makes the operator the one that applies an object, so that it can change and remove the fields: where it has created it, and where
   * `webapp deploy` applied it before, which edits the resource from now on.
   *
   * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
   */
  private async adopt(reference: Reference): Promise<void> {
    const { objects } = this.cluster;
    const { resourceVersion, managedFields = [] } = (await objects.get(reference))?.metadata ?? {};
    const isApplied = ({ manager, operation }: ManagedFields) => manager === OPERATOR_MANAGER && operation === 'Apply';
    const isCommands = ({ manager, operation }: ManagedFields) => manager === MANAGER && operation === 'Apply';
    const isCreated = ({ manager, operation, subresource }: ManagedFields) => (
      manager === OPERATOR_MANAGER && operation === 'Update' && subresource === undefined);
    if (managedFields.some(isApplied)) return;
    const before = managedFields.find(isCommands) ?? managedFields.find(isCreated);
    if (!before) return;
    const adopted = managedFields.map(one => one === before ? { ...one, manager: OPERATOR_MANAGER, operation: 'Apply' } : one);
    await objects.merge(reference, { metadata: { resourceVersion, managedFields: adopted } }, OPERATOR_MANAGER);
  }

  private async send(object: Manifest, force = false): Promise<KubernetesObject> {
    try {
      return await this.cluster.objects.apply(object, { manager: OPERATOR_MANAGER, force });
    } catch (error) {
      if (!force && isConflict(error) && await this.isDrift(object, error)) return this.send(object, true);
      if (isInvalid(error) && (await this.appliersOf(object)).every(manager => manager === OPERATOR_MANAGER)) {
        return this.replaceLists(object, error as ApiError);
      }
      throw isRefusal(error) ? blocked(object, error) : error;
    }
  }

  /** Whether the fields were the operator's, and others have changed them by an update: `kubectl edit` does. */
  private async isDrift(object: Manifest, error: unknown): Promise<boolean> {
    const appliers = await this.appliersOf(object);
    const conflicts = fieldConflicts(error);
    const byApply = conflicts.some(({ manager }) => manager === undefined || appliers.includes(manager));
    return conflicts.length > 0 && appliers.includes(OPERATOR_MANAGER) && !byApply;
  }

  private async appliersOf(object: Manifest): Promise<(string | undefined)[]> {
    const { managedFields = [] } = (await this.cluster.objects.get(referenceTo(object)))?.metadata ?? {};
    return managedFields.filter(({ operation }) => operation === 'Apply').map(({ manager }) => manager);
  }

  /**
   * An apply leaves the items that others have added to a list, and one can contradict ours: a Service cannot have two ports of one name.
   * Here they go.
   *
   * @param error what the API server said of the apply
   */
  private async replaceLists(object: Manifest, error: ApiError): Promise<KubernetesObject> {
    const { objects } = this.cluster;
    const reference = referenceTo(object);
    const { apiVersion, kind, metadata, ...fields } = object;
    await objects.merge(reference, fields, OPERATOR_MANAGER).catch((second): never => {
      throw isRefusal(second) ? blocked(object, error) : second;
    });
    const { metadata: { resourceVersion, managedFields = [] } } = await objects.apply(object, { manager: OPERATOR_MANAGER, force: true });
    // What an update has set too would stay when it is no longer applied.
    const applied = managedFields.filter(({ manager, operation }) => manager !== OPERATOR_MANAGER || operation === 'Apply');
    return objects.merge(reference, { metadata: { resourceVersion, managedFields: applied } }, OPERATOR_MANAGER);
  }
}

/**
 * The hash of an object as it was applied. A field that is no longer wanted leaves no other trace: without it, such an object would look
 * as if nothing had to be done.
 */
const HASH = 'cdk8s-webapp.dev/applied';

function withHash(object: Manifest): Manifest {
  const annotations = { ...object.metadata.annotations as object | undefined, [HASH]: revisionOf([object]) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function hashOf({ metadata: { annotations } }: Manifest): string {
  return (annotations as { readonly [name: string]: string })[HASH];
}

/** Whether the API server refuses an object, and not only fails to answer for now. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status < 500 && error.status !== 429;
}

function blocked(object: Manifest, error: ApiError): Blocked {
  const conflicts = fieldConflicts(error);
  if (conflicts.length === 0) return new Blocked('Rejected', `${shown(object)}: ${explainError(error, object.metadata.namespace)}`);
  const fields = conflicts.map(({ field, manager = 'another manager' }) => `${field} (${manager})`).join(', ');
  const hint = 'leave them to these managers with patches, or let them go of the fields';
  return new Blocked('Conflict', `${shown(object)} has fields that other managers apply: ${fields}; ${hint}`);
}

function keyOf({ apiVersion, kind, namespace = '', name }: Reference): string {
  return `${apiVersion} ${kind} ${namespace}/${name}`;
}
