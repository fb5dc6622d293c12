import type {
  EnvVariable, HealthModel, PodModel, PortModel, ResourcesModel, SecurityModel, ServerModel, VolumeModel,
} from '../../model/component';
import type { ConnectionsModel } from '../../model/connections';
import type { Environment } from '../../model/environment';
import { secretKeys } from '../../model/generated';
import type { Resources, VolumeSettings } from '../../model/props';
import type { SchedulingModel } from '../../model/scheduling';
import type { Sized } from '../../model/sizes';
import { SIZES } from '../../model/sizes';
import type { Strings } from '../../model/strings';
import type { PlatformModel } from '../../platform/resolve';
import { inBytes, quantity, seconds, secondsOf } from '../../validation/units';
import type { AppDefaults, WebAppProps } from '../../web-app-props';

export function resolveEnvironment(
  app: string, { env, secretEnv, configMapEnv }: WebAppProps, connections: ConnectionsModel,
): Environment {
  return {
    env: { ...connections.env, ...env },
    secretEnv: { ...connections.secretEnv, ...secretKeys(app, secretEnv) },
    configMapEnv: { ...configMapEnv },
  };
}

/**
 * Variables as they are written: the port, what comes from ConfigMaps and Secrets, and then values, which can be made of those. A value
 * takes the place of what the same variable would come from.
 */
export function variablesOf({ env, secretEnv, configMapEnv }: Environment, port?: number): EnvVariable[] {
  const variables: EnvVariable[] = [
    ...Object.entries(configMapEnv).map(([name, { configMap, key }]) => ({ name, configMap, key })),
    ...Object.entries(secretEnv).map(([name, { secret, key }]) => ({ name, secret, key })),
  ];
  return [
    ...port === undefined ? [] : [{ name: 'PORT', value: String(port) }],
    ...variables.filter(({ name }) => !Object.hasOwn(env, name)),
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ];
}

/** Files from keys of Secrets and of ConfigMaps. */
export function resolveKeyFiles(
  { secretFiles = {}, configMapFiles = {} }: Pick<WebAppProps, 'secretFiles' | 'configMapFiles'>,
): Pick<PodModel, 'secretFiles' | 'configMapFiles'> {
  return {
    secretFiles: Object.entries(secretFiles).map(([path, { secret, key }]) => ({ path, object: secret, key })),
    configMapFiles: Object.entries(configMapFiles).map(([path, { configMap, key }]) => ({ path, object: configMap, key })),
  };
}

/**
 * The annotation by which Reloader, and `webapp deploy`, know a Deployment whose pods are to be replaced when what they use has changed.
 *
 * @see https://github.com/stakater/Reloader
 */
export function resolveRestart({ restartOnConfigChange = false }: WebAppProps): Strings {
  return restartOnConfigChange ? { 'reloader.stakater.com/auto': 'true' } : {};
}

/**
 * What a size stands for, with single figures in place of its own.
 *
 * @param volumes those of the pod: a limit of the disk that nobody chose is raised by those on the disk
 * @param own what the process itself says of its resources, where the rest comes from elsewhere
 */
export function resolveResources(
  { size, resources = {} }: Sized, volumes: readonly VolumeModel[], own: Resources = resources,
): ResourcesModel {
  const { cpu, memory } = SIZES[size ?? 's'];
  return {
    cpu: resources.cpu ?? cpu,
    cpuLimit: resources.cpuLimit,
    memory: resources.memory ?? memory,
    memoryLimit: resources.memoryLimit ?? resources.memory ?? memory,
    ephemeralStorage: own.ephemeralStorage ?? withVolumes(resources.ephemeralStorage ?? '1Gi', volumes),
  };
}

/** A limit of the disk and the volumes on it, in whole mebibytes. */
function withVolumes(limit: string, volumes: readonly VolumeModel[]): string {
  const bytes = totalOf(volumes, 'empty');
  if (bytes === 0) return limit;
  const mebibyte = quantity('1Mi')!;
  return inBytes(Math.ceil((quantity(limit)! + bytes) / mebibyte) * mebibyte);
}

/** The sizes of all volumes of a kind together, in bytes. */
export function totalOf(volumes: readonly VolumeModel[], kind: 'empty' | 'memory'): number {
  return volumes.reduce((sum, { source }) => source.kind === kind ? sum + quantity(source.size)! : sum, 0);
}

/**
 * Where and how the web process answers.
 *
 * @param sleeps whether it is ever scaled to zero, so that a visitor waits for its start
 */
