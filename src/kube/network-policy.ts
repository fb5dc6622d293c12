import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from './metadata';
import type { PodSet } from '../model/component';

/**
 * Opens pods to those who must reach them, and to nobody else. What the pods themselves may reach is left open.
 *
 * @param ingress the rules, which are read when the tree is written; undefined for pods that nobody has to reach
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function createNetworkPolicy(scope: Construct, pods: PodSet, ingress?: () => object[]): void {
  new ApiObject(scope, 'network', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(pods),
    spec: {
      podSelector: { matchLabels: pods.selector },
      policyTypes: ['Ingress'],
      ingress: ingress && Lazy.any({ produce: ingress }),
    },
  });
}
