import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { WebComponent } from '../../model/component';

/**
 * Tells the Prometheus Operator where the metrics of a component are. A sleeping app has no pods, and so nothing is scraped.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export function createPodMonitor(scope: Construct, component: WebComponent): void {
  const { metrics, platform: { monitoring } } = component;
  if (!metrics || !monitoring?.podMonitor) return;
  const metadata = objectMetadata(component);
  new ApiObject(scope, 'monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { ...metadata, labels: { ...monitoring.labels, ...metadata.labels } },
    spec: {
      selector: { matchLabels: component.selector },
      podMetricsEndpoints: [{ port: metrics.portName, path: metrics.path }],
    },
  });
}
