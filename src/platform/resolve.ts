import type { BuildStrategies } from '../features/build/props';
import { ResolvedMonitoring, resolveMonitoring } from '../features/monitoring/resolve';
import type { AppDefaults, Connection, GatewayEntry, HttpAddonApi, IngressController, PlatformProps, PodSecurity, Spread, Tls, NodeToleration } from '../index';
import type { Texts } from '../model/app';
import { minorOf } from '../validation/units';

/** A platform with every decision taken. */
export interface ResolvedPlatform {
  readonly domain?: string;
  readonly entry: ResolvedIngressEntry | ResolvedGatewayEntry;
  readonly tls?: Tls;
  readonly httpAddon: {
    readonly namespace: string;
    readonly api: `${HttpAddonApi}`;
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
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly scheduling: { readonly nodeSelector: Texts; readonly tolerations: readonly NodeToleration[]; readonly spread: `${Spread}`; readonly priorityClass?: string };
  readonly appDefaults: AppDefaults;
  /** Types of connections of the platform's own. */
  readonly connections: { readonly [type: string]: Connection };
  readonly cloudNativePgNamespace: string;
  /** Undefined where nobody asks apps for their metrics. */
  readonly monitoring?: ResolvedMonitoring;
  readonly buildStrategies: BuildStrategies;
  readonly wait: boolean;
  readonly helmHooks: boolean;
}

export interface ResolvedIngressEntry {
  readonly kind: 'ingress';
  readonly className?: string;
  readonly controller: `${IngressController}`;
  readonly annotations: Texts;
  /** Whether the Ingress of an app that is scaled by HTTP lies beside the interceptor. */
  readonly besideInterceptor: boolean;
  readonly controllerNamespace?: string;
  readonly upstreamHeader?: string;
}

export interface ResolvedGatewayEntry extends GatewayEntry {
  readonly kind: 'gateway';
}

export function resolvePlatform(props: PlatformProps): ResolvedPlatform {
  const namespace = props.httpAddon?.namespace ?? 'keda';
  return {
    domain: props.domain,
    entry: props.gateway ? { kind: 'gateway', ...props.gateway } : resolveIngress(props),
    tls: props.tls,
    httpAddon: {
      namespace,
      api: props.httpAddon?.api ?? 'v1beta1',
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
    connections: props.connections ?? {},
    cloudNativePgNamespace: props.cloudNativePgNamespace ?? 'cnpg-system',
    monitoring: resolveMonitoring(props.monitoring),
    buildStrategies: props.builds?.strategies ?? {},
    wait: props.syncWaves ?? false,
    helmHooks: props.helmHooks ?? false,
  };
}

function resolveIngress(props: PlatformProps): ResolvedIngressEntry {
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
