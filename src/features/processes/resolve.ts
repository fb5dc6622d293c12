import type { AppCronJob, Process, ReleaseCommand } from './props';
import type { CronJobModel, ReleaseModel, ServiceAccountModel } from '../../model/app';
import type { EnvVariable, PodModel, PodSet, ResourcesModel } from '../../model/component';
import type { Environment } from '../../model/environment';
import { namedOf } from '../../model/named';
import { COMPONENT } from '../../model/names';
import type { AppSize, Resources } from '../../model/props';
import { seconds, secondsOf } from '../../validation/units';
import type { Patch } from '../../web-app-props';

/** Components that other objects of an app are, or may come to be. */
export const RESERVED = ['web', 'release', 'canary', 'green', 'preview', 'database', 'proxy', 'files'];

/** What the processes of an app are derived from: its web process, and how its variables and sizes are decided. */
export interface ProcessContext {
  readonly web: PodSet;
  readonly environment: Environment;
  readonly variablesOf: (environment: Environment) => EnvVariable[];
  readonly resolveResources: (props: { readonly size?: AppSize; readonly resources?: Resources }) => ResourcesModel;
}

/**
 * The pods of a process beside the web process. Its objects are named `<app>-<name>`. Its pods keep the app's name as their label, so that
 * they may reach whatever the app's may, and are told from the others by their component.
 */
export function podsBeside(name: string, own: Process, context: ProcessContext): PodSet {
  const { web, environment, variablesOf } = context;
  const selector = { ...web.selector, [COMPONENT]: name };
  const env = own.env ?? {};
  const pod: PodModel = {
    ...web.pod,
    containerName: name,
    command: own.command,
    args: own.args,
    env: variablesOf({
      ...environment,
      env: { ...environment.env, ...env },
    }),
    resources: resourcesBeside(own, context),
    annotations: {},
    bindsLowPorts: false,
    // It gets no requests, so it is stopped without a delay.
    preStopDelay: 0,
    terminationGracePeriod: secondsOf(own.terminationGracePeriod) ?? web.pod.terminationGracePeriod - web.pod.preStopDelay,
  };
  return { ...namedOf(web), name: `${web.name}-${name}`, selector, labels: { ...web.labels, ...selector }, pod };
}

/** The figures of a size of its own, or else the app's, with single ones in their place; more memory moves its limit along. */
function resourcesBeside({ size, resources = {} }: Process, { web, resolveResources }: ProcessContext): ResourcesModel {
  if (size !== undefined) return resolveResources({ size, resources });
  const given = Object.fromEntries(Object.entries(resources).filter(([, value]) => value !== undefined));
  return { ...web.pod.resources, ...resources.memory === undefined ? {} : { memoryLimit: resources.memory }, ...given };
}

export function resolveCronJob(name: string, job: AppCronJob, networkPolicy: boolean, context: ProcessContext): CronJobModel {
  return {
    ...podsBeside(name, job, context),
    networkPolicy,
    schedule: job.schedule.trim(),
    timezone: job.timezone ?? 'UTC',
    concurrency: job.concurrency ?? 'forbid',
    deadline: secondsOf(job.deadline),
    startingDeadline: secondsOf(job.startingDeadline),
    retries: job.retries ?? 2,
    history: job.history ?? {},
    suspend: job.suspend ?? false,
  };
}

/** What a release command needs to know besides its own props. */
export interface ReleaseContext extends ProcessContext {
  /** Undefined if the app uses an existing ServiceAccount. */
  readonly serviceAccount?: ServiceAccountModel;
  readonly patches: readonly Patch[];
}

/** The Job of a release command: a process beside the web process, that mounts no claim. */
export function resolveRelease(release: ReleaseCommand, context: ReleaseContext): ReleaseModel {
  const { web: { pod: { resources: { ephemeralStorage } }, platform }, serviceAccount, patches } = context;
  const pods = podsBeside('release', { ...release, resources: { ephemeralStorage } }, context);
  const helm = platform.helmHooks;
  return {
    ...pods,
    pod: {
      ...pods.pod,
      volumes: pods.pod.volumes.filter(({ source }) => source.kind !== 'claim'),
      // With Helm, the app's own do not exist yet.
      ...helm ? { files: { ...pods.pod.files, owner: pods.name } } : {},
      ...helm && serviceAccount ? { serviceAccount: { ...pods.pod.serviceAccount, name: pods.name } } : {},
    },
    deadline: seconds(release.timeout ?? '10m')!,
    retries: release.retries ?? 2,
    helmHook: helm,
    serviceAccount: helm ? serviceAccount : undefined,
    patches: patches.filter(({ kind }) => kind === 'Job'),
  };
}
