import { resolveAccess } from './features/access/resolve';
import { builtImage, resolveBuild } from './features/build/resolve';
import { resolveConnections } from './features/connections/resolve';
import type { ContainerContext } from './features/containers/resolve';
import { containerFiles, withContainers } from './features/containers/resolve';
import { resolveHttp } from './features/http/resolve';
import { resolveMetrics, scrapeAnnotations } from './features/monitoring/resolve';
import type { ProcessContext } from './features/processes/resolve';
import { podsBeside, resolveCronJob, resolveLiveness, resolveRelease } from './features/processes/resolve';
import type { Versions } from './features/rollout/resolve';
import { countedBy, resolveStrategy, resolveVersions } from './features/rollout/resolve';
import { isForIngress } from './features/routing/ingress-annotations';
import { resolvePortRoutes, resolveRoute } from './features/routing/resolve';
import { resolveScaling, resolveWorkerScaling } from './features/scaling/resolve';
import {
  resolveEnvironment, resolveKeyFiles, resolvePorts, resolveResources, resolveRestart, resolveScheduling, resolveSecurity, resolveServer,
  resolveShutdown, resolveStartupTimeout, resolveVolumes, variablesOf,
} from './features/workload/resolve';
import type { AppModel, ReleaseModel, Version } from './model/app';
import type { PodModel, PodSet, VolumeModel, WebComponent, WorkerComponent } from './model/component';
import { isExclusive, UNKNOWN_IMAGE } from './model/component';
import type { ConnectionsModel } from './model/connections';
import type { GeneratedLengths } from './model/generated';
import { generatedLengths } from './model/generated';
import type { Named } from './model/named';
import { COMPONENT } from './model/names';
import type { Route } from './model/route';
import { sizeBeside } from './model/sizes';
import { pick } from './model/strings';
import type { PlatformModel } from './platform/resolve';
import type { AppDefaults, WebAppProps } from './web-app-props';

/** Where an app is, besides what its props say. */
export interface Place {
  /** Name of the app if its props have none. */
  readonly id: string;
  readonly namespace?: string;
  readonly platform: PlatformModel;
}

/**
 * Turns the props of an app and its platform into one complete value. Each feature has its part, and all defaults of it.
 *
 * Expects props of which each value has the right type and format.
 */
export function resolveApp(own: WebAppProps, { id, namespace, platform }: Place): AppModel {
  const runsWeb = own.web ?? true;
  const props = runsWeb ? own : withoutRequests(own);
  const name = props.name ?? id;
  const settings = inherit(platform.appDefaults, props);
  const selector = { 'app.kubernetes.io/name': name, [COMPONENT]: 'web' };
  const named: Named = {
    name,
    namespace,
    labels: { ...platform.labels, ...props.labels, ...selector, 'app.kubernetes.io/managed-by': 'cdk8s-webapp' },
    annotations: pick({ ...platform.annotations, ...props.annotations }, key => !isForIngress(key)),
    platform,
    hasRelease: props.releaseCommand !== undefined,
  };
  const connections = resolveConnections(named, props.connections);
  const build = resolveBuild(named, props.buildFrom);
  const image = build ? builtImage(build) : props.image ?? UNKNOWN_IMAGE;
  const environment = resolveEnvironment(name, props, connections);
  const volumes = resolveVolumes(name, props.volumes);
  const web = resolveWeb(props, { named, selector, settings, connections, environment, volumes, image });
  const { scaling, server: { http2, https, health } } = web;
  const entry = { http: resolveHttp(props.http), access: resolveAccess(props.access, platform) };
  const route = resolveRoute(props, { named, settings, http2, https, health, scaling, ...entry });
  const resolved = resolveVersions({ web, route }, props.rollout);
  const portRoutes = resolvePortRoutes(resolved.route, props);
  const versions = countAlso(resolved, portRoutes);
  return placeContainers({
    runsWeb,
    web: versions.web,
    active: versions.active,
    route: versions.route,
    preview: versions.preview,
    portRoutes,
    connections,
    generated: generatedIn(props),
    volumes,
    serviceAccount: ownServiceAccount(props),
    build,
    patches: props.patches ?? [],
    ...named,
    ...resolveProcesses(props, versions, { settings, connections, environment, volumes }),
  }, props, settings);
}

/** The values that the app or its containers name: those of the same variable are the same. */
function generatedIn({ secretEnv, sidecars, initContainers }: WebAppProps): GeneratedLengths {
  const containers = Object.values({ ...initContainers, ...sidecars }).map(container => container.secretEnv);
  return generatedLengths(...containers, secretEnv);
}

