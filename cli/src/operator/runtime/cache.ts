/** What the cluster has, kept current by list and watch, so that a reconcile reads without a request. */
import { setMaxListeners } from 'node:events';
import type { Random } from './back-off';
import type { StoredObject } from './object-store';
import { ObjectStore, parsed } from './object-store';
import type { Followed } from './reflector';
import { Reflector } from './reflector';
import type { Reference } from '../../kube/objects';
import type { Kind, KubernetesObject } from '../../kube/types';

/** A kind that the cache follows. */
export interface WatchedKind<T extends KubernetesObject = KubernetesObject> {
  readonly kind: Kind<T>;

  /** Only objects with these labels. */
  readonly labels?: { readonly [label: string]: string };

  /** Removes from an object what nobody reads. `metadata.managedFields` is never kept. */
  strip?(object: T): void;
}

/** A change, in the order in which the cluster has it for one object. The first list of a kind consists of added objects. */
export interface CacheEvent {
  readonly type: 'added' | 'changed' | 'removed';
  readonly kind: Kind;

  /** The object after the change; its last known state if it was removed. */
  readonly object: KubernetesObject;

  /** The object before the change. */
  readonly before?: KubernetesObject;
}

/** What else is worth telling. */
export interface CacheReports {
  /** A kind was installed, or removed with all of its objects. Kinds that the cluster has at the start are not told. */
  onKind?(kind: Kind, isServed: boolean): void;

  /** A list or a watch failed. It is tried again, and until then the cache has what it had. */
  onError?(kind: Kind, error: unknown): void;
}

/** The state of one kind. */
interface Followable {
  readonly watched: WatchedKind;
  readonly store: ObjectStore;

  /** Undefined until it is known whether the cluster has the kind. */
  isServed?: boolean;
}

export class Cache {
  private readonly kinds = new Map<string, Followable>();

  /** What a controller owns, by its uid. */
  private readonly owned = new Map<string, Set<StoredObject>>();

  /** @param onEvent must not throw */
  constructor(
    private readonly cluster: Followed,
    watched: readonly WatchedKind[],
    private readonly onEvent: (event: CacheEvent) => void,
    private readonly reports: CacheReports = {},
    private readonly random: Random = Math.random,
  ) {
    for (const one of watched) {
      this.kinds.set(keyOf(one.kind), { watched: one, store: new ObjectStore(one.kind, object => one.strip?.(object)) });
    }
  }

  /**
   * Starts to follow the cluster, until the signal is aborted.
   *
   * @returns when every kind that the cluster has is listed
   * @throws the signal's reason, if it is aborted before
   */
  public async start(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      setMaxListeners(Infinity, signal); // each kind has one; Node.js warns of more than ten
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      if (this.isSynced) resolve();
      for (const one of this.kinds.values()) void this.follow(one, resolve, signal);
    });
  }

  /** Whether every kind that the cluster has was listed. */
  public get isSynced(): boolean {
    return [...this.kinds.values()].every(({ isServed }) => isServed !== undefined);
  }

  /** Whether the cluster has a kind, as far as it is known. */
  public knows(kind: Kind): boolean {
    return this.of(kind).isServed === true;
  }

  /** Whether objects of a kind are followed, which one that the cluster does not have is too. */
  public follows(kind: Kind): boolean {
    return this.kinds.has(keyOf(kind));
  }

  /** How many objects of a kind there are. */
  public size(kind: Kind): number {
    return this.of(kind).store.size;
  }

  /** A copy of an object, which the caller may change; undefined if it does not exist or its kind is not installed. */
  public get<T extends KubernetesObject>(reference: Reference<T>): T | undefined {
    const found = this.of(reference).store.get(reference.namespace, reference.name);
    return found && parsed<T>(found);
  }

  /** Copies of the objects of a kind, or of those of a namespace, each parsed when the iteration reaches it. */
  public* list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): Iterable<T> {
    for (const found of this.of(kind).store.list(namespace)) yield parsed<T>(found);
  }

  /** The objects whose controller has a uid. */
  public ownedBy(uid: string): Reference[] {
    return [...this.owned.get(uid) ?? []].map(({ kind: { apiVersion, kind }, namespace, name }) => ({ apiVersion, kind, namespace, name }));
  }

  private of({ apiVersion, kind }: Kind): Followable {
    const found = this.kinds.get(keyOf({ apiVersion, kind }));
    if (!found) throw new Error(`the cache does not follow ${kind} of ${apiVersion}`);
    return found;
  }

  private async follow(one: Followable, onSynced: () => void, signal: AbortSignal): Promise<void> {
    const { watched: { kind, labels }, store } = one;
    const serve = (isServed: boolean) => {
      const before = one.isServed;
      one.isServed = isServed;
      if (before === undefined && this.isSynced) onSynced();
      if (before !== undefined && before !== isServed) this.reports.onKind?.(kind, isServed);
    };
    const removeAll = (except: ReadonlySet<string>) => {
      for (const { namespace, name } of [...store.list()]) {
        if (!except.has(`${namespace ?? ''}/${name}`)) this.removed(one, namespace, name);
      }
    };
    const target = {
      put: (object: KubernetesObject) => this.put(one, object),
      remove: (object: KubernetesObject) => this.removed(one, object.metadata.namespace, object.metadata.name),
      listed: (names: ReadonlySet<string>) => {
        removeAll(names);
        serve(true);
      },
      absent: () => {
        removeAll(new Set());
        serve(false);
      },
      failed: (error: unknown) => this.reports.onError?.(kind, error),
    };
    await new Reflector(this.cluster, { kind, labels }, target, this.random).run(signal);
  }

  private put({ watched: { kind }, store }: Followable, object: KubernetesObject): void {
    const replaced = store.put(object);
    if (!replaced) return;
    const { before, after } = replaced;
    this.index(before, after);
    this.tell(before ? 'changed' : 'added', kind, after!, before);
  }

  private removed({ watched: { kind }, store }: Followable, namespace: string | undefined, name: string): void {
    const before = store.remove(namespace, name)?.before;
    if (!before) return;
    this.index(before, undefined);
    this.tell('removed', kind, before, before);
  }

  private index(before: StoredObject | undefined, after: StoredObject | undefined): void {
    if (before?.owner !== undefined) {
      const owned = this.owned.get(before.owner)!;
      owned.delete(before);
      if (owned.size === 0) this.owned.delete(before.owner);
    }
    if (after?.owner !== undefined) this.owned.set(after.owner, (this.owned.get(after.owner) ?? new Set()).add(after));
  }

  private tell(type: CacheEvent['type'], kind: Kind, object: StoredObject, before: StoredObject | undefined): void {
    // Who does not look at them does not wait for the parser.
    const after = lazy(() => parsed(object));
    const earlier = lazy(() => before && parsed(before));
    this.onEvent({
      type,
      kind,
      get object() {
        return after();
      },
      get before() {
        return earlier();
      },
    });
  }
}

/** What is computed when it is first asked for. */
function lazy<T>(compute: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: compute() }).value;
}

function keyOf({ apiVersion, kind }: Kind): string {
  return `${apiVersion}/${kind}`;
}
