import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { objectMetadata, orNothing } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';

/** Who an app is to the cluster: an account of its own, unless it names one that exists. */
export function createServiceAccount(scope: Construct, app: ResolvedApp): kplus.IServiceAccount {
  const { existing, annotations } = app.identity;
  if (existing !== undefined) return kplus.ServiceAccount.fromServiceAccountName(scope, 'service-account', existing);
  const metadata = objectMetadata(app, 'needs');
  // Whether there is a token is the pod's to say: this is for other pods that use the account.
  return new kplus.ServiceAccount(scope, 'service-account', {
    metadata: { ...metadata, annotations: orNothing({ ...metadata.annotations, ...annotations }) },
    automountToken: false,
  });
}
