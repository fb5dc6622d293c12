import type { ResolvedApp, ResolvedHealth, ResolvedProcess, ResolvedRouting, ResolvedScaling, ResolvedVolume } from './app';
import type { ResolvedConnections } from './connections';
import { NO_PROCESSES } from './processes';
import { builtImage, resolveBuild } from '../features/build/resolve';
import { resolveConnections } from '../features/connections/resolve';
import { resolveMetrics } from '../features/monitoring/resolve';
import { resolveProcesses } from '../features/processes/resolve';
import { resolveRelease } from '../features/processes/resolve-release';
import { resolveRollout, ROLLING } from '../features/rollout/resolve-rollout';
import { resolveScaling } from '../features/scaling/resolve';
import { resolveResources } from '../features/workload/resolve-resources';
import type { AppDefaults, WebAppProps } from '../index';
import type { ResolvedPlatform } from '../platform/resolve';
import { seconds, secondsOf } from '../validation/units';

/** Where an app stands, besides what its props say. */
export interface Place {
  /** Name of the app where its props give none. */
  readonly id: string;
  readonly namespace?: string;
  readonly platform: ResolvedPlatform;
}

/**
 * Turns what the developer and the platform say into one complete value. Every default of an app is here.
 *
 * Expects props of which each value has the right type and form.
 */
export function resolve(props: WebAppProps, { id, namespace, platform }: Place): ResolvedApp {
  const name = props.name ?? id;
  const settings = inherit(platform.appDefaults, props);
  const selector = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'web' };
  const health = resolveHealth(settings);
  const volumes = resolveVolumes(name, props);
  const connections = resolveConnections({ name, namespace, platform }, props.connections);
  const scaling = resolveScaling(name, settings, volumes, health, connections, platform);
  const build = resolveBuild(props.buildFrom, platform.buildStrategies);
  const image = build ? builtImage(build) : props.image ?? 'unnamed';
  const process = resolveProcess(name, image, props, settings, health, volumes, connections);
  const app: ResolvedApp = {
    name,
    namespace,
    labels: { ...platform.labels, ...props.labels, ...selector, 'app.kubernetes.io/managed-by': 'cdk8s-webapp' },
    annotations: { ...platform.annotations, ...props.annotations },
    selector,
    platform,
    process,
    connections,
    identity: {
      existing: props.serviceAccount?.name,
      annotations: props.serviceAccount?.annotations ?? {},
      token: props.serviceAccount?.automountToken ?? false,
    },
    networkPolicy: settings.security?.networkPolicy ?? platform.networkPolicy,
    scaling,
    routing: resolveRouting(name, props, settings, platform, health, scaling),
    build,
    metrics: resolveMetrics(props.metrics, process.port!),
    patches: props.patches ?? [],
    processes: NO_PROCESSES,
    rollout: ROLLING,
  };
  const whole = resolveRollout(app, props);
  return { ...whole, release: resolveRelease(whole, props.releaseCommand), processes: resolveProcesses(whole, props) };
}

/** The platform's defaults with the app's own fields over them, one by one. */
export function inherit(defaults: AppDefaults, props: AppDefaults): AppDefaults {
  const scaling = props.scaling?.replicas === undefined ? { ...withoutFixed(defaults, props), ...props.scaling } : props.scaling;
  return {
    size: props.size ?? defaults.size,
    resources: { ...defaults.resources, ...props.resources },
    health: { ...defaults.health, ...props.health },
    scaling,
    timeouts: { ...defaults.timeouts, ...props.timeouts },
    coldStart: { ...defaults.coldStart, ...props.coldStart },
    security: { ...defaults.security, ...props.security },
  };
}

/** An app that says how it scales does not inherit that it does not. */
function withoutFixed(defaults: AppDefaults, props: AppDefaults) {
  if (props.scaling === undefined || defaults.scaling?.replicas === undefined) return defaults.scaling;
  return {};
}

