import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { ResolvedApp } from '../../model/app';

/**
 * Tells the Prometheus Operator where an app's metrics are. A sleeping app has no pods, and so nothing that is asked.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export function createMonitor(scope: Construct, app: ResolvedApp): ApiObject | undefined {
  const { metrics, platform: { monitoring } } = app;
  if (!metrics || !monitoring?.podMonitor) return undefined;
  const metadata = objectMetadata(app);
  return new ApiObject(scope, 'monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { ...metadata, labels: { ...monitoring.labels, ...metadata.labels } },
    spec: {
      selector: { matchLabels: app.selector },
      podMetricsEndpoints: [{ port: metrics.portName, path: metrics.path }],
    },
  });
}

/** What says the same on the pods themselves, for a monitoring without the Prometheus Operator. */
export function scrapeAnnotations({ metrics, platform: { monitoring } }: ResolvedApp): { readonly [annotation: string]: string } {
  if (!metrics || !monitoring || monitoring.podMonitor) return {};
  return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(metrics.port), 'prometheus.io/path': metrics.path };
}
