import type { ResolvedApp, Texts } from '../resolve/resolved-app';

/** How a new version takes the place of the one before. */
export interface ResolvedRollout {
  readonly rolling: { readonly maxSurge: number | string; readonly maxUnavailable: number | string };
  readonly canary?: ResolvedCanary;
}

/** A version beside the one that the app itself is. */
export interface ResolvedTrack {
  /** What runs and scales it, as an app of its own: so that all rooms know how to write it. */
  readonly app: ResolvedApp;
  /** The app with its image, where that has to be released before; undefined without a release command. */
  readonly releasing?: ResolvedApp;
}

export interface ResolvedCanary extends ResolvedTrack {
  /** Percent of the requests. */
  readonly weight: number;
  readonly headers: Texts;
}
