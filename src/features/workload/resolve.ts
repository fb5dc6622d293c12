import type { EnvVariable, HealthModel, PortModel, ResourcesModel, SecurityModel, VolumeModel } from '../../model/component';
import type { ConnectionsModel } from '../../model/connections';
import type { AppSize, Resources, SecretKey, VolumeSettings } from '../../model/props';
import { SIZES } from '../../model/sizes';
import type { Strings } from '../../model/strings';
import { seconds, secondsOf } from '../../validation/units';
import type { AppDefaults, WebAppProps } from '../../web-app-props';

/** The variables of an app, from which those of its other processes are derived. */
export interface Environment {
  readonly env: Strings;
  readonly secretEnv: { readonly [name: string]: SecretKey };
}

export function resolveEnvironment({ env, secretEnv }: WebAppProps, connections: ConnectionsModel): Environment {
  return { env: { ...connections.env, ...env }, secretEnv: { ...connections.secretEnv, ...secretEnv } };
}

/** Variables as they are written: the port, what comes from Secrets, and then values, which can be made of those. */
export function variablesOf({ env, secretEnv }: Environment, port?: number): EnvVariable[] {
  return [
    ...port === undefined ? [] : [{ name: 'PORT', value: String(port) }],
    ...Object.entries(secretEnv).map(([name, { secret, key }]) => ({ name, secret, key })),
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ];
}

/** What a size stands for, with single figures in place of its own. */
export function resolveResources({ size, resources = {} }: { readonly size?: AppSize; readonly resources?: Resources }): ResourcesModel {
  const { cpu, memory } = SIZES[size ?? 's'];
  return {
    cpu: resources.cpu ?? cpu,
    cpuLimit: resources.cpuLimit,
    memory: resources.memory ?? memory,
    memoryLimit: resources.memoryLimit ?? resources.memory ?? memory,
    ephemeralStorage: resources.ephemeralStorage ?? '1Gi',
  };
}

export function resolveHealth({ health = {} }: AppDefaults): HealthModel {
  return {
    path: health.path,
    host: health.host,
    grpc: health.grpc ?? false,
    port: health.port,
    startupTimeout: seconds(health.startupTimeout ?? '2m')!,
    interval: seconds(health.interval ?? '5s')!,
  };
}

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

export function resolveSecurity({ security = {} }: AppDefaults): SecurityModel {
  const runAsUser = security.runAsUser ?? 1000;
  return {
    runAsUser,
    runAsGroup: security.runAsGroup ?? runAsUser,
    readOnlyRoot: security.readOnlyRoot ?? true,
    capabilities: security.capabilities ?? [],
    privileged: security.privileged ?? false,
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
