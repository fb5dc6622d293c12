import { isFields } from '../config/merge';
import type { Manifest } from '../render/synthesis';

/** Metadata of an object that an app decides. */
const METADATA = ['labels', 'annotations', 'ownerReferences'] as const;

/**
 * Whether an object in the cluster is as it is wanted: every field that is wanted has its value. What the API server and others added
 * beside them does not count.
 *
 * It never says so wrongly. Where the API server writes a value in another way than it was given, such as `0.5` as `500m`, it says no,
 * and applying the object changes nothing.
 */
export function covers(live: object, wanted: Manifest): boolean {
  const { apiVersion, kind, metadata, ...fields } = wanted;
  const { metadata: existing, ...others } = live as { readonly metadata?: object };
  return METADATA.every(name => has((existing as { [name: string]: unknown } | undefined)?.[name], metadata[name]))
    && Object.entries(fields).every(([name, value]) => has((others as { [name: string]: unknown })[name], value));
}

function has(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined || wanted === live) return true;
  if (Array.isArray(wanted)) return Array.isArray(live) && live.length === wanted.length && wanted.every((item, i) => has(live[i], item));
  if (!isFields(wanted) || !isFields(live)) return false;
  for (const name in wanted) if (!has(live[name], wanted[name])) return false;
  return true;
}
