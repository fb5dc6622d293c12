import type { Command } from './programs';
import type { ClusterEntry } from '../../kube/cluster-entry';

/** A cluster on this computer, which runs images that are in no registry. */
export interface LocalCluster {
  /** As it is shown. */
  readonly title: string;

  /** What loads an archive of an image into its nodes; undefined where they share their images with builders. */
  readonly load?: (archive: string) => Command;

  /** Those builders; undefined where any will do. */
  readonly builders?: readonly string[];
}

/** How the nodes of a kind of cluster get an image. The name of the cluster is in the kubeconfig. */
interface Product {
  readonly entry: RegExp;

  /** @param name what the pattern has in its group */
  readonly cluster: (name: string) => LocalCluster;
}

function loaded(title: string, load: (archive: string) => readonly string[]): LocalCluster {
  return {
    title,
    load: archive => {
      const [program, ...args] = load(archive);
      return { program, args };
    },
  };
}

/** Where docker, or nerdctl in the namespace of Kubernetes, has the images of the nodes. */
const SHARED = ['docker', 'nerdctl'];

const minikube = (profile: string) => (
  // https://minikube.sigs.k8s.io/docs/handbook/pushing/#7-loading-directly-to-in-cluster-container-runtime
  loaded(`the minikube cluster ${profile}`, archive => ['minikube', 'image', 'load', archive, '--profile', profile])
);

const PRODUCTS: readonly Product[] = [
  {
    // https://github.com/kubernetes-sigs/kind/blob/main/pkg/cluster/internal/kubeconfig/internal/kubeconfig/helpers.go
    // https://kind.sigs.k8s.io/docs/user/quick-start/#loading-an-image-into-your-cluster
    entry: /^kind-(.+)$/,
    cluster: name => loaded(`the kind cluster ${name}`, archive => ['kind', 'load', 'image-archive', archive, '--name', name]),
  },
  {
    // https://github.com/k3d-io/k3d/blob/main/pkg/client/kubeconfig.go
    // https://k3d.io/stable/usage/commands/k3d_image_import/
    entry: /^k3d-(.+)$/,
    cluster: name => loaded(`the k3d cluster ${name}`, archive => ['k3d', 'image', 'import', archive, '--cluster', name]),
  },
  { entry: /^(minikube)$/, cluster: minikube },
  // https://docs.docker.com/desktop/use-desktop/kubernetes/
  { entry: /^docker-desktop$/, cluster: () => ({ title: 'Docker Desktop', builders: ['docker'] }) },
  // https://docs.orbstack.dev/kubernetes/#container-images
  { entry: /^orbstack$/, cluster: () => ({ title: 'OrbStack', builders: ['docker'] }) },
  // https://docs.rancherdesktop.io/tutorials/working-with-images/
  { entry: /^rancher-desktop$/, cluster: () => ({ title: 'Rancher Desktop', builders: SHARED }) },
  // https://github.com/abiosoft/colima/blob/main/README.md#interacting-with-image-registry
  { entry: /^colima(?:-.+)?$/, cluster: () => ({ title: 'Colima', builders: SHARED }) },
];

/** What minikube says in the kubeconfig of all its clusters: https://github.com/kubernetes/minikube/blob/master/pkg/minikube/kubeconfig/extension.go */
const MINIKUBE = 'minikube.sigs.k8s.io';

/**
 * The cluster of a kubeconfig, if it is on this computer. A context is often renamed, so the name of the cluster's own entry counts.
 *
 * @returns undefined where it is elsewhere
 */
export function localCluster({ name, provider }: ClusterEntry): LocalCluster | undefined {
  if (provider === MINIKUBE) return minikube(name);
  for (const { entry, cluster } of PRODUCTS) {
    const match = entry.exec(name);
    if (match) return cluster(match[1]);
  }
  return undefined;
}
