import type { PlatformProps, PodSecurity } from './props';
import type { Bounds } from '../bounds/props';
import type { SignInService } from '../features/access/props';
import type { Builds, BuildStrategies } from '../features/build/props';
import type { Connection, DatabaseBackups } from '../features/connections/props';
import type { SecretStoreModel } from '../features/connections/secret-store';
import { resolveSecretStore } from '../features/connections/secret-store';
import type { Monitoring } from '../features/monitoring/props';
import type { GatewayController, GatewayEntry, IngressController, HttpAddonApi, Tls } from '../features/routing/props';
import type { SchedulingModel } from '../model/scheduling';
import type { Strings } from '../model/strings';
import { isOlder, minorOf } from '../validation/units';
import type { AppDefaults } from '../web-app-props';

/** A platform with every decision made. */
export interface PlatformModel {
  readonly domain?: string;
  readonly entry: IngressModel | GatewayModel;
  readonly tls?: Tls;
  /** Services that apps can leave it to who is let in. */
  readonly access: { readonly [name: string]: SignInService };
  /** Whether an app may have all hosts that nobody has. */
  readonly allowCatchAll: boolean;
  readonly httpAddon: {
    readonly namespace: string;
    readonly api: `${HttpAddonApi}`;
    /** The minor version, such as `0.14`. */
    readonly version: string;
    readonly interceptorService: string;
    readonly interceptorPort: number;
    readonly scalerAddress: string;
  };
  readonly clusterDomain: string;
  /** The minor version: 30 for 1.30. */
  readonly kubernetesMinor: number;
  readonly podSecurity: `${PodSecurity}`;
  readonly networkPolicy: boolean;
  readonly imagePullSecrets: readonly string[];
  readonly labels: Strings;
  readonly annotations: Strings;
  readonly scheduling: SchedulingModel;
  readonly appDefaults: AppDefaults;
  /** Undefined if apps may have anything. */
  readonly bounds?: Bounds;
  /** Types of connections of the platform's own. */
  readonly connections: { readonly [type: string]: Connection };
  /** Undefined if the secrets of apps are in the cluster alone. */
  readonly secretStore?: SecretStoreModel;
  readonly databaseBackups?: DatabaseBackups;
  readonly cloudNativePgNamespace: string;
  /** Undefined if the metrics of apps are not scraped. */
  readonly monitoring?: MonitoringModel;
  readonly builds: Pick<Builds, 'registry' | 'pushSecret' | 'namespace'> & { readonly strategies: Required<BuildStrategies> };
  readonly syncWaves: boolean;
  readonly helmHooks: boolean;
}

/** How the monitoring of the cluster finds metrics. */
export interface MonitoringModel {
  readonly podMonitor: boolean;
  readonly labels: Strings;
  readonly namespace?: string;
  readonly prometheus?: string;
}

/** Exposure through Ingress objects. */
export interface IngressModel {
  readonly kind: 'ingress';
  readonly className?: string;
  readonly controller: `${IngressController}`;
  readonly annotations: Strings;
  /** Whether the Ingress of an app that is scaled by HTTP is in the namespace of the interceptor. */
  readonly besideInterceptor: boolean;
  readonly controllerNamespace?: string;
  readonly upstreamHeader?: string;
}

/** Exposure through a Gateway. */
export interface GatewayModel extends Omit<GatewayEntry, 'controller'> {
  readonly kind: 'gateway';
  readonly controller: `${GatewayController}`;
}

export function resolvePlatform(props: PlatformProps): PlatformModel {
  const { namespace = 'keda', version = '0.16' } = props.httpAddon ?? {};
  return {
    domain: props.domain,
    entry: props.gateway ? { kind: 'gateway', controller: 'other', ...props.gateway } : resolveIngress(props),
    tls: props.tls,
    access: props.access ?? {},
    allowCatchAll: props.allowCatchAll ?? false,
    httpAddon: {
      namespace,
      api: props.httpAddon?.api ?? (isOlder(version, '0.14') ? 'v1alpha1' : 'v1beta1'),
      version,
      interceptorService: props.httpAddon?.interceptorService ?? 'keda-add-ons-http-interceptor-proxy',
      interceptorPort: props.httpAddon?.interceptorPort ?? 8080,
      scalerAddress: props.httpAddon?.scalerAddress ?? `keda-add-ons-http-external-scaler.${namespace}:9090`,
    },
    clusterDomain: props.clusterDomain ?? 'cluster.local',
    kubernetesMinor: minorOf(props.kubernetesVersion ?? '1.30'),
    podSecurity: props.podSecurity ?? 'restricted',
    networkPolicy: props.networkPolicy ?? true,
    imagePullSecrets: props.imagePullSecrets ?? [],
    labels: props.labels ?? {},
    annotations: props.annotations ?? {},
    scheduling: {
      nodeSelector: { ...props.scheduling?.nodeSelector },
      tolerations: props.scheduling?.tolerations ?? [],
      spread: props.scheduling?.spread ?? 'soft',
      priorityClass: props.scheduling?.priorityClass,
    },
    appDefaults: props.appDefaults ?? {},
    bounds: props.bounds,
    connections: props.connections ?? {},
    secretStore: resolveSecretStore(props.secretStore),
    databaseBackups: props.databaseBackups,
    cloudNativePgNamespace: props.cloudNativePgNamespace ?? 'cnpg-system',
    monitoring: resolveMonitoring(props.monitoring),
    builds: resolveBuilds(props.builds),
    syncWaves: props.syncWaves ?? false,
    helmHooks: props.helmHooks ?? false,
  };
}

function resolveIngress(props: PlatformProps): IngressModel {
  const { className, controller, annotations, interceptorBackend: wiring, controllerNamespace, upstreamHeader } = props.ingress ?? {};
  const known = controller ?? guess(className);
  return {
    kind: 'ingress',
    className,
    controller: known,
    annotations: annotations ?? {},
    besideInterceptor: wiring ? wiring === 'interceptor-namespace' : known === 'alb',
    controllerNamespace,
    upstreamHeader,
  };
}

function guess(className = ''): `${IngressController}` {
  return (['nginx', 'traefik', 'alb'] as const).find(name => className.includes(name)) ?? 'other';
}

/**
 * How the cluster builds. The strategy for Dockerfiles is one of Shipwright's, that for buildpacks is of `webapp setup`: Shipwright's own
 * keep the layers of an image where apps have their `/tmp`.
 *
 * @see https://github.com/shipwright-io/build/tree/main/samples/v1beta1/buildstrategy
 */
export function resolveBuilds({ registry, pushSecret, namespace, strategies = {} }: Builds = {}): PlatformModel['builds'] {
  const { buildpacks = 'webapp-buildpacks', dockerfile = 'buildah-shipwright-managed-push' } = strategies;
  return { registry, pushSecret, namespace, strategies: { buildpacks, dockerfile } };
}

function resolveMonitoring(monitoring: Monitoring | undefined): MonitoringModel | undefined {
  if (monitoring === undefined) return undefined;
  const { podMonitor = true, labels = {}, namespace, prometheus } = monitoring;
  return { podMonitor, labels, namespace, prometheus };
}

/**
 * Whether an entry can divide requests between two versions by weight. Of ingress controllers, ingress-nginx can, by annotations of an
 * Ingress, and Traefik, by an IngressRoute.
 */
export function splitsTraffic(entry: PlatformModel['entry']): boolean {
  return entry.kind === 'gateway' || entry.controller === 'nginx' || entry.controller === 'traefik';
}
