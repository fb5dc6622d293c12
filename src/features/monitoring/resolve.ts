import type { Metrics, Monitoring } from './props';
import { PORT_NAME } from '../../kube/ports';

/** Where an app's metrics are. */
export interface ResolvedMetrics {
  readonly path: string;
  readonly port: number;
  /** Name of that port in the container. */
  readonly portName: string;
}

/** How the monitoring finds them. */
export interface ResolvedMonitoring {
  readonly podMonitor: boolean;
  readonly labels: { readonly [key: string]: string };
  readonly namespace?: string;
  readonly prometheus?: string;
}

/** Name of a port that only metrics are served at. */
const METRICS_PORT_NAME = 'metrics';

export function resolveMetrics(metrics: Metrics | undefined, appPort: number): ResolvedMetrics | undefined {
  if (metrics === undefined) return undefined;
  const port = metrics.port ?? appPort;
  return { path: metrics.path ?? '/metrics', port, portName: port === appPort ? PORT_NAME : METRICS_PORT_NAME };
}

export function resolveMonitoring(monitoring: Monitoring | undefined): ResolvedMonitoring | undefined {
  if (monitoring === undefined) return undefined;
  const { podMonitor = true, labels = {}, namespace, prometheus } = monitoring;
  return { podMonitor, labels, namespace, prometheus };
}
