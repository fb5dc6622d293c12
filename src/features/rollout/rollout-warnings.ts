import { ResolvedApp } from '../../model/app';
import { isFloating } from '../../validation/names';

/** What is allowed, and yet may not be what was meant. */
export function rolloutWarnings({ rollout: { canary, blueGreen } }: ResolvedApp): string[] {
  return [canary?.app, blueGreen?.green.app].filter(track => track && isFloating(track.process.image))
    .map(track => `image "${track!.process.image}" of ${track!.name} can become another one without a change here; name a version or a digest`);
}
