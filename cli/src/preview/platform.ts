import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import { NAMESPACE } from '../kube/types';
import type { PlatformResource } from '../operator/resources';
import { DEFAULT_PLATFORM, PLATFORM, PLATFORM_LABEL } from '../operator/resources';

/** The Platform that the operator uses for a namespace; undefined if there is none, or the user may not see it. */
export async function clusterPlatform({ objects }: Cluster, namespace: string): Promise<PlatformResource['spec'] | undefined> {
  const labels = await unlessForbidden(async () => (await objects.get({ ...NAMESPACE, name: namespace }))?.metadata.labels);
  const name = labels === FORBIDDEN ? undefined : labels?.[PLATFORM_LABEL];
  const found = await unlessForbidden(async () => objects.get({ ...PLATFORM, name: name ?? DEFAULT_PLATFORM }));
  return found === FORBIDDEN ? undefined : found?.spec;
}
