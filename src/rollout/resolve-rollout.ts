import { resolveTrack } from './resolve-track';
import type { ResolvedRollout } from './resolved-rollout';
import type { Rolling } from './rollout-props';
import type { WebAppProps } from '../index';
import type { ResolvedApp } from '../resolve/resolved-app';

/** What nearly every app has. */
export const ROLLING: ResolvedRollout = { rolling: { maxSurge: '25%', maxUnavailable: 0 } };

/** How an app's new versions take over, made of what the app is. */
export function resolveRollout(app: ResolvedApp, { rollout, release }: WebAppProps): ResolvedRollout {
  if (rollout === undefined) return ROLLING;
  const { canary } = rollout;
  const rolling = resolveRolling(rollout.rolling);
  return {
    rolling,
    canary: canary && { ...resolveTrack({ ...app, rollout: { rolling } }, 'canary', canary.image, release), weight: canary.weight ?? 0, headers: canary.headers ?? {} },
  };
}

function resolveRolling({ maxSurge = '25%', maxUnavailable = '0' }: Rolling = {}): ResolvedRollout['rolling'] {
  return { maxSurge: numberOrPart(maxSurge), maxUnavailable: numberOrPart(maxUnavailable) };
}

/** Kubernetes takes a number of replicas for one only where it is no text. */
function numberOrPart(value: string): number | string {
  return value.endsWith('%') ? value : Number(value);
}
