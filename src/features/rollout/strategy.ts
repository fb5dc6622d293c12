import type { ArgoModel } from '../../model/argo';
import type { Component } from '../../model/component';

/** How the pods of a component are replaced, as Kubernetes or Argo Rollouts has it. */
export function strategySpec({ name, strategy }: Component): object {
  switch (strategy.type) {
    case 'recreate': return { type: 'Recreate' };
    case 'rolling-update': {
      const { maxSurge, maxUnavailable } = strategy;
      return { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
    }
    case 'argo': return argoStrategy(name, strategy.argo);
  }
}

/**
 * Of a canary's replicas never fewer are ready than KEDA asks for. Nothing but their number divides the requests, as both versions are
 * behind one Service, and the interceptor before it, which works from zero too.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/specification/
 */
function argoStrategy(name: string, { strategy, steps, autoPromotion, scaleDownDelay, preview, analysis }: ArgoModel): object {
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
