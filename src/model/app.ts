import type { ContainerModel, JobModel, PodSet, VolumeModel, WebComponent, WorkerComponent } from './component';
import type { ConnectionsModel } from './connections';
import type { GeneratedLengths } from './generated';
import type { Named } from './named';
import type { Route } from './route';
import type { Strings } from './strings';
import type { AppConcurrencyPolicy } from '../features/processes/props';
import { entry } from '../validation/problem';
import type { Patch } from '../web-app-props';

/**
 * An app with every decision made: defaults filled in, the platform asked, units read. Writers write it down and decide nothing.
 *
 * It never changes: methods of a `WebApp` make another one.
 */
export interface AppModel extends Named {
  /** Whether the web process runs. Without it, `web` is only what the other processes are derived from, and `route` has no hosts. */
  readonly runsWeb: boolean;
  readonly web: WebComponent;
  /** The version that gets the requests: `web`, or green beside it. */
  readonly active: WebComponent;
  /** Versions beside `web`: a canary, or green beside blue. */
  readonly versions: readonly Version[];
  /** The volumes that the app itself names, which are those of the web process without those of connections. */
  readonly volumes: readonly VolumeModel[];
  readonly workers: readonly WorkerComponent[];
  readonly cronJobs: readonly CronJobModel[];
  /** Undefined without a release command. */
  readonly release?: ReleaseModel;
  readonly route: Route;
  /** The route to a version that gets no requests of `route`. */
  readonly preview?: Route;
  /** The routes to further ports that get HTTP requests. */
  readonly portRoutes: readonly Route[];
  readonly connections: ConnectionsModel;
  /** What no YAML has, and is to be created outside of it. */
  readonly generated: GeneratedLengths;
  /** The ServiceAccount that the app creates; undefined if it uses an existing one. */
  readonly serviceAccount?: ServiceAccountModel;
  /** Undefined if the image exists. */
  readonly build?: BuildModel;
  readonly patches: readonly Patch[];
}

/** The processes of an app besides the web process, each with the path of the prop that describes it. */
export function processesOf({ workers, cronJobs, release }: AppModel): { readonly path: string; readonly pods: PodSet }[] {
  const named = (prop: string, list: readonly PodSet[]) => list.map(pods => ({ path: entry(prop, pods.pod.containerName), pods }));
  return [...named('workers', workers), ...named('cronJobs', cronJobs), ...release ? [{ path: 'releaseCommand', pods: release }] : []];
}

/** The other containers of all pods of an app, each once. */
export function containersOf(app: AppModel): ContainerModel[] {
  const processes = [app.web, ...processesOf(app).map(({ pods }) => pods)];
  const all = processes.flatMap(({ pod }) => [...pod.initContainers, ...pod.sidecars]);
  return [...new Map(all.map(container => [container.containerName, container])).values()];
}

/** A version of an app beside the one that the app itself is. It shares all but its image. */
export interface Version {
  readonly name: 'canary' | 'green';
  readonly component: WebComponent;
  /** The release command with its image; undefined without a release command, and if the image is the app's. */
  readonly release?: ReleaseModel;
}

export interface ServiceAccountModel {
  readonly annotations: Strings;
}

/** The Job that runs a release command. It is named by its content, so that it runs once for each version. */
export interface ReleaseModel extends JobModel {
  readonly deadline: number;
  /** Whether it is a hook of Helm, which needs a ServiceAccount and files of its own: Helm runs it before the rest exists. */
  readonly helmHook: boolean;
  /** The ServiceAccount that it creates for itself; undefined if it uses that of the app. */
  readonly serviceAccount?: ServiceAccountModel;
  /** Patches change the Job too, and so its name. */
  readonly patches: readonly Patch[];
}

export interface CronJobModel extends JobModel {
  readonly networkPolicy: boolean;
  readonly schedule: string;
  readonly timezone: string;
  readonly concurrency: `${AppConcurrencyPolicy}`;
  /** Seconds that a run may start late. */
  readonly startingDeadline?: number;
  /** Undefined for Kubernetes' own defaults. */
  readonly history: { readonly succeeded?: number; readonly failed?: number };
  readonly suspend: boolean;
}

/** An image that the cluster builds. */
export interface BuildModel {
  /** Of the build, if it is not the app's. */
  readonly namespace?: string;
  readonly git: string;
  readonly revision: string;
  readonly gitSecret?: string;
  readonly context?: string;
  readonly dockerfile?: string;
  /** Name of the ClusterBuildStrategy. */
  readonly strategy: string;
  /** As Kubernetes takes the values: each `$` is doubled. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** In seconds. */
  readonly timeout?: number;
  readonly repository: string;
  readonly pushSecret?: string;
  /** Derived from all the rest: any change is another build, and another image. */
  readonly tag: string;
}
