import { destroy } from '../engine/destroy';
import type { Operation } from '../engine/operation';
import { count } from '../engine/operation';
import { deleteResource, findResource } from '../operator/client';

/** Removes a preview with its data. */
export async function removePreview(operation: Operation): Promise<void> {
  const { cluster, app, progress } = operation;
  // Otherwise the operator would create everything again.
  if (await findResource(cluster, app)) {
    await deleteResource(operation);
    progress.done(`Removed WebApp ${app.name}`);
  }
  const { removed } = await destroy(operation, true);
  progress.done(`Removed ${app.name}${removed.length > 0 ? ` (${count(removed.length, 'object')})` : ''}`);
}
