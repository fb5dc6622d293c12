import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { scalingModifiers } from './modifiers';
import { kedaTriggers } from './triggers';
import type { ScaledObjectSpec } from '../../../imports/keda.sh';
import { objectMetadata } from '../../kube/metadata';
import { workloadKind } from '../../kube/ports';
import type { Written } from '../../kube/written';
import type { Component } from '../../model/component';
import type { ScalingModel } from '../../model/scaling';

/**
 * Lets KEDA scale the Deployment or Rollout of a component.
 *
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/
 */
export function createScaledObject(scope: Construct, component: () => Component): ApiObject {
  return new ApiObject(scope, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: objectMetadata(component(), 'scaling'),
    spec: Lazy.any({ produce: () => scaledObjectSpec(component()) }),
  });
}

function scaledObjectSpec(component: Component): Written<ScaledObjectSpec> {
  const { name, scaling, strategy } = component;
  const sleeps = scaling.lowest === 0;
  const modifiers = scalingModifiers(scaling);
  return {
    scaleTargetRef: { ...strategy.type === 'argo' ? workloadKind(strategy) : {}, name },
    minReplicaCount: scaling.lowest,
    maxReplicaCount: scaling.max,
    cooldownPeriod: sleeps ? scaling.cooldownPeriod : undefined,
    initialCooldownPeriod: sleeps && scaling.initialCooldownPeriod > 0 ? scaling.initialCooldownPeriod : undefined,
    fallback: scaling.fallback === undefined
      ? undefined
      : { failureThreshold: 3, replicas: scaling.fallback, behavior: 'currentReplicasIfHigher' },
    advanced: scaling.max > 1 || modifiers ? {
      horizontalPodAutoscalerConfig: scaling.max > 1 ? { behavior: behavior(scaling) } : undefined,
      scalingModifiers: modifiers,
    } : undefined,
    triggers: kedaTriggers(component),
  };
}

/**
 * Up at once, as a request is waiting: to as many as are needed, in one step. Down gently: after five minutes in which fewer would have
 * been enough, a quarter a minute, so that the end of a wave does not take away what the next one needs.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
 */
function behavior({ max }: ScalingModel) {
  return {
    scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: max, periodSeconds: 15 }] },
    scaleDown: {
      stabilizationWindowSeconds: 300,
      policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }, { type: 'Pods', value: 1, periodSeconds: 60 }],
      selectPolicy: 'Max',
    },
  };
}
