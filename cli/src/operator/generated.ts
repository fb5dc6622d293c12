import { Blocked } from './blocked';
import type { OperatorContext } from './context';
import { ownerOf } from './owner';
import type { WebAppResource } from './resources';
import { nameOf } from './resources';
import { createMissing, generatedReference, isOfApp } from '../engine/generated';
import { ApiError, isConflict, isNotFound } from '../kube/errors';
import { explainError } from '../kube/explain';
import { OPERATOR_MANAGER, shown } from '../kube/objects';
import type { Secret } from '../kube/types';
import type { SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';

/**
 * Creates the generated values of apps. The Secret is kept as data is: it has its resource as an owner only while that has a `ttl`, with
 * which data goes. A Secret of that name which is not the app's is never written: the app uses the keys that it has, as it could by name.
 */
export class GeneratedValues {
  constructor(private readonly context: OperatorContext) {}

  /** @throws Blocked where values are missing that the operator cannot or must not create */
  public async ensure(resource: WebAppResource, { generated }: SynthesizedApp): Promise<void> {
    if (Object.keys(generated).length === 0) return;
    const { cluster } = this.context;
    const app = nameOf(resource);
    const owner = resource.spec.ttl === undefined ? undefined : ownerOf(resource);
    try {
      const { before } = await createMissing(cluster, app, generated, { manager: OPERATOR_MANAGER, owner });
      if (before && isOfApp(before, app)) await this.setOwner(before, owner, resource);
    } catch (error) {
      if (error instanceof Failure) throw new Blocked('Conflict', error.message);
      if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429) throw error;
      throw new Blocked('Rejected', `${shown(generatedReference(app))}: ${explainError(error, app.namespace)}`);
    }
  }

  /** The owner until now may be a resource of the same name that is gone: what the Secret is deleted with must be the one that there is. */
  private async setOwner({ metadata }: Secret, owner: object | undefined, resource: WebAppResource): Promise<void> {
    const { ownerReferences = [], resourceVersion } = metadata;
    const wanted = owner ? [resource.metadata.uid] : [];
    if (JSON.stringify(ownerReferences.map(({ uid }) => uid)) === JSON.stringify(wanted)) return;
    const change = { metadata: { resourceVersion, ownerReferences: owner ? [owner] : [] } };
    try {
      await this.context.cluster.objects.merge(generatedReference(nameOf(resource)), change, OPERATOR_MANAGER);
    } catch (error) {
      // Values have just been added to it, or it is gone: a later pass sees that.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
