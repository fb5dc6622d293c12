import type { OperatorContext } from './context';
import type { WebAppResource } from './resources';
import { nameOf, WEB_APP } from './resources';
import { canBeOf } from './tenancy/objects';
import { buildsOf, holdsData, prune, settingsOf } from '../engine/prune';
import { deleteRelease, hasReleasesWithoutOwner, listReleases, releaseSecret } from '../engine/release-store';
import { isNotFound } from '../kube/errors';
import type { Reference } from '../kube/objects';
import { OPERATOR_MANAGER, referenceTo, unique, without } from '../kube/objects';
import type { AppName, Metadata } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** Keeps a resource that is deleted until what the cluster cannot do by itself is done. */
const FINALIZER = 'cdk8s-webapp.dev/operator';

/**
 * What happens when a resource is deleted. The cluster deletes what it owns; objects of other namespaces cannot have it as an owner, what
 * `webapp` has stored of an app before it had a resource has none, and the objects of an app that is to be orphaned must lose it. Only
 * such a resource waits for the operator.
 */
export class Removal {
  constructor(private readonly context: OperatorContext) {}

  /** Lets the deletion of a resource wait for the operator, if that has to keep the app running. */
  public async prepareToOrphan(resource: WebAppResource): Promise<void> {
    if (resource.spec.deletionPolicy === 'orphan') await this.addFinalizer(resource);
  }

  /** Lets the deletion of a resource wait for the operator, if the cluster does not delete everything by itself. */
  public async prepare(resource: WebAppResource, objects: readonly Manifest[]): Promise<void> {
    const { namespace } = resource.metadata;
    const isElsewhere = objects.some(({ metadata }) => metadata.namespace !== namespace);
    if (isElsewhere || await this.hasForeignReleases(nameOf(resource))) await this.addFinalizer(resource);
  }

  private async hasForeignReleases(app: AppName): Promise<boolean> {
    const { cluster, releases } = this.context;
    return releases.hasForeign(app) ?? hasReleasesWithoutOwner(cluster, app);
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
    else await this.removeUnowned(nameOf(resource));
    await this.setFinalizers(resource, finalizers.filter(name => name !== FINALIZER)).catch(error => {
      if (!isNotFound(error)) throw error; // an earlier pass has removed it, and the watch has not shown it yet
    });
  }

  private async orphan(resource: WebAppResource): Promise<void> {
    const { cluster, live } = this.context;
    const app = nameOf(resource);
    const releases = (await listReleases(cluster, app)).map(({ release }) => release);
    const unseen = [...settingsOf(releases, app.namespace), ...releases.map(({ number }) => releaseSecret(app, number))];
    for (const reference of unique([...live.ownedBy(resource.metadata.uid), ...unseen])) await this.disown(resource, reference);
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

  /** Removes what the cluster does not. */
  private async removeUnowned(app: AppName): Promise<void> {
    const { cluster } = this.context;
    const releases = (await listReleases(cluster, app)).map(({ release }) => release);
    const elsewhere = releases.flatMap(({ objects, shared }) => without(objects.map(object => referenceTo(object)), shared))
      .filter(one => one.namespace !== app.namespace && !holdsData(one));
    const all = [...elsewhere, ...buildsOf(releases), ...settingsOf(releases, app.namespace)].filter(one => canBeOf(one, app));
    await prune(cluster, app, unique(all), { running: true });
    for (const { number } of releases) await deleteRelease(cluster, app, number);
  }

  /** One that is there stays: objects of an earlier release may need it. */
  private async addFinalizer({ metadata: { name, namespace, finalizers = [] } }: WebAppResource): Promise<void> {
    if (finalizers.includes(FINALIZER)) return;
    // The watch may not have shown yet what was written before.
    const live = await this.context.cluster.objects.get({ ...WEB_APP, name, namespace });
    const all = live?.metadata.finalizers ?? [];
    if (live && !all.includes(FINALIZER)) await this.setFinalizers(live, [...all, FINALIZER]);
  }

  private async setFinalizers({ metadata: { name, namespace, resourceVersion } }: WebAppResource, finalizers: Metadata['finalizers']) {
    const reference = { ...WEB_APP, name, namespace };
    await this.context.cluster.objects.merge(reference, { metadata: { resourceVersion, finalizers } }, OPERATOR_MANAGER);
  }
}
