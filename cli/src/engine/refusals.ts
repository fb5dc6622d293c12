import { deniedDeed, missingNamespace, refused, troubleOf } from '../kube/errors';
import { ApiError } from '../kube/kubernetes-api';
import { Deed, resourceOf } from '../kube/permissions';
import type { Manifest } from '../render/synthesis';
import { Failure } from '../ui/failure';

/** All that a cluster would refuse, so that it can be said at once. */
export class Refusals {
  /** Purposes by what is not allowed. */
  private readonly denied = new Map<string, { readonly verbs: Set<string>; readonly purposes: Set<string> }>();
  private readonly said = new Set<string>();

  /** A deed is not allowed, and would have been done for something. */
  public deny(deed: Deed, namespace: string | undefined, purpose: string): void {
    const what = `${resourceOf(deed)}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
    const entry = this.denied.get(what) ?? { verbs: new Set(), purposes: new Set() };
    entry.verbs.add(deed[0]);
    entry.purposes.add(purpose);
    this.denied.set(what, entry);
  }

  /** The cluster has said no to an object. What is no answer of the cluster is thrown. */
  public add(object: Manifest, error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    const denied = deniedDeed(error);
    if (denied) this.deny(denied.deed, denied.namespace, `for ${object.kind} ${object.metadata.name}`);
    else this.say(missingNamespace(error) === undefined ? refused(object, error) : troubleOf(error));
  }

  public say(text: string): void {
    this.said.add(text);
  }

  /** @throws Failure with all of it, if there is anything */
  public throwIfAny(): void {
    const denied = [...this.denied].map(([what, { verbs, purposes }]) => `you may not ${[...verbs].join(', ')} ${what}: ${[...purposes].join(', ')}`);
    const lines = [...this.said, ...denied, ...denied.length > 0 ? ['  ask whoever runs the cluster for a role that allows it'] : []];
    if (lines.length > 0) throw new Failure(lines.join('\n'));
  }
}
