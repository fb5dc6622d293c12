import type { LiveObjects } from './live-objects';
import type { Platforms } from './platforms';
import type { PlatformResource, WebAppResource } from './resources';
import { nameOf, PLATFORM, PLATFORM_LABEL, WEB_APP } from './resources';
import type { CacheEvent } from './runtime/cache';
import type { Priority } from './runtime/queue';
import { claimsIn, isInvalid } from './tenancy/claims';
import type { AppName, KubernetesObject } from '../kube/types';
import { CERTIFICATE, INGRESS, isKind, NAMESPACE } from '../kube/types';
import type { PlatformProps } from 'cdk8s-webapp';

/** The index of what apps claim: what has to be told of each app. */
export interface ClaimIndex {
  /** @returns the other apps that may be affected */
  update(resource: WebAppResource, platform?: PlatformProps): readonly AppName[];

  /** @returns the other apps that may be affected */
  remove(app: AppName): readonly AppName[];
}

export type Enqueue = (app: AppName, priority: Priority) => void;

/** Which apps have to be looked at after a change of the cluster. */
export class Triggers {
  constructor(
    private readonly live: LiveObjects,
    private readonly platforms: Platforms,
    private readonly claims: ClaimIndex,
    private readonly enqueue: Enqueue,
  ) {}

  /** A change of an object that exists for longer than the operator runs, or shorter. */
  public changed({ type, kind, object, before }: CacheEvent): void {
    if (isKind(kind, WEB_APP)) this.appChanged(type, object as WebAppResource, before as WebAppResource | undefined);
    else if (isKind(kind, PLATFORM)) this.platformChanged(object as PlatformResource, before as PlatformResource | undefined);
    else if (isKind(kind, NAMESPACE)) this.namespaceChanged(object, before);
    else if (isKind(kind, CERTIFICATE)) this.certificateChanged(object);
    else this.objectChanged(object, before);
  }

  /** All apps: after a start, or when the cluster has got a kind that they may lack. */
  public all(): void {
    for (const resource of this.live.list(WEB_APP)) this.enqueue(nameOf(resource), 'resync');
  }

  /** Takes the claims of all apps that exist. */
  public start(): void {
    for (const resource of this.live.list(WEB_APP)) this.claim(resource);
  }

  private appChanged(type: CacheEvent['type'], resource: WebAppResource, before: WebAppResource | undefined): void {
    const app = nameOf(resource);
    if (type === 'removed') {
      for (const other of this.claims.remove(app)) this.enqueue(other, 'change');
      this.enqueue(app, 'change');
      return;
    }
    // Its status is what the operator writes itself: only what it has because of that concerns others.
    const isOwnChange = before !== undefined && isSame(before, resource);
    if (isOwnChange && hasSameClaims(before, resource)) return;
    for (const other of this.claim(resource)) this.enqueue(other, 'change');
    if (!isOwnChange) this.enqueue(app, 'change');
  }

  private claim(resource: WebAppResource): readonly AppName[] {
    return this.claims.update(resource, this.platforms.of(nameOf(resource).namespace).platform?.spec);
  }

  private platformChanged({ metadata: { name }, spec }: PlatformResource, before: PlatformResource | undefined): void {
    if (before && JSON.stringify(before.spec) === JSON.stringify(spec)) return;
    this.resync(namespace => this.platforms.nameFor(namespace) === name);
  }

  private namespaceChanged({ metadata: { name, labels } }: KubernetesObject, before: KubernetesObject | undefined): void {
    if (before?.metadata.labels?.[PLATFORM_LABEL] === labels?.[PLATFORM_LABEL]) return;
    this.resync(namespace => namespace === name);
  }

  /** Another platform may give apps other hosts. */
  private resync(concerns: (namespace: string) => boolean): void {
    for (const resource of this.live.list(WEB_APP)) {
      if (!concerns(nameOf(resource).namespace)) continue;
      for (const other of this.claim(resource)) this.enqueue(other, 'resync');
      this.enqueue(nameOf(resource), 'resync');
    }
  }

  /** cert-manager makes the Ingress the owner: https://cert-manager.io/docs/usage/ingress/ */
  private certificateChanged({ metadata: { namespace, ownerReferences = [] } }: KubernetesObject): void {
    const owner = ownerReferences.find(one => isKind(one, INGRESS));
    const ingress = owner && this.live.get({ ...INGRESS, namespace, name: owner.name });
    if (ingress) this.objectChanged(ingress, undefined);
  }

  private objectChanged(object: KubernetesObject, before: KubernetesObject | undefined): void {
    const { namespace } = object.metadata;
    for (const { metadata: { ownerReferences = [] } } of before ? [object, before] : [object]) {
      const owner = ownerReferences.find(({ controller, apiVersion, kind }) => controller && isKind({ apiVersion, kind }, WEB_APP));
      if (owner) return this.enqueue({ name: owner.name, namespace: namespace! }, 'change');
    }
  }
}

/** Whether the status says the same of what an app has, and of whether it may have anything. */
function hasSameClaims(a: WebAppResource, b: WebAppResource): boolean {
  const essence = (resource: WebAppResource) => JSON.stringify([claimsIn(resource.status), isInvalid(resource)]);
  return essence(a) === essence(b);
}

/** Whether nothing has changed but what the API server and the operator write. */
function isSame(a: WebAppResource, b: WebAppResource): boolean {
  const essence = ({ metadata: { uid, generation, deletionTimestamp, finalizers, annotations } }: WebAppResource) => (
    JSON.stringify([uid, generation, deletionTimestamp, finalizers, annotations]));
  return essence(a) === essence(b);
}
