import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { objectMetadata } from '../../kube/metadata';
import type { PodSet } from '../../model/component';

/** Creates the PersistentVolumeClaims that the volumes of a process ask for. */
export function createClaims(scope: Construct, pods: PodSet, wave: 'workload' | 'release' = 'workload'): ApiObject[] {
  const claims: ApiObject[] = [];
  for (const { name, source } of pods.pod.volumes) {
    if (source.kind !== 'claim' || !source.create) continue;
    claims.push(new ApiObject(scope, `claim-${name}`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: objectMetadata(pods, wave, source.claim),
      spec: {
        accessModes: [ACCESS_MODES[source.accessMode]],
        storageClassName: source.create.storageClass,
        resources: { requests: { storage: source.create.size } },
      },
    }));
  }
  return claims;
}

const ACCESS_MODES: { readonly [mode: string]: string } = {
  'read-write-once': 'ReadWriteOnce',
  'read-write-many': 'ReadWriteMany',
  'read-only-many': 'ReadOnlyMany',
};
