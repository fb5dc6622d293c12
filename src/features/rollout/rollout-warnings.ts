import { ResolvedApp } from '../../model/app';
import { isFloating } from '../../validation/names';

/** What is allowed, and yet may not be what was meant. */
export function rolloutWarnings({ rollout: { canary, blueGreen }, scaling, platform: { entry } }: ResolvedApp): string[] {
  const found = [canary?.app, blueGreen?.green.app].filter(track => track && isFloating(track.process.image))
    .map(track => `image "${track!.process.image}" of ${track!.name} can become another one without a change here; name a version or a digest`);
  if (canary && canary.weight > 0 && scaling.http && entry.kind === 'ingress' && entry.upstreamHeader === undefined) {
    found.push('ingress-nginx takes upstream-vhost from the first Ingress alone, and would lead the canary\'s share to the version before; ask the platform team for ingress.upstreamHeader');
  }
  return found;
}