function resolveProcess(
  app: string,
  image: string,
  props: WebAppProps,
  settings: AppDefaults,
  health: ResolvedHealth,
  volumes: ResolvedVolume[],
  connections: ResolvedConnections,
): ResolvedProcess {
  const runAsUser = settings.security?.runAsUser ?? 1000;
  return {
    app,
    image,
    command: props.command,
    args: props.args,
    port: props.port ?? 8080,
    http2: props.protocol === 'http2',
    env: { ...connections.env, ...props.env },
    secrets: { ...connections.secrets, ...props.secretEnv },
    secretEnv: props.envFromSecrets ?? [],
    files: props.files ?? {},
    volumes: [...connections.volumes, ...volumes],
    resources: resolveResources(settings),
    health,
    security: {
      runAsUser,
      runAsGroup: settings.security?.runAsGroup ?? runAsUser,
      readOnlyRoot: settings.security?.readOnlyRoot ?? true,
      capabilities: settings.security?.capabilities ?? [],
      privileged: settings.security?.privileged ?? false,
    },
  };
}

function resolveHealth({ health = {} }: AppDefaults): ResolvedHealth {
  const grace = secondsOf(health.terminationGracePeriod);
  // A short grace period alone is no mistake: the default delay then leaves half of it to the app.
  const delay = secondsOf(health.preStopDelay) ?? Math.min(5, Math.floor((grace ?? Infinity) / 2));
  return {
    path: health.path,
    grpc: health.grpc ?? false,
    port: health.port,
    startupTimeout: seconds(health.startupTimeout ?? '2m')!,
    interval: seconds(health.interval ?? '5s')!,
    preStopDelay: delay,
    terminationGracePeriod: grace ?? delay + 30,
  };
}

function resolveVolumes(app: string, props: WebAppProps): ResolvedVolume[] {
  return Object.entries(props.volumes ?? {}).map(([name, volume]) => {
    const { path, readOnly = false, storageClass, accessMode = 'read-write-once' } = volume;
    const source: ResolvedVolume['source'] =
      volume.claim !== undefined ? { kind: 'claim', claim: volume.claim, accessMode } :
        volume.size !== undefined ? { kind: 'claim', claim: `${app}-${name}`, accessMode, create: { size: volume.size, storageClass } } :
          volume.memory !== undefined ? { kind: 'memory', size: volume.memory } :
            { kind: 'empty', size: volume.empty ?? '1Gi' };
    return { name, path, readOnly, source };
  });
}

/** What the add-on's interceptor waits for the first byte of an answer where nobody says otherwise. */
const ADDON_RESPONSE_HEADER_TIMEOUT = 300;

/** What is said in an app's place is a page, and not what was asked for. */
const PAGE = { contentType: 'text/html; charset=utf-8', status: 503 };

function resolveRouting(
  name: string, props: WebAppProps, settings: AppDefaults, platform: ResolvedPlatform, health: ResolvedHealth, scaling: ResolvedScaling,
): ResolvedRouting {
  const internal = props.internal ?? false;
  const { request, responseHeader, readiness } = settings.timeouts ?? {};
  const timeouts = {
    request: secondsOf(request),
    responseHeader: secondsOf(responseHeader),
    readiness: scaling.http ? secondsOf(readiness) ?? health.startupTimeout : undefined,
  };
  const tls = { ...platform.tls, ...props.tls };
  const { placeholder, fallback, maxPending } = settings.coldStart ?? {};
  return {
    service: name,
    hosts: internal ? [] : props.hosts ?? (platform.domain ? [`${name}.${platform.domain}`] : []),
    paths: props.paths ?? ['/'],
    headers: props.headers ?? {},
    internal,
    tls: (platform.tls || props.tls) && (tls.enabled ?? true) ? oneCertificate(tls, props) : undefined,
    timeouts,
    patience: scaling.http
      ? timeouts.request ?? timeouts.readiness! + (timeouts.responseHeader ?? ADDON_RESPONSE_HEADER_TIMEOUT)
      : timeouts.responseHeader,
    placeholder: placeholder && { ...PAGE, ...placeholder },
    maintenance: props.maintenance && (props.maintenance.enabled ?? true) ? { ...PAGE, ...props.maintenance } : undefined,
    fallback: fallback && { port: 80, ...fallback },
    maxPending: maxPending && { overflow: placeholder ? 'placeholder' : 'reject', ...maxPending },
  };
}

/** An app that names its own certificate does not inherit the platform's. */
function oneCertificate(tls: NonNullable<WebAppProps['tls']>, { tls: own }: WebAppProps) {
  return {
    clusterIssuer: own?.secretName !== undefined && own.clusterIssuer === undefined ? undefined : tls.clusterIssuer,
    secretName: own?.clusterIssuer !== undefined && own.secretName === undefined ? undefined : tls.secretName,
    redirect: tls.redirect,
  };
}

