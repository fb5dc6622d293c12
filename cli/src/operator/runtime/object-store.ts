/**
 * The objects of one kind in memory.
 *
 * Each is kept as the bytes of its JSON, outside of the JavaScript heap, and parsed when it is read, which takes 20 µs. 50,000 Deployments
 * need 20 MB of heap and 130 MB outside of it. As JavaScript objects they need 165 MB of heap, and a full garbage collection takes 170 to
 * 390 ms instead of 20. A reader gets a copy of its own, which it may change.
 */
import type { Kind, KubernetesObject } from '../../kube/types';

/** An object as it is stored, and what is needed of it without parsing. */
export interface StoredObject {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
  readonly resourceVersion: string;

  /** The `uid` of its controller, if it has one. */
  readonly owner?: string;
  readonly json: Buffer;
}

/** How a change replaced what was stored. */
export interface Replaced {
  readonly before?: StoredObject;
  readonly after?: StoredObject;
}

export class ObjectStore {
  private readonly namespaces = new Map<string | undefined, Map<string, StoredObject>>();
  private count = 0;

  /** @param strip removes what nobody reads from an object */
  constructor(private readonly kind: Kind, private readonly strip: (object: KubernetesObject) => void) {}

  public get size(): number {
    return this.count;
  }

  public get(namespace: string | undefined, name: string): StoredObject | undefined {
    return this.namespaces.get(namespace)?.get(name);
  }

  /** All of them, or those of a namespace. They may change while they are read. */
  public* list(namespace?: string): Iterable<StoredObject> {
    const parts = namespace === undefined ? [...this.namespaces.values()] : [this.namespaces.get(namespace)];
    for (const part of parts) if (part) yield* part.values();
  }

  /** @returns undefined if this version is stored already */
  public put(object: KubernetesObject): Replaced | undefined {
    const { namespace, name, resourceVersion, ownerReferences } = object.metadata;
    const before = this.get(namespace, name);
    if (before?.resourceVersion === resourceVersion) return undefined;

    delete object.metadata.managedFields; // a third of an object
    this.strip(object);
    // The items of a list do not have their kind.
    const text = JSON.stringify({ ...object, apiVersion: this.kind.apiVersion, kind: this.kind.kind });
    // A small Buffer of `Buffer.from` is a part of a larger one, which stays in memory as long as any of its parts does.
    const json = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    json.write(text);
    const owner = ownerReferences?.find(({ controller }) => controller)?.uid;
    const after: StoredObject = { kind: this.kind, namespace, name, resourceVersion, owner, json };
    const part = this.namespaces.get(namespace) ?? new Map<string, StoredObject>();
    this.namespaces.set(namespace, part.set(name, after));
    if (!before) this.count++;
    return { before, after };
  }

  /** @returns undefined if it is not stored */
  public remove(namespace: string | undefined, name: string): Replaced | undefined {
    const part = this.namespaces.get(namespace);
    const before = part?.get(name);
    if (!part || !before) return undefined;
    part.delete(name);
    if (part.size === 0) this.namespaces.delete(namespace);
    this.count--;
    return { before };
  }
}

export function parsed<T extends KubernetesObject>({ json }: StoredObject): T {
  return JSON.parse(json.toString()) as T;
}
