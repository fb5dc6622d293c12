import type { AppContainer, Sidecar } from './props';
import type {
  ContainerModel, EnvVariable, PodModel, ResourcesModel, SecurityModel, SidecarModel, VolumeModel,
} from '../../model/component';
import type { Environment } from '../../model/environment';
import { secretKeys } from '../../model/generated';
import type { ContainerSecurity } from '../../model/props';
import { AppSize } from '../../model/props';
import type { Sized } from '../../model/sizes';
import { sizeBeside } from '../../model/sizes';
import type { Strings } from '../../model/strings';

/** Kubernetes starts sidecars as init containers that keep running since this minor version. */
export const NATIVE_SIDECARS = 29;

/** Containers by name, in the order in which they start. */
export interface ContainerProps {
  readonly sidecars?: { readonly [name: string]: Sidecar };
  readonly initContainers?: { readonly [name: string]: AppContainer };
}

/** What containers are derived from, and how the app decides the same of itself. */
export interface ContainerContext {
  /** Name of the app. */
  readonly app: string;
  readonly settings: Sized;
  readonly kubernetesMinor: number;
  readonly variablesOf: (environment: Environment) => EnvVariable[];
  readonly keyFilesOf: (props: AppContainer) => Pick<PodModel, 'secretFiles' | 'configMapFiles'>;
  readonly resourcesOf: (props: Sized) => ResourcesModel;
}

/** Whether the pods of a process have a container. */
export function isPlaced({ processes = ['web'] }: AppContainer, process: string): boolean {
  return processes.includes(process);
}

/**
 * A pod with the containers that the pods of a process have beside it.
 *
 * @param process `web`, `release`, or the name of a worker or cron job
 */
export function withContainers(pod: PodModel, process: string, props: ContainerProps, context: ContainerContext): PodModel {
  const placed = <T extends AppContainer>(all: { readonly [name: string]: T } = {}) => (
    Object.entries(all).filter(([, container]) => isPlaced(container, process)));
  // An init container has the size of the app: it runs before the app, so that this reserves no more.
  const init = placed(props.initContainers).map(([name, own]) => (
    resolveContainer(pod, name, own, context.resourcesOf(sizeBeside(context.settings, own)), context)));
  const beside = placed(props.sidecars).map(([name, own]) => (
    { isFirst: own.beforeInitContainers ?? false, sidecar: resolveSidecar(pod, name, own, context) }));
  const sidecars = beside.map(({ sidecar }) => sidecar);
  if (init.length + sidecars.length === 0) return pod;
  const isNative = context.kubernetesMinor >= NATIVE_SIDECARS;
  const starting = (isFirst: boolean) => beside.filter(one => one.isFirst === isFirst).map(({ sidecar }) => sidecar);
  return {
    ...pod,
    initContainers: isNative ? [...starting(true), ...init, ...starting(false)] : init,
    sidecars: isNative ? [] : sidecars,
    bindsLowPorts: pod.bindsLowPorts || sidecars.some(({ port }) => port !== undefined && port < 1024),
  };
}

/** The files that containers have of their own, by container. */
export function containerFiles({ sidecars, initContainers }: ContainerProps): { readonly [container: string]: Strings } {
  if (sidecars === undefined && initContainers === undefined) return {};
  return Object.fromEntries(Object.entries({ ...initContainers, ...sidecars })
    .filter(([, { files = {} }]) => Object.keys(files).length > 0)
    .map(([name, { files }]) => [name, files!]));
}

function resolveSidecar(pod: PodModel, name: string, sidecar: Sidecar, context: ContainerContext): SidecarModel {
  const { size = AppSize.XS, resources, port } = sidecar;
  return { ...resolveContainer(pod, name, sidecar, context.resourcesOf({ size, resources }), context), isSidecar: true, port };
}

function resolveContainer(
  pod: PodModel, name: string, own: AppContainer, resources: ResourcesModel, { app, variablesOf, keyFilesOf }: ContainerContext,
): ContainerModel {
  const { env = {}, secretEnv, configMapEnv = {}, envFromSecrets = [], envFromConfigMaps = [], shareEnv = false } = own;
  const variables = variablesOf({ env, secretEnv: secretKeys(app, secretEnv), configMapEnv });
  const shared = shareEnv ? pod.env.filter(variable => !variables.some(other => other.name === variable.name)) : [];
  return {
    containerName: name,
    image: own.image ?? pod.image,
    command: own.command,
    args: own.args,
    env: [...shared, ...variables],
    envFromSecrets: [...shareEnv ? pod.envFromSecrets : [], ...envFromSecrets],
    envFromConfigMaps: [...shareEnv ? pod.envFromConfigMaps : [], ...envFromConfigMaps],
    files: own.files ?? {},
    ...keyFilesOf(own),
    sharesFiles: own.shareFiles ?? false,
    volumes: mounted(pod.volumes, own),
    resources,
    security: securityOf(own.security, pod.security),
  };
}

function mounted(volumes: readonly VolumeModel[], { volumes: own = {} }: AppContainer): VolumeModel[] {
  return volumes.filter(({ name }) => Object.hasOwn(own, name)).map(volume => {
    const { path, readOnly } = own[volume.name];
    return { ...volume, path: path ?? volume.path, readOnly: readOnly ?? volume.readOnly };
  });
}

function securityOf(own: ContainerSecurity = {}, app: SecurityModel): SecurityModel {
  return {
    runAsUser: own.runAsUser ?? app.runAsUser,
    runAsGroup: own.runAsGroup ?? own.runAsUser ?? app.runAsGroup,
    runAsNonRoot: own.runAsUser === undefined ? app.runAsNonRoot : own.runAsUser !== 0,
    fsGroup: app.fsGroup,
    readOnlyRoot: own.readOnlyRoot ?? true,
    capabilities: own.capabilities ?? [],
    privileged: own.privileged ?? false,
  };
}
