import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { createAnalysisTemplate } from './argo-analysis';
import type { WebComponent } from '../../model/component';

/** Creates what Argo Rollouts asks while a new version takes over; undefined if it does not ask. */
export function createAnalysis(scope: Construct, component: WebComponent): ApiObject | undefined {
  const { strategy } = component;
  if (strategy.type !== 'argo' || !strategy.argo.analysis) return undefined;
  return createAnalysisTemplate(scope, component, strategy.argo, strategy.argo.analysis);
}
