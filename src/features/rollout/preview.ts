import { Construct } from 'constructs';
import { previewOf } from './resolve-preview';
import { ResolvedApp } from '../../model/app';
import { createEntry, createInterceptorEntry } from '../routing/entry';

/**
 * Makes the way to the idle color, or to the version that Argo Rollouts has not promoted yet, where there is one: a route of its own, by its hosts
 * and by the name that it has inside of the cluster. It must exist before the ScaledObjects, of which one refers to it.
 */
export function createPreview(scope: Construct, { rollout }: ResolvedApp): void {
  const preview = previewOf(rollout);
  if (!preview) return;
  const place = new Construct(scope, 'preview');
  createInterceptorEntry(place, preview);
  createEntry(place, preview);
}
