import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';

/**
 * Lets nodes be drained one pod of the app at a time. A single replica goes with its node, as it must not keep a node from being
 * drained; and so does one that was never healthy.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/
 */
export function createDisruptionBudget(scope: Construct, app: ResolvedApp): ApiObject {
  return new ApiObject(scope, 'disruption', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: objectMetadata(app),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: app.selector },
      // On by default since Kubernetes 1.27.
      unhealthyPodEvictionPolicy: app.platform.kubernetesMinor >= 27 ? 'AlwaysAllow' : undefined,
    },
  });
}
