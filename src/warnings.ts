import { buildWarnings } from './features/build/build';
import { connectionWarnings } from './features/connections/connections';
import { commandWarnings } from './features/workload/command-warnings';
import type { AppModel } from './model/app';
import { containersOf, processesOf } from './model/app';
import { isFloating } from './validation/names';

/** What is allowed, and yet may not be what was meant. */
export function warningsOf(app: AppModel): string[] {
  return [
    ...buildWarnings(app),
    ...connectionWarnings(app),
    ...imageWarnings(app),
    ...commandWarnings(app),
    ...securityWarnings(app),
    ...app.runsWeb ? [...scalingWarnings(app), ...protocolWarnings(app)] : [],
  ];
}

function imageWarnings(app: AppModel): string[] {
  const { runsWeb, web, active, versions } = app;
  const hint = 'uses a mutable tag; use a version or a digest';
  const known = runsWeb ? [active.pod.image, web.pod.image] : [];
  return [
    ...containersOf(app).filter(({ image }) => isFloating(image) && image !== web.pod.image)
      .map(({ containerName, image }) => `image "${image}" of container ${containerName} ${hint}`),
    ...versions.map(({ component }) => component).filter(({ pod }) => isFloating(pod.image))
      .map(({ name, pod }) => `image "${pod.image}" of ${name} ${hint}`),
    ...runsWeb && isFloating(web.pod.image) ? [`image "${web.pod.image}" ${hint}`] : [],
    ...processesOf(app).filter(({ pods: { pod } }) => isFloating(pod.image) && !known.includes(pod.image))
      .map(({ path, pods: { pod } }) => `image "${pod.image}" of ${path} ${hint}`),
  ];
}

/**
 * Root without capabilities may neither change owners nor become another user, as many images do at the start.
 *
 * @see https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
function securityWarnings({ web: { pod: { security: { runAsUser, capabilities, privileged } } } }: AppModel): string[] {
  if (runAsUser !== 0 || capabilities.length > 0 || privileged) return [];
  return ['security.runAsUser is 0 without capabilities; an image that changes the owners of files and then becomes another user fails; '
    + 'for such an image, set security.capabilities to CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID'];
}

function scalingWarnings({ active: { scaling }, route }: AppModel): string[] {
  const found: string[] = [];
  const { http, min, lowest, replicas } = scaling;
  if (!http && replicas === undefined && lowest === 0 && !route.internal) {
    const why = min === 0 ? 'scaling.min is 0' : 'scaling.schedule lets the app sleep';
    found.push(`${why} and the app is not scaled by HTTP, so its hosts answer with an error while it sleeps`);
  }
  if (http && http.requestRate === undefined && lowest === 0 && route.placeholder && !route.maxPending) {
    found.push('scaling.concurrency alone rarely wakes an app with a placeholder, because requests that get the placeholder end at once; '
      + 'set scaling.requestRate too');
  }
  return found;
}

function protocolWarnings({ web: { server: { port, http2, https, health }, metrics } }: AppModel): string[] {
  if (https && metrics?.port === port) {
    return ['metrics are scraped over HTTP, which a server that speaks only HTTPS does not support; '
      + 'set metrics.port to that of another server'];
  }
  if (!http2) return [];
  const found: string[] = [];
  if (metrics?.port === port) {
    found.push('metrics are scraped over HTTP/1.1, which a server that speaks only HTTP/2 does not support; '
      + 'set metrics.port to that of another server');
  }
  if (health.path !== undefined && health.port === undefined) {
    found.push('health.path is requested over HTTP/1.1, which a server that speaks only HTTP/2 does not support; '
      + 'set health.grpc, or set health.port to that of another server');
  }
  return found;
}
