import type { ResolvedArgo } from './resolved-argo';
import type { ResolvedApp } from '../../model/app';

/**
 * The strategy of an app's Rollout.
 *
 * Of a canary's replicas never fewer are up than KEDA asks for. Nothing but their number shares the requests out, as both versions are behind one
 * Service, and the interceptor before it, which works from zero too.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/specification/
 */
export function argoStrategy({ name }: ResolvedApp, argo: ResolvedArgo): object {
  const { strategy, steps, autoPromotion, scaleDownDelay, preview, analysis } = argo;
  const judged = analysis && { templates: [{ templateName: name }] };
  if (strategy === 'canary') return { canary: { maxSurge: '25%', maxUnavailable: 0, steps, analysis: judged } };
  return {
    blueGreen: {
      activeService: name,
      previewService: preview!.name,
      autoPromotionEnabled: autoPromotion !== undefined,
      autoPromotionSeconds: autoPromotion === 0 ? undefined : autoPromotion,
      scaleDownDelaySeconds: scaleDownDelay,
      postPromotionAnalysis: judged,
    },
  };
}