/** Puts sidecars and init containers into the pods of the processes that have them. */
function placeContainers(app: AppModel, props: WebAppProps, settings: AppDefaults): AppModel {
  if (props.sidecars === undefined && props.initContainers === undefined) return app;
  const { web, versions, active, workers, cronJobs, release, platform: { kubernetesMinor } } = app;
  const context: ContainerContext = {
    app: app.name, settings, kubernetesMinor, variablesOf, keyFilesOf: resolveKeyFiles, resourcesOf: own => resolveResources(own, []),
  };
  const place = <T extends PodSet>(pods: T, process: string): T => ({ ...pods, pod: withContainers(pods.pod, process, props, context) });
  const placedWeb = place(web, 'web');
  const placedVersions = versions.map(version => ({
    ...version, component: place(version.component, 'web'), release: version.release && place(version.release, 'release'),
  }));
  const other = versions.findIndex(({ component }) => component === active);
  return {
    ...app,
    web: placedWeb,
    versions: placedVersions,
    active: other < 0 ? placedWeb : placedVersions[other].component,
    workers: workers.map(worker => place(worker, worker.pod.containerName)),
    cronJobs: cronJobs.map(job => place(job, job.pod.containerName)),
    release: release && place(release, 'release'),
  };
}

/** The version that gets the requests scales by those to further ports as well. */
function countAlso(versions: Versions, portRoutes: readonly Route[]): Versions {
  const { web, active, other } = versions;
  const routes = active.scaling.http?.routes;
  if (!routes || portRoutes.length === 0) return versions;
  const counted = (component: WebComponent): WebComponent => component !== active ? component : {
    ...component, scaling: countedBy(component.scaling, ...routes, ...portRoutes.map(({ name }) => name)),
  };
  return { ...versions, web: counted(web), active: counted(active), other: other && { ...other, component: counted(other.component) } };
}

/** An app without a web process, of which nobody asks anything. What it says of requests is an error. */
function withoutRequests({ rollout, ...props }: WebAppProps): WebAppProps {
  const none = { ports: undefined, hosts: undefined, http: undefined, access: undefined, staticRoutes: undefined };
  return { ...props, ...none, internal: true, scaling: { replicas: 0 }, rollout: { rollingUpdate: rollout?.rollingUpdate } };
}

/** The platform's defaults with the app's own fields over them, one by one. */
function inherit(defaults: AppDefaults, props: AppDefaults): AppDefaults {
  const scaling = props.scaling?.replicas === undefined ? over(withoutReplicas(defaults, props), props.scaling) : props.scaling;
  return {
    size: props.size ?? defaults.size,
    resources: over(defaults.resources, props.resources),
    health: over(defaults.health, props.health),
    scaling,
    timeouts: over(defaults.timeouts, props.timeouts),
    coldStart: over(defaults.coldStart, props.coldStart),
    security: over(withoutUser(defaults, props), props.security),
  };
}

function over<T extends object>(defaults: T | undefined, own: T | undefined): T | undefined {
  return defaults && own ? { ...defaults, ...own } : own ?? defaults;
}

/** An app that says how it scales does not inherit that it does not. */
function withoutReplicas(defaults: AppDefaults, props: AppDefaults) {
  if (props.scaling === undefined || defaults.scaling?.replicas === undefined) return defaults.scaling;
  return {};
}

/** An app that says which user it runs as inherits nothing of that: a number and the user of the image exclude each other. */
function withoutUser({ security = {} }: AppDefaults, { security: own = {} }: AppDefaults): AppDefaults['security'] {
  const { runAsUser, runAsGroup, runAsImageUser, ...rest } = security;
  if (own.runAsImageUser) return rest;
  return own.runAsUser === undefined && own.runAsGroup === undefined ? security : { ...rest, runAsUser, runAsGroup };
}

interface WebContext {
  readonly named: Named;
  readonly selector: WebComponent['selector'];
  readonly settings: AppDefaults;
  readonly connections: ConnectionsModel;
  readonly environment: ProcessContext['environment'];
  readonly volumes: readonly VolumeModel[];
  readonly image: string;
}

function resolveWeb(props: WebAppProps, context: WebContext): WebComponent {
  const { named, selector, settings, connections, volumes } = context;
  const { name, platform } = named;
  const scaling = resolveScaling(settings, {
    volumes,
    connections,
    platform,
    alwaysOn: resolvePorts(props).some(({ http }) => !http),
    startupTimeout: resolveStartupTimeout(settings),
    route: name,
    own: props.scaling,
  });
  const server = resolveServer(props, settings, scaling.replicas === undefined && scaling.lowest === 0);
  const metrics = resolveMetrics(props.metrics, server.port);
  return {
    selector,
    pod: resolvePod(props, context, { server, metrics }),
    scaling,
    strategy: resolveStrategy(scaling.singleReplica, props.rollout?.rollingUpdate),
    networkPolicy: settings.security?.networkPolicy ?? platform.networkPolicy,
    workloadAnnotations: resolveRestart(props),
    server,
    metrics,
    isPublic: !props.internal,
    ...named,
  };
}

