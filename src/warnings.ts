import { buildWarnings } from './features/build/build';
import { connectionWarnings } from './features/connections/connections';
import type { AppModel } from './model/app';
import { isFloating } from './validation/names';

/** What is allowed, and yet may not be what was meant. */
export function warningsOf(app: AppModel): string[] {
  return [...buildWarnings(app), ...connectionWarnings(app), ...imageWarnings(app), ...scalingWarnings(app), ...protocolWarnings(app)];
}

function imageWarnings({ web, versions }: AppModel): string[] {
  const hint = 'can become another one without a change here; name a version or a digest';
  return [
    ...versions.map(({ component }) => component).filter(({ pod }) => isFloating(pod.image))
      .map(({ name, pod }) => `image "${pod.image}" of ${name} ${hint}`),
    ...isFloating(web.pod.image) ? [`image "${web.pod.image}" ${hint}`] : [],
  ];
}

function scalingWarnings({ active: { scaling }, route }: AppModel): string[] {
  const found: string[] = [];
  const { http, min, replicas } = scaling;
  if (!http && replicas === undefined && min === 0 && !route.internal) {
    found.push('scaling.min is 0 and the app is not scaled by HTTP: while it sleeps its hosts answer with an error');
  }
  if (http && http.requestRate === undefined && min === 0 && route.placeholder && !route.maxPending) {
    found.push('scaling.concurrency alone hardly wakes an app with a placeholder, as a request that gets it is over at once; '
      + 'write scaling.requestRate too');
  }
  return found;
}

function protocolWarnings({ web: { server: { port, http2, health }, metrics } }: AppModel): string[] {
  if (!http2) return [];
  const found: string[] = [];
  if (metrics?.port === port) {
    found.push('metrics are asked for over HTTP/1.1, which a server that speaks only HTTP/2 does not understand; '
      + 'write the metrics.port of another server');
  }
  if (health.path !== undefined && health.port === undefined) {
    found.push('health.path is asked over HTTP/1.1, which a server that speaks only HTTP/2 does not understand; '
      + 'write health.grpc, or the health.port of another server');
  }
  return found;
}
