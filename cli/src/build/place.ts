import type { Cluster } from '../kube/connect';
import { BUILD_RUN } from '../kube/types';
import { Failure } from '../ui/failure';
import type { Builds } from 'cdk8s-webapp';

/** Where a folder is built. */
export type Place = 'cluster' | 'local';

/**
 * Where the platform wants folders to be built: where it says, or else in the cluster if that can, or else on this computer.
 *
 * @param cluster undefined if there is none
 * @throws Failure if it is the cluster, and that cannot
 */
export async function placeOf(cluster: Pick<Cluster, 'objects'> | undefined, builds: Builds): Promise<Place> {
  if (builds.where === 'local') return 'local';
  if (!cluster) {
    if (builds.where === undefined) return 'local';
    throw new Failure('platform.yaml says builds: { where: cluster }, but there is no cluster; pass --kubeconfig, or set where: local');
  }
  const hasShipwright = await cluster.objects.knows(BUILD_RUN);
  if (builds.where === undefined) return hasShipwright && builds.registry !== undefined ? 'cluster' : 'local';
  if (!hasShipwright) {
    throw new Failure('the cluster has no Shipwright, which builds images; install it with webapp setup --with builds, '
      + 'or set builds: { where: local } in platform.yaml');
  }
  if (builds.registry === undefined) {
    throw new Failure('platform.yaml does not say where the cluster pushes images; set builds: { registry: registry.example.com/acme }');
  }
  return 'cluster';
}