function resolvePod(
  props: WebAppProps,
  { named: { name, platform }, settings, connections, environment, volumes, image }: WebContext,
  { server: { port, health, ports }, metrics }: Pick<WebComponent, 'server' | 'metrics'>,
): PodModel {
  return {
    containerName: 'web',
    image,
    command: props.command,
    args: props.args,
    env: variablesOf(environment, port),
    envFromSecrets: props.envFromSecrets ?? [],
    envFromConfigMaps: props.envFromConfigMaps ?? [],
    files: { owner: name, contents: props.files ?? {}, binary: props.binaryFiles ?? {}, containers: containerFiles(props) },
    ...resolveKeyFiles(props),
    volumes: [...connections.volumes, ...volumes],
    resources: resolveResources(settings, volumes, props.resources ?? {}),
    security: resolveSecurity(settings, platform),
    imagePullSecrets: [...new Set([...platform.imagePullSecrets, ...props.imagePullSecrets ?? []])],
    scheduling: resolveScheduling(props, platform),
    initContainers: [],
    sidecars: [],
    serviceAccount: { name: props.serviceAccount?.name ?? name, automountToken: props.serviceAccount?.automountToken ?? false },
    annotations: scrapeAnnotations(metrics, platform),
    bindsLowPorts: [port, metrics?.port, health.port, ...ports.map(other => other.port)].some(used => used !== undefined && used < 1024),
    ...resolveShutdown(settings, props),
  };
}

function ownServiceAccount({ serviceAccount = {} }: WebAppProps): AppModel['serviceAccount'] {
  return serviceAccount.name === undefined ? { annotations: serviceAccount.annotations ?? {} } : undefined;
}

/** What nearly every app has. */
const NO_PROCESSES: Pick<AppModel, 'versions' | 'workers' | 'cronJobs' | 'release'> = {
  versions: [], workers: [], cronJobs: [], release: undefined,
};

/** What runs beside the web process: workers and jobs with the image of the active version, and the release command once for each image. */
function resolveProcesses(
  props: WebAppProps,
  { web, other, active }: Versions,
  { settings, connections, environment, volumes }: Pick<WebContext, 'settings' | 'connections' | 'environment' | 'volumes'>,
): Pick<AppModel, 'versions' | 'workers' | 'cronJobs' | 'release'> {
  const { workers = {}, cronJobs = {}, releaseCommand, patches = [] } = props;
  if (!other && !releaseCommand && props.workers === undefined && props.cronJobs === undefined) return NO_PROCESSES;
  const contextOf = (pod: PodModel): ProcessContext => ({
    web: { ...web, pod },
    environment,
    variablesOf,
    resolveResources: (own, ownVolumes) => resolveResources(sizeBeside(settings, own), ownVolumes, own.resources ?? {}),
    resolveVolumes,
    appVolumes: volumes,
    bindings: connections.volumes,
  });
  const context = contextOf(active.pod);
  const releaseOf = (pod: PodModel): ReleaseModel | undefined => (
    releaseCommand && resolveRelease(releaseCommand, { ...contextOf(pod), serviceAccount: ownServiceAccount(props), patches }));
  const versions = other ? [versionOf(other, web, releaseOf)] : [];
  const { networkPolicy, workloadAnnotations } = web;
  return {
    versions,
    workers: Object.entries(workers).map(([name, worker]): WorkerComponent => {
      const pods = podsBeside(name, worker, context);
      const singleton = worker.singleton ?? false;
      const singleReplica = singleton || pods.pod.volumes.some(isExclusive);
      return {
        ...pods,
        networkPolicy,
        workloadAnnotations,
        scaling: resolveWorkerScaling(worker.scaling, { singleReplica, connections, platform: web.platform }),
        strategy: resolveStrategy(singleReplica, props.rollout?.rollingUpdate),
        liveness: resolveLiveness(worker.health),
        singleton,
      };
    }),
    cronJobs: Object.entries(cronJobs).map(([name, job]) => resolveCronJob(name, job, networkPolicy, context)),
    release: releaseOf(web.pod),
  };
}

/** Of one image there is one release. */
function versionOf(
  other: NonNullable<Versions['other']>, web: WebComponent, releaseOf: (pod: PodModel) => ReleaseModel | undefined,
): Version {
  const release = releaseOf(other.component.pod);
  return { ...other, release: release?.pod.image === releaseOf(web.pod)?.pod.image ? undefined : release };
}
