import * as kplus from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { annotated, objectMetadata } from '../../kube/metadata';
import type { ServiceAccountModel } from '../../model/app';
import type { Named } from '../../model/named';

/** Creates the ServiceAccount that a part of an app runs as. */
export function createServiceAccount(scope: Construct, named: Named, { annotations }: ServiceAccountModel): kplus.ServiceAccount {
  // Whether there is a token is decided by the pod: this is for other pods that use the account.
  return new kplus.ServiceAccount(scope, 'service-account', {
    metadata: annotated(objectMetadata(named, 'needs'), annotations),
    automountToken: false,
  });
}
