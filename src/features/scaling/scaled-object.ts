import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { kedaTriggers } from './triggers';
import type { ScaledObjectSpec } from '../../../imports/keda.sh';
import { objectMetadata } from '../../kube/metadata';
import { workloadKind } from '../../kube/workload-kind';
import type { Written } from '../../kube/written';
import { ResolvedApp, ResolvedScaling } from '../../model/app';

/**
 * Lets KEDA scale an app's Deployment or Rollout.
 *
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/
 */
export function createScaledObject(scope: Construct, app: ResolvedApp): ApiObject {
  return new ApiObject(scope, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: objectMetadata(app, 'scaling'),
    spec: Lazy.any({ produce: () => scaledObjectSpec(app) }),
  });
}

function scaledObjectSpec(app: ResolvedApp): Written<ScaledObjectSpec> {
  const { scaling } = app;
  const sleeps = scaling.min === 0;
  return {
    scaleTargetRef: { ...app.rollout.argo && workloadKind(app), name: app.name },
    minReplicaCount: scaling.min,
    maxReplicaCount: scaling.max,
    cooldownPeriod: sleeps ? scaling.cooldownPeriod : undefined,
    initialCooldownPeriod: sleeps && scaling.initialCooldown > 0 ? scaling.initialCooldown : undefined,
    fallback: scaling.fallback === undefined ? undefined : { failureThreshold: 3, replicas: scaling.fallback, behavior: 'currentReplicasIfHigher' },
    advanced: scaling.max > 1 ? { horizontalPodAutoscalerConfig: { behavior: behavior(scaling) } } : undefined,
    triggers: kedaTriggers(app),
  };
}

/**
 * Up at once, as somebody is waiting: to as many as are needed, in one step. Down gently: after five minutes in which fewer would have
 * done, a quarter a minute, so that the end of a wave does not take away what the next one needs.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
 */
function behavior({ max }: ResolvedScaling) {
  return {
    scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: max, periodSeconds: 15 }] },
    scaleDown: {
      stabilizationWindowSeconds: 300,
      policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }, { type: 'Pods', value: 1, periodSeconds: 60 }],
      selectPolicy: 'Max',
    },
  };
}
