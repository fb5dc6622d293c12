import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { annotated, objectMetadata, orNone } from '../../kube/metadata';
import type { WebComponent } from '../../model/component';

/**
 * Creates a Service of type LoadBalancer for each port that clients outside of the cluster connect to.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
 */
export function createLoadBalancers(scope: Construct, app: string, component: WebComponent): void {
  for (const { name, loadBalancer } of component.server.ports) {
    if (!loadBalancer) continue;
    const { port, sourceRanges, annotations } = loadBalancer;
    new ApiObject(scope, `load-balancer-${name}`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: annotated(objectMetadata(component, 'entry', loadBalancerName(app, name)), annotations),
      spec: {
        type: 'LoadBalancer',
        selector: component.selector,
        ports: [{ name, port, targetPort: name }],
        loadBalancerSourceRanges: orNone(sourceRanges),
      },
    });
  }
}

export function loadBalancerName(app: string, port: string): string {
  return `${app}-${port}`;
}
