import type { AppCronJob, Process, ProcessVolume, ReleaseCommand, WorkerHealth } from './props';
import type { CronJobModel, ReleaseModel, ServiceAccountModel } from '../../model/app';
import type { EnvVariable, LivenessModel, PodModel, PodSet, ResourcesModel, VolumeModel } from '../../model/component';
import type { Environment } from '../../model/environment';
import { namedOf } from '../../model/named';
import { COMPONENT } from '../../model/names';
import type { Sized } from '../../model/sizes';
import { seconds, secondsOf } from '../../validation/units';
import type { Patch } from '../../web-app-props';

/** Components that other objects of an app are, or may come to be. */
export const RESERVED = ['web', 'release', 'canary', 'green', 'preview', 'database', 'proxy', 'files'];

/** What the processes of an app are derived from: its web process, and how its variables and sizes are decided. */
export interface ProcessContext {
  readonly web: PodSet;
  readonly environment: Environment;
  readonly variablesOf: (environment: Environment) => EnvVariable[];
  readonly resolveResources: (own: Sized, volumes: readonly VolumeModel[]) => ResourcesModel;
  readonly resolveVolumes: (owner: string, volumes?: { readonly [name: string]: ProcessVolume }) => VolumeModel[];
  /** The volumes of the web process that are not its connections'. */
  readonly appVolumes: readonly VolumeModel[];
  /** What connections mount, in every process. */
  readonly bindings: readonly VolumeModel[];
}

/**
 * The pods of a process beside the web process. Its objects are named `<app>-<name>`. Its pods keep the app's name as their label, so that
 * they may reach whatever the app's may, and are told from the others by their component.
 */
export function podsBeside(name: string, own: Process, context: ProcessContext): PodSet {
  const { web, environment, variablesOf } = context;
  const selector = { ...web.selector, [COMPONENT]: name };
  const env = own.env ?? {};
  const volumes = volumesBeside(`${web.name}-${name}`, own, context);
  const pod: PodModel = {
    ...web.pod,
    containerName: name,
    image: own.image ?? web.pod.image,
    command: own.command,
    args: own.args,
    env: variablesOf({
      ...environment,
      env: { ...environment.env, ...env },
    }),
    volumes: [...context.bindings, ...volumes],
    resources: context.resolveResources(own, volumes),
    annotations: {},
    bindsLowPorts: false,
    // It gets no requests, so it is stopped without a delay.
    preStopDelay: 0,
    terminationGracePeriod: secondsOf(own.terminationGracePeriod) ?? web.pod.terminationGracePeriod - web.pod.preStopDelay,
  };
  return { ...namedOf(web), name: `${web.name}-${name}`, selector, labels: { ...web.labels, ...selector }, pod };
}

/** Volumes of its own, and those of the app that it names. The app creates the claims of these. */
function volumesBeside(owner: string, { volumes = {} }: Process, { appVolumes, resolveVolumes }: ProcessContext): VolumeModel[] {
  return resolveVolumes(owner, volumes).map(own => {
    const volume = volumes[own.name];
    const shared = appVolumes.find(({ name }) => name === own.name);
    if (!shared || !isShared(volume)) return own;
    const { kind } = shared.source;
    const source = kind === 'claim' ? { ...shared.source, create: undefined } : shared.source;
    return { name: own.name, path: volume.path ?? shared.path, readOnly: volume.readOnly ?? shared.readOnly, source };
  });
}

/** Whether a volume of a process says nothing of where its files are, and so means that of the app. */
export function isShared({ claim, size, memory, empty }: ProcessVolume): boolean {
  return [claim, size, memory, empty].every(value => value === undefined);
}

export function resolveLiveness(health: WorkerHealth | undefined): LivenessModel | undefined {
  return health && {
    command: health.command,
    interval: seconds(health.interval ?? '30s')!,
    timeout: seconds(health.timeout ?? '10s')!,
    startupTimeout: seconds(health.startupTimeout ?? '2m')!,
  };
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

/** The Job of a release command. */
export function resolveRelease(release: ReleaseCommand, context: ReleaseContext): ReleaseModel {
  const { web: { platform }, serviceAccount, patches } = context;
  const pods = podsBeside('release', release, context);
  const helm = platform.helmHooks;
  return {
    ...pods,
    pod: {
      ...pods.pod,
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
