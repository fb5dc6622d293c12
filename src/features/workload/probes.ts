import { PORT_NAME } from '../../kube/ports';
import { ResolvedApp } from '../../model/app';

/**
 * How the kubelet asks after an app. While it starts, every second, as each second of that is a second that somebody waits. Once
 * it runs, readiness decides who gets traffic; liveness only looks whether the port is still open, for a minute, so that an app
 * that is slow or waits for its database is left alone. A process without a port is asked nothing.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
export function probes(app: ResolvedApp) {
  const { health, port } = app.process;
  if (port === undefined) return {};
  return {
    startupProbe: { ...readiness(app), periodSeconds: 1, timeoutSeconds: 1, failureThreshold: health.startupTimeout },
    readinessProbe: { ...readiness(app), periodSeconds: health.interval, timeoutSeconds: 2, failureThreshold: 3 },
    livenessProbe: { tcpSocket: { port: PORT_NAME }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

function readiness({ process: { health, port } }: ResolvedApp): object {
  const at = health.port ?? PORT_NAME;
  if (health.grpc) return { grpc: { port: health.port ?? port } };
  if (health.path) return { httpGet: { path: health.path, port: at } };
  return { tcpSocket: { port: at } };
}

/**
 * A pod that is to stop goes on answering while routers learn that it goes.
 *
 * The `sleep` action is on by default since Kubernetes 1.30; before, it takes a program of the image, and where the image has none the
 * pod is stopped at once, as it would be without.
 *
 * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations
 */
export function lifecycle({ process: { health }, platform }: ResolvedApp): object | undefined {
  if (health.preStopDelay === 0) return undefined;
  return { preStop: platform.kubernetesMinor >= 30 ? { sleep: { seconds: health.preStopDelay } } : { exec: { command: ['sleep', String(health.preStopDelay)] } } };
}
