import { Construct } from 'constructs';
import { createAnalysisTemplate } from './argo-analysis';
import type { ResolvedApp } from '../../model/app';
import { AppService } from '../workload/service';

/**
 * Makes what an app's Rollout needs, so that it is there before it. The way to a version that is not promoted yet is in `preview.ts`.
 *
 * @param rollout what is written as the Rollout
 */
export function createArgo(scope: Construct, app: ResolvedApp, rollout: Construct): void {
  if (!app.rollout.argo) return;
  const { analysis, preview } = app.rollout.argo;
  if (analysis) rollout.node.addDependency(createAnalysisTemplate(scope, app, analysis));
  if (preview) rollout.node.addDependency(new AppService(scope, 'preview-service', preview, {}));
}
