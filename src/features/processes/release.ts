import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { contentHash } from '../../kube/content-hash';
import { containerName, objectMetadata, podMetadata } from '../../kube/metadata';
import { ResolvedApp } from '../../model/app';
import { createFiles } from '../workload/files';
import { jobPod } from '../workload/job-pod';
import { createServiceAccount } from '../workload/service-account';

/**
 * The Job that runs an app's release command.
 *
 * Its name is made of all that its pod is made of: applied again it is the same Job, which has run; another version is another Job. So it has
 * no `ttlSecondsAfterFinished`, as a Job that went away would run again with the next apply.
 *
 * With Helm, which applies everything at once and waits for hooks alone, it is a hook; what it needs must then be there before, and so it gets
 * a ServiceAccount and files of its own.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/
 */
export function createRelease(scope: Construct, app: ResolvedApp, files?: ApiObject): ApiObject {
  const job = createReleaseJob(scope, app);
  if (app.platform.helmHooks && app.identity.existing === undefined) {
    job.node.addDependency(createServiceAccount(new Construct(scope, 'release-needs'), needOf(app)));
  }
  if (files) addReleaseFiles(job, app, files);
  return job;
}

/** The Job alone, for another version of the app, which has the rest. */
export function createReleaseJob(scope: Construct, app: ResolvedApp): ApiObject {
  return new ApiObject(scope, 'release', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...objectMetadata(releaseOf(app), 'release'),
      name: Lazy.any({ produce: () => `${app.name}-release-${hashOf(app)}` }),
      annotations: annotations(app, '0'),
    },
    spec: Lazy.any({ produce: () => jobSpec(app) }),
  });
}

/** Lets the release find the app's files. */
export function addReleaseFiles(job: ApiObject, app: ResolvedApp, files: ApiObject): void {
  job.node.addDependency(app.platform.helmHooks ? createFiles(new Construct(files, 'release'), needOf(app)) : files);
}

function needOf(app: ResolvedApp): ResolvedApp {
  return { ...releaseOf(app), annotations: annotations(app, '-1') ?? {} };
}

/** What runs: with Helm, as an app of its own, whose name its ServiceAccount and files have too. */
function releaseOf(app: ResolvedApp): ResolvedApp {
  const { process } = app.release!;
  if (!app.platform.helmHooks) return process;
  return { ...process, identity: app.identity, release: app.release, process: { ...process.process, app: process.name } };
}

function jobSpec(app: ResolvedApp): object {
  const { timeout, retries } = app.release!;
  const own = releaseOf(app);
  return {
    activeDeadlineSeconds: timeout,
    backoffLimit: retries,
    template: { metadata: podMetadata(own), spec: jobPod(own, containerName(own)) },
  };
}

/** Patches change the Job as well, and the template of one that exists cannot change. */
function hashOf(app: ResolvedApp): string {
  const patches = app.patches.filter(({ kind }) => kind === 'Job');
  return contentHash(JSON.stringify([jobSpec(app), patches]));
}

/** @see https://helm.sh/docs/topics/charts_hooks/ */
function annotations(app: ResolvedApp, weight: string) {
  const { annotations: common } = objectMetadata(app, 'release');
  if (!app.platform.helmHooks) return common;
  return { ...common, 'helm.sh/hook': 'pre-install,pre-upgrade', 'helm.sh/hook-weight': weight, 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' };
}
