import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { PodSet } from '../../model/component';

/** Creates the PersistentVolumeClaims that the volumes of an app ask for. */
export function createClaims(scope: Construct, pods: PodSet): void {
  for (const { name, source } of pods.pod.volumes) {
    if (source.kind !== 'claim' || !source.create) continue;
    new ApiObject(scope, `claim-${name}`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: objectMetadata(pods, 'workload', source.claim),
      spec: {
        accessModes: [ACCESS_MODES[source.accessMode]],
        storageClassName: source.create.storageClass,
        resources: { requests: { storage: source.create.size } },
      },
    });
  }
}

const ACCESS_MODES: { readonly [mode: string]: string } = {
  'read-write-once': 'ReadWriteOnce',
  'read-write-many': 'ReadWriteMany',
  'read-only-many': 'ReadOnlyMany',
};
