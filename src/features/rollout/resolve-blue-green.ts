import { countedBy } from './counted-by';
import type { BlueGreen } from './props';
import { resolvePreview } from './resolve-preview';
import { resolveTrack } from './resolve-track';
import type { ReleaseCommand } from '../../index';
import type { ResolvedApp } from '../../model/app';

/**
 * An app in two colors. Blue is the app itself, whose objects keep their names, so that an app may come to have colors and cease to; green is
 * beside it.
 *
 * The app's route has the public hosts whatever the color, and leads to the Service of the active one: the switch is one field of one object, and
 * there is no moment in which the hosts are nobody's. A second route has the preview hosts and leads to the idle one. Each color scales by the
 * requests of the route that leads to it.
 *
 * @param app the app with its own image
 */
export function resolveBlueGreen(
  app: ResolvedApp, { active, previewHosts, ...versions }: BlueGreen, release: ReleaseCommand | undefined,
): ResolvedApp {
  const { image } = app.process;
  const blue = { ...app, process: { ...app.process, image: versions.blue?.image ?? image } };
  const green = resolveTrack(blue, 'green', versions.green?.image ?? image, release);
  const [live, idle] = active === 'blue' ? [blue, green.app] : [green.app, blue];
  const preview = resolvePreview(app, previewHosts, idle.name);
  const scaled = (color: ResolvedApp) => ({
    ...color,
    scaling: color === live ? countedBy(color.scaling, app.name) : asleep(countedBy(color.scaling, preview.name)),
  });
  return {
    ...scaled(blue),
    routing: { ...app.routing, service: live.name },
    rollout: { ...app.rollout, blueGreen: { green: { ...green, app: scaled(green.app) }, preview, active: live } },
  };
}

/** Only whoever looks at it wakes the idle color. */
function asleep(scaling: ResolvedApp['scaling']): ResolvedApp['scaling'] {
  return { ...scaling, min: 0, schedule: [], triggers: [] };
}
