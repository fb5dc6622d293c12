import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { createScaledObject } from './scaled-object';
import { createTriggerAuthentications } from './trigger-authentication';
import { ResolvedApp } from '../../model/app';

/** What scales an app. */
export interface Scaler {
  readonly scaledObject?: ApiObject;
}

/**
 * Makes the objects that let KEDA scale an app. There are none where the number of its replicas is fixed, and where the add-on's operator
 * makes the ScaledObject from an HTTPScaledObject.
 */
export function createScaler(scope: Construct, app: ResolvedApp): Scaler {
  if (app.scaling.replicas !== undefined) return {};
  createTriggerAuthentications(scope, app);
  if (app.scaling.byHttpAlone && app.platform.httpAddon.api === 'v1alpha1') return {};
  return { scaledObject: createScaledObject(scope, app) };
}
