import type { RollingUpdate } from './props';
import { resolveArgo } from './resolve-argo';
import { resolveBlueGreen } from './resolve-blue-green';
import { resolveTrack } from './resolve-track';
import type { ResolvedRollout } from './resolved-rollout';
import type { WebAppProps } from '../../index';
import type { ResolvedApp } from '../../model/app';

/** What nearly every app has. */
export const ROLLING: ResolvedRollout = { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } };

/** The app with what it says of its new versions, made of what the app is without that. */
export function resolveRollout(app: ResolvedApp, { rollout, releaseCommand: release }: WebAppProps): ResolvedApp {
  if (rollout === undefined) return app;
  const { canary, blueGreen, argo } = rollout;
  const rolling = { ...app, rollout: { rollingUpdate: resolveRollingUpdate(rollout.rollingUpdate) } };
  if (blueGreen) return resolveBlueGreen(rolling, blueGreen, release);
  if (argo) return { ...rolling, rollout: { ...rolling.rollout, argo: resolveArgo(rolling, argo) } };
  if (!canary) return rolling;
  const track = resolveTrack(rolling, 'canary', canary.image, release);
  return { ...rolling, rollout: { ...rolling.rollout, canary: { ...track, weight: canary.weight ?? 0, headers: canary.headers ?? {} } } };
}

function resolveRollingUpdate({ maxSurge = '25%', maxUnavailable = '0' }: RollingUpdate = {}): ResolvedRollout['rollingUpdate'] {
  return { maxSurge: numberOrPart(maxSurge), maxUnavailable: numberOrPart(maxUnavailable) };
}

/** Kubernetes takes a number of replicas for one only where it is no text. */
function numberOrPart(value: string): number | string {
  return value.endsWith('%') ? value : Number(value);
}
