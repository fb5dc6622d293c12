import type { AnalysisSource, ArgoStep, ArgoStrategy } from './argo-props';
import type { ResolvedApp } from '../../model/app';

/** An app whose versions Argo Rollouts replaces. All times are seconds, unless they say otherwise. */
export interface ResolvedArgo {
  readonly strategy: `${ArgoStrategy}`;
  readonly steps: readonly ArgoStep[];
  /** Undefined where somebody promotes it. */
  readonly autoPromotion?: number;
  /** Undefined where Argo's own default will do. */
  readonly scaleDownDelay?: number;
  /** How the new version is reached before it is promoted: an app of that name and with those hosts, whose pods are this one's. */
  readonly preview?: ResolvedApp;
  readonly analysis?: ResolvedAnalysis;
}

export interface ResolvedAnalysis {
  readonly of: `${AnalysisSource}`;
  /** Address of Prometheus, empty where the platform has none. */
  readonly prometheus: string;
  readonly successRate?: number;
  readonly latencyMs?: number;
  readonly percentile: number;
  readonly interval: number;
  readonly failureLimit: number;
  readonly count: number;
}
