import type { AppSize, Resources } from './props';

/**
 * CPU to reserve and memory, by size.
 *
 * Twice of both from step to step, at 2Gi a core: half of what nodes for general use have, as web processes wait more than they
 * compute, and nothing stops them from using idle CPU. The steps at the small end are as large as a Go, Node and Python process
 * need at least to start without being killed.
 */
export const SIZES: { readonly [size in `${AppSize}`]: { readonly cpu: string; readonly memory: string } } = {
  xs: { cpu: '50m', memory: '128Mi' },
  s: { cpu: '100m', memory: '256Mi' },
  m: { cpu: '250m', memory: '512Mi' },
  l: { cpu: '500m', memory: '1Gi' },
  xl: { cpu: '1', memory: '2Gi' },
  xxl: { cpu: '2', memory: '4Gi' },
};

/** What something that runs says of its size. */
export interface Sized {
  readonly size?: AppSize;
  readonly resources?: Resources;
}

/**
 * The size of what runs beside the web process: the app's, but for a size or single figures of its own. A size says nothing of the disk,
 * whose limit stays the app's. More memory moves its limit along.
 */
export function sizeBeside(app: Sized, own: Sized): Sized {
  const inherited = own.size === undefined ? app.resources : { ephemeralStorage: app.resources?.ephemeralStorage };
  const given: Resources = Object.fromEntries(Object.entries(own.resources ?? {}).filter(([, value]) => value !== undefined));
  const limit = given.memory === undefined ? {} : { memoryLimit: given.memory };
  return { size: own.size ?? app.size, resources: { ...inherited, ...limit, ...given } };
}
