import type { Strings } from './strings';
import type { PlatformModel } from '../platform/resolve';

/**
 * A part of an app that objects are named after: the app itself, a worker, a canary, a preview. Its objects have its name, labels and
 * annotations.
 */
export interface Named {
  readonly name: string;
  /** Undefined if the chart has none, which only an app that is not scaled by HTTP can do without. */
  readonly namespace?: string;
  readonly labels: Strings;
  readonly annotations: Strings;
  readonly platform: PlatformModel;
  /** Whether a release command runs before the rest of the app. */
  readonly hasRelease: boolean;
}

/** The part of a larger model that objects are named after. */
export function namedOf({ name, namespace, labels, annotations, platform, hasRelease }: Named): Named {
  return { name, namespace, labels, annotations, platform, hasRelease };
}
