import type { ArgoAnalysis, ArgoRollout, ArgoStep } from './argo-props';
import { countedBy } from './counted-by';
import { previewName, resolvePreview } from './resolve-preview';
import type { ResolvedAnalysis, ResolvedArgo } from './resolved-argo';
import type { ResolvedApp } from '../../model/app';
import { milliseconds, seconds, secondsOf } from '../../validation/units';

/** Slow enough to see something, and over within minutes. */
const STEPS: readonly ArgoStep[] = [{ setWeight: 20 }, { pause: { duration: '5m' } }, { setWeight: 50 }, { pause: { duration: '5m' } }];

/** Turns what is said of Argo Rollouts into what it does. */
export function resolveArgo(app: ResolvedApp, argo: ArgoRollout): ResolvedArgo {
  const { strategy = 'canary', analysis } = argo;
  return {
    strategy,
    steps: argo.steps ?? STEPS,
    autoPromotion: secondsOf(argo.autoPromotion),
    scaleDownDelay: secondsOf(argo.scaleDownDelay),
    preview: strategy === 'blue-green' ? previewToNew(app, argo) : undefined,
    analysis: analysis && resolveAnalysis(app, analysis),
  };
}

/** The way to a new version that is not promoted yet, whose requests are counted by themselves. */
function previewToNew(app: ResolvedApp, { previewHosts }: ArgoRollout): ResolvedApp {
  const name = previewName(app);
  return { ...resolvePreview(app, previewHosts, name), scaling: countedBy(app.scaling, name) };
}

function resolveAnalysis({ scaling, platform: { monitoring } }: ResolvedApp, analysis: ArgoAnalysis): ResolvedAnalysis {
  return {
    of: analysis.source ?? (scaling.http ? 'interceptor' : 'entry'),
    prometheus: monitoring?.prometheus ?? '',
    successRate: analysis.successRate,
    latencyMs: analysis.latency === undefined ? undefined : milliseconds(analysis.latency)!,
    percentile: analysis.percentile ?? 95,
    interval: seconds(analysis.interval ?? '1m')!,
    failureLimit: analysis.failureLimit ?? 2,
    count: analysis.count ?? 5,
  };
}
