import type { PlatformResource } from './resources';
import { DEFAULT_PLATFORM, PLATFORM, PLATFORM_LABEL } from './resources';
import type { Cluster } from '../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../kube/permissions';
import { NAMESPACE } from '../kube/types';
import type { PlatformProps } from 'cdk8s-webapp';

/** The props of a namespace's platform, for the command: a user who may not see the namespace gets the default one. */
export async function clusterPlatform({ objects }: Cluster, namespace: string): Promise<PlatformProps | undefined> {
  const found = await unlessForbidden(async () => objects.get({ ...NAMESPACE, name: namespace }));
  const labels = found === FORBIDDEN ? undefined : found?.metadata.labels;
  const reference = { ...PLATFORM, name: labels?.[PLATFORM_LABEL] ?? DEFAULT_PLATFORM };
  return (await objects.get<PlatformResource>(reference))?.spec;
}
