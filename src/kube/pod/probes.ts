import type { PodModel, ServerModel, WorkerComponent } from '../../model/component';
import type { Named } from '../../model/named';
import { orNone } from '../metadata';
import { PORT_NAME } from '../ports';

/**
 * How the kubelet checks a web process. While it starts, every second, as each second of that is a second that a request waits. Once
 * it runs, readiness decides whether it gets traffic; liveness only checks whether the port is still open, for a minute, so that an app
 * that is slow or waits for its database is not restarted.
 *
 * Readiness that is checked every second needs no startup probe, which would cost a start a second or more: it runs only at a tick of its
 * own, and when it has succeeded, the kubelet waits for its next look at the pod until it checks readiness. Without one, the kubelet checks
 * readiness as soon as it has seen that the container runs.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/prober/prober_manager.go, `UpdatePodStatus`
 */
export function probes(server: ServerModel) {
  const { interval, startupTimeout } = server.health;
  const check = readiness(server);
  const failures = Math.max(3, Math.ceil(PATIENCE / interval));
  const readinessProbe = { ...check, periodSeconds: interval, timeoutSeconds: 2, failureThreshold: failures };
  const livenessProbe = { tcpSocket: { port: PORT_NAME }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 };
  if (interval === 1) return { readinessProbe, livenessProbe: { ...livenessProbe, initialDelaySeconds: startupTimeout } };
  const startupProbe = { ...check, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: startupTimeout };
  return { startupProbe, readinessProbe, livenessProbe };
}

/** For how many seconds the readiness checks of a replica must fail, at least, until it gets no more traffic. */
const PATIENCE = 15;

function readiness({ health, port, https }: ServerModel): object {
  const at = health.port ?? PORT_NAME;
  if (health.grpc) return { grpc: { port: health.port ?? port } };
  const headers = Object.entries({ ...health.host === undefined ? {} : { Host: health.host }, ...health.headers });
  const httpHeaders = orNone(headers.map(([name, value]) => ({ name, value })));
  // Another server may be one for health checks alone. The kubelet verifies no certificate.
  const scheme = https && [undefined, port].includes(health.port) ? 'HTTPS' : undefined;
  if (health.path) return { httpGet: { path: health.path, port: at, scheme, httpHeaders } };
  return { tcpSocket: { port: at } };
}

/** Seconds between the checks of a worker that starts. A check starts a program, and nobody waits for a worker. */
const STARTUP_INTERVAL = 5;

/** How the kubelet checks a worker. It gets no requests, so there is no readiness. */
export function livenessProbes({ liveness }: WorkerComponent): object {
  if (!liveness) return {};
  const { command, interval, timeout, startupTimeout } = liveness;
  const check = { exec: { command }, timeoutSeconds: timeout };
  return {
    startupProbe: { ...check, periodSeconds: STARTUP_INTERVAL, failureThreshold: Math.ceil(startupTimeout / STARTUP_INTERVAL) },
    livenessProbe: { ...check, periodSeconds: interval, failureThreshold: 3 },
  };
}

/**
 * A pod that is to stop still answers while routers learn about it.
 *
 * The `sleep` action is on by default since Kubernetes 1.30; before, it takes a program of the image, and if the image has none the
 * pod is stopped at once, as it would be without.
 *
 * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations
 */
export function lifecycle({ preStopDelay }: PodModel, { platform }: Named): object | undefined {
  if (preStopDelay === 0) return undefined;
  if (platform.kubernetesMinor >= 30) return { preStop: { sleep: { seconds: preStopDelay } } };
  return { preStop: { exec: { command: ['sleep', String(preStopDelay)] } } };
}
