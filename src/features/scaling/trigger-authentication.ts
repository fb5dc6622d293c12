import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { ResolvedTrigger } from './connection-triggers';
import { objectMetadata } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';

/**
 * The TriggerAuthentications that an app's triggers ask for; existing ones are only referred to.
 *
 * @see https://keda.sh/docs/latest/concepts/authentication/
 */
export function createTriggerAuthentications(scope: Construct, app: ResolvedApp): ApiObject[] {
  return app.scaling.triggers
    .filter(({ authentication }) => authentication?.secrets ?? authentication?.podIdentity)
    .filter(trigger => scope.node.tryFindChild(constructId(trigger)) === undefined)
    .map(trigger => new ApiObject(scope, constructId(trigger), {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: objectMetadata(app, 'scaling', triggerAuthenticationName(app, trigger)),
      spec: {
        podIdentity: trigger.authentication!.podIdentity && { provider: trigger.authentication!.podIdentity },
        secretTargetRef: trigger.authentication!.secrets && Object.entries(trigger.authentication!.secrets)
          .map(([parameter, { secret, key }]) => ({ parameter, name: secret, key })),
      },
    }));
}

export function triggerAuthenticationName(app: ResolvedApp, trigger: ResolvedTrigger): string {
  return `${app.name}-${trigger.name ?? trigger.type}`;
}

function constructId(trigger: ResolvedTrigger): string {
  return `authentication-${trigger.name ?? trigger.type}`;
}
