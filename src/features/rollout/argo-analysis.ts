import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { requestMetrics } from './argo-queries';
import type { ResolvedAnalysis } from './resolved-argo';
import { objectMetadata } from '../../kube/metadata';
import type { ResolvedApp } from '../../model/app';

/**
 * What Argo Rollouts asks Prometheus while a new version takes over.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/analysis/prometheus/
 */
export function createAnalysisTemplate(scope: Construct, app: ResolvedApp, analysis: ResolvedAnalysis): ApiObject {
  return new ApiObject(scope, 'analysis', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: objectMetadata(app, 'needs'),
    spec: { metrics: [...successRate(app, analysis), ...latency(app, analysis)] },
  });
}

/**
 * Counted by what went wrong: where nothing did, that has no series, and where everything did, what went well has none.
 */
function successRate(app: ResolvedApp, analysis: ResolvedAnalysis): object[] {
  if (analysis.successRate === undefined) return [];
  const { requests, status, select } = requestMetrics(app, analysis);
  const query = `100 * (1 - (sum(${select(requests, `${status}=~"5.."`)}) or vector(0)) / sum(${select(requests)}))`;
  return [metric(app, analysis, 'success-rate', `result[0] >= ${analysis.successRate}`, query)];
}

function latency(app: ResolvedApp, analysis: ResolvedAnalysis): object[] {
  if (analysis.latencyMs === undefined) return [];
  const { durations, select } = requestMetrics(app, analysis);
  const query = `histogram_quantile(${analysis.percentile / 100}, sum by (le) (${select(durations)}))`;
  return [metric(app, analysis, 'latency', `result[0] <= ${analysis.latencyMs / 1000}`, query)];
}

/** Without requests there is no result, or none that is a number: a sleeping app is well. */
function metric({ rollout: { argo } }: ResolvedApp, analysis: ResolvedAnalysis, name: string, condition: string, query: string): object {
  const { interval, failureLimit, count, prometheus } = analysis;
  return {
    name,
    interval: `${interval}s`,
    count: argo!.strategy === 'blue-green' ? count : undefined,
    failureLimit,
    successCondition: `len(result) == 0 || isNaN(result[0]) || ${condition}`,
    provider: { prometheus: { address: prometheus, query } },
  };
}
