import type { Operation } from './operation';
import { referenceTo } from '../kube/objects';
import { unlessForbidden } from '../kube/permissions';
import { NAMESPACE } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** Creates a namespace if it does not exist. */
export async function ensureNamespace({ cluster, progress }: Pick<Operation, 'cluster' | 'progress'>, name: string): Promise<void> {
  const { objects } = cluster;
  const manifest: Manifest = { ...NAMESPACE, metadata: { name } };
  // If the user is not allowed to see it, a later request says whether it exists.
  if (await unlessForbidden(async () => objects.get(referenceTo(manifest))) !== undefined) return;
  await objects.apply(manifest);
  progress.done(`Created namespace ${name}`);
}