export function resolveServer(props: WebAppProps, settings: AppDefaults, sleeps: boolean): ServerModel {
  const { port = 8080, protocol } = props;
  return {
    port, http2: protocol === 'http2', https: protocol === 'https', health: resolveHealth(settings, sleeps), ports: resolvePorts(props),
  };
}

function resolveHealth({ health = {} }: AppDefaults, sleeps: boolean): HealthModel {
  return {
    path: health.path,
    host: health.host,
    headers: health.headers ?? {},
    grpc: health.grpc ?? false,
    port: health.port,
    startupTimeout: resolveStartupTimeout({ health }),
    interval: seconds(health.interval ?? (sleeps ? '1s' : '5s'))!,
  };
}

/** How long the web process may take to start, in seconds. */
export function resolveStartupTimeout({ health = {} }: AppDefaults): number {
  return seconds(health.startupTimeout ?? '2m')!;
}

/** The ports besides the one that gets requests. */
export function resolvePorts({ ports = {} }: WebAppProps): PortModel[] {
  return Object.entries(ports).map(([name, { port, hosts, paths, loadBalancer }]) => ({
    name,
    port,
    http: (hosts ?? paths) !== undefined,
    loadBalancer: loadBalancer && { sourceRanges: [], annotations: {}, ...loadBalancer, port: loadBalancer.port ?? port },
  }));
}

/** How a pod stops, in seconds. */
export interface Shutdown {
  readonly preStopDelay: number;
  readonly terminationGracePeriod: number;
}

/**
 * @param own what the app itself says: a delay that it does not say leaves it at least half of the grace period, and a grace period that it
 * does not say is long enough for the delay
 */
export function resolveShutdown({ health = {} }: AppDefaults, { health: own = {} }: AppDefaults): Shutdown {
  const grace = secondsOf(health.terminationGracePeriod);
  const delay = secondsOf(health.preStopDelay) ?? 5;
  const preStopDelay = own.preStopDelay === undefined ? Math.min(delay, Math.floor((grace ?? Infinity) / 2)) : delay;
  const enough = grace !== undefined && (own.terminationGracePeriod !== undefined || grace > preStopDelay);
  return { preStopDelay, terminationGracePeriod: enough ? grace : preStopDelay + 30 };
}

/** The group of files where the group of the process is not known: Kubernetes adds it to the groups of every process of the pod. */
const FILE_GROUP = 1000;

export function resolveSecurity({ security = {} }: AppDefaults, { podSecurity }: PlatformModel): SecurityModel {
  const runAsUser = security.runAsImageUser ? undefined : security.runAsUser ?? 1000;
  const runAsGroup = security.runAsImageUser ? undefined : security.runAsGroup ?? runAsUser;
  return {
    runAsUser,
    runAsGroup,
    runAsNonRoot: runAsUser === undefined ? podSecurity === 'restricted' : runAsUser !== 0,
    fsGroup: runAsGroup ?? FILE_GROUP,
    readOnlyRoot: security.readOnlyRoot ?? true,
    capabilities: security.capabilities ?? [],
    privileged: security.privileged ?? false,
  };
}

/** Where the pods of an app run: what the platform says, with what the app adds or says otherwise. */
export function resolveScheduling({ scheduling = {} }: WebAppProps, platform: PlatformModel): SchedulingModel {
  const { nodeSelector, tolerations = [], spread, priorityClass } = scheduling;
  const { scheduling: common } = platform;
  return {
    nodeSelector: { ...common.nodeSelector, ...nodeSelector },
    tolerations: [...common.tolerations, ...tolerations],
    spread: spread ?? common.spread,
    priorityClass: priorityClass ?? common.priorityClass,
  };
}

/** @param owner what the claims of new volumes are named after */
export function resolveVolumes(
  owner: string, volumes: { readonly [name: string]: VolumeSettings & { readonly path?: string } } = {},
): VolumeModel[] {
  return Object.entries(volumes).map(([name, volume]) => {
    const { path = UNKNOWN_PATH, readOnly = false, storageClass, accessMode = 'read-write-once' } = volume;
    const source: VolumeModel['source'] =
      volume.claim !== undefined ? { kind: 'claim', claim: volume.claim, accessMode } :
        volume.size !== undefined ? { kind: 'claim', claim: `${owner}-${name}`, accessMode, create: { size: volume.size, storageClass } } :
          volume.memory !== undefined ? { kind: 'memory', size: volume.memory } :
            { kind: 'empty', size: volume.empty ?? '1Gi' };
    return { name, path, readOnly, source };
  });
}

/** Takes the place of a path that is missing, so that the rest of the app can be checked. */
const UNKNOWN_PATH = '/unnamed';
