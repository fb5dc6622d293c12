import type { Route } from './route';
import type { AnalysisSource, ArgoStep, ArgoStrategy } from '../features/rollout/props';

/** How Argo Rollouts replaces one version by the next. All times are in seconds, unless they say otherwise. */
export interface ArgoModel {
  readonly strategy: `${ArgoStrategy}`;
  readonly steps: readonly ArgoStep[];
  /** Undefined if a person promotes the new version. */
  readonly autoPromotion?: number;
  /** Undefined for Argo's own default. */
  readonly scaleDownDelay?: number;
  /** The route to a new version that is not promoted yet. */
  readonly preview?: Route;
  readonly analysis?: AnalysisModel;
}

/** What must hold of a new version. */
export interface AnalysisModel {
  readonly source: `${AnalysisSource}`;
  /** Address of Prometheus; empty if the platform has none. */
  readonly prometheus: string;
  readonly successRate?: number;
  readonly latencyMs?: number;
  readonly percentile: number;
  readonly interval: number;
  readonly failureLimit: number;
  readonly count: number;
}
