import type { Metrics } from './props';
import { PORT_NAME } from '../../kube/ports';
import type { MetricsModel } from '../../model/component';
import type { Strings } from '../../model/strings';
import type { PlatformModel } from '../../platform/resolve';

/** Name of a port that serves metrics only. */
const METRICS_PORT_NAME = 'metrics';

export function resolveMetrics(metrics: Metrics | undefined, appPort: number): MetricsModel | undefined {
  if (metrics === undefined) return undefined;
  const port = metrics.port ?? appPort;
  return { path: metrics.path ?? '/metrics', port, portName: port === appPort ? PORT_NAME : METRICS_PORT_NAME };
}

/** Annotations of the pods by which a monitoring without the Prometheus Operator finds the metrics. */
export function scrapeAnnotations(metrics: MetricsModel | undefined, { monitoring }: PlatformModel): Strings {
  if (!metrics || !monitoring || monitoring.podMonitor) return {};
  return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(metrics.port), 'prometheus.io/path': metrics.path };
}
