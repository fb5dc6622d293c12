import type { ResolvedArgo } from './resolved-argo';
import type { ResolvedApp, Texts } from '../../model/app';

/** How a new version takes the place of the one before. */
export interface ResolvedRollout {
  readonly rollingUpdate: { readonly maxSurge: number | string; readonly maxUnavailable: number | string };
  readonly canary?: ResolvedCanary;
  readonly blueGreen?: ResolvedBlueGreen;
  readonly argo?: ResolvedArgo;
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

/** Two versions, of which blue is the app itself. */
export interface ResolvedBlueGreen {
  readonly green: ResolvedTrack;
  /** The app's way in once more, for the preview hosts, which leads to the idle color. */
  readonly preview: ResolvedApp;
  /** What the active color runs, and how it scales. */
  readonly active: Pick<ResolvedApp, 'process' | 'scaling'>;
}
