import { Construct } from 'constructs';
import { ResolvedApp } from '../resolve/resolved-app';
import { createEntry, createInterceptorEntry } from '../routing/entry';

/**
 * Makes the way to the idle colour, where there is one: a route of its own, by its hosts and by the name that it has inside of the cluster. It must
 * exist before the ScaledObjects, of which one refers to it.
 */
export function createPreview(scope: Construct, { rollout: { blueGreen } }: ResolvedApp): void {
  if (!blueGreen) return;
  const place = new Construct(scope, 'preview');
  createInterceptorEntry(place, blueGreen.preview);
  createEntry(place, blueGreen.preview);
}
