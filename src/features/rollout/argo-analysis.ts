import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { requestMetrics } from './argo-queries';
import { objectMetadata } from '../../kube/metadata';
import type { AnalysisModel, ArgoModel } from '../../model/argo';
import type { WebComponent } from '../../model/component';

/**
 * Creates what Argo Rollouts asks Prometheus while a new version takes over; undefined if it does not ask.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/analysis/prometheus/
 */
export function createAnalysis(scope: Construct, component: WebComponent): ApiObject | undefined {
  const { strategy } = component;
  if (strategy.type !== 'argo' || !strategy.argo.analysis) return undefined;
  const { argo, argo: { analysis } } = strategy;
  return new ApiObject(scope, 'analysis', {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: objectMetadata(component, 'needs'),
    spec: { metrics: [...successRate(component, argo, analysis), ...latency(component, argo, analysis)] },
  });
}

/**
 * Counts what failed: if nothing did, that has no series, and if everything did, what succeeded has none.
 */
function successRate(component: WebComponent, argo: ArgoModel, analysis: AnalysisModel): object[] {
  if (analysis.successRate === undefined) return [];
  const { requests, status, select } = requestMetrics(component, analysis);
  const query = `100 * (1 - (sum(${select(requests, `${status}=~"5.."`)}) or vector(0)) / sum(${select(requests)}))`;
  return [metric(argo, analysis, 'success-rate', `result[0] >= ${analysis.successRate}`, query)];
}

function latency(component: WebComponent, argo: ArgoModel, analysis: AnalysisModel): object[] {
  if (analysis.latencyMs === undefined) return [];
  const { durations, select } = requestMetrics(component, analysis);
  const query = `histogram_quantile(${analysis.percentile / 100}, sum by (le) (${select(durations)}))`;
  return [metric(argo, analysis, 'latency', `result[0] <= ${analysis.latencyMs / 1000}`, query)];
}

/** Without requests there is no result, or none that is a number: a sleeping app is healthy. */
function metric({ strategy }: ArgoModel, analysis: AnalysisModel, name: string, condition: string, query: string): object {
  const { interval, failureLimit, count, prometheus } = analysis;
  return {
    name,
    interval: `${interval}s`,
    count: strategy === 'blue-green' ? count : undefined,
    failureLimit,
    successCondition: `len(result) == 0 || isNaN(result[0]) || ${condition}`,
    provider: { prometheus: { address: prometheus, query } },
  };
}
