import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { PodSet } from '../../model/component';

/**
 * Lets nodes be drained one pod of a component at a time. A single replica goes with its node, as it must not keep a node from being
 * drained; and so does one that was never healthy.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 */
export function createDisruptionBudget(scope: Construct, pods: PodSet): void {
  new ApiObject(scope, 'disruption', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: objectMetadata(pods),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: pods.selector },
      // On by default since Kubernetes 1.27.
      unhealthyPodEvictionPolicy: pods.platform.kubernetesMinor >= 27 ? 'AlwaysAllow' : undefined,
    },
  });
}
