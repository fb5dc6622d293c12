import { listReleases } from '../engine/release-store';
import type { Cluster } from '../kube/connect';
import type { AppName } from '../kube/types';
import { findResource } from '../operator/client';
import { previewOf } from '../operator/preview';
import { Failure } from '../ui/failure';

/**
 * When a preview was deployed first; undefined if it was not.
 *
 * @throws Failure where an app has its name that is not a preview of the same app: it must not be overwritten, nor removed later
 */
export async function deployedSince(cluster: Cluster, app: AppName, of: string): Promise<string | undefined> {
  const resource = await findResource(cluster, app);
  // Variables may have been set for its first deploy.
  const latest = (await listReleases(cluster, app)).map(({ release }) => release).find(({ staged }) => !staged);
  if (!resource && !latest) return undefined;
  const known = resource ? previewOf(resource) : latest?.preview;
  if (known?.of === of) return known.since ?? latest?.created;
  const what = known ? `a preview of ${known.of}` : 'an app, and not a preview';
  throw new Failure(`${app.name} in namespace ${app.namespace} is ${what}; choose another name`);
}
