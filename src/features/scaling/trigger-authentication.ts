import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { Component } from '../../model/component';
import type { TriggerModel } from '../../model/scaling';

/**
 * The TriggerAuthentications that the triggers of a component need; existing ones are only referred to.
 *
 * @see https://keda.sh/docs/latest/concepts/authentication/
 */
export function createTriggerAuthentications(scope: Construct, component: Component): ApiObject[] {
  return component.scaling.triggers
    .filter(({ authentication }) => authentication?.secrets ?? authentication?.podIdentity)
    .filter(trigger => scope.node.tryFindChild(constructId(trigger)) === undefined)
    .map(trigger => new ApiObject(scope, constructId(trigger), {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: objectMetadata(component, 'scaling', triggerAuthenticationName(component, trigger)),
      spec: {
        podIdentity: trigger.authentication!.podIdentity && { provider: trigger.authentication!.podIdentity },
        secretTargetRef: trigger.authentication!.secrets && Object.entries(trigger.authentication!.secrets)
          .map(([parameter, { secret, key }]) => ({ parameter, name: secret, key })),
      },
    }));
}

export function triggerAuthenticationName(component: Component, trigger: TriggerModel): string {
  return `${component.name}-${trigger.name ?? trigger.type}`;
}

function constructId(trigger: TriggerModel): string {
  return `authentication-${trigger.name ?? trigger.type}`;
}
