import { countedBy } from './counted-by';
import type { ResolvedTrack } from './resolved-rollout';
import type { ReleaseCommand } from '../../index';
import { COMPONENT } from '../../kube/metadata';
import type { ResolvedApp } from '../../model/app';
import { NO_PROCESSES } from '../../model/processes';
import { resolveRelease } from '../processes/resolve-release';

/**
 * Another version of an app: it has all that the app has, but for the image. Its objects are named `<app>-<track>`, and its pods are told from the
 * app's by their component. Processes beside the web process are of the app's own version alone.
 */
export function resolveTrack(app: ResolvedApp, track: string, image: string, release: ReleaseCommand | undefined): ResolvedTrack {
  const name = `${app.name}-${track}`;
  const selector = { ...app.selector, [COMPONENT]: track };
  const process = { ...app.process, image };
  return {
    app: {
      ...app,
      name,
      selector,
      labels: { ...app.labels, ...selector },
      process,
      identity: { ...app.identity, existing: app.identity.existing ?? app.name },
      scaling: countedBy(app.scaling, name),
      routing: { ...app.routing, service: name },
      build: undefined,
      release: undefined,
      processes: NO_PROCESSES,
    },
    // Of one image there is one release.
    releasing: release && image !== app.process.image ? { ...app, process, release: resolveRelease({ ...app, process }, release) } : undefined,
  };
}
