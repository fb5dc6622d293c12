import type { OperatorContext } from './context';
import type { WebAppResource } from './resources';
import { nameOf, WEB_APP } from './resources';
import { canBeOf } from './tenancy/objects';
import { holdsData, prune } from '../engine/prune';
import { listReleases, releaseSecret } from '../engine/release-store';
import { isNotFound } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { OPERATOR_MANAGER, referenceTo, unique, without } from '../kube/objects';
import type { Metadata } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** Keeps a resource that is deleted until what the cluster cannot do by itself is done. */
const FINALIZER = 'cdk8s-webapp.dev/operator';

/**
 * What happens when a resource is deleted. The cluster deletes what it owns; objects of other namespaces cannot have it as an owner, and
 * those of an app that is to be orphaned must lose it. Only such a resource waits for the operator.
 */
export class Removal {
  constructor(private readonly context: OperatorContext) {}

  /** Lets the deletion of a resource wait for the operator, if it has to. */
  public async prepare(resource: WebAppResource, objects: readonly Manifest[]): Promise<void> {
    const { namespace, finalizers = [] } = resource.metadata;
    const isNeeded = resource.spec.deletionPolicy === 'orphan' || objects.some(({ metadata }) => metadata.namespace !== namespace);
    // One that is there stays: objects of an earlier release may need it.
    if (isNeeded && !finalizers.includes(FINALIZER)) await this.setFinalizers(resource, [...finalizers, FINALIZER]);
  }

  /** Lets the data of an app that no longer has a `ttl` outlive its resource, as that of others does. */
  public async keepData(resource: WebAppResource): Promise<void> {
    if (resource.spec.ttl !== undefined) return;
    for (const reference of this.context.live.ownedBy(resource.metadata.uid).filter(holdsData)) await this.disown(resource, reference);
  }

  /** Does what has to be done before a resource is gone. */
  public async finish(resource: WebAppResource): Promise<void> {
    const { finalizers = [] } = resource.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    if (resource.spec.deletionPolicy === 'orphan') await this.orphan(resource);
    else await this.removeElsewhere(resource);
    await this.setFinalizers(resource, finalizers.filter(name => name !== FINALIZER)).catch(error => {
      if (!isNotFound(error)) throw error; // an earlier pass has removed it, and the watch has not shown it yet
    });
  }

  private async orphan(resource: WebAppResource): Promise<void> {
    const { cluster, live } = this.context;
    const app = nameOf(resource);
    const releases = (await listReleases(cluster, app)).map(({ release }) => releaseSecret(app, release.number));
    for (const reference of [...live.ownedBy(resource.metadata.uid), ...releases]) await this.disown(resource, reference);
  }

  private async disown({ metadata: { uid } }: WebAppResource, reference: Reference): Promise<void> {
    const { objects } = this.context.cluster;
    const existing = await objects.get(reference);
    const owners = existing?.metadata.ownerReferences ?? [];
    if (!existing || !owners.some(owner => owner.uid === uid)) return;
    const { resourceVersion } = existing.metadata;
    const ownerReferences = owners.filter(owner => owner.uid !== uid);
    await objects.merge(reference, { metadata: { resourceVersion, ownerReferences } }, OPERATOR_MANAGER);
  }

  private async removeElsewhere(resource: WebAppResource): Promise<void> {
    const { cluster } = this.context;
    const { name, namespace } = nameOf(resource);
    const releases = await listReleases(cluster, { name, namespace });
    const all = releases.flatMap(({ release: { objects, shared } }) => without(objects.map(object => referenceTo(object)), shared))
      .filter(one => canBeOf(one, { name, namespace }));
    await prune(cluster, { name, namespace }, unique(all.filter(one => one.namespace !== namespace && !holdsData(one))));
  }

  private async setFinalizers({ metadata: { name, namespace, resourceVersion } }: WebAppResource, finalizers: Metadata['finalizers']) {
    const reference = { ...WEB_APP, name, namespace };
    await this.context.cluster.objects.merge(reference, { metadata: { resourceVersion, finalizers } }, OPERATOR_MANAGER);
  }
}
