/** Resources that are previews: those with a `ttl`. */
import type { WebAppResource } from './resources';
import { secondsOf } from '../../../src/internal';
import type { PreviewOf } from '../engine/release-store';
import { PREVIEW, PREVIEW_OF } from '../engine/release-store';

/** What a resource is a preview of, by the labels that `webapp preview up` gives it, and others may; undefined for an app that stays. */
export function previewOf({ metadata: { name, labels = {}, creationTimestamp }, spec: { ttl } }: WebAppResource): PreviewOf | undefined {
  if (ttl === undefined) return undefined;
  return { name: labels[PREVIEW] ?? name, of: labels[PREVIEW_OF] ?? name, ttl: secondsOf(ttl) ?? 0, since: creationTimestamp };
}
