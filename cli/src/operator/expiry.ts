/** When the apps with a `ttl` end. */
import type { OperatorContext } from './context';
import type { WebAppResource, WebAppStatus } from './resources';
import { nameOf, WEB_APP } from './resources';
import { secondsOf } from '../../../src/internal';
import { checkOperatorFields } from '../config/operator-fields';
import { serverTime } from '../engine/server-time';
import { timestamp } from '../kube/clock';
import { isConflict } from '../kube/errors';

/** An annotation of a resource whose change renews its `ttl`. What it says does not matter: the clock of its author may be wrong. */
export const RENEWED = 'cdk8s-webapp.dev/renewed';

/** When to look again at a resource that has changed while it was about to be deleted, in milliseconds. */
const SOON = 1_000;

/** What the status of an app says of its end. Undefined fields remove what was there. */
export type Expiry = Pick<WebAppStatus, 'expires' | 'renewal'>;

/** Either the resource is gone, or this is what its status has to say, and when to look again, in milliseconds. */
export type Life = { readonly isOver: true } | { readonly isOver: false; readonly expiry: Expiry; readonly again?: number };

/**
 * Deletes resources whose `ttl` is over: each change of the spec, and of an annotation, begins a new one.
 *
 * When an app ends is in its status, so that it outlives the operator. That time is by the clock of the API server, and so is the
 * decision that it has come: the clock of a replica only says when to look. If the operator did not run meanwhile, the app ends later,
 * and never earlier.
 */
export class Expiration {
  constructor(private readonly context: OperatorContext) {}

  /** @param status what the operator wrote last */
  public async check(resource: WebAppResource, status: WebAppStatus): Promise<Life> {
    const { cluster } = this.context;
    const { metadata: { namespace, generation, annotations = {} }, spec: { ttl } } = resource;
    // One that is not valid is told with all other problems.
    if (ttl === undefined || checkOperatorFields({ ttl }).length > 0) {
      return { isOver: false, expiry: { expires: undefined, renewal: undefined } };
    }
    const renewal = annotations[RENEWED];
    const isKnown = status.expires !== undefined && status.observedGeneration === generation && status.renewal === renewal;
    const expires = isKnown ? Date.parse(status.expires!) : await serverTime(cluster, namespace!) + secondsOf(ttl)! * 1000;
    const expiry = { expires: timestamp(expires), renewal };
    if (!isKnown || cluster.clock.now() < expires) return this.lives(expiry, expires - cluster.clock.now());
    const left = expires - await serverTime(cluster, namespace!);
    if (left > 0) return this.lives(expiry, left);
    return await this.remove(resource) ? { isOver: true } : this.lives(expiry, SOON);
  }

  private lives(expiry: Expiry, left: number): Life {
    return { isOver: false, expiry, again: Math.max(left, SOON) };
  }

  /** Deletes the resource, unless it has changed meanwhile: it may have been renewed. */
  private async remove(resource: WebAppResource): Promise<boolean> {
    const { uid, resourceVersion } = resource.metadata;
    try {
      await this.context.cluster.objects.remove({ ...WEB_APP, ...nameOf(resource) }, { uid, resourceVersion });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }
}
