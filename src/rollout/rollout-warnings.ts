import { isFloating } from '../checks/names';
import { ResolvedApp } from '../resolve/resolved-app';

/** What is allowed, and yet may not be what was meant. */
export function rolloutWarnings({ rollout: { canary }, scaling, platform: { entry } }: ResolvedApp): string[] {
  if (!canary) return [];
  const found: string[] = [];
  if (isFloating(canary.app.process.image)) found.push(`rollout.canary.image "${canary.app.process.image}" can become another one without a change here; name a version or a digest`);
  if (canary.weight > 0 && scaling.http && entry.kind === 'ingress' && entry.upstreamHeader === undefined) {
    found.push('ingress-nginx takes upstream-vhost from the first Ingress alone, and would lead the canary\'s share to the version before; ask the platform team for ingress.upstreamHeader');
  }
  return found;
}
