import { ApiObject, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { contentHash } from '../../kube/content-hash';
import { objectMetadata, podMetadata } from '../../kube/metadata';
import { jobPod } from '../../kube/pod/pod-spec';
import type { ReleaseModel } from '../../model/app';
import type { Named } from '../../model/named';

/**
 * The Job that runs the release command of an app.
 *
 * Its name has a hash of all that its pod has: applied again it is the same Job, which has run; another version is another Job. So it
 * has no `ttlSecondsAfterFinished`, as a Job that was removed would run again with the next apply.
 *
 * With Helm, which applies everything at once and waits for hooks alone, it is a hook; what it needs must then exist before, and so it gets
 * a ServiceAccount and files of its own.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
export function createReleaseJob(scope: Construct, release: () => ReleaseModel): ApiObject {
  return new ApiObject(scope, 'release', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...objectMetadata(release(), 'release'),
      name: Lazy.any({ produce: () => `${release().name}-${hashOf(release())}` }),
      annotations: annotations(release(), '0'),
    },
    spec: Lazy.any({ produce: () => jobSpec(release()) }),
  });
}

/** What a release needs of its own, if it is a hook of Helm: hooks with lower weights run first. */
export function helmHookOf(release: ReleaseModel): Named {
  return { ...release, annotations: annotations(release, '-1') ?? {} };
}

function jobSpec(release: ReleaseModel): object {
  return {
    activeDeadlineSeconds: release.deadline,
    backoffLimit: release.retries,
    template: { metadata: podMetadata(release), spec: jobPod(release) },
  };
}

/** Patches change the Job as well, and the template of one that exists cannot change. */
function hashOf(release: ReleaseModel): string {
  return contentHash(JSON.stringify([jobSpec(release), release.patches]));
}

/** @see https://helm.sh/docs/topics/charts_hooks/ */
function annotations(release: ReleaseModel, weight: string) {
  const { annotations: common } = objectMetadata(release, 'release');
  if (!release.helmHook) return common;
  return {
    ...common,
    'helm.sh/hook': 'pre-install,pre-upgrade',
    'helm.sh/hook-weight': weight,
    'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
  };
}
