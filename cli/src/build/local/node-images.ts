import type { Cluster } from '../../kube/connect';
import { FORBIDDEN, unlessForbidden } from '../../kube/permissions';
import { NODE } from '../../kube/types';

/**
 * Whether all nodes of a cluster have an image, as far as they say: each lists its 50 largest images.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/#kubelet-config-k8s-io-v1beta1-KubeletConfiguration
 */
export async function hasOnNodes({ objects }: Pick<Cluster, 'objects'>, image: string): Promise<boolean> {
  const nodes = await unlessForbidden(async () => objects.list(NODE, {}));
  if (nodes === FORBIDDEN || nodes.length === 0) return false;
  return nodes.every(({ status }) => status?.images?.some(({ names }) => names?.includes(image)));
}
